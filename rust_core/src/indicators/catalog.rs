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
            aroon
            donchian
            keltner
            minus_di
            plus_di
            psar
            supertrend
            vortex
            // volatility
            atr
            bbands
            natr
            parkinson
            true_range
            // volume
            ad
            adosc
            cmf
            obv
            vwap
            // statistics
            beta
            correl
            kurtosis
            linreg
            linreg_r2
            linreg_slope
            mad
            median
            percent_rank
            quantile
            skew
            stddev
            variance
            zscore
            // window
            argmax
            argmin
            change_ratio
            cumsum
            diff
            highest
            lag
            lowest
            // event
            bars_since
            count
            cross_above
            cross_below
            falling
            held_for
            rising
            within
        }
    };
}
