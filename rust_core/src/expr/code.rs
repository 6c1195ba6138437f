//! Every code that a diagnostic of the strategy language can carry, with its page in the manual.
//!
//! A code is never reused for another problem. `bad` and `good` are expressions or lines of a strategy file.

/// What the manual says of a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub struct Page {
    pub id: &'static str,
    pub title: &'static str,
    pub explanation: &'static str,
    pub bad: &'static str,
    pub good: &'static str,
}

macro_rules! codes {
    ($($name:ident $id:literal $title:literal $explanation:literal $bad:literal $good:literal)*) => {
        /// The closed list of problems.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Code { $($name),* }

        impl Code {
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// The manual's page.
            pub const fn page(self) -> Page {
                match self {
                    $(Self::$name => Page {
                        id: $id, title: $title, explanation: $explanation, bad: $bad, good: $good,
                    }),*
                }
            }

            /// The stable text of the code.
            pub const fn id(self) -> &'static str {
                self.page().id
            }
        }
    };
}

codes! {
    UnexpectedCharacter "E101" "unexpected character"
        "The language has letters, digits, `_`, quotes, parentheses, commas, dots and operators. Anything else is skipped and reported."
        "close > $5" "close > 5"
    OpenString "E102" "string without an end"
        "A string ends with the quote it began with, on the same line."
        "symbol(\"SPY, close)" "symbol(\"SPY\", close)"
    BadNumber "E103" "malformed number"
        "Numbers are written `5`, `0.5`, `100_000` or `1e-3`; `%` and `bps` make a percentage, `d` calendar days and `s` sessions. A remainder needs spaces: `7 % 3`."
        "close > 1.2.3" "close > 1.23"
    ExpressionExpected "E104" "expression expected"
        "An operator, a comma or a parenthesis stands where a value should."
        "close > and volume > 0" "close > open and volume > 0"
    Unbalanced "E105" "unbalanced parenthesis"
        "Each opening parenthesis has one that closes it."
        "sma(close, 20" "sma(close, 20)"
    Trailing "E106" "text after the expression"
        "The expression is complete, and something follows that no operator connects with it."
        "close open" "close > open"
    TooLong "E107" "expression too long"
        "An expression has at most 4,000 tokens. Name its parts as features."
        "close + close + ... (5,000 times)" "features: {total: cumsum(close)}"
    TooDeep "E108" "expression nested too deeply"
        "Parentheses and calls nest at most 64 deep, operators chain at most 128 long, and features stand on each other at most 1,000 deep, groups of a portfolio 8. Name the inner parts as features."
        "((((...close...))))" "close"
    PositionalAfterKeyword "E109" "positional argument after a keyword"
        "Arguments without a name come first."
        "sma(length=20, close)" "sma(close, length=20)"
    ForeignOperator "E110" "operator of another language"
        "Conditions are joined by the words `and`, `or`, `not`; equality is `==`, a power `**`."
        "close > open && volume > 0" "close > open and volume > 0"
    BadSelect "E111" "malformed selection"
        "A selection reads `top N by VALUE`, `bottom N by VALUE` or `all`, each with an optional `where CONDITION`, or is a condition."
        "top 5 momentum" "top 5 by momentum"
    Empty "E112" "empty expression"
        "A key that takes an expression was given none. Leave the key out instead."
        "long: \"\"" "long: close > open"

    UnknownFunction "E201" "unknown function"
        "No function has this name. `oracle indicators` lists them all."
        "smma(close, 20)" "sma(close, 20)"
    UnknownName "E202" "unknown name"
        "A name outside call position is a bar field, a param, a feature, a regime, `sector`, `vix` or `position`."
        "momentun > 0" "momentum > 0"
    Cycle "E203" "features that define each other"
        "A feature may use any other, before or after it, but not itself by way of others."
        "a: b + 1, b: a + 1" "a: close + 1, b: a + 1"
    ReservedName "E204" "name that cannot be given"
        "A feature, param or regime may not be named like a bar field, a word of the language or another param, feature or regime."
        "features: {close: sma(close, 3)}" "features: {smooth: sma(close, 3)}"
    NotYetAvailable "E205" "data that is not available yet"
        "The name is reserved for data that this version does not read: fundamentals, insider trades, short interest, models."
        "fundamental.pe_ratio < 15" "close < sma(close, 200)"
    UnknownMember "E206" "unknown member"
        "The value has no part of this name."
        "macd(close).hist" "macd(close).histogram"
    MemberNeeded "E207" "function with several outputs"
        "The function gives several values; say which one."
        "macd(close) > 0" "macd(close).histogram > 0"
    UnknownSector "E208" "unknown sector"
        "No symbol of the universe is declared to be in this sector, so the comparison could never hold."
        "sector == \"tehc\"" "sector == \"tech\""

    WrongType "E301" "wrong type"
        "Conditions are true or false, everything else is a number or a label; one cannot stand for the other. `if(condition, 1, 0)` makes a number of a condition."
        "close and volume" "close > open and volume > 0"
    UnitMismatch "E302" "units that do not go together"
        "A price level, a price difference, a ratio, percent-points (0 to 100), a count and a volume measure different things and cannot be added or compared."
        "close > atr(14)" "close > open + atr(14)"
    UnitMissing "E303" "unit missing"
        "A bare number does not say what it measures here: write a percentage or a price distance."
        "stop_loss: 8" "stop_loss: 8%"
    AbsoluteInHistory "E305" "absolute price over past bars"
        "An absolute price or volume is meant as of its day. A function that looks back would compare past prices, which a later split restates, with a number that is not restated. Compare a ratio, or move the number outside of the function."
        "count(close > 5, 20) == 20" "lowest(close, 20) > 5"
    PositionStage "E306" "position value outside of an exit rule"
        "`position.*` exists for an open position only: in the conditions of `exit` and of `entry.scale_in`, and never inside a function of history or of the universe."
        "entry: {long: position.profit > 5%}" "exit: {when: position.profit > 5%}"
    NotDimensionless "E307" "dimensionless value needed"
        "Logarithm and exponential have a meaning for ratios only."
        "log(close)" "log(close / lag(close, 1))"
    WrongContext "E308" "function outside of its context"
        "`rank` and its like, calendar functions, `sector`, `position` and other symbols are known in the strategy's own timeframe and universe only. Take them out of `at(...)` or `symbol(...)`."
        "at(\"1Week\", rank(close))" "rank(at(\"1Week\", close))"
    OneForAll "E309" "one value for the whole market"
        "A function across the universe needs a value per member; here all members would have the same."
        "rank(vix)" "rank(change_ratio(close, 20))"
    BadPower "E310" "power or root without a unit"
        "A price or volume can be raised to a whole power known at compile time, and a root halves an even one."
        "sqrt(close)" "sqrt(close * open)"
    ConstantSeries "E311" "number where a series is needed"
        "A function that looks back needs a value that changes from bar to bar. The average or the strength of a number says nothing, and a condition on it would hold always or never."
        "rsi(3) < 25" "rsi(close, 3) < 25"
    PerMember "E312" "value per member where one for all is needed"
        "The share of a group is one number for the whole market on a day; here every member would have its own."
        "share: rank(momentum) / 10" "share: if(breadth(trend) > 50%, 60%, 20%)"

    MissingArgument "E401" "argument missing"
        "The function needs an argument that has no default."
        "sma(close)" "sma(close, 20)"
    TooManyArguments "E402" "too many arguments"
        "The function takes fewer arguments."
        "abs(close, open)" "abs(close - open)"
    UnknownKeyword "E403" "unknown argument name"
        "The function has no argument of this name."
        "sma(close, lenght=20)" "sma(close, length=20)"
    ArgumentTwice "E404" "argument given twice"
        "An argument is given by position or by name, once."
        "sma(close, 20, length=30)" "sma(close, length=30)"
    NotConstant "E405" "number not known at compile time"
        "Lengths and settings are literals, params or arithmetic of them: they cannot change from bar to bar."
        "sma(close, volume)" "sma(close, 20)"
    OutOfRange "E406" "number out of range"
        "The number is outside of what the argument or setting accepts."
        "sma(close, 0)" "sma(close, 20)"
    NotWhole "E407" "whole number needed"
        "Lengths and counts are whole numbers."
        "sma(close, 2.5)" "sma(close, 3)"
    BadLiteral "E408" "malformed value"
        "The setting takes a literal of the kind named in the message."
        "max_hold: soon" "max_hold: 90d"
    BadChoice "E409" "value that is not a choice"
        "The setting takes one of a list of words."
        "method: kelly" "method: half_kelly"
    MissingSetting "E410" "setting missing"
        "Another setting makes this one necessary."
        "sizing: {method: fixed_fraction}" "sizing: {method: fixed_fraction, fraction: 5%}"
    ConflictingSettings "E411" "settings that exclude each other"
        "Two settings cannot both be in force, or one has no effect beside the other."
        "entry: {...} and portfolio: {...}" "entry: {...}"
    TooLarge "E413" "strategy too large"
        "A plan has at most 20,000 nodes."
        "ten thousand features in three contexts" "fewer features"

    NeverTrue "W501" "condition that can never be true"
        "The condition excludes itself, whatever the prices are."
        "rsi(close, 14) > 100" "rsi(close, 14) > 70"
    EntryIsExit "W502" "entry that is also an exit"
        "Whenever the entry rule holds, the exit rule holds on the same bar, so a position would be closed as soon as it may be."
        "entry: {long: close > open}, exit: {when: close >= open}" "exit: {when: close < open}"
    Unused "W503" "feature, param or regime that nothing uses"
        "The name is defined and no rule depends on it."
        "params: {lookback: 20}, and no rule names lookback" "long: close > sma(close, lookback)"
    CapNeverBinds "W504" "cap that can never bind"
        "The smaller of the strategy's and the account's cap applies, so the larger one has no effect."
        "max_position: 40% under an account limit of 5%" "max_position: 4%"
    WarmUpTooLong "W505" "warm-up longer than the data"
        "The rules have no value on any bar of the data."
        "sma(close, 200) on 150 bars" "sma(close, 100) on 150 bars"
    HoldContradiction "W506" "maximum hold below the minimum hold"
        "A position would have to be closed before rule exits are allowed."
        "min_hold_days: 10, max_hold: 5s" "min_hold_days: 2, max_hold: 20s"
    NeverKnown "W507" "constant without a value"
        "The arithmetic of constants has no result, so everything built on it is missing."
        "close > 1 / 0" "close > open"
    FarStop "W508" "stop farther away than half of the price"
        "`stop_loss` and `trailing_stop` are distances from the price, so a large share of the price puts the stop near zero. The level of a stop stands under `stop_price`."
        "stop_loss: close * 95%" "stop_price: close * 95%"
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_code_has_its_own_id_and_a_full_page() {
        let mut seen = BTreeSet::new();
        for code in Code::ALL {
            let page = code.page();
            assert!(seen.insert(page.id), "{} is used twice", page.id);
            assert!(page.explanation.ends_with('.'), "{}", page.id);
            assert!(!page.title.is_empty() && !page.bad.is_empty() && !page.good.is_empty());
            assert_ne!(page.bad, page.good);
        }
    }
}
