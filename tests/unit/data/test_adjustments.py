"""Splits and dividends read from adjustment factors, against the public record and against Lean's factor files."""

from __future__ import annotations

from datetime import UTC, date, datetime
from itertools import pairwise
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from oracle.data.adjustments import Convention, Inferred, infer_actions
from oracle.data.demo import demo_bars

GOLDEN = Path(__file__).parents[2] / "golden" / "bars"
DAY_NS = 86_400_000_000_000


def events(found: Inferred) -> dict[date, tuple[float, float]]:
    return {
        datetime.fromtimestamp(action.ts_ns / 1e9, UTC).date(): (action.split_ratio, action.dividend_usd)
        for action in found.actions
    }


def infer(bars: pl.DataFrame, decimals: int | None = None) -> Inferred:
    adjusted = bars["adjusted_close"].to_numpy()
    if decimals is not None:
        adjusted = np.round(adjusted, decimals)
    stamps = bars["date"].cast(pl.Datetime("ns")).to_physical().to_numpy()
    return infer_actions(stamps, bars["open"].to_numpy(), bars["close"].to_numpy(), adjusted)


def demo(symbol: str) -> pl.DataFrame:
    return demo_bars().filter(pl.col("symbol") == symbol)


def lean(name: str) -> pl.DataFrame:
    bars = pl.read_csv(GOLDEN / name, try_parse_dates=True)
    factor = pl.col("price_factor") * pl.col("split_factor")
    return bars.with_columns(adjusted_close=pl.col("close") * factor)


def test_apple_splits_twice_and_begins_to_pay_in_2012() -> None:
    # Apple investor relations, dividend history and split history: 2-for-1 on 2000-06-21 and 2005-02-28; the first
    # quarterly dividends of $2.65 (before the later splits) went ex on 2012-08-09, 2012-11-07 and 2013-02-07.
    assert events(infer(demo("AAPL"))) == {
        date(2000, 6, 21): (2.0, 0.0),
        date(2005, 2, 28): (2.0, 0.0),
        date(2012, 8, 9): (1.0, 2.65),
        date(2012, 11, 7): (1.0, 2.65),
        date(2013, 2, 7): (1.0, 2.65),
    }


def test_microsoft_splits_a_day_before_its_first_dividend_and_pays_three_dollars_once() -> None:
    # Microsoft investor relations: 2-for-1 on 2003-02-18; the first dividend, $0.08 after the split, ex 2003-02-19;
    # ex 2004-11-15 the special dividend of $3.00 together with the quarterly $0.08; $0.23 from November 2012.
    found = events(infer(demo("MSFT")))
    assert found[date(2003, 2, 18)] == (2.0, 0.0)
    assert found[date(2003, 2, 19)] == (1.0, 0.08)
    assert found[date(2004, 11, 15)] == (1.0, 3.08)
    assert found[date(2012, 11, 13)] == (1.0, 0.23)
    assert sum(split != 1.0 for split, _ in found.values()) == 1
    # The split and two dividends in 2003, two dividends in 2004, then four a year to 2012, and one by March 2013.
    per_year = {year: sum(day.year == year for day in found) for year in range(2003, 2014)}
    assert per_year == {2003: 3, 2004: 2, **dict.fromkeys(range(2005, 2013), 4), 2013: 1}


def test_ibm_pays_every_quarter_what_it_declared() -> None:
    # IBM investor relations, quarterly dividends per share by year (raised in the second quarter of the year).
    found = events(infer(demo("IBM")))
    rates = {2001: 0.14, 2002: 0.15, 2003: 0.16, 2004: 0.18, 2005: 0.20, 2006: 0.30, 2007: 0.40}
    rates |= {2008: 0.50, 2009: 0.55, 2010: 0.65, 2011: 0.75, 2012: 0.85}
    for year, rate in rates.items():
        assert [cash for day, (_, cash) in found.items() if day.year == year and day.month >= 5] == [rate] * 3
        assert [cash for day, (_, cash) in found.items() if day.year == year + 1 and day.month == 2] == [rate]
    assert all(split == 1.0 for split, _ in found.values())
    # Four ex-dates a year from May 2000 to February 2013.
    assert len(found) == 52


@pytest.mark.parametrize("symbol", ["GOOG", "FB"])
def test_a_flat_factor_gives_no_action(symbol: str) -> None:
    # Neither split nor paid before March 2013; GOOG's factor is not 1 because of its stock dividend of 2014.
    assert events(infer(demo(symbol))) == {}


