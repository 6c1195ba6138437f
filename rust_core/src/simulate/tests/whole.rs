//! From a strategy's text to its ledger, through every room.

use super::*;
use crate::plan::{Spec, compile};

#[test]
fn a_strategy_in_words_becomes_trades() {
    // `close > 12` holds from bar 1 on: bought at the open of bar 2 (14). At the close of bar 3 the profit is
    // 17 / 14 - 1 = 21.4%, above 20%: sold at the open of bar 4 (16). What bar 4 decides again waits for a bar.
    let spec = serde_json::json!({
        "name": "by words",
        "symbols": ["AAA"],
        "features": {"is_high": "close > 12"},
        "entry": {"long": "is_high"},
        "exit": {"when": "position.profit > 20%", "stop_loss": "8%"},
        "sizing": {"method": "fixed_shares", "shares": "100"}
    });
    let spec: Spec = serde_json::from_value(spec).unwrap();
    let (plan, _) = compile(&spec).unwrap_or_else(|problems| panic!("{problems:#?}"));
    let bars = [flat(10.0), flat(13.0), flat(14.0), flat(17.0), flat(16.0)];
    let mut case = case(&[("AAA", &bars)]);
    let panel = case.panel();
    let output = crate::simulate::run(&plan, &panel, &case.config).unwrap();
    assert_eq!(fills(&output), [(2, 100.0, 14.0), (4, -100.0, 16.0)]);
    assert_eq!(output.trades[0].pnl.to_f64(), 200.0);
    assert_eq!(output.trades[0].exit_reason.unwrap().as_str(), "exit_rule");
    // A history that ends earlier gives the same, as far as it goes.
    case.config.to_ns = Some(panel.timeline.ts_ns[3]);
    let earlier = crate::simulate::run(&plan, &panel, &case.config).unwrap();
    assert_eq!(earlier.equity.equity, output.equity.equity[..4]);
}
