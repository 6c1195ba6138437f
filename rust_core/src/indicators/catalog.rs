//! The one list of time-series functions: a name here and a file beside it make a function of the language.

macro_rules! functions {
    ($then:ident) => {
        $then! {
            // moving average
            ema
            sma
            // volatility
            bbands
            // window
            highest
            lowest
        }
    };
}
