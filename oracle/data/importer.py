"""Bring files of bars into the store: read, judge, date the corporate actions, merge, and report all of it.

The order of work per file: `sources` reads, `quality` parts good bars from bad, `adjustments` dates the actions, the
good bars are merged with what is stored. One write at the end makes the whole import take effect, or none of it.
Importing a file again changes nothing. A stored bar that a file gives other values for is kept, and reported, unless
the caller says `revise`.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import polars as pl

from oracle.core.errors import UsageError
from oracle.data import review
from oracle.data.adjustments import infer_actions
from oracle.data.calendar import nyse_sessions
from oracle.data.columns import NEW_YORK
from oracle.data.errors import BarsError
from oracle.data.merge import Pending, merge
from oracle.data.quality import (
    PRICE_USD_MAX,
    Finding,
    Inspection,
    Sessions,
    inspect,
)
from oracle.data.report import FileReport, ImportReport, SeriesReport
from oracle.data.sources import Source, find_files, read_source
from oracle.data.store import ACTIONS_SCHEMA, BarStore, History, Origin, as_stored, stamp_text

# Refusals for a price, volume or quote: symbol and time of such a row are good.
_BAD_VALUES = ("Q003", "Q004", "Q005", "Q006", "Q007", "Q008", "Q009", "Q010", "Q016")


def import_files(
    paths: Iterable[Path],
    store: BarStore,
    *,
    revise: bool = False,
    symbol: str | None = None,
    zone: str = NEW_YORK,
    adjusted_only: bool = False,
    now: datetime | None = None,
    sessions: Sessions | None = None,
) -> ImportReport:
    """Import files and folders of bars.

    Parameters
    ----------
    paths : CSV (also gzipped) or Parquet files, or folders of them
    store : where the bars go
    revise : let a file's bars and actions replace stored ones that differ
    symbol : the symbol of a single file without a symbol column
    zone : zone of times that name none
    adjusted_only : the files' prices are already adjusted and no raw ones exist
    now : the moment beyond which a bar is in the future; by default the clock's
    sessions : datetime64[D] dates of trading sessions; by default those of the NYSE from 1980 to 2035

    Raises
    ------
    UsageError (D201, D204) : a path leads to no bars, or one symbol was named for several files
    BarsError : the one file cannot be read as bars at all (D201 to D204, D209; of several files, such a one is left out
        with a finding), or the store is damaged (D207)
    """
    files = find_files([Path(path) for path in paths])
    if symbol is not None and len(files) > 1:
        raise UsageError(f"one symbol was named for {len(files)} files", code="D204")
    with store.locked():
        work = _Work(store, revise, now, sessions)
        for file in files:
            try:
                work.take(read_source(file, symbol=symbol, zone=zone, adjusted_only=adjusted_only))
            except BarsError as error:
                if len(files) == 1:
                    raise
                work.findings.append(Finding("Q015", f"{error.code} {error.problem}", str(file)))
        return work.finish()


def import_sources(
    sources: Iterable[Source],
    store: BarStore,
    *,
    revise: bool = False,
    now: datetime | None = None,
    sessions: Sessions | None = None,
) -> ImportReport:
    """Import tables that were read already; see `import_files`."""
    with store.locked():
        work = _Work(store, revise, now, sessions)
        for source in sources:
            work.take(source)
        return work.finish()


class _Work:
    """One import under way: what is pending for the store, and what was found so far."""

    def __init__(self, store: BarStore, revise: bool, now: datetime | None, sessions: Sessions | None) -> None:
        self.store, self.revise, self.now = store, revise, now
        self.sessions = nyse_sessions() if sessions is None else sessions
        self.before = store.content_hash()
        self.stored = {(entry.timeframe, entry.symbol): entry for entry in store.entries()}
        self.pending: dict[tuple[str, str], Pending] = {}
        self.findings: list[Finding] = []
        self.files: list[FileReport] = []
        self.refused: list[pl.DataFrame] = []

    def take(self, source: Source) -> None:
        """Judge one file and merge its good bars into what is pending."""
        inspection = inspect(source, now=self.now, sessions=self.sessions)
        self.findings.extend(inspection.findings)
        self.refused.append(_quarantined(inspection, source))
        self.files.append(_file_report(source, inspection))
        for (name,), bars in inspection.bars.group_by("symbol", maintain_order=True):
            key = (source.timeframe, str(name))
            if key not in self.pending and key in self.stored:
                self.pending[key] = Pending(self.store.history(self.stored[key]), source.path)
            fresh = _history(str(name), bars, inspection.bad, source, self.findings)
            if key in self.pending:
                merge(self.pending[key], fresh, source.path, self.revise, self.findings)
            else:
                self.pending[key] = Pending(fresh, source.path, added=bars.height)

    def finish(self) -> ImportReport:
        """Write everything at once, and report."""
        calendar = _calendar(self.pending, self.sessions)
        series = [_series_report(item, calendar, self.findings) for _, item in sorted(self.pending.items())]
        refused = pl.concat(self.refused) if self.refused else None
        self.store.write([item.history for item in self.pending.values()], refused)
        content = self.store.content_hash()
        return ImportReport(
            store=str(self.store.root),
            changed=content != self.before,
            manifest_hash=content,
            files=tuple(self.files),
            series=tuple(series),
            findings=tuple(self.findings),
            quarantine=str(self.store.quarantine_path),
        )


def _file_report(source: Source, inspection: Inspection) -> FileReport:
    return FileReport(
        path=source.path,
        sha256=source.sha256,
        timeframe=source.timeframe,
        rows=source.table.height,
        good=inspection.bars.height,
        bad=inspection.bad.height,
        extra_columns=source.extra,
    )


def _quarantined(inspection: Inspection, source: Source) -> pl.DataFrame:
    file = pl.lit(source.path).alias("file"), pl.lit(source.sha256).alias("sha256")
    return inspection.bad.select(*file, pl.all())


def _history(symbol: str, bars: pl.DataFrame, bad: pl.DataFrame, source: Source, findings: list[Finding]) -> History:
    origin = Origin(
        name=Path(source.path).name,
        sha256=source.sha256,
        first=stamp_text(bars["ts"][0], source.timeframe),
        last=stamp_text(bars["ts"][-1], source.timeframe),
        knows_actions=source.has_actions or bool(bars["adjusted_close"].is_not_null().any()),
    )
    actions = _actions(symbol, bars, bad, source, findings)
    findings.extend(review.large_dividends(symbol, bars, actions, source.path))
    return History(
        symbol=symbol,
        timeframe=source.timeframe,
        bars=as_stored(bars),
        actions=actions,
        adjusted_only=source.adjusted_only,
        origins=(origin,),
    )


def _actions(
    symbol: str, bars: pl.DataFrame, bad: pl.DataFrame, source: Source, findings: list[Finding]
) -> pl.DataFrame:
    """The file's own splits and dividends, else those that its adjustment factor tells."""
    if source.adjusted_only:
        return ACTIONS_SCHEMA.to_frame()
    if source.has_actions:
        return _stated(symbol, bars, bad)
    adjusted = bars["adjusted_close"].fill_null(float("nan")).to_numpy()
    inferred = infer_actions(
        bars["ts"].to_physical().to_numpy(), bars["open"].to_numpy(), bars["close"].to_numpy(), adjusted
    )
    for step in inferred.unexplained:
        problem = (
            f"the adjustment factor grows by {step.factor_ratio:.6g} where the raw price moves by a factor of "
            f"{1 / step.price_ratio:.6g} overnight; no action was booked"
        )
        when = datetime.fromtimestamp(step.ts_ns / 1e9, UTC)
        findings.append(Finding("Q031", problem, source.path, _row_at(bars, when), symbol, when))
    return pl.DataFrame(
        {
            "ts": pl.Series([a.ts_ns for a in inferred.actions], dtype=pl.Int64),
            "split_ratio": pl.Series([a.split_ratio for a in inferred.actions], dtype=pl.Float64),
            "dividend": pl.Series([a.dividend_usd for a in inferred.actions], dtype=pl.Float64),
        }
    ).with_columns(pl.col("ts").cast(pl.Datetime("ns")).dt.replace_time_zone("UTC"))


