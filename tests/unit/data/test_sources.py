"""Files of any vendor: names, dates, zones, kinds; and what is said of a file that cannot be used."""

from __future__ import annotations

import gzip
from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from oracle.core.errors import UsageError
from oracle.data.columns import parse_times, recognise
from oracle.data.errors import BarsError
from oracle.data.importer import import_files
from oracle.data.sources import find_files, read_source
from oracle.data.store import BarStore


def write(path: Path, text: str) -> Path:
    path.write_text(text)
    return path


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2024-03-08", datetime(2024, 3, 8)),
        ("20240308", datetime(2024, 3, 8)),
        ("2024/03/08", datetime(2024, 3, 8)),
        ("03/08/2024", datetime(2024, 3, 8)),
        ("2024-03-08T14:30:00Z", datetime(2024, 3, 8, 14, 30)),
        ("2024-03-08 14:30:00+00:00", datetime(2024, 3, 8, 14, 30)),
        ("2024-03-08T09:30:00-0500", datetime(2024, 3, 8, 14, 30)),
        ("2024-03-08T09:30:00.250-05:00", datetime(2024, 3, 8, 14, 30, 0, 250_000)),
        # New York is five hours behind UTC in winter, four in summer (from 2024-03-10).
        ("2024-03-08 09:30", datetime(2024, 3, 8, 14, 30)),
        ("2024-03-11 09:30:00", datetime(2024, 3, 11, 13, 30)),
        ("20240311 09:30:00", datetime(2024, 3, 11, 13, 30)),
        # The hour that does not exist cannot be read.
        ("2024-03-10 02:30:00", None),
        # 2024-03-08 14:30 UTC is 1,709,908,200 seconds after 1970 began.
        ("1709908200", datetime(2024, 3, 8, 14, 30)),
        ("1709908200000", datetime(2024, 3, 8, 14, 30)),
        ("1709908200000000000", datetime(2024, 3, 8, 14, 30)),
        ("yesterday", None),
        ("2024-02-30", None),
        ("", None),
    ],
)
def test_dates_and_times_of_any_usual_form(text: str, expected: datetime | None) -> None:
    parsed = parse_times(pl.Series([text]))
    assert parsed["ts"].to_list() == [None if expected is None else expected.replace(tzinfo=UTC)]


def test_whole_numbers_that_look_like_dates_are_dates() -> None:
    assert parse_times(pl.Series([20240308, 20240311]))["ts"].dt.day().to_list() == [8, 11]


def test_a_column_may_mix_forms() -> None:
    parsed = parse_times(pl.Series(["2024-03-08", "03/11/2024", "20240312", "soon"]))
    assert parsed["ts"].dt.day().to_list() == [8, 11, 12, None]


def test_one_date_that_is_day_first_makes_the_column_so() -> None:
    parsed = parse_times(pl.Series(["01/02/2024", "12/02/2024", "13/02/2024 16:00", ""]))
    # 16:00 in New York is 21:00 UTC in winter.
    assert parsed["ts"].dt.to_string("%m-%d %H").to_list() == ["02-01 00", "02-12 00", "02-13 21", None]
    assert parse_times(pl.Series(["01/02/2024", "45/45/2024"]))["ts"].dt.month().to_list() == [1, None]


def test_dates_of_both_orders_are_refused_as_a_whole(tmp_path: Path) -> None:
    rows = "".join(f"{day},1,1,1,1,1\n" for day in ("01/02/2024", "13/02/2024", "02/14/2024"))
    with pytest.raises(BarsError, match=r"D201 .*AAA.csv: .*'13/02/2024' is day first, '02/14/2024' month first"):
        read_source(write(tmp_path / "AAA.csv", "date,open,high,low,close,volume\n" + rows))


def test_a_file_that_was_read_day_first_says_so(tmp_path: Path) -> None:
    rows = "".join(f"{day},1,1,1,1,1\n" for day in ("12/02/2024", "13/02/2024"))
    report = import_files([write(tmp_path / "A.csv", "date,open,high,low,close,volume\n" + rows)], BarStore(tmp_path))
    assert (report.counts, report.series[0].first, report.series[0].last) == ({"Q024": 1}, "2024-02-12", "2024-02-13")


