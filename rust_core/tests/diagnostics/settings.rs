//! The bounds of settings outside expressions.

use crate::strategy::{merge, problems, with};
use oracle_core::expr::Severity;
use serde_json::{Value, json};

#[test]
fn settings_have_their_bounds() {
    for (changes, path, code) in [
        (json!({"min_hold_days": 1}), "min_hold_days", "E406"),
        (json!({"symbols": []}), "symbols", "E410"),
        (json!({"symbols": ["A", "A"]}), "symbols.1", "E411"),
        (json!({"entry": null, "exit": null}), "", "E410"),
        (json!({"entry": {"long": null}}), "entry", "E410"),
        (json!({"entry": null, "exit": null, "portfolio": {"rebalance": "monthly"}}), "portfolio", "E410"),
        (json!({"timeframe": "1Dya"}), "timeframe", "E409"),
        (json!({"params": {"n": "soon"}}), "params.n", "E408"),
        (json!({"exit": {"max_hold": "90"}}), "exit.max_hold", "E303"),
        (json!({"exit": {"max_hold": "0d"}}), "exit.max_hold", "E406"),
        (json!({"exit": {"on_leave": "sell"}}), "exit.on_leave", "E409"),
        (json!({"exit": {"stop_loss": "5%", "stop_price": "low"}}), "exit.stop_price", "E411"),
        (json!({"sizing": {"method": "fixed_fraction", "fraction": "5"}}), "sizing.fraction", "E303"),
        (json!({"sizing": {"method": "equal_weight", "fraction": "5%"}}), "sizing.fraction", "E411"),
        (json!({"sizing": {"method": "half_kelly"}}), "sizing", "E410"),
        (json!({"sizing": {"method": "risk_per_trade", "fraction": "1%"}}), "sizing.method", "E410"),
        (json!({"sizing": {"max_positions": "2.5"}}), "sizing.max_positions", "E407"),
        (json!({"sizing": {"max_position": "140%"}}), "sizing.max_position", "E406"),
        (json!({"execution": {"order_type": "markt"}}), "execution.order_type", "E409"),
        (json!({"execution": {"limit_offset": "1%"}}), "execution.limit_offset", "E411"),
        (json!({"execution": {"order_type": "bracket"}, "exit": {"stop_loss": "5%"}}), "execution.order_type", "E410"),
        (json!({"execution": {"fill": "close"}}), "execution.fill", "E409"),
        (json!({"sizing": {"method": "risk_parity", "lookback": "1"}}), "sizing.lookback", "E406"),
        (json!({"entry": {"cooldown": "10"}}), "entry.cooldown", "E303"),
        (json!({"entry": {"scale_in": {"when": "close > open", "times": "0"}}}), "entry.scale_in.times", "E406"),
        (json!({"entry": {"scale_in": {"when": "close > open", "size": "2"}}}), "entry.scale_in.size", "E303"),
        (json!({"entry": {"scale_in": {"when": "close"}}}), "entry.scale_in.when", "E301"),
        (json!({"exit": {"partial": [{"when": "volume > 5", "close": "100%"}]}}), "exit.partial.0.close", "E406"),
        (
            json!({"exit": {"partial": [{"when": "lag(position.profit, 1) > 5%", "close": "50%"}]}}),
            "exit.partial.0.when",
            "E306",
        ),
        (json!({"execution": {"time_in_force": "3d"}}), "execution.time_in_force", "E409"),
    ] {
        let found: Vec<_> = problems(with(changes.clone()))
            .into_iter()
            .filter(|d| d.severity == Severity::Error)
            .map(|d| (d.path.join("."), d.code))
            .collect();
        assert_eq!(found, [(path.to_string(), code)], "{changes}");
    }
}

#[test]
fn portfolios_have_their_settings() {
    let portfolio = |changes: Value| {
        let mut spec = with(json!({"params": {"n": "2"}, "features": {"momentum": "change_ratio(close, 126)"}}));
        merge(&mut spec, json!({"entry": null, "exit": null}));
        merge(&mut spec, json!({"portfolio": {"select": "top n by momentum where close > sma(close, 200)"}}));
        merge(&mut spec, json!({"portfolio": changes}));
        problems(spec).into_iter().map(|d| (d.path.join("."), d.code)).collect::<Vec<_>>()
    };
    for changes in [
        json!({}),
        json!({"weight": "equal", "rebalance": "monthly", "offset": 2}),
        json!({"weight": "inverse_volatility(60)", "rebalance": "20s", "corridor": {"absolute": "2%"}, "gross": "90%"}),
        json!({"weight": "score", "rebalance": "on change"}),
        json!({"weight": "risk_parity(60)", "rebalance": "on drift", "corridor": {"relative": "25%"}, "to": "edge"}),
        json!({"weight": "risk_parity", "corridor": {"absolute": "5%", "relative": "25%"}}),
        json!({"weight": "1 / (1 + rank(momentum))", "rebalance": "every session"}),
    ] {
        assert_eq!(portfolio(changes.clone()), [], "{changes}");
    }
    for (changes, path, code) in [
        (json!({"weight": "close"}), "portfolio.weight", "E302"),
        (json!({"rebalance": "daily"}), "portfolio.rebalance", "E409"),
        (json!({"rebalance": "20"}), "portfolio.rebalance", "E303"),
        (json!({"rebalance": "on change", "offset": 2}), "portfolio.offset", "E411"),
        (json!({"offset": -1}), "portfolio.offset", "E406"),
        (json!({"rebalance": "on drift"}), "portfolio.rebalance", "E410"),
        (json!({"corridor": {}}), "portfolio.corridor", "E410"),
        (json!({"corridor": {"relative": "140%"}}), "portfolio.corridor.relative", "E406"),
        (json!({"to": "edge"}), "portfolio.to", "E411"),
        (json!({"to": "middle"}), "portfolio.to", "E409"),
        (json!({"weight": "erc(60)"}), "portfolio.weight", "E201"),
        (json!({"weight": "risk_parity(60, 2)"}), "portfolio.weight", "E401"),
        (json!({"corridor": {"absolute": "2"}}), "portfolio.corridor.absolute", "E303"),
        (json!({"select": "top 0 by momentum * n"}), "portfolio.select", "E406"),
        (json!({"select": "top 2 by vix * momentum * n where n"}), "portfolio.select", "E301"),
    ] {
        assert_eq!(portfolio(changes.clone()), [(path.to_string(), code)], "{changes}");
    }
}
