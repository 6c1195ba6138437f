"""The store: whole or not at all, the same after the same import, named by content."""

from __future__ import annotations

import json
import os
from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from oracle.data.demo import demo_bars, demo_path
from oracle.data.errors import BarsError
from oracle.data.frame import prepare
from oracle.data.importer import import_files
from oracle.data.store import BarStore
from oracle.data.store.files import file_stem, write_whole

NOW = datetime(2024, 6, 14, 22, 0, tzinfo=UTC)
HEADER = "Ticker , DATE,Open,High,Low,Close,Volume\n"
FIRST = ("AAA,2024-06-10,10,11,9,10.5,1000", "AAA,2024-06-11,10,11,9,10.5,1000")
REVISED = ("AAA,2024-06-11,10,11,9,10.6,1000", "AAA,2024-06-12,10,11,9,10.5,1000")


def write(folder: Path, rows: tuple[str, ...], name: str, header: str = HEADER) -> Path:
    path = folder / name
    path.write_text(header + "\n".join(rows) + "\n")
    return path


def contents(root: Path) -> dict[str, bytes]:
    return {str(p.relative_to(root)): p.read_bytes() for p in sorted(root.rglob("*")) if p.is_file()}


def test_importing_the_same_file_twice_changes_no_byte(tmp_path: Path) -> None:
    store = BarStore(tmp_path / "store")
    path = write(tmp_path, (*FIRST, "AAA,2024-06-12,10,9,11,10,1"), "a.csv")
    first = import_files([path], store, now=NOW)
    before = contents(store.root)
    again = import_files([path], store, now=NOW)
    assert (first.changed, again.changed) == (True, False)
    assert contents(store.root) == before
    assert again.series[0].unchanged == 2
    assert store.quarantine().height == 1


def test_a_revised_bar_is_kept_and_reported_until_revise_is_said(tmp_path: Path) -> None:
    store = BarStore(tmp_path / "store")
    import_files([write(tmp_path, FIRST, "a.csv")], store, now=NOW)
    revised = write(tmp_path, REVISED, "b.csv")
    kept = import_files([revised], store, now=NOW)
    assert store.read()[0]["close"].to_list() == [10.5, 10.5, 10.5]
    assert kept.findings[0].file == str(revised)
    assert [(f.code, f.problem) for f in kept.findings] == [
        ("Q032", "close 10.5 to 10.6; the stored bar was kept; --revise replaces it")
    ]
    assert (kept.series[0].added, kept.series[0].kept_old, kept.series[0].revised) == (1, 1, 0)
    replaced = import_files([revised], store, revise=True, now=NOW)
    assert store.read()[0]["close"].to_list() == [10.5, 10.6, 10.5]
    assert (replaced.series[0].added, replaced.series[0].revised) == (0, 1)
    assert import_files([revised], store, revise=True, now=NOW).changed is False


def test_an_import_of_minutes_says_that_the_store_has_changed(tmp_path: Path) -> None:
    store = BarStore(tmp_path / "store")
    import_files([write(tmp_path, FIRST, "daily.csv")], store, now=NOW)
    rows = tuple(f"AAA,2024-06-10T10:0{minute},10,11,9,10.5,1000" for minute in range(3))
    first = import_files([write(tmp_path, rows, "minutes.csv")], store, now=NOW)
    again = import_files([tmp_path / "minutes.csv"], store, now=NOW)
    assert (first.changed, again.changed) == (True, False)
    assert (
        first.manifest_hash
        == again.manifest_hash
        == json.loads((store.root / "manifest.json").read_text())["data_manifest"]
    )


def test_a_file_that_only_differs_leaves_the_store_unchanged_and_says_so(tmp_path: Path) -> None:
    store = BarStore(tmp_path / "store")
    import_files([write(tmp_path, FIRST, "a.csv")], store, now=NOW)
    report = import_files([write(tmp_path, REVISED[:1], "b.csv")], store, now=NOW)
    assert (report.counts, report.changed) == ({"Q032": 1}, False)
    assert f"{store.root} unchanged; data manifest" in report.text()


def test_every_finding_names_its_file_as_it_was_given(tmp_path: Path) -> None:
    rows = ("AAA,2024-06-10,10,11,9,10.5,1000", "AAA,2024-06-12,1,1.1,0.9,1,1000", "AAA,2024-06-13,1,1,2,1,1000")
    path = write(tmp_path, rows, "a.csv")
    report = import_files([path], BarStore(tmp_path / "store"), now=NOW)
    assert set(report.counts) == {"Q008", "Q022", "Q030"}
    assert {finding.file for finding in report.findings} == {str(path)}
    assert f"1 row set aside in {tmp_path / 'store' / 'quarantine.parquet'}" in report.text().splitlines()


