//! The one list of time-series functions: a name here and a file beside it make a function of the language.

macro_rules! functions {
    ($then:ident) => {
        $then! {
            // moving average
            dema
            ema
            hma
            kama
            rma
            sma
            t3
            tema
            trima
            vwma
            wma
            // momentum
            apo
            awesome
            cci
            cmo
            macd
            mfi
            mom
            ppo
            roc
            rsi
            stoch
            stochrsi
            trix
            tsi
            ultosc
            willr
            // trend
            adx
            minus_di
            plus_di
            // volatility
            atr
            bbands
            natr
            true_range
            // volume
            obv
            // statistics
            linreg_slope
            stddev
            // window
            highest
            lowest
        }
    };
}
