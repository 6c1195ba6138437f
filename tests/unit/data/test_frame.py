"""Any user's frame on its way to the engine: the same columns whatever its order, types and zone."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from oracle.data.demo import demo_bars, demo_source
from oracle.data.errors import BarsError
from oracle.data.frame import Prepared, prepare, prepare_columns, prepare_store
from oracle.data.importer import import_sources
from oracle.data.store import BarStore

DAY_NS = 86_400_000_000_000


def panel() -> pl.DataFrame:
    return demo_bars().filter(pl.col("date") >= date(2012, 5, 1))


def same(one: Prepared, other: Prepared) -> bool:
    arrays = (
        "offsets",
        "ts_ns",
        "open",
        "high",
        "low",
        "close",
        "volume",
        "action_bar",
        "action_split",
        "action_dividend",
    )
    return one.symbols == other.symbols and all(np.array_equal(getattr(one, a), getattr(other, a)) for a in arrays)


def test_symbols_are_in_name_order_with_their_own_rows() -> None:
    ready = prepare(panel())
    assert ready.symbols == ["AAPL", "FB", "GOOG", "IBM", "MSFT"]
    for index, symbol in enumerate(ready.symbols):
        own = panel().filter(pl.col("symbol") == symbol)
        rows = slice(ready.offsets[index], ready.offsets[index + 1])
        assert ready.close[rows].tolist() == own["close"].to_list()
        assert (ready.ts_ns[rows] // DAY_NS).tolist() == own["date"].to_physical().to_list()
    assert ready.daily


@given(seed=st.integers(0, 2**32 - 1))
def test_row_order_does_not_matter(seed: int) -> None:
    shuffled = panel().sample(fraction=1.0, shuffle=True, seed=seed)
    assert same(prepare(shuffled), prepare(panel()))


@pytest.mark.parametrize("by", [("date", "symbol"), ("symbol", "date")])
@pytest.mark.parametrize("descending", [False, True])
def test_sorted_frames_of_either_kind(by: tuple[str, str], descending: bool) -> None:
    assert same(prepare(panel().sort(by, descending=descending)), prepare(panel()))


@pytest.mark.parametrize(
    "stamps",
    [
        pl.col("date").cast(pl.Datetime("us")),
        pl.col("date").cast(pl.Datetime("ms")),
        pl.col("date").cast(pl.Datetime("ns")).dt.replace_time_zone("UTC"),
        pl.col("date").cast(pl.Datetime("us")).dt.replace_time_zone("America/New_York"),
        pl.col("date").cast(pl.String),
    ],
)
def test_a_date_is_a_date_in_any_type(stamps: pl.Expr) -> None:
    assert same(prepare(panel().with_columns(date=stamps)), prepare(panel()))


def test_types_of_symbol_and_numbers_do_not_matter() -> None:
    other = panel().with_columns(pl.col("symbol").cast(pl.Categorical), pl.col("volume").cast(pl.Int64))
    assert same(
        prepare(other.rename({"symbol": "Ticker", "close": "CLOSE", "adjusted_close": "Adj Close"})), prepare(panel())
    )


def test_naive_times_of_day_are_new_yorks() -> None:
    frame = one_symbol().with_columns(
        date=pl.Series([datetime(2024, 3, 8, 9, 30), datetime(2024, 3, 11, 9, 30), datetime(2024, 3, 11, 9, 31)])
    )
    ready = prepare(frame, symbol="AAA")
    expected = [datetime(2024, 3, 8, 14, 30), datetime(2024, 3, 11, 13, 30), datetime(2024, 3, 11, 13, 31)]
    assert ready.ts_ns.tolist() == [int(t.replace(tzinfo=UTC).timestamp()) * 10**9 for t in expected]
    assert not ready.daily
    zoned = frame.with_columns(pl.col("date").dt.replace_time_zone(str(ZoneInfo("America/New_York"))))
    assert same(prepare(zoned, symbol="AAA"), ready)


def one_symbol() -> pl.DataFrame:
    return pl.DataFrame(
        {
            "date": [date(2024, 6, 10), date(2024, 6, 11), date(2024, 6, 12)],
            "open": [10.0, 11.0, 12.0],
            "high": [10.5, 11.5, 12.5],
            "low": [9.5, 10.5, 11.5],
            "close": [10.2, 11.2, 12.2],
            "volume": [100.0, 200.0, 300.0],
        }
    )


def test_sorted_float_columns_pass_without_a_copy() -> None:
    frame = one_symbol().with_columns(date=pl.col("date").cast(pl.Datetime("ns")).dt.replace_time_zone("UTC"))
    ready = prepare(frame, symbol="AAA")
    for name in ("open", "high", "low", "close", "volume"):
        assert np.shares_memory(getattr(ready, name), frame[name].to_numpy())
    assert np.shares_memory(ready.ts_ns, frame["date"].to_physical().to_numpy())


def test_numpy_columns_give_what_a_frame_gives() -> None:
    frame = one_symbol()
    columns = [frame[name].to_numpy() for name in ("open", "high", "low", "close", "volume")]
    stamps = frame["date"].cast(pl.Datetime("ns")).to_physical().to_numpy()
    ready = prepare_columns("AAA", stamps, *columns)
    assert same(ready, prepare(frame, symbol="AAA"))
    assert ready.manifest_hash == prepare(frame, symbol="AAA").manifest_hash
    assert np.shares_memory(ready.close, columns[3])


@given(
    field=st.sampled_from(["open", "high", "low", "close", "volume"]),
    value=st.sampled_from([math.nan, math.inf, -math.inf, 0.0, -1.0, 1e308, -0.0]),
    row=st.integers(0, 2),
)
def test_no_special_number_reaches_the_engine(field: str, value: float, row: int) -> None:
    values = one_symbol()[field].to_list()
    values[row] = value
    frame = one_symbol().with_columns(pl.Series(field, values))
    if field == "volume" and value == 0.0:
        assert prepare(frame, symbol="AAA").volume[row] == 0.0
        return
    with pytest.raises(BarsError, match=rf"D205 row {row} \(AAA\): {field}"):
        prepare(frame, symbol="AAA")


def test_a_bad_row_is_named_as_the_caller_counts_it() -> None:
    frame = (
        panel()
        .reverse()
        .with_row_index("n")
        .with_columns(close=pl.when(pl.col("n") == 7).then(float("nan")).otherwise("close"))
    )
    with pytest.raises(BarsError, match=r"D205 row 7 \(MSFT\): close nan"):
        prepare(frame.drop("n"))


@pytest.mark.parametrize(
    ("frame", "problem"),
    [
        (one_symbol().drop("close"), "D202 no column for close"),
        (one_symbol().drop("date"), "D202 no column for timestamp or date"),
        (one_symbol().head(0), "D205 the frame has no rows"),
        (one_symbol().with_columns(close=pl.lit("x")), "D205 column close is String"),
        (one_symbol().with_columns(low=pl.lit(None, dtype=pl.Float64)), "D205 row 0: low is missing"),
        (one_symbol().with_columns(date=pl.lit("soon")), "D205 row 0: the time is missing"),
        (one_symbol().with_columns(date=date(2024, 6, 10)), "D206 AAA has two bars at 2024-06-10"),
        (one_symbol().with_columns(high=pl.col("low")), "D205 row 0 .*open outside of low to high"),
    ],
)
def test_a_frame_that_cannot_be_used_says_why(frame: pl.DataFrame, problem: str) -> None:
    with pytest.raises(BarsError, match=problem):
        prepare(frame, symbol="AAA")


def test_a_frame_without_symbols_needs_a_name() -> None:
    with pytest.raises(BarsError, match="D204"):
        prepare(one_symbol())


def test_columns_out_of_order_or_of_two_lengths_are_refused() -> None:
    frame = one_symbol()
    columns = [frame[name].to_numpy() for name in ("open", "high", "low", "close", "volume")]
    stamps = np.array([0, 2, 1]) * DAY_NS
    with pytest.raises(BarsError, match=r"D206 row 2: 1970-01-02.* is not after the bar before it"):
        prepare_columns("AAA", stamps, *columns)
    with pytest.raises(BarsError, match="D205 columns need one length"):
        prepare_columns("AAA", stamps[:2], *columns)


def test_stated_actions_win_over_the_factor_and_land_on_their_bar() -> None:
    frame = one_symbol().with_columns(
        split_ratio=pl.Series([None, 2.0, None]), dividend=pl.Series([0.0, 0.1, 0.0]), adjusted_close=pl.lit(5.0)
    )
    ready = prepare(frame, symbol="AAA")
    assert (ready.action_bar.tolist(), ready.action_split.tolist(), ready.action_dividend.tolist()) == (
        [1],
        [2.0],
        [0.1],
    )


def test_actions_between_two_bars_act_together_on_the_later_one() -> None:
    # $1 before a 2:1 split is $0.50 on the new share; with $0.25 after it, $0.75 a share at the next bar.
    frame = one_symbol().with_columns(date=pl.Series([date(2024, 6, 3), date(2024, 6, 7), date(2024, 6, 10)]))
    actions = pl.DataFrame(
        {
            "symbol": ["AAA", "AAA", "AAA", "ZZZ", "AAA"],
            "ts": [datetime(2024, 6, d, tzinfo=UTC) for d in (4, 5, 6, 6, 20)],
            "split_ratio": [1.0, 2.0, 1.0, 3.0, 5.0],
            "dividend": [1.0, 0.0, 0.25, 0.0, 0.0],
        }
    )
    ready = prepare(frame, actions=actions, symbol="AAA")
    assert (ready.action_bar.tolist(), ready.action_split.tolist(), ready.action_dividend.tolist()) == (
        [1],
        [2.0],
        [0.75],
    )


def test_a_factor_that_raw_prices_contradict_is_noted_and_not_booked() -> None:
    frame = one_symbol().with_columns(adjusted_close=pl.Series([5.1, 11.2, 12.2]))
    ready = prepare(frame, symbol="AAA")
    assert ready.action_bar.tolist() == []
    assert [note.startswith("AAA 2024-06-11: the adjustment factor grows by 2") for note in ready.notes] == [True]


def test_a_store_goes_straight_to_the_engine(tmp_path: Path) -> None:
    store = BarStore(tmp_path)
    import_sources([demo_source()], store)
    assert same(prepare_store(store), prepare(demo_bars()))
    assert prepare_store(store, ["IBM"], start=date(2012, 1, 1)).symbols == ["IBM"]


def test_adjusted_only_symbols_are_marked_and_named_differently() -> None:
    raw, adjusted = prepare(one_symbol(), symbol="AAA"), prepare(one_symbol(), symbol="AAA", adjusted_only=["AAA"])
    assert (raw.adjusted_only, adjusted.adjusted_only) == ([False], [True])
    assert raw.manifest_hash != adjusted.manifest_hash


class _FromPandas:
    """What a pandas frame looks like from outside, without the package."""


_FromPandas.__module__, _FromPandas.__name__ = "pandas.core.frame", "DataFrame"


@pytest.mark.parametrize(
    ("passed", "problem"),
    [
        (None, "found NoneType; `pl.DataFrame"),
        ("prices.csv", "found str; read the file first"),
        (pl.LazyFrame({"close": [1.0]}), r"found polars LazyFrame; call `.collect\(\)`"),
        (_FromPandas(), r"found pandas DataFrame; pass `pl.from_pandas\(frame\)`"),
        (pl.Series([1.0]), "found polars Series"),
    ],
)
def test_what_is_no_frame_is_named_with_the_way_to_one(passed: object, problem: str) -> None:
    with pytest.raises(BarsError, match=f"D205 expected a polars DataFrame of bars, {problem}"):
        prepare(passed)  # type: ignore[arg-type]  # what the test is about
