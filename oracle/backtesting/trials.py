"""The trial ledger: every attempt at an idea is counted once and for good, whoever made it and however it came out.

A trial is a distinct plan on distinct data under distinct conventions; running it again adds nothing. One SQLite file
holds all lineages. Rows are only ever added: triggers refuse the rest. Each entry is one transaction, so that a crash
leaves it whole or not at all, and processes take turns.
"""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from oracle.backtesting.lineage import SHARED_MIN, Descent, likeness
from oracle.core.errors import DataError

FORMAT = 1
#: How long a process waits for its turn, seconds.
PATIENCE_S = 30.0

_TABLES = """
CREATE TABLE trial (
    lineage TEXT NOT NULL, plan_hash TEXT NOT NULL, data_hash TEXT NOT NULL, conventions_hash TEXT NOT NULL,
    sharpe_per_period REAL, observations INTEGER NOT NULL, first_run_at TEXT NOT NULL,
    PRIMARY KEY (lineage, plan_hash, data_hash, conventions_hash)
) WITHOUT ROWID;
CREATE INDEX trial_by_plan ON trial (plan_hash);
CREATE TABLE shape (lineage TEXT NOT NULL, nodes TEXT NOT NULL, UNIQUE (lineage, nodes));
"""
_KEPT = "".join(
    f"CREATE TRIGGER {table}_{verb} BEFORE {verb} ON {table} BEGIN SELECT RAISE(ABORT, 'rows are only added'); END;\n"
    for table in ("trial", "shape")
    for verb in ("UPDATE", "DELETE")
)


@dataclass(frozen=True, slots=True)
class Trial:
    """One attempt: hashes of plan, data and conventions, and what it came to.

    The Sharpe ratio is per session, not annualised; None where returns never differ. ``observations`` counts returns.
    """

    plan_hash: str
    data_hash: str
    conventions_hash: str
    sharpe_per_period: float | None
    observations: int

    @property
    def key(self) -> tuple[str, str, str]:
        """What makes it one and the same trial, however often and by whatever command it is run."""
        return self.plan_hash, self.data_hash, self.conventions_hash


