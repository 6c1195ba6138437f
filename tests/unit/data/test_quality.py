"""Every kind of bad bar is named with file and row, set aside, and counted."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from oracle.data.calendar import nyse_sessions
from oracle.data.importer import import_files, import_sources
from oracle.data.quality import CODES, Severity, inspect
from oracle.data.report import finding_line
from oracle.data.sources import read_source, source_from_frame
from oracle.data.store import BarStore

HEADER = "symbol,date,open,high,low,close,volume\n"
NOW = datetime(2024, 6, 14, 22, 0, tzinfo=UTC)  # Friday, after the close


def write(folder: Path, *rows: str, header: str = HEADER, name: str = "bars.csv") -> Path:
    path = folder / name
    path.write_text(header + "\n".join(rows) + "\n")
    return path


GOOD = "AAA,2024-06-10,10,11,9,10.5,1000"


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ("AAA,2024-13-45,10,11,9,10.5,1000", "Q001"),
        ("AAA,,10,11,9,10.5,1000", "Q001"),
        (",2024-06-11,10,11,9,10.5,1000", "Q002"),
        ("../../etc/passwd,2024-06-11,10,11,9,10.5,1000", "Q002"),
        ("AAA,2024-06-11,,11,9,10.5,1000", "Q003"),
        ("AAA,2024-06-11,10,11,9,n/a,1000", "Q003"),
        ("AAA,2024-06-11,10,eleven,9,10.5,1000", "Q003"),
        ("AAA,2024-06-11,10,NaN,9,10.5,1000", "Q004"),
        ("AAA,2024-06-11,10,inf,9,10.5,1000", "Q004"),
        ("AAA,2024-06-11,-1,11,9,10.5,1000", "Q005"),
        ("AAA,2024-06-11,10,11,0,10.5,1000", "Q006"),
        ("AAA,2024-06-11,10,11,-0.0,10.5,1000", "Q006"),
        ("AAA,2024-06-11,10,11,-5,10.5,1000", "Q006"),
        ("AAA,2024-06-11,10,1e308,9,10.5,1000", "Q007"),
        ("AAA,2024-06-11,10,9,11,10.5,1000", "Q008"),
        ("AAA,2024-06-11,12,11,9,10.5,1000", "Q009"),
        ("AAA,2024-06-11,10,11,9,8.5,1000", "Q009"),
        ("AAA,2024-06-11,10,11,9,10.5,", "Q010"),
        ("AAA,2024-06-11,10,11,9,10.5,-1", "Q010"),
        ("AAA,2024-06-11,10,11,9,10.5,nan", "Q010"),
        ("AAA,2024-06-11,10,11,9,10.5,many", "Q010"),
        ("AAA,2024-06-17,10,11,9,10.5,1000", "Q011"),
        ("AAA,2024-06-15,10,11,9,10.5,1000", "Q011"),
        ("AAA,2024-06-08,10,11,9,10.5,1000", "Q012"),
        ("AAA,2024-06-10,10,11,9,10.4,1000", "Q013"),
        ("AAA,2024-06-11,10,11,9,10.5,1000,7", "Q014"),
        ("AAA,2024-06-11,10,11,9,10,5,1000", "Q014"),
        ("garbage", "Q001"),
    ],
)
def test_a_bad_bar_is_named_with_its_line_and_set_aside(tmp_path: Path, row: str, code: str) -> None:
    store = BarStore(tmp_path / "store")
    path = write(tmp_path, GOOD, row, "AAA,2024-06-12,10,11,9,10.5,1000")
    report = import_files([path], store, now=NOW)
    bad = [finding for finding in report.findings if finding.severity is Severity.BAD]
    # The header is line 1, so the second row is line 3.
    assert [(finding.code, finding.row, finding.file) for finding in bad] == [(code, 3, str(path))]
    assert store.entries()[0].bars == 2
    quarantined = store.quarantine()
    assert quarantined.select("file", "row", "code").rows() == [(str(path), 3, code)]
    assert not report.is_clean


@pytest.mark.parametrize("volume", ["0", "-0.0", "0.5"])
def test_a_bar_without_trades_is_a_bar(tmp_path: Path, volume: str) -> None:
    path = write(tmp_path, f"AAA,2024-06-10,10,11,9,10.5,{volume}")
    inspection = inspect(read_source(path), now=NOW)
    assert inspection.bars["volume"].to_list() == [abs(float(volume))]
    assert math.copysign(1, inspection.bars["volume"][0]) == 1.0


def test_the_bar_of_an_open_session_is_refused_until_the_close(tmp_path: Path) -> None:
    path = write(tmp_path, "AAA,2024-06-14,10,11,9,10.5,1000")
    source = read_source(path)
    # 19:59 UTC is 15:59 in New York; 20:00 UTC is the close.
    assert inspect(source, now=datetime(2024, 6, 14, 19, 59, tzinfo=UTC)).bad["code"].to_list() == ["Q011"]
    assert inspect(source, now=datetime(2024, 6, 14, 20, 0, tzinfo=UTC)).bars.height == 1


def test_a_holiday_row_is_refused_where_sessions_are_known(tmp_path: Path) -> None:
    # 2024-06-19 was Juneteenth, a Wednesday.
    path = write(tmp_path, "AAA,2024-06-18,10,11,9,10,1", "AAA,2024-06-19,10,11,9,10,1", "AAA,2024-06-20,10,11,9,10,1")
    sessions = np.array(["2024-06-18", "2024-06-20"], dtype="datetime64[D]")
    inspection = inspect(read_source(path), now=datetime(2024, 7, 1, tzinfo=UTC), sessions=sessions)
    assert inspection.bad.select("row", "code").rows() == [(3, "Q012")]


def test_equal_repeats_count_once_and_disorder_is_sorted(tmp_path: Path) -> None:
    later = "AAA,2024-06-11,10,11,9,10.5,1000"
    report = import_files([write(tmp_path, later, GOOD, later)], BarStore(tmp_path / "s"), now=NOW)
    assert report.counts == {"Q020": 1, "Q021": 1}
    assert report.is_clean
    assert BarStore(tmp_path / "s").read()[0]["ts"].is_sorted()


def test_a_gap_that_other_symbols_do_not_have_is_listed(tmp_path: Path) -> None:
    days = [10, 11, 12, 13, 14]
    rows = [f"AAA,2024-06-{day},10,11,9,10.5,1" for day in days]
    rows += [f"BBB,2024-06-{day},10,11,9,10.5,1" for day in days if day not in (12, 13)]
    report = import_files([write(tmp_path, *rows)], BarStore(tmp_path / "s"), now=NOW)
    gaps = [finding for finding in report.findings if finding.code == "Q022"]
    assert [(gap.symbol, gap.problem) for gap in gaps] == [("BBB", "no bar on 2024-06-12 to 2024-06-13 (2 sessions)")]


def test_a_jump_like_a_split_is_named_only_where_no_file_knows_the_actions(tmp_path: Path) -> None:
    rows = ["AAA,2024-06-10,10,11,9,10,1", "AAA,2024-06-11,1.02,1.1,0.9,1,1"]
    report = import_files([write(tmp_path, *rows)], BarStore(tmp_path / "a"), now=NOW)
    assert [(f.code, "10:1 split" in f.problem) for f in report.findings] == [("Q030", True)]
    header = HEADER.replace("volume", "volume,dividend")
    known = write(tmp_path, *[row + ",0" for row in rows], header=header, name="known.csv")
    assert import_files([known], BarStore(tmp_path / "b"), now=NOW).counts == {}


@given(
    field=st.sampled_from(["open", "high", "low", "close", "volume", "adjusted_close"]),
    value=st.sampled_from([math.nan, math.inf, -math.inf, 0.0, -1.0, 1e308, -0.0]),
    close=st.floats(1.0, 1000.0),
    at=st.integers(0, 4),
)
def test_no_special_number_passes_in_any_field(field: str, value: float, close: float, at: int) -> None:
    """A bar with one poisoned field is refused (or, for an adjusted close, kept without it); its neighbours stay."""
    bars = {
        "symbol": ["AAA"] * 5,
        "date": [datetime(2024, 6, 3 + k).date() for k in range(5)],
        "open": [close] * 5,
        "high": [close * 1.1] * 5,
        "low": [close * 0.9] * 5,
        "close": [close] * 5,
        "volume": [1e6] * 5,
        "adjusted_close": [close] * 5,
    }
    bars[field] = [value if k == at else number for k, number in enumerate(bars[field])]
    frame = pl.DataFrame(bars).with_row_index("row", offset=2)
    inspection = inspect(source_from_frame(frame, "poisoned.csv", "0" * 64), now=NOW)
    if field == "volume" and value == 0.0:
        assert inspection.bars.height == 5
    elif field == "adjusted_close":
        assert inspection.bars["adjusted_close"].is_null().to_list() == [k == at for k in range(5)]
        assert [(f.code, f.row) for f in inspection.findings] == [("Q033", at + 2)]
    else:
        assert inspection.bad["row"].to_list() == [at + 2]
        assert inspection.bars.height == 4
    numbers = inspection.bars.select("open", "high", "low", "close", "volume").to_numpy()
    assert np.isfinite(numbers).all()
    assert (numbers[:, :4] > 0).all()


@given(order=st.permutations(range(12)), repeats=st.lists(st.integers(0, 11), max_size=6))
def test_shuffled_and_repeated_rows_give_the_same_history(order: list[int], repeats: list[int]) -> None:
    days = [datetime(2024, 5, 6 + k + 2 * (k // 5)).date() for k in range(12)]
    rows = [*order, *repeats]
    frame = pl.DataFrame(
        {
            "date": [days[k] for k in rows],
            "open": [10.0 + k for k in rows],
            "high": [11.0 + k for k in rows],
            "low": [9.0 + k for k in rows],
            "close": [10.5 + k for k in rows],
            "volume": [100.0 * k for k in rows],
        }
    ).with_row_index("row", offset=2)
    inspection = inspect(source_from_frame(frame, "AAA", "0" * 64, symbol="AAA"), now=NOW)
    assert inspection.bars["ts"].dt.date().to_list() == days
    assert inspection.bars["open"].to_list() == [10.0 + k for k in range(12)]
    assert inspection.bad.is_empty()


def test_every_code_of_a_bad_bar_is_tested() -> None:
    marks = test_a_bad_bar_is_named_with_its_line_and_set_aside.pytestmark  # type: ignore[attr-defined]  # put there by pytest
    # A whole file, tested below, and a quote, tested in `test_quotes`.
    tested = {code for _, code in marks[0].args[1]} | {"Q015", "Q016"}
    assert tested == {code for code, (severity, _) in CODES.items() if severity is Severity.BAD}


def test_a_split_stated_beside_a_bad_price_is_kept(tmp_path: Path) -> None:
    header = HEADER.replace("volume", "volume,split_ratio")
    rows = ["AAA,2024-06-10,20,20,20,20,1,", "AAA,2024-06-11,10,9,10,10,1,2", "AAA,2024-06-12,10,10,10,10,1,nan"]
    store = BarStore(tmp_path / "store")
    report = import_files([write(tmp_path, *rows, header=header)], store, now=NOW)
    assert report.counts == {"Q008": 1, "Q022": 1, "Q034": 1}
    assert store.read()[1].select(pl.col("ts").dt.day(), "split_ratio", "dividend").rows() == [(11, 2.0, 0.0)]


def test_no_cell_breaks_a_line_or_steers_the_terminal(tmp_path: Path) -> None:
    path = write(tmp_path, '"A\x1b[31m\nB",2024-06-10,10,11,9,10.5,1000', "AAA,2024-06-11,10,11,9,1\x1b[0m,5")
    lines = [finding_line(finding) for finding in inspect(read_source(path), now=NOW).findings]
    assert len(lines) == 2
    assert all(line.isprintable() for line in lines)
    assert r"\x1b[31M\n" in lines[0]


def test_an_empty_import_reports_and_writes_nothing(tmp_path: Path) -> None:
    report = import_sources([], BarStore(tmp_path / "s"), now=NOW)
    assert (report.changed, report.series, report.findings) == (False, (), ())


@pytest.mark.parametrize(
    ("dividend", "said"),
    [
        # 100 less 60 leaves 40, a growth of 2.5 shares for one: 5:2.
        (60, "a dividend of $60 on a price of $100 was booked; was it a 5:2 split?"),
        (120, "a dividend of $120 on a price of $100 was booked; no share pays more than it costs"),
        (25, None),
    ],
)
def test_a_dividend_of_more_than_a_quarter_of_the_price_is_named(
    tmp_path: Path, dividend: int, said: str | None
) -> None:
    header = HEADER.replace("volume", "volume,dividend")
    rows = ["AAA,2024-06-10,100,100,100,100,1,0", f"AAA,2024-06-11,90,90,90,90,1,{dividend}"]
    report = import_files([write(tmp_path, *rows, header=header)], BarStore(tmp_path / "s"), now=NOW)
    found = [(f.code, f.row, f.symbol, f.problem) for f in report.findings]
    assert found == ([] if said is None else [("Q036", 3, "AAA", said)])


def test_bars_on_holidays_are_set_aside_without_being_told_the_calendar(tmp_path: Path) -> None:
    # Martin Luther King day, Independence day and Christmas; Christmas 1979 lies before the known sessions.
    holidays = ["1979-12-25", "2015-01-19", "2015-12-25", "2016-07-04"]
    rows = [f"AAA,{day},10,11,9,10.5,1" for day in ["2015-01-16", *holidays, "2016-07-05"]]
    report = import_files([write(tmp_path, *rows)], BarStore(tmp_path / "s"), now=NOW)
    refused = [(f.ts.date().isoformat(), f.problem) for f in report.findings if f.code == "Q012" and f.ts]
    assert [day for day, _ in refused] == holidays[1:]
    assert refused[1][1] == "2015-12-25 is a Friday, not a trading session"


def test_missing_sessions_of_a_lone_history_are_counted_without_holidays(tmp_path: Path) -> None:
    # 2015-12-24 was a Thursday, Friday a holiday: the 28th, 29th, 30th and 31st are missing; then January 4th is there,
    # the 5th not, the 6th is.
    days = ["2015-12-23", "2015-12-24", "2016-01-04", "2016-01-06"]
    report = import_files(
        [write(tmp_path, *[f"AAA,{day},10,11,9,10.5,1" for day in days])], BarStore(tmp_path / "s"), now=NOW
    )
    assert report.series[0].missing_sessions == 5
    assert [(f.code, f.problem) for f in report.findings] == [
        ("Q022", "no bar on 2015-12-28 to 2015-12-31 (4 sessions)"),
        ("Q022", "no bar on 2016-01-05 (1 session)"),
    ]
    assert report.is_clean


def test_the_sessions_are_those_of_the_exchange() -> None:
    known = nyse_sessions()
    assert (known[0], known[-1]) == (np.datetime64("1980-01-02"), np.datetime64("2035-12-31"))
    golden = Path(__file__).parents[2] / "golden" / "nyse_sessions.csv"
    closed = [line[:10] for line in golden.read_text().splitlines() if line.endswith(",closed")]
    weekdays = np.arange("1998-01-01", "2027-11-01", dtype="datetime64[D]")
    weekdays = weekdays[np.is_busday(weekdays)]
    expected = weekdays[~np.isin(weekdays, np.array(closed, dtype="datetime64[D]"))]
    assert known[(known >= weekdays[0]) & (known <= weekdays[-1])].tolist() == expected.tolist()
    # Sessions of the years 1980 to 1997 as exchange_calendars 4.13.2 has them (XNYS).
    years, counts = np.unique(known[known < weekdays[0]].astype("datetime64[Y]").astype(int) + 1970, return_counts=True)
    assert years.tolist() == list(range(1980, 1998))
    assert counts.tolist() == [253, 253, 253, 253, 253, 252, 253, 253, 253, 252, 253, 253, 254, 253, 252, 252, 254, 253]


def test_a_line_with_too_many_fields_takes_nothing_else_with_it(tmp_path: Path) -> None:
    folder = tmp_path / "csv"
    folder.mkdir()
    rows = [f"AAA,2024-06-{day},10,11,9,10.5,1000" for day in (10, 11, 12)]
    rows.insert(2, "AAA,2024-06-11,10,11,9,10.5,1,000")
    write(folder, *rows, "", "oops", name="a.csv")
    write(folder, GOOD.replace("AAA", "BBB"), name="b.csv")
    report = import_files([folder], BarStore(tmp_path / "s"), now=NOW)
    assert [(s.symbol, s.bars) for s in report.series] == [("AAA", 3), ("BBB", 1)]
    # The header is line 1; the blank line counts too.
    assert [(f.code, Path(f.file).name, f.row) for f in report.findings] == [("Q014", "a.csv", 4), ("Q001", "a.csv", 7)]
    assert report.findings[0].problem == "the line has 8 fields, more than the header"


def test_extra_commas_at_the_end_of_lines_are_no_fields(tmp_path: Path) -> None:
    report = import_files([write(tmp_path, GOOD + ",,")], BarStore(tmp_path / "s"), now=NOW)
    assert (report.findings, report.series[0].bars) == ((), 1)


def test_a_file_that_is_no_table_of_bars_is_left_out_of_a_folder(tmp_path: Path) -> None:
    folder = tmp_path / "csv"
    folder.mkdir()
    write(folder, GOOD, name="a.csv")
    other = write(folder, "1,2", header="x,y\n", name="notes.csv")
    report = import_files([folder], BarStore(tmp_path / "s"), now=NOW)
    assert [(f.code, f.file) for f in report.findings] == [("Q015", str(other))]
    assert report.findings[0].problem.startswith("D202 no column for open")
    assert ([s.symbol for s in report.series], report.is_clean) == (["AAA"], False)
