"""How the columns of a sweep are called and written."""

from __future__ import annotations

from oracle.backtesting.metrics import BY_NAME

_LABELS = {"trades": "Trades", "final_equity": "Final equity", "plateau": "Plateau"}


def label(name: str) -> str:
    """Return how a column is called in tables."""
    known = BY_NAME.get(name)
    return known.label if known is not None else _LABELS.get(name, name)


def write(name: str, value: float | None) -> str:
    """Return a number of a column as people read it; an en dash where there is none."""
    known = BY_NAME.get(name)
    if known is not None:
        return known.write(value)
    return "–" if value is None else f"{value:,.0f}" if float(value).is_integer() else f"{value:,.2f}"
