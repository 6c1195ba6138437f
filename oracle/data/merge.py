"""Merge a file with what is stored: add, keep, or replace where the caller says so, and report each difference."""

from __future__ import annotations

from dataclasses import dataclass, replace

import polars as pl

from oracle.data.quality import Finding
from oracle.data.store import History

_RAW = ("open", "high", "low", "close", "volume")


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
        actions=_merged_actions(old, fresh, file, revise, findings),
        origins=tuple(sorted(origins.values(), key=lambda origin: (origin.first, origin.last, origin.sha256))),
    )


def _report_revisions(revised: pl.DataFrame, old: History, file: str, revise: bool, findings: list[Finding]) -> None:
    outcome = "replaced" if revise else "kept; --revise replaces it"
    for row in revised.iter_rows(named=True):
        changes = [f"{name} {row[name]} to {row[f'{name}_new']}" for name in _RAW if row[name] != row[f"{name}_new"]]
        problem = f"{', '.join(changes)}; the stored bar was {outcome}"
        findings.append(Finding("Q032", problem, file, None, old.symbol, row["ts"]))


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
