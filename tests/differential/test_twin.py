"""The engine against a slow twin that was written from the language's meaning: equal to the millionth of a dollar."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import polars as pl
import pytest
import twin
from market import demo, only
from twin import Bar, Rules

from oracle.backtesting.rust_engine import RustEngine
from oracle.core.config import Settings
from oracle.data.frame import Prepared
from oracle.strategy.declared import DeclaredStrategy

CAPITAL = 100_000

STRATEGY = """
schema: 1
name: crossing
universe: {{symbols: [{symbols}]}}
timeframe: 1Day
entry: {{long: "sma(close, {fast}) > sma(close, {slow})"}}
exit: {{when: "sma(close, {fast}) < sma(close, {slow})"}}
min_hold_days: {min_hold}
sizing: {{method: equal_weight, max_positions: {slots}}}
"""

#: Symbols, rules. Apple's splits of 2000 and 2005, Microsoft's of 2003, and the dividends of all are in the bars.
TRIALS = {
    "one slot each": (("AAPL", "IBM", "MSFT"), Rules(20, 50, 3, 2, Decimal(5), Decimal(10))),
    "fewer slots than symbols": (("AAPL", "GOOG", "IBM", "MSFT"), Rules(10, 30, 2, 2, Decimal("2.5"), Decimal(3))),
    "all cash in one": (("AAPL",), Rules(5, 15, 1, 6, Decimal(0), Decimal(25))),
    "quick, held for long": (("IBM", "MSFT"), Rules(2, 5, 2, 10, Decimal(7), Decimal(0))),
}


def history(bars: Prepared) -> dict[str, list[Bar]]:
    """Bars and actions as the twin reads them; the decimals are those of the source."""
    result = {}
    for index, symbol in enumerate(bars.symbols):
        begin, end = int(bars.offsets[index]), int(bars.offsets[index + 1])
        mine = np.flatnonzero(bars.action_symbol == index)
        actions = {int(bars.action_bar[i]): (bars.action_split[i], bars.action_dividend[i]) for i in mine}
        days = bars.ts_ns[begin:end].astype("datetime64[ns]").astype("datetime64[D]").tolist()
        series = []
        for number, day in enumerate(days):
            split, dividend = (Decimal(repr(float(value))) for value in actions.get(number, (1.0, 0.0)))
            open_, close = (Decimal(repr(float(column[begin + number]))) for column in (bars.open, bars.close))
            series.append(Bar(day, open_, close, split, dividend))
        result[symbol] = series
    return result


def exact(value: float) -> Decimal:
    """The millionths that the engine counted in."""
    return Decimal(round(value * 1e6)).scaleb(-6)


@pytest.mark.parametrize("name", TRIALS)
def test_the_engine_and_its_twin_agree(name: str) -> None:
    symbols, rules = TRIALS[name]
    bars = only(demo(), *symbols)
    settings = Settings.model_validate(
        {
            "simulation": {
                "commission": {"model": "bps", "rate": f"{rules.commission_bps}bps"},
                "slippage": {"model": "bps", "rate": f"{rules.slippage_bps}bps"},
                "max_participation": None,
            }
        }
    )
    text = STRATEGY.format(
        symbols=", ".join(symbols), fast=rules.fast, slow=rules.slow, slots=rules.slots, min_hold=rules.min_hold
    )
    run = RustEngine(settings=settings).run(DeclaredStrategy(text), bars, CAPITAL)
    expected = twin.run(history(bars), rules, Decimal(CAPITAL))
    assert len(expected.fills) > 50
    found = [
        twin.Fill(
            row["filled_at"], row["symbol"], row["side"], exact(row["quantity"]), exact(row["price"]), exact(row["fee"])
        )
        for row in run.fills.iter_rows(named=True)
    ]
    for mine, other in zip(found, expected.fills, strict=False):
        assert mine == other
    assert len(found) == len(expected.fills)
    paid = run.ledger.filter(pl.col("kind").is_in(["dividend", "cash_in_lieu"]))
    rows = paid.select("timestamp", "kind", "symbol", "amount").rows()
    assert [(day, kind, symbol, exact(amount)) for day, kind, symbol, amount in rows] == expected.other_cash
    for day, equity, cash in run.equity.select("timestamp", "equity", "cash").iter_rows():
        assert (exact(equity), exact(cash)) == expected.equity[day], f"on {day}"


def test_the_bars_hold_what_the_twins_are_meant_to_meet() -> None:
    bars = only(demo(), "AAPL", "IBM", "MSFT")
    splits = {bars.symbols[s] for s, ratio in zip(bars.action_symbol, bars.action_split, strict=True) if ratio != 1.0}
    payers = {bars.symbols[s] for s, cash in zip(bars.action_symbol, bars.action_dividend, strict=True) if cash > 0.0}
    assert splits == {"AAPL", "MSFT"}
    assert payers == {"AAPL", "IBM", "MSFT"}