def test_the_demo_vendor_divides_by_the_close_of_the_ex_date() -> None:
    # IBM closed at 201.48 on 2012-05-08, ex $0.85: 201.48 / (201.48 + 0.85) = 0.995799 is the step in the file;
    # on the previous close, 203.75, the step would have been 1 - 0.85 / 203.75 = 0.995828.
    assert infer(demo("IBM")).convention is Convention.EX_CLOSE


@pytest.mark.parametrize("symbol", ["AAPL", "IBM", "MSFT"])
def test_rounding_to_cents_neither_hides_nor_invents_an_ex_date(symbol: str) -> None:
    exact, rounded = events(infer(demo(symbol))), events(infer(demo(symbol), decimals=2))
    assert list(rounded) == list(exact)
    assert [split for split, _ in rounded.values()] == [split for split, _ in exact.values()]


def test_cents_leave_ibm_and_microsoft_dividends_within_a_cent() -> None:
    for symbol in ("IBM", "MSFT"):
        exact, rounded = events(infer(demo(symbol))), events(infer(demo(symbol), decimals=2))
        assert all(abs(exact[day][1] - rounded[day][1]) <= 0.0101 for day in exact)


def test_lean_factors_give_back_the_splits_and_the_dividends_behind_them() -> None:
    # From factors.csv, reference_price * (1 - price_factor / next price_factor), to cents:
    # 1998-09-02: 80.44 * (1 - 0.6586269 / 0.6591021) = 0.058 -> 0.06; 1998-12-02: 94.06 * (1 - 0.6591021 / 0.6595087)
    # = 0.058 -> 0.06. AIG in fact declared tenths of a cent then, which is why only the cents are compared.
    rows = pl.read_csv(GOLDEN / "factors.csv").filter(pl.col("symbol") == "AIG").rows()
    bars = lean("AIG_1998_1999.csv")
    expected: dict[date, tuple[float, float]] = {}
    for (_, last, factor, split, price), (_, _, factor_next, split_next, _) in pairwise(rows):
        after = bars.filter(pl.col("date") > datetime.strptime(str(last), "%Y%m%d").date())["date"]
        if len(after) in (0, len(bars)):
            continue
        cash = round(price * (1 - factor / factor_next), 2)
        expected[after[0]] = (round(split_next / split, 3), cash)
    assert expected[date(1998, 8, 3)] == (1.5, 0.0)
    assert expected[date(1999, 8, 2)] == (1.25, 0.0)
    found = {day: (split, round(cash, 2)) for day, (split, cash) in events(infer(bars)).items()}
    assert found == expected


@pytest.mark.parametrize(
    ("name", "day", "ratio"),
    [("AIG_2009.csv", date(2009, 7, 1), 1 / 20), ("USO_2020.csv", date(2020, 4, 29), 1 / 8)],
)
def test_reverse_splits_are_dated_and_sized(name: str, day: date, ratio: float) -> None:
    assert events(infer(lean(name))) == {day: (ratio, 0.0)}


