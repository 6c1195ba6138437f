"""Where the files that come with oracle are: strategies/ and config/, beside the package.

A file of the same name in the working directory goes first, because that is the user's own.
"""

from __future__ import annotations

from pathlib import Path

from oracle.core.errors import UsageError

_ROOT = Path(__file__).resolve().parents[2]


def strategy_file(name: str) -> Path:
    """Return the shipped strategy file of that name.

    Raises
    ------
    UsageError : no such strategy is shipped
    """
    return _shipped(Path("strategies") / f"{name}.yaml")


def strategy_folder() -> Path:
    """Return the folder of the shipped strategies."""
    return _shipped(Path("strategies"))


def config_file(name: str) -> Path:
    """Return a configuration file: the working directory's `config/` first, then the shipped one.

    Raises
    ------
    UsageError : neither exists
    """
    own = Path("config") / name
    return own if own.is_file() else _shipped(own)


def _shipped(relative: Path) -> Path:
    path = _ROOT / relative
    if not path.exists():
        raise UsageError(f"{relative} is neither here nor beside the installed package")
    return path
