"""What a run pays, from the settings to the ledger; every amount is worked out beside it."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest

import oracle

#: Tuesday to Friday, then over a weekend and Martin Luther King's day.
DAYS = [date(2024, 1, 9), date(2024, 1, 10), date(2024, 1, 11), date(2024, 1, 12), date(2024, 1, 16)]
STRATEGY = """schema: 1
name: paid
universe: {{symbols: [AAA]}}
timeframe: 1Day
entry: {{{side}: close == 50}}
exit: {{when: close == 60}}
sizing: {{method: fixed_shares, shares: 1000}}
"""


def run(side: str, closes: list[float], **costs: object) -> oracle.BacktestRun:
    bars = pl.DataFrame({"symbol": ["AAA"] * len(DAYS), "date": DAYS}).with_columns(
        **{name: pl.Series(closes) for name in ("open", "high", "low", "close")}, volume=pl.lit(1e6)
    )
    simulation = {"commission": {"model": "zero"}, "slippage": {"model": "zero"}, **costs}
    return oracle.backtest(
        oracle.load_strategy(STRATEGY.format(side=side)), bars, capital=100_000, limits=oracle.NO_LIMITS,
        settings=oracle.Settings.model_validate({"simulation": simulation}),
    )  # fmt: skip


def test_the_tiered_schedule_by_default() -> None:
    # 1,000 shares x 0.0035 = 3.50, 0.0735% of it 0.002572 (0.0025725 half to even), clearing 0.20, exchange 3.00;
    # the sale at 60 besides 8.00 per million on 60,000, 0.48, and 0.000166 a share, 0.166 (January 2024).
    result = run("long", [50.0, 51.0, 60.0, 60.0, 60.0], commission={"model": "tiered"})
    assert result.fills["fee"].to_list() == pytest.approx([6.702572, 7.348572], abs=1e-9)


def test_shorts_and_cash_are_charged_by_calendar_days() -> None:
    # Short 1,000 from Wednesday at 51. 3.6% a year is 0.01% a night on closes of 51, 52 and 53: 5.10, 5.20, and four
    # nights over the long weekend of 53,000: 21.20.
    result = run("short", [50.0, 51.0, 52.0, 53.0, 53.0], borrow_rate="3.6%")
    fees = result.ledger.filter(pl.col("kind") == "borrow_fee")
    assert fees["amount"].to_list() == pytest.approx([-5.1, -5.2, -21.2], abs=1e-9)
    assert fees["timestamp"].to_list() == DAYS[2:]
    assert fees["symbol"].to_list() == ["AAA"] * 3
    assert result.final_equity == pytest.approx(100_000 - 2_000 - 31.5, abs=1e-9)
    assert result.trades["pnl"].to_list() == [-2_000.0]


def test_interest_is_part_of_equity_and_of_no_trade() -> None:
    # 3.6% above the floor of 10,000, all in cash: 9.00 a night, a little more each time; four over the long weekend.
    result = run("long", [49.0] * 5, interest={"benchmark": [{"rate": "4.1%"}]})
    earned = result.ledger.filter(pl.col("kind") == "interest")
    assert earned["amount"].to_list() == pytest.approx([9.0, 9.0009, 9.0018, 36.010801], abs=1e-9)
    assert result.final_equity == pytest.approx(100_063.013501, abs=1e-9)
    assert result.trade_count == 0
    assert result.metrics["total_return"] == pytest.approx(0.00063013501, abs=1e-12)