def test_a_file_of_column_names_alone_is_a_finding(tmp_path: Path) -> None:
    report = import_files([write(tmp_path, (), "a.csv")], BarStore(tmp_path / "store"), now=NOW)
    assert (report.counts, report.is_clean) == ({"Q037": 1}, False)


def test_only_the_files_of_the_manifest_remain(tmp_path: Path) -> None:
    store = BarStore(tmp_path / "store")
    import_files([write(tmp_path, FIRST, "a.csv")], store, now=NOW)
    import_files([write(tmp_path, REVISED, "b.csv")], store, revise=True, now=NOW)
    [entry] = store.entries()
    assert sorted(p.name for p in (store.root / "1Day").iterdir()) == sorted(
        [Path(entry.bars_file).name, Path(entry.actions_file).name]
    )
    assert [origin.name for origin in entry.origins] == ["a.csv", "b.csv"]


@pytest.mark.parametrize("failing", [1, 2, 3])
def test_an_interrupt_at_any_write_leaves_the_store_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failing: int
) -> None:
    store = BarStore(tmp_path / "store")
    import_files([write(tmp_path, FIRST, "a.csv")], store, now=NOW)
    manifest, bars = store.manifest_hash(), store.read()[0]
    renames = 0

    def interrupted(self: Path, target: Path) -> Path:
        nonlocal renames
        renames += 1
        if renames == failing:
            raise KeyboardInterrupt
        os.replace(self, target)
        return target

    # Three writes: the revised bars, (its actions are unchanged) the quarantine, and the manifest.
    monkeypatch.setattr(Path, "replace", interrupted)
    with pytest.raises(KeyboardInterrupt):
        import_files([write(tmp_path, (*REVISED, "AAA,2024-06-13,1,1,1,9,1"), "b.csv")], store, revise=True, now=NOW)
    monkeypatch.undo()
    assert store.manifest_hash() == manifest
    assert store.read()[0].equals(bars)
    assert not list(store.root.rglob(".tmp-*"))


def test_a_failed_write_leaves_the_old_file(tmp_path: Path) -> None:
    target = tmp_path / "f.txt"
    target.write_text("old")

    def half(path: Path) -> None:
        path.write_text("ne")
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        write_whole(target, half)
    assert [p.name for p in tmp_path.iterdir()] == ["f.txt"]
    assert target.read_text() == "old"


@given(st.text(min_size=1, max_size=20))
def test_no_symbol_leads_out_of_its_folder(symbol: str) -> None:
    stem = file_stem(symbol.encode("utf-8", "replace").decode())
    assert set(stem) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_%")


@given(st.text(max_size=8), st.text(max_size=8))
def test_two_symbols_never_share_a_file(one: str, other: str) -> None:
    one, other = (text.encode("utf-8", "replace").decode() for text in (one, other))
    assert (file_stem(one) == file_stem(other)) == (one == other)


def test_the_data_manifest_is_of_content_alone(tmp_path: Path) -> None:
    one, two, memory = BarStore(tmp_path / "one"), BarStore(tmp_path / "two"), prepare(demo_bars())
    import_files([demo_path()], one)
    # The same bars, a symbol per Parquet file, columns renamed, rows reversed.
    for (symbol,), bars in demo_bars().group_by("symbol"):
        renamed = bars.drop("symbol").reverse().rename({"date": "Timestamp", "adjusted_close": "Adj_Close"})
        renamed.write_parquet(tmp_path / f"{str(symbol).lower()}.parquet")
    import_files(sorted(tmp_path.glob("*.parquet")), two)
    assert one.manifest_hash() == two.manifest_hash() == memory.manifest_hash
    bars, actions = one.read()
    assert prepare(bars, actions=actions).manifest_hash == one.manifest_hash()
    assert one.manifest_hash(["AAPL"]) != one.manifest_hash(["IBM"])
    # One cent in one bar is another content.
    changed = demo_bars().with_columns(
        close=pl.when(pl.int_range(pl.len()) == 5000).then(pl.col("close") + 0.01).otherwise("close")
    )
    high = pl.max_horizontal("high", "close")
    assert prepare(changed.with_columns(high=high)).manifest_hash != memory.manifest_hash


def test_the_demo_import_is_clean_and_dated(tmp_path: Path) -> None:
    store = BarStore(tmp_path)
    report = import_files([demo_path()], store)
    assert report.is_clean
    assert {(s.symbol, s.bars, s.splits, s.dividends) for s in report.series} == {
        ("AAPL", 3270, 2, 3),
        ("FB", 196, 0, 0),
        ("GOOG", 2148, 0, 0),
        ("IBM", 3270, 0, 52),
        ("MSFT", 3270, 1, 37),
    }
    # Why raw prices are kept: AAPL never closed under $13, yet its adjusted closes are under $5 on 1,293 days.
    apple = store.read(["AAPL"])[0]
    assert (apple["adjusted_close"] < 5).sum() == 1293
    assert apple["close"].min() > 13


