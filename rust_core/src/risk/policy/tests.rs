//! What a policy accepts, and what its hash stands for.
#![allow(clippy::unwrap_used, clippy::panic)]
use super::*;
use serde_json::{Value, json};

/// The shipped limits as Python writes them; its tests compare with the same file.
fn shipped() -> Value {
    serde_json::from_str(include_str!("../../../../tests/golden/risk_policy.json")).unwrap()
}

fn with(section: &str, key: &str, value: Value) -> Result<Policy> {
    let mut text = shipped();
    text[section][key] = value;
    Policy::from_json(&text.to_string())
}

/// Every limit of the text: its section and key.
fn keys() -> Vec<(String, String)> {
    let sections = shipped();
    let of = |(section, keys): (&String, &Value)| {
        let keys = keys.as_object().map(|keys| keys.keys().cloned().collect::<Vec<_>>()).unwrap_or_default();
        keys.into_iter().map(|key| (section.clone(), key)).collect::<Vec<_>>()
    };
    sections.as_object().unwrap().iter().flat_map(of).collect()
}

#[test]
fn amounts_are_fixed_point() {
    let policy = Policy::from_json(&shipped().to_string()).unwrap();
    assert_eq!(policy.position_limits.max_position_frac, Some(Fraction(50_000_000)));
    assert_eq!(policy.position_limits.min_price_usd, Some(Price(5_000_000)));
    assert_eq!(policy.pdt_guard.min_equity_usd, Some(Money(25_000_000_000)));
    assert_eq!(policy.pdt_guard.counting, Counting::Largest);
}

#[test]
fn a_missing_or_unknown_key_refuses_the_policy() {
    assert_eq!(keys().len(), 5 + 5 + 8 + 5 + 1);
    for (section, key) in keys() {
        let mut text = shipped();
        text[&section].as_object_mut().unwrap().remove(&key);
        // How day trades are counted is a convention and may be left out: the strictest holds.
        match Policy::from_json(&text.to_string()) {
            Ok(policy) => assert_eq!((key.as_str(), policy.pdt_guard.counting), ("counting", Counting::Largest)),
            Err(error) => assert!(error.to_string().contains(&key), "{error}"),
        }
        assert!(with(&section, &format!("{key}_"), json!(1)).is_err());
    }
    for section in ["autonomy_mode", "position_limits", "pdt_guard", "kill_switch"] {
        let mut text = shipped();
        text.as_object_mut().unwrap().remove(section);
        assert!(Policy::from_json(&text.to_string()).is_err());
    }
}

#[test]
fn values_of_the_wrong_kind_or_range_are_refused() {
    for bad in [json!("5%"), json!([1]), json!(-1)] {
        for (section, key) in keys() {
            assert!(with(&section, &key, bad.clone()).is_err(), "{section}.{key} = {bad}");
        }
    }
    for (section, key) in keys().into_iter().filter(|(_, key)| key != "no_leverage") {
        assert!(with(&section, &key, json!(true)).is_err(), "{section}.{key}");
        assert!(with(&section, &key, json!(1e300)).is_err(), "{section}.{key}");
    }
    for (section, key) in [("position_limits", "max_position_frac"), ("portfolio_limits", "max_drawdown_frac")] {
        assert!(with(section, key, json!(0.0)).is_err());
        assert!(with(section, key, json!(1.01)).is_err());
        assert!(with(section, key, json!(1.0)).is_ok());
    }
    let error = with("circuit_breakers", "vix_threshold", json!(0.35)).unwrap_err().to_string();
    assert!(error.contains("circuit_breakers.vix_threshold: found 0.35; expected 1 to 200"), "{error}");
}

