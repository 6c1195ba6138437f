//! The primary credit rate of the Federal Reserve, which LEAN takes for the risk-free rate.

use crate::calendar::days_from_civil;

/// (year, month, day) from which a rate holds, and the rate in percent a year. The first holds before its day too, the
/// last ever after. Source: QuantConnect/Lean `Data/alternative/interest-rate/usa/interest-rate.csv`, as of August 2026.
const RATES: &[(i32, u32, u32, f64)] = &[
    (2003, 1, 9, 2.25),
    (2003, 6, 26, 2.00),
    (2004, 7, 1, 2.25),
    (2004, 8, 11, 2.50),
    (2004, 9, 22, 2.75),
    (2004, 11, 12, 3.00),
    (2004, 12, 15, 3.25),
    (2005, 2, 3, 3.50),
    (2005, 3, 23, 3.75),
    (2005, 5, 4, 4.00),
    (2005, 7, 1, 4.25),
    (2005, 8, 10, 4.50),
    (2005, 9, 21, 4.75),
    (2005, 11, 2, 5.00),
    (2005, 12, 14, 5.25),
    (2006, 2, 1, 5.50),
    (2006, 3, 29, 5.75),
    (2006, 5, 11, 6.00),
    (2006, 6, 30, 6.25),
    (2007, 8, 20, 5.75),
    (2007, 9, 19, 5.25),
    (2007, 11, 1, 5.00),
    (2007, 12, 12, 4.75),
    (2008, 1, 23, 4.00),
    (2008, 1, 31, 3.50),
    (2008, 3, 19, 2.50),
    (2008, 5, 1, 2.25),
    (2008, 10, 9, 1.75),
    (2008, 10, 30, 1.25),
    (2008, 12, 17, 0.50),
    (2010, 2, 19, 0.75),
    (2015, 12, 17, 1.00),
    (2016, 12, 15, 1.25),
    (2017, 3, 16, 1.50),
    (2017, 6, 15, 1.75),
    (2017, 12, 14, 2.00),
    (2018, 3, 22, 2.25),
    (2018, 6, 14, 2.50),
    (2018, 9, 27, 2.75),
    (2018, 12, 20, 3.00),
    (2019, 8, 1, 2.75),
    (2019, 9, 19, 2.50),
    (2019, 10, 31, 2.25),
    (2020, 3, 4, 1.75),
    (2020, 3, 16, 0.25),
    (2022, 3, 17, 0.50),
    (2022, 5, 5, 1.00),
    (2022, 6, 16, 1.75),
    (2022, 7, 28, 2.50),
    (2022, 9, 22, 3.25),
    (2022, 11, 3, 4.00),
    (2022, 12, 15, 4.50),
    (2023, 2, 2, 4.75),
    (2023, 3, 23, 5.00),
    (2023, 5, 4, 5.25),
    (2023, 7, 27, 5.50),
];

/// Mean over the calendar days from `first` to `last`, both included, as a fraction a year.
pub fn mean_credit_rate(first: i32, last: i32) -> f64 {
    let start = |&(year, month, day, _): &(i32, u32, u32, f64)| days_from_civil(year, month, day);
    let weighed = RATES.iter().enumerate().map(|(at, rate)| {
        let from = if at == 0 { first } else { start(rate).max(first) };
        let to = RATES.get(at + 1).map_or(last, |next| (start(next) - 1).min(last));
        f64::from((to - from + 1).max(0)) * rate.3
    });
    weighed.sum::<f64>() / f64::from(last - first + 1) / 100.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mean_weighs_every_day_alike() {
        let date = days_from_civil;
        assert_eq!(mean_credit_rate(date(2013, 10, 7), date(2013, 10, 17)), 0.0075);
        assert_eq!(mean_credit_rate(date(1999, 1, 4), date(1999, 1, 4)), 0.0225);
        // Three days at 0.75% and two at 1.00%, which began on 17 December 2015.
        let found = mean_credit_rate(date(2015, 12, 14), date(2015, 12, 18));
        assert!((found - (3.0 * 0.0075 + 2.0 * 0.01) / 5.0).abs() < 1e-15);
        assert_eq!(mean_credit_rate(date(2026, 1, 2), date(2026, 1, 9)), 0.055);
    }
}