@dataclass(frozen=True, slots=True)
class Lineage:
    """The lineage a strategy belongs to, and how that was found.

    ``likeness`` is the share of nodes that led there, None where an `id:`, the same plan or nothing at all did.
    ``elsewhere`` names another lineage that has this very plan.
    """

    name: str
    descent: Descent
    likeness: float | None = None
    elsewhere: str | None = None

    @property
    def announcement(self) -> str | None:
        """What a person has to be told about the count; None where it is as expected."""
        name = self.descent.name
        if self.likeness is not None:
            return (
                f"{name}: counted with {self.name}, with which it shares {self.likeness:.0%} of its plan; "
                "an `id:` in the file gives it a count of its own"
            )
        if self.elsewhere is not None:
            return f"{name}: counted as {self.name}; trials of the same plan under {self.elsewhere} do not count here"
        return None


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the ledger knows of a lineage.

    ``sharpe_variance`` is the sample variance of the trials' Sharpe ratios per session, over the trials that have one;
    0 where fewer than two have.
    """

    lineage: str
    trials: int
    sharpe_variance: float
    first_run_at: datetime | None


class TrialLedger:
    """The trials of all lineages, in one file.

    Parameters
    ----------
    path : the file; it and its folder are made with the first entry
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)

    def lineage(self, descent: Descent) -> Lineage:
        """Return the lineage of a strategy: its `id:`, else that of the same plan or of the likest, else a new one.

        Raises
        ------
        DataError (D301) : the ledger cannot be read
        """
        with self._reading() as ledger:
            return _find(ledger, descent)

    def record(self, lineage: Lineage, trials: Iterable[Trial]) -> Lineage:
        """Enter trials in one transaction; those that are there already add nothing.

        Returns
        -------
        The lineage that they were counted with. It is another one only where another process began a lineage that the
        strategy belongs to, after ``lineage`` was looked for.

        Raises
        ------
        DataError (D301) : the ledger cannot be written; nothing was entered
        """
        now = datetime.now(UTC).isoformat(timespec="seconds")
        # In the order of the table, which takes them several times as fast.
        entries = sorted(trials, key=lambda trial: trial.key)
        if self._has(lineage.name, entries):
            return lineage
        with self._writing() as ledger:
            latest = _find(ledger, lineage.descent)
            into = lineage if latest.name == lineage.name else latest
            ledger.execute("INSERT OR IGNORE INTO shape VALUES (?, ?)", (into.name, " ".join(into.descent.nodes)))
            ledger.executemany(
                "INSERT OR IGNORE INTO trial VALUES (?, ?, ?, ?, ?, ?, ?)",
                ((into.name, *trial.key, trial.sharpe_per_period, trial.observations, now) for trial in entries),
            )
        return into

    def evidence(self, lineage: str) -> Evidence:
        """Return what is known of a lineage; no trials where there is none of that name.

        Raises
        ------
        DataError (D301) : the ledger cannot be read
        """
        with self._reading() as ledger:
            rows = ledger.execute(
                "SELECT sharpe_per_period, first_run_at FROM trial WHERE lineage = ?", (lineage,)
            ).fetchall()
        first = min((stamp for _, stamp in rows), default=None)
        return Evidence(
            lineage=lineage,
            trials=len(rows),
            sharpe_variance=_variance([sharpe for sharpe, _ in rows if sharpe is not None]),
            first_run_at=None if first is None else datetime.fromisoformat(first),
        )

    def _has(self, lineage: str, trials: list[Trial]) -> bool:
        """Whether all of the trials are there, so that re-runs need no right to write."""
        known = "SELECT 1 FROM trial WHERE lineage = ? AND plan_hash = ? AND data_hash = ? AND conventions_hash = ?"
        with self._reading() as ledger:
            return all(ledger.execute(known, (lineage, *trial.key)).fetchone() for trial in trials)

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        """Open the ledger; a blank one in memory where there is no file yet, or none with tables."""
        with self._refusing("read"), closing(sqlite3.connect(":memory:")) as blank:
            if self.path.exists():
                with closing(sqlite3.connect(self.path, timeout=PATIENCE_S)) as ledger:
                    if _format(ledger) == FORMAT:
                        yield ledger
                        return
            blank.executescript(_TABLES)
            yield blank

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        """Open the ledger for one transaction, which an exception undoes; make the tables where there are none."""
        with self._refusing("written"):
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with closing(sqlite3.connect(self.path, timeout=PATIENCE_S, isolation_level=None)) as ledger:
                ledger.execute("BEGIN IMMEDIATE")
                if _format(ledger) == 0:
                    for statement in (_TABLES + _KEPT).strip().split(";\n"):
                        ledger.execute(statement)
                    ledger.execute(f"PRAGMA user_version = {FORMAT}")
                yield ledger
                ledger.execute("COMMIT")

    @contextmanager
    def _refusing(self, what: str) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, OSError) as problem:
            raise DataError(f"{self.path}: the trial ledger cannot be {what} ({problem})", code="D301") from None


def _find(ledger: sqlite3.Connection, descent: Descent) -> Lineage:
    """Return the lineage of a strategy: its `id:`, else that of the same plan or of the likest, else a new one."""
    query = "SELECT lineage FROM trial WHERE plan_hash = ? ORDER BY first_run_at, lineage"
    same = [name for (name,) in ledger.execute(query, (descent.plan_hash,))]
    if descent.id is not None:
        known = ledger.execute("SELECT 1 FROM shape WHERE lineage = ?", (descent.id,)).fetchone()
        elsewhere = None if known or not same else same[0]
        return Lineage(descent.id, descent, elsewhere=elsewhere)
    if same:
        return Lineage(same[0], descent)
    shapes = ledger.execute("SELECT lineage, nodes FROM shape ORDER BY rowid").fetchall()
    shares = [(likeness(descent.nodes, nodes.split()), name) for name, nodes in shapes]
    share, name = max(shares, key=lambda found: found[0], default=(0.0, ""))
    return Lineage(name, descent, share) if share >= SHARED_MIN else Lineage(descent.own_name, descent)


def _format(ledger: sqlite3.Connection) -> int:
    """Return the format of an open ledger; 0 where it is empty."""
    found = int(ledger.execute("PRAGMA user_version").fetchone()[0])
    if found not in (0, FORMAT):
        raise sqlite3.DatabaseError(f"format {found}; this version knows format {FORMAT}")
    return found


def _variance(values: list[float]) -> float:
    """Sample variance, the same for any order of the values."""
    if len(values) < 2:
        return 0.0
    mean = math.fsum(values) / len(values)
    return math.fsum((value - mean) ** 2 for value in values) / (len(values) - 1)