#[test]
fn the_hash_follows_the_limits_and_not_the_text() {
    let hash = |text: &Value| Policy::from_json(&text.to_string()).unwrap().hash();
    let base = hash(&shipped());
    assert_eq!(base.len(), 64);
    let mut same = shipped();
    same["pdt_guard"]["profiles"].as_array_mut().unwrap().reverse();
    same["position_limits"]["min_price_usd"] = json!(5);
    same["pdt_guard"].as_object_mut().unwrap().remove("counting");
    assert_eq!(hash(&same), base);
    let mut seen = vec![base];
    for (section, key) in keys() {
        let value = match key.as_str() {
            "no_leverage" => json!(false),
            "profiles" => json!([]),
            "account_type" => json!("cash"),
            "counting" => json!("openings"),
            "maintenance_frac" => json!(0.3),
            "window_business_days" => json!(6),
            _ => Value::Null,
        };
        let other = with(&section, &key, value).unwrap().hash();
        assert!(!seen.contains(&other), "{section}.{key}");
        seen.push(other);
    }
}

#[test]
fn the_canonical_form_reads_back() {
    let policy = Policy::from_json(&shipped().to_string()).unwrap();
    let text = serde_json::to_string(&policy).unwrap();
    assert_eq!(Policy::from_json(&text).unwrap(), policy);
    let unlimited = Policy::unlimited();
    assert_eq!(Policy::from_json(&serde_json::to_string(&unlimited).unwrap()).unwrap(), unlimited);
}

#[test]
fn profiles_follow_account_and_date() {
    let mut text = shipped();
    let on = |text: &Value, date: &str| {
        let policy = Policy::from_json(&text.to_string()).unwrap();
        policy.profiles_on(Date::parse(date).unwrap().0).collect::<Vec<_>>()
    };
    use Profile::{CashAccount, IntradayMargin, LegacyPdt};
    assert_eq!(on(&text, "2000-01-03"), []);
    assert_eq!(on(&text, "2024-01-02"), [LegacyPdt]);
    assert_eq!(on(&text, "2026-11-23"), [LegacyPdt, IntradayMargin]);
    assert_eq!(on(&text, "2027-10-21"), [IntradayMargin]);
    text["pdt_guard"]["account_type"] = json!("cash");
    assert_eq!(on(&text, "2026-11-23"), [CashAccount]);
}

#[test]
fn contradictory_profiles_are_refused() {
    let legacy = |from: Value, to: Value| json!({"from": from, "to": to, "profile": "legacy_pdt"});
    let off = json!({"from": "2026-06-04", "to": null, "profile": "off"});
    assert!(with("pdt_guard", "profiles", json!([legacy(json!("2001-09-28"), Value::Null), off])).is_err());
    let ends = legacy(json!("2001-09-28"), json!("2026-06-03"));
    assert!(with("pdt_guard", "profiles", json!([ends, off])).is_ok());
    assert!(with("pdt_guard", "profiles", json!([legacy(json!("2002-01-01"), json!("2001-01-01"))])).is_err());
    assert!(with("pdt_guard", "profiles", json!([legacy(json!("2002-02-30"), Value::Null)])).is_err());
    // A cash account needs a rule of its own.
    let mut cash = shipped();
    cash["pdt_guard"]["account_type"] = json!("cash");
    assert!(Policy::from_json(&cash.to_string()).is_ok());
    cash["pdt_guard"]["profiles"].as_array_mut().unwrap().pop();
    assert!(Policy::from_json(&cash.to_string()).is_err());
}

#[test]
fn limits_name_the_inputs_they_need() {
    use crate::risk::inputs::{Input, Waived};
    let policy = Policy::from_json(&shipped().to_string()).unwrap();
    assert_eq!(policy.required_inputs(), [Input::Vix, Input::Sector, Input::RawPrices]);
    assert_eq!(Policy::unlimited().required_inputs(), []);
    let waived = Waived::parse(&["sector", "vix"]).unwrap();
    assert_eq!(Input::ALL.map(|input| waived.contains(input)), [true, true, false]);
    assert!(Waived::parse(&["vixx"]).unwrap_err().to_string().contains("`vixx`"));
    assert_eq!(Input::Vix.missing().code(), "D103");
}
