"""Targets of a portfolio together never exceed `gross`."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl
import pytest

import oracle

FREE = oracle.Settings.model_validate({"simulation": {"commission": {"model": "zero"}, "slippage": {"model": "zero"}}})
STRATEGY = """schema: 1
name: pair
universe: {{symbols: [AAA, BBB]}}
portfolio: {{select: all, weight: {weight}, rebalance: every session{gross}}}
"""


def bars() -> pl.DataFrame:
    """Two symbols at $100 on the five sessions from Monday 2024-01-08."""
    days = [date(2024, 1, 8) + timedelta(days=day) for day in (0, 1, 2, 3, 4)]
    one = pl.DataFrame({"date": days}).with_columns(
        **{name: pl.lit(100.0) for name in ("open", "high", "low", "close")}, volume=pl.lit(1e6)
    )
    return pl.concat([one.with_columns(symbol=pl.lit(symbol)) for symbol in ("AAA", "BBB")])


@pytest.mark.parametrize(
    ("weight", "gross", "shares"),
    [
        # 60% twice is 120%: scaled to 50% each. $10,000 x 50% / ($100 x 1.01) = 49.5 shares.
        ("60%", "", 49),
        # 30% twice fits: $10,000 x 30% / $101 = 29.7 shares.
        ("30%", "", 29),
        # 30% twice over a gross of 40%: 20% each, 19.8 shares.
        ("30%", ", gross: 40%", 19),
        ("equal", ", gross: 40%", 19),
    ],
)
def test_targets_are_scaled_to_gross(weight: str, gross: str, shares: int) -> None:
    strategy = oracle.load_strategy(STRATEGY.format(weight=weight, gross=gross))
    run = oracle.backtest(strategy, bars(), capital=10_000, limits=oracle.NO_LIMITS, settings=FREE)
    assert run.fills["quantity"].head(2).to_list() == [shares, shares]
    assert run.verdicts.filter(pl.col("code") == "CASH_CUT").is_empty()
