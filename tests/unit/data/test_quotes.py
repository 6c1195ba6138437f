"""Bid and ask beside the bars, from a file through the store to the engine's columns; bars without them as before."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from pydantic import ValidationError

from oracle.core.models import OHLCV
from oracle.data.errors import BarsError
from oracle.data.frame import prepare, prepare_columns, prepare_store
from oracle.data.importer import import_files
from oracle.data.models import frame_of
from oracle.data.reading import read_bars
from oracle.data.store import BARS_SCHEMA, QUOTED_SCHEMA, BarStore

NOW = datetime(2024, 6, 14, 22, 0, tzinfo=UTC)
PLAIN = "symbol,timestamp,open,high,low,close,volume"
HEADER = f"{PLAIN},bid,ask\n"
MINUTES = tuple(f"AAA,2024-06-10T10:0{minute},10,11,9,10.5,1000" for minute in range(5))
QUOTES = ("10.49,10.51", "10.5,10.5", ",", ",10.6", "10.4,")
BIDS, ASKS = [10.49, 10.5, None, None, 10.4], [10.51, 10.5, None, 10.6, None]


def write(folder: Path, rows: tuple[str, ...], header: str = HEADER, name: str = "bars.csv") -> Path:
    path = folder / name
    path.write_text(header + "\n".join(rows) + "\n")
    return path


def quoted(*quotes: str) -> tuple[str, ...]:
    return tuple(f"{bar},{quote}" for bar, quote in zip(MINUTES, quotes, strict=False))


def plain(folder: Path, name: str = "plain.csv") -> Path:
    return write(folder, MINUTES, f"{PLAIN}\n", name)


@pytest.mark.parametrize("names", ["bid,ask", "BID,Ask", "Bid Price,ask_price", "bid_close,ASK_CLOSE"])
def test_quotes_come_in_by_name_and_may_be_missing_on_either_side(tmp_path: Path, names: str) -> None:
    store = BarStore(tmp_path / "store")
    report = import_files([write(tmp_path, quoted(*QUOTES), f"{PLAIN},{names}\n")], store, now=NOW)
    assert (report.findings, report.files[0].extra_columns) == ((), ())
    bars, _ = store.read(timeframe="1Min")
    assert (bars["bid"].to_list(), bars["ask"].to_list()) == (BIDS, ASKS)


@pytest.mark.parametrize(
    ("quote", "code", "problem"),
    [
        ("10.52,10.51", "Q016", "bid 10.52 is above ask 10.51"),
        ("ten,10.51", "Q003", "bid=ten is not a number"),
        ("10.49,nan", "Q004", "ask is NaN"),
        ("10.49,inf", "Q004", "ask is inf"),
        ("-1,10.51", "Q005", "bid is -1, a vendor's word for 'no quote'"),
        ("0,10.51", "Q006", "bid is 0.0; a price is above 0"),
        ("10.49,1e8", "Q007", "ask is 100000000.0; expected at most 10,000,000"),
    ],
)
def test_a_bar_with_a_bad_quote_is_named_with_its_line_and_set_aside(
    tmp_path: Path, quote: str, code: str, problem: str
) -> None:
    store = BarStore(tmp_path / "store")
    path = write(tmp_path, quoted("10.49,10.51", quote, "10.49,10.51"))
    report = import_files([path], store, now=NOW)
    assert [(f.code, f.row, f.file, f.problem) for f in report.findings] == [(code, 3, str(path), problem)]
    assert store.entries()[0].bars == 2
    assert store.quarantine().select("file", "row", "code").rows() == [(str(path), 3, code)]


@pytest.mark.parametrize(("name", "other"), [("bid", "ask"), ("ask", "bid")])
def test_a_column_of_bids_or_asks_alone_is_refused(tmp_path: Path, name: str, other: str) -> None:
    path = write(tmp_path, tuple(f"{bar},10.5" for bar in MINUTES), f"{PLAIN},{name}\n")
    with pytest.raises(BarsError, match=f"D202 .*'{name}' is there without the {other}; a quote has both"):
        import_files([path], BarStore(tmp_path / "store"), now=NOW)
    with pytest.raises(BarsError, match="D202"):
        prepare(pl.read_csv(path))


def test_parquet_brings_quotes_as_csv_does(tmp_path: Path) -> None:
    csv, parquet = write(tmp_path, quoted(*QUOTES)), tmp_path / "bars.parquet"
    pl.read_csv(csv, try_parse_dates=True).write_parquet(parquet)
    stores = [BarStore(tmp_path / name) for name in ("a", "b")]
    for path, store in zip((csv, parquet), stores, strict=True):
        import_files([path], store, now=NOW)
    assert stores[0].manifest_hash(timeframe="1Min") == stores[1].manifest_hash(timeframe="1Min")


def test_a_store_without_quotes_has_the_columns_it_always_had(tmp_path: Path) -> None:
    store = BarStore(tmp_path / "store")
    import_files([plain(tmp_path)], store, now=NOW)
    entry = store.entries()[0]
    assert pl.read_parquet_schema(store.root / entry.bars_file) == BARS_SCHEMA
    # Columns of quotes that hold none are as good as no columns.
    empty = BarStore(tmp_path / "empty")
    import_files([write(tmp_path, quoted(*[","] * 5), name="empty.csv")], empty, now=NOW)
    assert pl.read_parquet_schema(empty.root / empty.entries()[0].bars_file) == BARS_SCHEMA
    assert empty.content_hash() == store.content_hash() != BarStore(tmp_path / "none").content_hash()


def test_a_symbol_with_quotes_stands_beside_one_without(tmp_path: Path) -> None:
    store = BarStore(tmp_path / "store")
    other = tuple(bar.replace("AAA", "BBB") for bar in MINUTES)
    import_files([write(tmp_path, other, f"{PLAIN}\n", "b.csv")], store, now=NOW)
    before = store.history(store.entries()[0])
    import_files([write(tmp_path, quoted(*QUOTES))], store, now=NOW)
    first, second = store.entries("1Min")
    assert store.history(first).bars.schema == QUOTED_SCHEMA
    assert store.history(second).bars.equals(before.bars)
    ready = prepare_store(store, timeframe="1Min")
    assert ready.bid is not None
    assert np.isnan(ready.bid[5:]).all()
    assert ready.manifest_hash == store.manifest_hash(timeframe="1Min")
    assert ready.only(["AAA"]).manifest_hash == store.manifest_hash(["AAA"], timeframe="1Min")
    assert ready.manifest_hash_of(["BBB"]) == store.manifest_hash(["BBB"], timeframe="1Min")


def test_quotes_count_in_the_data_manifest_wherever_they_came_from(tmp_path: Path) -> None:
    path = write(tmp_path, quoted(*QUOTES))
    store = BarStore(tmp_path / "store")
    import_files([path], store, now=NOW)
    from_store = read_bars(store.root, ["AAA"], "1Min")
    assert from_store.manifest_hash == read_bars(path, ["AAA"]).manifest_hash == store.manifest_hash(timeframe="1Min")
    assert from_store.manifest_hash != read_bars(plain(tmp_path), ["AAA"]).manifest_hash


def test_a_quarantine_from_before_there_were_quotes_is_added_to(tmp_path: Path) -> None:
    store = BarStore(tmp_path / "store")
    import_files([write(tmp_path, (*MINUTES[:2], "AAA,2024-06-10T10:03,0,1,1,1,1"), f"{PLAIN}\n")], store, now=NOW)
    store.quarantine().drop("bid", "ask").write_parquet(store.quarantine_path)
    import_files([write(tmp_path, quoted("10,11", "12,11"), name="later.csv")], store, now=NOW)
    assert store.quarantine().select("code", "bid", "ask").rows() == [("Q006", None, None), ("Q016", 12.0, 11.0)]


def test_a_file_with_quotes_revises_bars_without_and_a_file_without_leaves_them(tmp_path: Path) -> None:
    store = BarStore(tmp_path / "store")
    import_files([plain(tmp_path)], store, now=NOW)
    later = write(tmp_path, quoted("10.49,10.51", ",", ","))
    kept = import_files([later], store, now=NOW)
    assert [finding.problem for finding in kept.findings] == [
        "bid none to 10.49, ask none to 10.51; the stored bar was kept; --revise replaces it"
    ]
    assert kept.changed is False
    replaced = import_files([later], store, revise=True, now=NOW)
    assert (replaced.series[0].revised, replaced.changed) == (1, True)
    silent = import_files([plain(tmp_path)], store, revise=True, now=NOW)
    assert (silent.findings, silent.changed, silent.series[0].unchanged) == ((), False, 5)
    moved = write(tmp_path, (MINUTES[0].replace("10.5", "10.7"), *MINUTES[1:]), f"{PLAIN}\n", "moved.csv")
    import_files([moved], store, revise=True, now=NOW)
    bars, _ = store.read(timeframe="1Min")
    assert bars.select("close", "bid", "ask").row(0) == (10.7, 10.49, 10.51)


def columns(**changed: object) -> dict[str, object]:
    stamps = np.arange(3, dtype=np.int64) * 60_000_000_000
    prices = {name: np.full(3, 10.0) for name in ("open", "high", "low", "close")}
    return {"symbol": "AAA", "ts_ns": stamps, **prices, "volume": np.ones(3), **changed}


def test_columns_of_quotes_are_handed_over_without_a_copy() -> None:
    bid, ask = np.array([9.9, math.nan, 10.0]), np.array([10.1, math.nan, 10.0])
    ready = prepare_columns(**columns(bid=bid, ask=ask))  # type: ignore[arg-type]  # columns by name
    assert ready.bid is bid
    assert ready.ask is ask
    none = np.full(3, math.nan)
    for missing in ({}, {"bid": none, "ask": none}):
        assert prepare_columns(**columns(**missing)).bid is None  # type: ignore[arg-type]  # columns by name


@pytest.mark.parametrize(
    ("bid", "ask", "problem"),
    [
        ([9.0, 9.0, 11.0], [10.0] * 3, r"D205 row 2 \(AAA\): bid above the ask: 11.0"),
        ([9.0, 0.0, 9.0], [10.0] * 3, r"D205 row 1 \(AAA\): bid 0.0"),
        ([9.0] * 3, [10.0, math.inf, 10.0], r"D205 row 1 \(AAA\): ask inf"),
        ([9.0] * 2, [10.0] * 2, r"D205 columns need one length .* bid \(2,\)"),
        ([9.0] * 3, None, "D202 a bid alone is given; a quote has a bid and an ask"),
    ],
)
def test_bad_quotes_in_memory_are_refused_with_their_row(
    bid: list[float], ask: list[float] | None, problem: str
) -> None:
    given = {"bid": np.array(bid), "ask": None if ask is None else np.array(ask)}
    with pytest.raises(BarsError, match=problem):
        prepare_columns(**columns(**given))  # type: ignore[arg-type]  # columns by name


def test_a_shuffled_frame_keeps_each_quote_with_its_bar(tmp_path: Path) -> None:
    frame = pl.read_csv(write(tmp_path, quoted(*QUOTES)))
    ready = prepare(frame.reverse())
    assert ready.bid is not None
    assert ready.ask is not None
    found = [[None if math.isnan(x) else x for x in column] for column in (ready.bid, ready.ask)]
    assert found == [BIDS, ASKS]
    with pytest.raises(BarsError, match="D205 column bid is String, not a number"):
        prepare(frame.with_columns(bid=pl.lit("10")))
    with pytest.raises(BarsError, match=r"D205 row 1 \(AAA\): bid above the ask: 12.0"):
        prepare(frame.with_columns(bid=pl.Series([None, 12.0, None, None, None])))


def test_bars_as_models_carry_quotes() -> None:
    stamp = datetime(2024, 6, 10, 14, tzinfo=UTC)
    bar = OHLCV(symbol="AAA", timestamp=stamp, open=10, high=11, low=9, close=10, volume=1, bid=9.9, ask=10.1)
    bare = bar.model_copy(update={"bid": None, "ask": None, "timestamp": datetime(2024, 6, 10, 15, tzinfo=UTC)})
    assert frame_of({"AAA": [bar, bare]})["ask"].to_list() == [10.1, None]
    assert "bid" not in frame_of({"AAA": [bare]}).columns
    with pytest.raises(ValidationError, match=r"bid 11.0 is above ask 10.1"):
        OHLCV(**{**bar.model_dump(), "bid": 11.0})
