"""Bring files of bars into the store: read, judge, date the corporate actions, merge, and report all of it.

The order of work per file: `sources` reads, `quality` parts good bars from bad, `adjustments` dates the actions, the
good bars are merged with what is stored. One write at the end makes the whole import take effect, or none of it.
Importing a file again changes nothing. A stored bar that a file gives other values for is kept, and reported, unless
the caller says `revise`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import polars as pl

from oracle.core.errors import UsageError
from oracle.data.adjustments import infer_actions
from oracle.data.columns import NEW_YORK
from oracle.data.manifest import manifest_hash
from oracle.data.quality import Finding, Inspection, Sessions, inspect, missing_sessions, split_like_jumps
from oracle.data.report import FileReport, ImportReport, SeriesReport
from oracle.data.sources import Source, find_files, read_source
from oracle.data.store import ACTIONS_SCHEMA, BARS_SCHEMA, BarStore, History, Origin, stamp_text

_RAW = ("open", "high", "low", "close", "volume")


@dataclass
class _Pending:
    """One symbol's history on its way into the store, and what happened to it so far."""

    history: History
    added: int = 0
    unchanged: int = 0
    revised: int = 0
    kept_old: int = 0


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
    sessions : datetime64[D] dates of trading sessions; without them, weekdays on which some symbol traded

    Raises
    ------
    UsageError (D201, D204) : a path leads to no bars, or one symbol was named for several files
    BarsError : a file cannot be read as bars at all (D201 to D204, D209), or the store is damaged (D207)
    """
    files = find_files([Path(path) for path in paths])
    if symbol is not None and len(files) > 1:
        raise UsageError(f"one symbol was named for {len(files)} files", code="D204")
    sources = (read_source(file, symbol=symbol, zone=zone, adjusted_only=adjusted_only) for file in files)
    return import_sources(sources, store, revise=revise, now=now, sessions=sessions)


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
        self.store, self.revise, self.now, self.sessions = store, revise, now, sessions
        self.stored = {(entry.timeframe, entry.symbol): entry for entry in store.entries()}
        self.pending: dict[tuple[str, str], _Pending] = {}
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
                self.pending[key] = _Pending(self.store.history(self.stored[key]))
            fresh = _history(str(name), bars, source, self.findings)
            if key in self.pending:
                _merge(self.pending[key], fresh, self.revise, self.findings)
            else:
                self.pending[key] = _Pending(fresh, added=bars.height)

    def finish(self) -> ImportReport:
        """Write everything at once, and report."""
        calendar = _calendar(self.pending, self.sessions)
        series = [_series_report(item, calendar, self.findings) for _, item in sorted(self.pending.items())]
        refused = pl.concat(self.refused) if self.refused else None
        changed = self.store.write([item.history for item in self.pending.values()], refused)
        return ImportReport(
            store=str(self.store.root),
            changed=changed,
            manifest_hash=manifest_hash(entry.line for entry in self.store.entries()),
            files=tuple(self.files),
            series=tuple(series),
            findings=tuple(self.findings),
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


def _history(symbol: str, bars: pl.DataFrame, source: Source, findings: list[Finding]) -> History:
    origin = Origin(
        name=Path(source.path).name,
        sha256=source.sha256,
        first=stamp_text(bars["ts"][0], source.timeframe),
        last=stamp_text(bars["ts"][-1], source.timeframe),
        knows_actions=source.has_actions or bool(bars["adjusted_close"].is_not_null().any()),
    )
    return History(
        symbol=symbol,
        timeframe=source.timeframe,
        bars=bars.select(BARS_SCHEMA.names()).cast(BARS_SCHEMA),
        actions=_actions(symbol, bars, source, findings),
        adjusted_only=source.adjusted_only,
        origins=(origin,),
    )


def _actions(symbol: str, bars: pl.DataFrame, source: Source, findings: list[Finding]) -> pl.DataFrame:
    """The file's own splits and dividends, else those that its adjustment factor tells."""
    if source.adjusted_only:
        return ACTIONS_SCHEMA.to_frame()
    if source.has_actions:
        split = pl.when(pl.col("split_ratio") > 0.0).then("split_ratio").otherwise(1.0)
        stated = bars.select("ts", split_ratio=split, dividend=pl.col("dividend").fill_null(0.0))
        return stated.filter((pl.col("split_ratio") != 1.0) | (pl.col("dividend") != 0.0)).cast(ACTIONS_SCHEMA)
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


def _row_at(bars: pl.DataFrame, when: datetime) -> int | None:
    rows = bars.filter(pl.col("ts") == when)["row"]
    return int(rows[0]) if len(rows) else None