def test_a_split_and_a_dividend_on_one_date_are_told_apart() -> None:
    # 2:1 with $0.50 on the new shares after a close of 100: the factor before is 1/2 * (1 - 0.50 / 50) = 0.495.
    close = np.array([98.0, 99.0, 100.0, 49.6, 50.2, 49.9])
    adjusted = close * np.array([0.495, 0.495, 0.495, 1.0, 1.0, 1.0])
    found = infer_actions(np.arange(6) * DAY_NS, close, close, adjusted)
    assert [(a.ts_ns // DAY_NS, a.split_ratio, a.dividend_usd) for a in found.actions] == [(3, 2.0, 0.5)]


def test_a_step_that_raw_prices_contradict_is_reported_and_not_booked() -> None:
    close = np.full(20, 50.0)
    factor = np.where(np.arange(20) < 10, 0.5, 1.0)
    found = infer_actions(np.arange(20) * DAY_NS, close, close, close * factor)
    assert found.actions == ()
    assert [(step.ts_ns // DAY_NS, round(step.factor_ratio, 6), step.price_ratio) for step in found.unexplained] == [
        (10, 2.0, 1.0)
    ]


def test_missing_adjusted_closes_hide_nothing() -> None:
    bars = demo("AAPL")
    holes = bars.with_columns(
        adjusted_close=pl.when(pl.int_range(pl.len()) % 7 == 3).then(None).otherwise(pl.col("adjusted_close"))
    )
    stamps = holes["date"].cast(pl.Datetime("ns")).to_physical().to_numpy()
    adjusted = holes["adjusted_close"].fill_null(float("nan")).to_numpy()
    found = infer_actions(stamps, holes["open"].to_numpy(), holes["close"].to_numpy(), adjusted)
    assert [split for split, _ in events(found).values() if split != 1.0] == [2.0, 2.0]
    assert len(found.actions) == 5


@given(
    seed=st.integers(0, 2**32 - 1),
    cents=st.lists(st.integers(20, 300), min_size=1, max_size=6),
    split=st.sampled_from([None, 2.0, 3.0, 1.5, 0.1, 0.05]),
    decimals=st.sampled_from([2, 4, None]),
)
def test_invented_histories_are_read_back(
    seed: int, cents: list[int], split: float | None, decimals: int | None
) -> None:
    """Raw prices and known actions in, adjusted closes by the textbook formula, the same actions out."""
    rng = np.random.default_rng(seed)
    stretch = 60
    bars = stretch * (len(cents) + 2)
    basis = np.ones(bars)
    true = {stretch * (k + 1): (1.0, cash / 100) for k, cash in enumerate(cents)}
    if split is not None:
        at = bars - stretch
        basis[at:] = 1 / split
        true[at] = (split, 0.0)
    close = np.round(100 * np.exp(np.cumsum(rng.normal(0, 0.01, bars))) * basis, 4)
    open_ = np.concatenate((close[:1], close[:-1])) * np.concatenate((basis[:1], basis[1:] / basis[:-1]))
    factor = np.ones(bars)
    for at, (ratio, cash) in true.items():
        factor[:at] *= (1 - cash / close[at - 1]) / ratio
    adjusted = close * factor if decimals is None else np.round(close * factor, decimals)
    found = {
        a.ts_ns // DAY_NS: (a.split_ratio, a.dividend_usd)
        for a in infer_actions(np.arange(bars) * DAY_NS, open_, close, adjusted).actions
    }
    if decimals is None or decimals == 4:
        assert {at: ratio for at, (ratio, _) in found.items()} == {at: ratio for at, (ratio, _) in true.items()}
        assert all(abs(found[at][1] - cash) < 0.006 for at, (_, cash) in true.items())
    else:
        # Cents cannot date every small step to the day, but there are never more steps than there were actions.
        assert len(found) <= len(true)
        assert [ratio for ratio, _ in found.values() if ratio != 1.0] == ([] if split is None else [split])


def test_closes_and_adjusted_closes_both_rounded_to_cents_keep_split_and_dividends() -> None:
    """A table of floats through `round(2)`: the adjusted close is that of a close which is no longer in the file."""
    rng = np.random.default_rng(5)
    basis = np.where(np.arange(400) < 200, 1.0, 0.25)
    exact = 200 * np.exp(np.cumsum(rng.normal(0, 0.01, 400))) * basis
    factor = np.where(np.arange(400) < 200, 0.25, 1.0)
    # $0.50 before the split, $0.20 after it, each against the close of the day before.
    factor[:100] *= 1 - 0.50 / exact[99]
    factor[:300] *= 1 - 0.20 / exact[299]
    close, adjusted = np.round(exact, 2), np.round(exact * factor, 2)
    found = infer_actions(np.arange(400) * DAY_NS, close, close, adjusted)
    assert found.unexplained == ()
    assert [(a.ts_ns // DAY_NS, a.split_ratio) for a in found.actions if a.split_ratio != 1.0] == [(200, 4.0)]
    assert [round(a.dividend_usd, 1) for a in found.actions if a.dividend_usd] == [0.5, 0.2]


@given(seed=st.integers(0, 2**32 - 1), split=st.sampled_from([2.0, 4.0, 1.5, 10.0, 0.1]), bars=st.integers(6, 300))
def test_a_split_in_a_doubly_rounded_history_is_never_a_dividend(seed: int, split: float, bars: int) -> None:
    rng = np.random.default_rng(seed)
    after = np.arange(bars) >= bars // 2
    exact = 80 * np.exp(np.cumsum(rng.normal(0, 0.01, bars))) * np.where(after, 1 / split, 1.0)
    close, adjusted = np.round(exact, 2), np.round(exact * np.where(after, 1.0, 1 / split), 2)
    found = infer_actions(np.arange(bars) * DAY_NS, close, close, adjusted)
    assert [(a.ts_ns // DAY_NS, a.split_ratio) for a in found.actions if a.split_ratio != 1.0] == [(bars // 2, split)]
    # Where a few bars leave it open, rounding may pass for a cent or two, never for more.
    assert all(a.dividend_usd < 0.03 * max(1.0, 1 / split) for a in found.actions)