def test_the_download_of_an_exchange_is_read_with_its_dollar_signs(tmp_path: Path) -> None:
    text = 'Date,Close/Last,Volume,Open,High,Low\n06/10/2024,$10.50,"1,234,567",$10,"$1,011.00",$-\n'
    table = read_source(write(tmp_path / "A.csv", text)).table
    assert table.select("open", "high", "low", "close", "volume").rows() == [(10.0, 1011.0, None, 10.5, 1234567.0)]
    assert table["unread"].to_list() == ["low=$-"]


@pytest.mark.parametrize(("mark", "word"), [(";", "semicolons"), ("\t", "tabs"), ("|", "bars")])
def test_other_separators_are_named(tmp_path: Path, mark: str, word: str) -> None:
    text = BODY.replace(",", mark).replace("10.5", "10,5")
    with pytest.raises(BarsError, match=f"D202 .*separated by {word}; write the file again with commas"):
        read_source(write(tmp_path / "A.csv", text))


@pytest.mark.parametrize("close", ["Adj Close", "adj_close", "ADJCLOSE", " Adjusted Close "])
def test_column_names_in_any_case_and_spacing(close: str) -> None:
    roles = recognise(["TICKER", " Date ", "Open", "HIGH", "low", "Close", "Vol", close, "exchange"])
    assert roles.column["adjusted_close"] == close
    assert roles.extra == ("exchange",)


def test_two_columns_for_one_role_are_refused() -> None:
    with pytest.raises(BarsError, match="D203 columns 'date' and 'timestamp' both give the ts"):
        recognise(["date", "timestamp"])


BODY = "date,open,high,low,close,volume\n2024-06-10,10,11,9,10.5,1000\n"


@pytest.mark.parametrize("name", ["brk.b.csv", "BRK.B.CSV.GZ"])
def test_a_file_may_name_its_symbol(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(gzip.compress(BODY.encode()) if name.lower().endswith("gz") else BODY.encode())
    assert read_source(path).table["symbol"].to_list() == ["BRK.B"]


def test_a_file_name_that_is_no_symbol_asks_for_one(tmp_path: Path) -> None:
    path = write(tmp_path / "my_prices_2024.csv", BODY)
    with pytest.raises(BarsError, match=r"D204 .*name it with --symbol"):
        read_source(path)
    assert read_source(path, symbol="vix").table["symbol"].to_list() == ["VIX"]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "D201 .*empty"),
        ('date,open,high,low,close,volume\n"2024-06-10,1,1,1,1,1\n2024-06-11,1,1,1,1,1\n', "D201 .*cannot be read"),
        ("date,open,high,low,volume\n", "D202 .*no column for close; found 'date'"),
        ("open,high,low,close\n", "D202 .*no column for timestamp or date"),
    ],
)
def test_a_file_that_is_no_table_of_bars_says_why(tmp_path: Path, text: str, problem: str) -> None:
    with pytest.raises(BarsError, match=problem):
        read_source(write(tmp_path / "AAA.csv", text))


def test_line_numbers_survive_blank_lines_and_carriage_returns(tmp_path: Path) -> None:
    path = tmp_path / "AAA.csv"
    path.write_bytes(
        b"\xef\xbb\xbfdate,open,high,low,close,volume\r\n\r\n2024-06-10,1,1,1,1,1\r\n\r\n2024-06-11,1,1,1,1,1\r\n"
    )
    assert read_source(path).table["row"].to_list() == [3, 5]


@pytest.mark.parametrize(
    ("stamps", "timeframe", "first"),
    [
        (["2024-06-10T20:00:00Z", "2024-06-11T20:00:00Z"], "1Day", datetime(2024, 6, 10)),
        (["2024-06-10T00:00:00-04:00", "2024-06-11T00:00:00-04:00"], "1Day", datetime(2024, 6, 10)),
        (["2024-06-10", "2024-06-11"], "1Day", datetime(2024, 6, 10)),
        (["20240610", "20240611"], "1Day", datetime(2024, 6, 10)),
        (["2024-06-10 09:30", "2024-06-10 09:35", "2024-06-11 09:30"], "5Min", datetime(2024, 6, 10, 13, 30)),
        (["2024-06-10 10:00", "2024-06-10 11:00", "2024-06-10 12:00"], "1Hour", datetime(2024, 6, 10, 14)),
    ],
)
def test_the_timeframe_is_told_by_the_spacing(
    tmp_path: Path, stamps: list[str], timeframe: str, first: datetime
) -> None:
    rows = "".join(f"{stamp},1,1,1,1,1\n" for stamp in stamps)
    source = read_source(write(tmp_path / "AAA.csv", "date,open,high,low,close,volume\n" + rows))
    assert (source.timeframe, source.table["ts"][0]) == (timeframe, first.replace(tzinfo=UTC))


