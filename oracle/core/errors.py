"""Every exception of oracle, on one page.

A refusal by risk is a value, not an exception; so is a diagnostic until somebody asks for a result that cannot be had.
Each class carries a stable code, and the exit code its command ends with: 1 findings, 2 usage, 3 the run failed.

    OracleError
    ├── ConfigError      a configuration or strategy file is refused; carries all its diagnostics
    ├── UsageError       the command or call itself makes no sense
    ├── DataError        bars or reference data are missing or wrong
    ├── RangeError       an argument of a library call is out of range
    ├── EngineError      the compiled engine is missing or refused what it was given
    └── RunError         a backtest or a live run cannot go on
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from oracle.core.diagnostics import Diagnostic


class OracleError(Exception):
    """Base of all errors that oracle raises on purpose.

    Parameters
    ----------
    message : str, one sentence for people
    code : str, stable, listed in docs/errors.md; the class's own when not given
    """

    default_code: ClassVar[str] = "X000"
    exit_code: ClassVar[int] = 3

    def __init__(self, message: str, *, code: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.code = code or self.default_code

    def __str__(self) -> str:
        return f"{self.code} {self.message}"


class ConfigError(OracleError):
    """Files that are refused. `diagnostics` holds every problem found in all of them, warnings included."""

    default_code = "S000"
    exit_code = 1

    def __init__(self, diagnostics: Sequence[Diagnostic]) -> None:
        self.diagnostics = tuple(diagnostics)
        errors = [d for d in self.diagnostics if d.severity == "error"]
        first = errors[0] if errors else None
        super().__init__(
            f"{len(errors)} problem{'' if len(errors) == 1 else 's'} in the configuration",
            code=first.code if first else None,
        )

    def __str__(self) -> str:
        from oracle.core.diagnostics import render_text

        return render_text(self.diagnostics) or super().__str__()


class UsageError(OracleError):
    """A command or call that makes no sense, such as a file that is not there."""

    default_code = "U001"
    exit_code = 2


class DataError(OracleError):
    """Bars or reference data that are missing, malformed or contradict each other."""

    default_code = "D001"


class RangeError(OracleError, ValueError):
    """An argument of a library call is out of its documented range."""

    default_code = "R101"


class EngineError(OracleError):
    """The compiled engine is not there, or refused a request that should have been checked before."""

    default_code = "N001"


class RunError(OracleError):
    """A run stopped: an input that a limit needs is missing, or its state cannot be trusted."""

    default_code = "R001"