def _stated(symbol: str, bars: pl.DataFrame, bad: pl.DataFrame) -> pl.DataFrame:
    """Actions that the file states on ex-dates. A bad price does not undo the split that stands beside it."""
    columns = ["ts", "split_ratio", "dividend"]
    beside = bad.filter((pl.col("symbol") == symbol) & pl.col("code").is_in([*_BAD_VALUES]))
    split, cash = pl.col("split_ratio"), pl.col("dividend")
    stated = pl.concat([bars.select(columns), beside.select(columns)]).select(
        "ts",
        split_ratio=pl.when(split.is_finite() & (split > 0.0) & (split <= PRICE_USD_MAX)).then(split).otherwise(1.0),
        dividend=pl.when(cash.is_finite() & (cash > 0.0) & (cash <= PRICE_USD_MAX)).then(cash).otherwise(0.0),
    )
    told = stated.filter((pl.col("split_ratio") != 1.0) | (pl.col("dividend") != 0.0))
    return told.unique("ts", keep="first").sort("ts").cast(ACTIONS_SCHEMA)


def _row_at(bars: pl.DataFrame, when: datetime) -> int | None:
    rows = bars.filter(pl.col("ts") == when)["row"]
    return int(rows[0]) if len(rows) else None


def _calendar(pending: dict[tuple[str, str], Pending], sessions: Sessions) -> Sessions:
    """Sessions that a daily history should have; outside the known span, the days on which some symbol traded."""
    days = [item.history.bars["ts"].dt.date() for (timeframe, _), item in pending.items() if timeframe == "1Day"]
    if not days:
        return sessions
    traded = pl.concat(days).unique().to_numpy().astype("datetime64[D]")
    if len(sessions):
        traded = traded[(traded < sessions[0]) | (traded > sessions[-1])]
    return np.sort(np.concatenate((traded, sessions)))


def _series_report(item: Pending, calendar: Sessions, findings: list[Finding]) -> SeriesReport:
    history = item.history
    bars, actions = history.bars, history.actions
    file = item.file
    missing, gaps = review.gaps(history, calendar, file)
    findings.extend(gaps)
    findings.extend(review.jumps(history, file))
    return SeriesReport(
        symbol=history.symbol,
        timeframe=history.timeframe,
        first=stamp_text(bars["ts"][0], history.timeframe),
        last=stamp_text(bars["ts"][-1], history.timeframe),
        bars=bars.height,
        added=item.added,
        unchanged=item.unchanged,
        revised=item.revised,
        kept_old=item.kept_old,
        splits=int((actions["split_ratio"] != 1.0).sum()),
        dividends=int((actions["dividend"] != 0.0).sum()),
        missing_sessions=missing,
        adjusted_only=history.adjusted_only,
    )