@pytest.mark.parametrize(
    ("stamps", "problem"),
    [
        ([f"2024-{day}" for day in ("06-03", "06-10", "06-17", "06-24", "07-01")], "D209 .*AAA.csv: .*mostly 7 days"),
        (["2024-01-31", "2024-02-29", "2024-03-29", "2024-04-30", "2024-05-31"], "D209 .*weeks or months; .*daily"),
        (["2024-06-10 09:30:00", "2024-06-10 09:30:10"], "D209 .*10 s apart"),
    ],
)
def test_bars_of_weeks_months_or_seconds_are_refused(tmp_path: Path, stamps: list[str], problem: str) -> None:
    rows = "".join(f"{stamp},1,1,1,1,1\n" for stamp in stamps)
    with pytest.raises(BarsError, match=problem):
        read_source(write(tmp_path / "AAA.csv", "date,open,high,low,close,volume\n" + rows))


def test_daily_bars_with_long_gaps_are_daily(tmp_path: Path) -> None:
    days = ["2024-01-02", "2024-01-03", "2024-01-04", "2024-03-01", "2024-05-01", "2024-05-02"]
    rows = "".join(f"{day},1,1,1,1,1\n" for day in days)
    assert read_source(write(tmp_path / "A.csv", "date,open,high,low,close,volume\n" + rows)).timeframe == "1Day"


def test_parquet_types_are_taken_as_they_are(tmp_path: Path) -> None:
    frame = pl.DataFrame(
        {
            "Symbol": ["aaa"],
            "Date": [date(2024, 6, 10)],
            "Open": [1],
            "High": [2],
            "Low": [1],
            "Close": [1.5],
            "Volume": [7],
        }
    )
    frame.write_parquet(tmp_path / "x.parquet")
    table = read_source(tmp_path / "x.parquet").table
    assert table.select("row", "symbol", "high", "volume").rows() == [(1, "AAA", 2.0, 7.0)]


def test_folders_give_their_files_and_other_paths_are_refused(tmp_path: Path) -> None:
    for name in ("b.csv", "a.parquet", "notes.txt"):
        (tmp_path / name).touch()
    assert [path.name for path in find_files([tmp_path])] == ["a.parquet", "b.csv"]
    for path in (tmp_path / "notes.txt", tmp_path / "none.csv"):
        with pytest.raises(UsageError, match="D201"):
            find_files([path])


COLUMNS = b"symbol,date,open,high,low,close,volume,adj close,split_ratio\n"
BARS = COLUMNS + b"".join(b"AA,2024-06-%02d,10,11,9,10.5,100,5.25,\n" % day for day in range(3, 8))


@given(
    suffix=st.sampled_from([".csv", ".csv.gz", ".parquet"]),
    edits=st.lists(st.tuples(st.integers(0, 3000), st.binary(max_size=3)), min_size=1, max_size=5),
    cut=st.integers(0, 3000),
)
def test_a_damaged_file_is_imported_with_findings_or_refused(
    tmp_path_factory: pytest.TempPathFactory, suffix: str, edits: list[tuple[int, bytes]], cut: int
) -> None:
    """Whatever bytes change: bad bars are found or the file is refused; no other error leaves the import."""
    folder = tmp_path_factory.mktemp("damaged")
    path = folder / f"AA{suffix}"
    if suffix == ".parquet":
        pl.read_csv(BARS).write_parquet(path)
    else:
        path.write_bytes(gzip.compress(BARS) if suffix == ".csv.gz" else BARS)
    content = bytearray(path.read_bytes())
    for at, piece in edits:
        content[at % len(content) : at % len(content) + len(piece)] = piece
    path.write_bytes(content[: max(cut, 1)] if cut % 3 == 0 else content)
    store = BarStore(folder / "store")
    try:
        report = import_files([path], store, now=datetime(2024, 7, 1, tzinfo=UTC))
    except BarsError as error:
        report, refused = None, error.code
    assert report is None or all(line.isprintable() for line in report.text().splitlines())
    assert report is not None or refused in {"D201", "D202", "D203", "D204", "D209"}