def _merge(item: _Pending, fresh: History, revise: bool, findings: list[Finding]) -> None:
    """Add a file's bars to a history. Adjusted closes stay with the file that first brought the bar: vendors restate
    whole histories after each dividend, so only the actions read from them, file by file, are of lasting worth."""
    old = item.history
    file = fresh.origins[0].name
    if old.adjusted_only != fresh.adjusted_only:
        kinds = ("raw", "adjusted")
        problem = (
            f"the file's prices are {kinds[fresh.adjusted_only]}, the stored ones {kinds[old.adjusted_only]}; "
            f"its {fresh.bars.height} bars were left out"
        )
        findings.append(Finding("Q035", problem, file, None, old.symbol))
        return
    both = old.bars.join(fresh.bars, on="ts", how="inner", suffix="_new", maintain_order="left")
    differs = pl.any_horizontal([pl.col(name) != pl.col(f"{name}_new") for name in _RAW])
    revised = both.filter(differs)
    new = fresh.bars.join(old.bars.select("ts"), on="ts", how="anti", maintain_order="left")
    _report_revisions(revised, old, file, revise, findings)
    kept = old.bars
    if revise and revised.height:
        corrected = fresh.bars.join(revised.select("ts"), on="ts", how="semi", maintain_order="left")
        kept = kept.join(revised.select("ts"), on="ts", how="anti", maintain_order="left")
        new = pl.concat([new, corrected])
    item.added += new.height - (revised.height if revise else 0)
    item.unchanged += both.height - revised.height
    item.revised += revised.height if revise else 0
    item.kept_old += 0 if revise else revised.height
    origins = {origin.sha256: origin for origin in (*fresh.origins, *old.origins)}
    item.history = replace(
        old,
        bars=pl.concat([kept, new]).sort("ts"),
        actions=_merged_actions(old, fresh, revise, findings),
        origins=tuple(sorted(origins.values(), key=lambda origin: (origin.first, origin.last, origin.sha256))),
    )


def _report_revisions(revised: pl.DataFrame, old: History, file: str, revise: bool, findings: list[Finding]) -> None:
    outcome = "replaced" if revise else "kept; --revise replaces it"
    for row in revised.iter_rows(named=True):
        changes = [f"{name} {row[name]} to {row[f'{name}_new']}" for name in _RAW if row[name] != row[f"{name}_new"]]
        problem = f"{', '.join(changes)}; the stored bar was {outcome}"
        findings.append(Finding("Q032", problem, file, None, old.symbol, row["ts"]))


def _merged_actions(old: History, fresh: History, revise: bool, findings: list[Finding]) -> pl.DataFrame:
    """Stored actions and those of the file; where the file speaks, from its second bar on, the two should agree."""
    first, last = fresh.bars["ts"][0], fresh.bars["ts"][-1]
    spoken = (pl.col("ts") > first) & (pl.col("ts") <= last)
    both = old.actions.join(fresh.actions, on="ts", how="full", suffix="_new", coalesce=True).sort("ts")
    agree = pl.col("split_ratio").eq_missing(pl.col("split_ratio_new"))
    agree = agree & pl.col("dividend").eq_missing(pl.col("dividend_new"))
    known = fresh.origins[0].knows_actions
    odd = both.filter(~agree & spoken & pl.col("ts").is_in(old.bars["ts"].implode())) if known else both.head(0)
    for row in odd.iter_rows(named=True):
        problem = (
            f"stored {_action_text(row['split_ratio'], row['dividend'])}, the file says "
            f"{_action_text(row['split_ratio_new'], row['dividend_new'])}; "
            + ("replaced" if revise else "the stored one was kept; --revise replaces it")
        )
        findings.append(Finding("Q032", problem, fresh.origins[0].name, None, old.symbol, row["ts"]))
    contested = odd.select("ts")
    base = old.actions.join(contested, on="ts", how="anti") if revise else old.actions
    extra = fresh.actions.join(base.select("ts"), on="ts", how="anti")
    if not revise:
        extra = extra.join(contested, on="ts", how="anti")
    return pl.concat([base, extra]).sort("ts")


def _action_text(split: float | None, dividend: float | None) -> str:
    parts = [f"a split of {split:g}"] if split not in (None, 1.0) else []
    parts += [f"a dividend of {dividend:g}"] if dividend else []
    return " and ".join(parts) or "no action"


def _calendar(pending: dict[tuple[str, str], _Pending], sessions: Sessions | None) -> Sessions:
    """Sessions that a daily history should have: the given ones, else every day on which some symbol traded."""
    if sessions is not None:
        return sessions
    days = [item.history.bars["ts"].dt.date() for (timeframe, _), item in pending.items() if timeframe == "1Day"]
    if not days:
        return np.empty(0, dtype="datetime64[D]")
    return pl.concat(days).unique().sort().to_numpy().astype("datetime64[D]")


def _jumps(history: History) -> Iterator[Finding]:
    """Split-like jumps that no file speaks of. Where a file knows the actions of its span, a fall is just a fall."""
    if history.adjusted_only or history.timeframe != "1Day":
        return
    bars = history.bars
    columns = bars["ts"].to_physical().to_numpy(), bars["open"].to_numpy(), bars["close"].to_numpy()
    for ts_ns, ratio, found in split_like_jumps(*columns, history.actions["ts"].to_physical().to_numpy()):
        when = datetime.fromtimestamp(ts_ns / 1e9, UTC)
        day = when.date().isoformat()
        if any(origin.knows_actions and origin.first < day <= origin.last for origin in history.origins):
            continue
        problem = f"the price moves by a factor of {1 / found:.4g} overnight, like a {ratio} split; no action is dated"
        yield Finding("Q030", problem, history.origins[-1].name, None, history.symbol, when)


def _series_report(item: _Pending, calendar: Sessions, findings: list[Finding]) -> SeriesReport:
    history = item.history
    bars, actions = history.bars, history.actions
    file = history.origins[-1].name
    gaps = missing_sessions(bars["ts"].dt.date(), calendar) if history.timeframe == "1Day" else []
    for first, last, count in gaps:
        span = first if first == last else f"{first} to {last}"
        when = datetime.fromisoformat(first).replace(tzinfo=UTC)
        findings.append(Finding("Q022", f"no bar on {span} ({count} sessions)", file, None, history.symbol, when))
    findings.extend(_jumps(history))
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
        missing_sessions=sum(count for _, _, count in gaps),
        adjusted_only=history.adjusted_only,
    )
