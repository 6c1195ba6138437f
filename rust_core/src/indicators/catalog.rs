//! The one list of time-series functions: a name here and a file beside it make a function of the language.

macro_rules! functions {
    ($then:ident) => {
        $then! {
            sma
            argmax argmin median quantile percent_rank mad
            lag diff change_ratio cumsum
            cross_above cross_below bars_since count held_for within rising falling
        }
    };
}
