//! What a diagnostic points at and what it offers instead.

use crate::strategy::{entry, entry_codes, problems, with};
use serde_json::json;

#[test]
fn errors_point_at_the_characters_that_are_wrong() {
    let found = entry("close > open and smma(close, 20) > 5");
    assert_eq!(found.len(), 1, "{found:#?}");
    // `smma` is characters 17 to 20.
    assert_eq!((found[0].start, found[0].end), (17, 21));
    assert_eq!(found[0].path, ["entry", "long"]);
    assert_eq!(found[0].suggestion.as_deref(), Some("rma"), "the name that charting programs use");
    assert_eq!(entry("close > open and momentm(close)")[0].suggestion, None);
    assert_eq!(entry("cloze > open")[0].suggestion.as_deref(), Some("close"));
}

#[test]
fn names_that_exist_across_members_are_offered() {
    let found = entry("zscore(close) > 2");
    assert_eq!(found[0].code, "E401");
    assert_eq!(found[0].suggestion.as_deref(), Some("cs_zscore(close)"));
    assert_eq!(entry("average(close, 5) > open")[0].suggestion.as_deref(), Some("sma"));
    assert_eq!(entry("sma > 5")[0].suggestion.as_deref(), Some("sma(...)"));
    assert_eq!(entry("close(1) > 5")[0].suggestion.as_deref(), Some("close"));
}

#[test]
fn a_bare_number_is_offered_as_the_percentage_it_means() {
    for (text, offered) in
        [("8", Some("8%")), ("0.08", Some("8%")), ("0.035", Some("3.5%")), ("250", None), ("0", None)]
    {
        let found = problems(with(json!({"exit": {"stop_loss": text}})));
        assert_eq!((found.len(), found[0].code, found[0].suggestion.as_deref()), (1, "E303", offered), "{text}");
    }
    // A target may be farther away than the price itself.
    let target = problems(with(json!({"exit": {"take_profit": "250"}})));
    assert_eq!(target[0].suggestion.as_deref(), Some("250%"));
    let sizing = problems(with(json!({"sizing": {"method": "fixed_fraction", "fraction": "0.05"}})));
    assert_eq!((sizing[0].code, sizing[0].suggestion.as_deref()), ("E303", Some("5%")));
}

#[test]
fn a_stop_distance_in_dollars_is_refused_and_no_percentage_offered() {
    for text in ["$5", "5 USD", "5usd", "$1_000", "2.50 dollars"] {
        let found = problems(with(json!({"exit": {"stop_loss": text}})));
        assert_eq!((found.len(), found[0].code, &found[0].suggestion), (1, "E302", &None), "{text}: {found:#?}");
        assert!(found[0].notes[0].contains("dollars is not offered"), "{text}");
    }
}

#[test]
fn a_constant_weight_above_all_equity_is_refused() {
    let weight = |text: &str| {
        problems(with(json!({"entry": null, "exit": null, "portfolio": {"select": "all", "weight": text}})))
    };
    for (text, offered) in [("60/40", None), ("5", Some("5%")), ("150%", None), ("60", Some("60%")), ("100 * 2%", None)]
    {
        let found = weight(text);
        assert_eq!((found.len(), found[0].code, found[0].suggestion.as_deref()), (1, "E406", offered), "{text}");
    }
    assert_eq!(weight("60/40")[0].found, "`60/40`, which is 150%");
    for text in ["60%", "1", "1 / rank(close)", "40/60"] {
        assert_eq!(weight(text), [], "{text}");
    }
    for text in ["inverse_vol(40)", "inv_vol"] {
        let found = weight(text);
        assert_eq!((found[0].code, found[0].suggestion.as_deref()), ("E201", Some("inverse_volatility")), "{text}");
    }
}

#[test]
fn what_is_offered_can_stand_where_the_caret_points() {
    for (text, code, meant) in [
        ("rsi(close, 14) > change_ratio(close, 20)", "E302", "rsi(close, 14) > 100 * change_ratio(close, 20)"),
        ("close / open - 1 < rsi(close, 14)", "E302", "100 * (close / open - 1) < rsi(close, 14)"),
        ("rsi(3) < 25", "E311", "rsi(close, 3) < 25"),
        ("close > sma(20)", "E401", "close > sma(close, 20)"),
        ("zscore(change_ratio(close, 5)) > 2", "E401", "cs_zscore(change_ratio(close, 5)) > 2"),
        ("!rising(close, 3)", "E110", "not rising(close, 3)"),
        ("!(close > open)", "E110", "not(close > open)"),
        ("close > open AND volume > 0", "E110", "close > open and volume > 0"),
        ("close > open Or volume > 0", "E110", "close > open or volume > 0"),
        ("NOT rising(close, 3)", "E110", "not rising(close, 3)"),
        ("change_ratio(close, 20) > 8 %", "E103", "change_ratio(close, 20) > 8%"),
        ("(change_ratio(close, 20) > 8 %) and close > open", "E103", "(change_ratio(close, 20) > 8%) and close > open"),
        ("volume > 1,000", "E103", "volume > 1_000"),
        ("volume > 1,250,000 and close > open", "E103", "volume > 1_250_000 and close > open"),
        ("max(volume, 1,000) > 5", "E103", "max(volume, 1_000) > 5"),
        ("close > (open if volume > 9 else low)", "E110", "close > (if(volume > 9, open, low))"),
        ("close > open if volume > 9 else close > low", "E110", "if(volume > 9, close > open, close > low)"),
    ] {
        let found = entry(text);
        assert_eq!(found.len(), 1, "{text}: {found:#?}");
        assert_eq!(found[0].code, code, "{text}");
        let characters: Vec<char> = text.chars().collect();
        let part = |range: &[char]| range.iter().collect::<String>();
        let (before, after) = (part(&characters[..found[0].start]), part(&characters[found[0].end..]));
        let fixed = format!("{before}{}{after}", found[0].suggestion.as_deref().unwrap());
        assert_eq!(fixed, meant);
        assert_eq!(entry(&fixed), [], "{fixed}");
    }
    // Three arguments are three arguments.
    assert_eq!(entry("max(volume,100,250) > 5"), []);
    assert_eq!(entry_codes("close > open if volume > 9"), ["E106"]);
}
