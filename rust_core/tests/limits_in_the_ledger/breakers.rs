//! Circuit breakers and the gate of autonomy.

use crate::market::{Market, at, buy, no_limits, only, scripted};
use serde_json::{Value, json};

fn vix_threshold() -> Option<Value> {
    Some(only("circuit_breakers", "vix_threshold", json!(35.0)))
}

fn market() -> Market {
    let asks = [buy(100.0), buy(100.0), at(100.0)];
    Market::daily((2010, 1, 4), &[("AAA", &asks), ("VIX", &[at(36.0), at(35.0), at(20.0)])])
}

#[test]
fn vix_above_its_threshold_keeps_entries_out() {
    // 36 is above 35; at the next close 35 is not.
    let strategy = scripted(&["AAA"], 100);
    assert_eq!(market().run(&strategy, None).fills(), [("AAA", 1, 100.0, 100.0)]);
    let limited = market().run(&strategy, vix_threshold());
    assert_eq!(limited.fills(), [("AAA", 2, 100.0, 100.0)]);
    assert_eq!(limited.objections(), [("AAA", 0, "VIX")]);
    limited.assert_first_objection("REJECT", 35.0, 36.0, 100.0, 0.0);
}

#[test]
fn a_session_without_a_vix_counts_as_above() {
    // The store has the index, but not for the first session: what is unknown refuses.
    let limited = market().without("VIX", 0).run(&scripted(&["AAA"], 100), vix_threshold());
    assert_eq!(limited.fills(), [("AAA", 2, 100.0, 100.0)]);
    assert_eq!(limited.objections(), [("AAA", 0, "VIX_MISSING")]);
    let verdict = limited.output.verdicts[0].verdict;
    assert_eq!((verdict.limit, verdict.value.is_nan()), (35.0, true));
}

#[test]
fn a_store_without_the_vix_stops_the_run_until_it_is_waived() {
    let market = Market::daily((2010, 1, 4), &[("AAA", &[buy(100.0), at(100.0)])]);
    let strategy = scripted(&["AAA"], 100);
    let refusal = market.try_run(&strategy, vix_threshold(), &[]).err().unwrap();
    assert!(refusal.to_string().to_lowercase().contains("vix"), "{refusal}");
    let waived = market.try_run(&strategy, vix_threshold(), &["vix"]).unwrap();
    assert_eq!(waived.fills(), [("AAA", 1, 100.0, 100.0)]);
}

#[test]
fn what_only_an_operator_and_a_broker_can_trip_is_quiet_in_a_simulation() {
    // Data as fresh as the bar, no drift, a person present: the tightest of these limits changes nothing.
    let mut policy = no_limits();
    for (key, value) in [("stale_data_s", json!(1)), ("max_drift_frac", json!(1e-9)), ("dead_man_switch_h", json!(1))] {
        policy["circuit_breakers"][key] = value;
    }
    let limited = market().run(&scripted(&["AAA"], 100), Some(policy));
    assert_eq!(limited.fills(), [("AAA", 1, 100.0, 100.0)]);
    assert!(limited.objections().is_empty());
}

#[test]
fn manual_approval_is_asked_for_and_granted_at_once() {
    let mut policy = no_limits();
    policy["autonomy_mode"] = json!("MANUAL_APPROVAL");
    let asked = market().run(&scripted(&["AAA"], 100), Some(policy));
    assert_eq!(asked.fills(), [("AAA", 1, 100.0, 100.0)]);
    assert_eq!(asked.objections(), [("AAA", 0, "AUTONOMY_MANUAL_APPROVAL")]);
    asked.assert_first_objection("REQUIRE_HUMAN_APPROVAL", 0.0, 0.0, 100.0, 100.0);
}