def test_reading_a_range_includes_both_ends(tmp_path: Path) -> None:
    store = BarStore(tmp_path)
    import_files([demo_path()], store)
    bars, actions = store.read(["MSFT", "AAPL"], date(2003, 2, 18), date(2003, 2, 19))
    assert bars.select("symbol", pl.col("ts").dt.day()).rows() == [
        ("AAPL", 18),
        ("AAPL", 19),
        ("MSFT", 18),
        ("MSFT", 19),
    ]
    assert actions.select("symbol", "split_ratio", "dividend").rows() == [("MSFT", 2.0, 0.0), ("MSFT", 1.0, 0.08)]


def test_what_is_not_stored_is_named(tmp_path: Path) -> None:
    store = BarStore(tmp_path / "store")
    assert store.symbols() == []
    assert store.read()[0].columns == ["symbol", "ts", "open", "high", "low", "close", "volume", "adjusted_close"]
    import_files([write(tmp_path, FIRST, "a.csv")], store, now=NOW)
    with pytest.raises(BarsError, match=r"D207 .*no 1Day bars of BBB; the store holds AAA"):
        store.read(["AAA", "BBB"])


@pytest.mark.parametrize("damage", ["{", '{"schema": 9}', '{"schema": 1, "series": [{"origins": []}]}', "[]"])
def test_a_damaged_manifest_is_an_error_that_says_so(tmp_path: Path, damage: str) -> None:
    (tmp_path / "manifest.json").write_text(damage)
    with pytest.raises(BarsError, match="D207"):
        BarStore(tmp_path).entries()


def test_a_manifest_that_points_outside_is_refused(tmp_path: Path) -> None:
    store = BarStore(tmp_path / "store")
    import_files([write(tmp_path, FIRST, "a.csv")], store, now=NOW)
    path = store.root / "manifest.json"
    document = json.loads(path.read_text())
    document["series"][0]["bars_file"] = "../../etc/passwd"
    path.write_text(json.dumps(document))
    with pytest.raises(BarsError, match="leads out of the store"):
        store.entries()


def test_a_changed_bar_file_is_noticed(tmp_path: Path) -> None:
    store = BarStore(tmp_path / "store")
    import_files([write(tmp_path, FIRST, "a.csv")], store, now=NOW)
    [entry] = store.entries()
    pl.read_parquet(store.root / entry.bars_file).head(1).write_parquet(store.root / entry.bars_file)
    with pytest.raises(BarsError, match="is not what the manifest says"):
        store.read()


def test_adjusted_prices_do_not_mix_with_raw_ones(tmp_path: Path) -> None:
    store = BarStore(tmp_path / "store")
    import_files([write(tmp_path, FIRST, "a.csv")], store, now=NOW)
    report = import_files([write(tmp_path, REVISED, "b.csv")], store, adjusted_only=True, now=NOW)
    assert report.counts == {"Q035": 1}
    assert store.entries()[0].bars == 2


def test_a_file_of_adjusted_columns_alone_is_marked(tmp_path: Path) -> None:
    header = "symbol,date,adj_open,adj_high,adj_low,adj_close,volume\n"
    store = BarStore(tmp_path / "store")
    import_files([write(tmp_path, FIRST, "a.csv", header)], store, now=NOW)
    assert store.adjusted_only() == ["AAA"]


def test_a_new_vintage_of_adjusted_closes_adds_bars_and_actions_without_restating(tmp_path: Path) -> None:
    """A later download restates all adjusted closes; raw bars agree, so nothing is revised; its new split is added."""
    header = "symbol,date,open,high,low,close,volume,adj close\n"
    day = "AAA,2024-06-{:02d},{p},{p},{p},{p},1000,{a}"
    old = tuple(day.format(d, p=100, a=100) for d in (3, 4, 5))
    new = (*(day.format(d, p=100, a=50) for d in (3, 4, 5)), *(day.format(d, p=50, a=50) for d in (6, 7)))
    store = BarStore(tmp_path / "store")
    import_files([write(tmp_path, old, "old.csv", header)], store, now=NOW)
    report = import_files([write(tmp_path, new, "new.csv", header)], store, now=NOW)
    assert report.counts == {}
    assert (report.series[0].added, report.series[0].unchanged) == (2, 3)
    assert store.read()[1].select(pl.col("ts").dt.day(), "split_ratio").rows() == [(6, 2.0)]
