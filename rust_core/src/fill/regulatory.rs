//! What the SEC and FINRA charge on sales, by date; brokers pass it on.
//!
//! - SEC, Section 31 of the Securities Exchange Act: a rate on the value sold. Fee rate advisories and orders of the SEC
//!   and FINRA's information notices on them.
//! - FINRA, Trading Activity Fee (By-Laws, Schedule A, Section 1): a rate per share sold, with a cap per trade.
//!   Regulatory Notices 11-27 and 12-06, SR-FINRA-2012-023, SR-FINRA-2020-032, SR-FINRA-2024-019.
//!
//! All read 2026-11-22. Before the first row of a table its rate counts. The cap holds per order here, which fills in
//! fewer trades than a real one; brokers round each fee up to a cent, which is left out.

use crate::calendar::days_from_civil;
use crate::kernel::{Progress, Ratio};
use crate::units::{Money, Price};

const fn day(year: i32, month: u32, day: u32) -> i32 {
    days_from_civil(year, month, day)
}

/// First day, and the rate from there on in billionths: 27.80 dollars per million are 27,800.
const SECTION_31: &[(i32, Ratio)] = &[
    (day(2013, 5, 25), Ratio(17_400)),
    (day(2014, 3, 18), Ratio(22_100)),
    (day(2015, 2, 14), Ratio(18_400)),
    (day(2016, 2, 16), Ratio(21_800)),
    (day(2017, 7, 4), Ratio(23_100)),
    (day(2018, 5, 22), Ratio(13_000)),
    (day(2019, 4, 16), Ratio(20_700)),
    (day(2020, 2, 18), Ratio(22_100)),
    (day(2021, 2, 25), Ratio(5_100)),
    (day(2022, 5, 14), Ratio(22_900)),
    (day(2023, 2, 27), Ratio(8_000)),
    (day(2024, 5, 22), Ratio(27_800)),
    (day(2025, 5, 14), Ratio(0)),
    (day(2026, 4, 4), Ratio(20_600)),
];

/// First day, dollars per share in millionths, and the cap.
const TRADING_ACTIVITY: &[(i32, (Price, Money))] = &[
    (day(2005, 1, 1), (Price(75), Money(3_750_000))),
    (day(2011, 7, 1), (Price(90), Money(4_500_000))),
    (day(2012, 3, 1), (Price(95), Money(4_750_000))),
    (day(2012, 7, 1), (Price(119), Money(5_950_000))),
    (day(2022, 1, 1), (Price(130), Money(6_490_000))),
    (day(2023, 1, 1), (Price(145), Money(7_270_000))),
    (day(2024, 1, 1), (Price(166), Money(8_300_000))),
    (day(2026, 1, 1), (Price(195), Money(9_790_000))),
];

/// The row in force on a date; the first row before its day.
fn on<T: Copy + Default>(table: &[(i32, T)], date: i32) -> T {
    let row = table.partition_point(|&(from, _)| from <= date).saturating_sub(1);
    table.get(row).map_or_else(T::default, |&(_, rate)| rate)
}

/// Both fees on a sale that has come so far, at the rates of `date`.
#[inline(never)]
pub(super) fn of_sale(date: i32, order: &Progress) -> Money {
    let (per_share, cap) = on(TRADING_ACTIVITY, date);
    on(SECTION_31, date).of_money(order.notional) + per_share.times(order.filled).min(cap)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::Shares;

    fn sale(date: i32, shares: i64, usd: i64) -> Money {
        let notional = Price(usd * 1_000_000).times(Shares::whole(shares));
        of_sale(date, &Progress { filled: Shares::whole(shares), notional, by_schedule: Money::ZERO })
    }

    #[test]
    fn rates_change_on_their_day() {
        // 100,000 shares at 10: a million dollars. 2024-05-21: 8.00 and 0.000166 x 100,000 = 16.60, capped at 8.30.
        assert_eq!(sale(day(2024, 5, 21), 100_000, 10), Money(16_300_000));
        assert_eq!(sale(day(2024, 5, 22), 100_000, 10), Money(36_100_000));
        assert_eq!(sale(day(2025, 5, 14), 100_000, 10), Money(8_300_000));
        // 1,000 shares at 10 on 2026-04-04: 20.60 per million on 10,000 is 0.206, and 0.195.
        assert_eq!(sale(day(2026, 4, 4), 1_000, 10), Money(401_000));
        // Before the first rows: 17.40 per million and 0.000075 per share.
        assert_eq!(sale(day(1999, 1, 4), 1_000, 10), Money(174_000 + 75_000));
    }

    #[test]
    fn the_tables_ascend() {
        assert!(SECTION_31.is_sorted_by(|a, b| a.0 < b.0));
        assert!(TRADING_ACTIVITY.is_sorted_by(|a, b| a.0 < b.0));
    }
}
