"""What commands ask of runs and of walk-forwards."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path


@dataclass(frozen=True, slots=True)
class RunRequest:
    """What a command asks of every run; None takes the settings."""

    data: Path | None = None
    start: date | None = None
    end: date | None = None
    capital: float = 100_000.0
    limits_file: Path | None = None
    no_limits: bool = False
    waive: Sequence[str] = ()
    benchmark: str | None = None
    conventions: str | None = None


@dataclass(frozen=True, slots=True)
class WalkRequest(RunRequest):
    """What a command asks of walk-forwards."""

    grid: Sequence[str] = ()
    #: Keys of `strategy.walk_forward` that differ from the settings.
    changes: Mapping[str, object] = field(default_factory=dict)
