"""Merge a file with what is stored: add, keep, or replace where the caller says so, and report each difference."""

from __future__ import annotations

from dataclasses import dataclass, replace

import polars as pl

from oracle.data.columns import PRICES, QUOTES
from oracle.data.quality import Finding
from oracle.data.store import History, as_stored

_RAW = (*PRICES, "volume", *QUOTES)


@dataclass
class Pending:
    """One symbol's history on its way into the store, the last file that spoke of it, and what happened so far."""

    history: History
    file: str
    added: int = 0
    unchanged: int = 0
    revised: int = 0
    kept_old: int = 0


def merge(item: Pending, fresh: History, file: str, revise: bool, findings: list[Finding]) -> None:
    """Add a file's bars to a history. Adjusted closes stay with the file that first brought the bar: vendors restate
    whole histories after each dividend, so only the actions read from them, file by file, are of lasting worth."""
    old = item.history
    item.file = file
    if old.adjusted_only != fresh.adjusted_only:
        kinds = ("raw", "adjusted")
        problem = (
            f"the file's prices are {kinds[fresh.adjusted_only]}, the stored ones {kinds[old.adjusted_only]}; "
            f"its {fresh.bars.height} bars were left out"
        )
        findings.append(Finding("Q035", problem, file, None, old.symbol))
        return
    stored = _with_quotes(old.bars)
    bars = _quoted_as_stored(_with_quotes(fresh.bars), stored)
    both = stored.join(bars, on="ts", how="inner", suffix="_new", maintain_order="left")
    differs = pl.any_horizontal([pl.col(name).ne_missing(pl.col(f"{name}_new")) for name in _RAW])
    revised = both.filter(differs)
    new = bars.join(stored.select("ts"), on="ts", how="anti", maintain_order="left")
    _report_revisions(revised, old, file, revise, findings)
    kept = stored
    if revise and revised.height:
        corrected = bars.join(revised.select("ts"), on="ts", how="semi", maintain_order="left")
        kept = kept.join(revised.select("ts"), on="ts", how="anti", maintain_order="left")
        new = pl.concat([new, corrected])
    item.added += new.height - (revised.height if revise else 0)
    item.unchanged += both.height - revised.height
    item.revised += revised.height if revise else 0
    item.kept_old += 0 if revise else revised.height
    origins = {origin.sha256: origin for origin in (*fresh.origins, *old.origins)}
    item.history = replace(
        old,
        bars=as_stored(pl.concat([kept, new]).sort("ts")),
        actions=_merged_actions(old, fresh, file, revise, findings),
        origins=tuple(sorted(origins.values(), key=lambda origin: (origin.first, origin.last, origin.sha256))),
    )


def _with_quotes(bars: pl.DataFrame) -> pl.DataFrame:
    lacking = [pl.lit(None, dtype=pl.Float64).alias(name) for name in QUOTES if name not in bars.columns]
    return bars.with_columns(lacking) if lacking else bars


def _quoted_as_stored(fresh: pl.DataFrame, stored: pl.DataFrame) -> pl.DataFrame:
    """Give bars of a file that have no quote the stored one: the file says nothing of it."""
    held = stored.select("ts", *(pl.col(name).alias(f"held_{name}") for name in QUOTES))
    is_silent = pl.all_horizontal(pl.col(*QUOTES).is_null())
    filled = [pl.when(is_silent).then(f"held_{name}").otherwise(name).alias(name) for name in QUOTES]
    return fresh.join(held, on="ts", how="left", maintain_order="left").with_columns(filled).select(fresh.columns)


def _report_revisions(revised: pl.DataFrame, old: History, file: str, revise: bool, findings: list[Finding]) -> None:
    outcome = "replaced" if revise else "kept; --revise replaces it"
    for row in revised.iter_rows(named=True):
        pairs = [(name, row[name], row[f"{name}_new"]) for name in _RAW]
        changes = [f"{name} {_shown(was)} to {_shown(now)}" for name, was, now in pairs if was != now]
        problem = f"{', '.join(changes)}; the stored bar was {outcome}"
        findings.append(Finding("Q032", problem, file, None, old.symbol, row["ts"]))


def _shown(value: float | None) -> str:
    return "none" if value is None else str(value)


def _merged_actions(old: History, fresh: History, file: str, revise: bool, findings: list[Finding]) -> pl.DataFrame:
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
        findings.append(Finding("Q032", problem, file, None, old.symbol, row["ts"]))
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
