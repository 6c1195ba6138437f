"""Figures that other engines publish, from their own bars under their own conventions. Each test names its source."""

from __future__ import annotations

import gzip
from datetime import date, datetime
from pathlib import Path

import backtrader_published
import numpy as np
import polars as pl
import pytest

import oracle
from oracle import indicators
from oracle.backtesting.result import BacktestRun
from oracle.backtesting.rust_engine import RustEngine

BARS = Path(__file__).parents[2] / "golden" / "published"
PRICES = ("open", "high", "low", "close")

STRATEGY = """schema: 1
name: published
universe: {{symbols: [{symbols}]}}
timeframe: {timeframe}
entry: {entry}
exit: {{when: "{leave}"}}
min_hold_days: 2
sizing: {sizing}
"""


def run(
    bars: pl.DataFrame,
    conventions: str,
    *,
    entry: str,
    sizing: str,
    leave: str = "close < 0",
    timeframe: str = "1Day",
    capital: float = 100_000,
    start: date | None = None,
    end: date | None = None,
) -> BacktestRun:
    symbols = ", ".join(bars["symbol"].unique().sort())
    text = STRATEGY.format(symbols=symbols, timeframe=timeframe, entry=entry, leave=leave, sizing=sizing)
    engine = RustEngine(conventions=conventions)
    return engine.run(oracle.load_strategy(text), bars, capital, start, end)


def adjusted(name: str) -> pl.DataFrame:
    """LEAN's default data are adjusted: raw x price factor, unrounded."""
    bars = pl.read_csv(BARS / name, try_parse_dates=True)
    bars = bars.with_columns([pl.col(column) * pl.col("price_factor") for column in PRICES]).drop("price_factor")
    return bars.rename({"bar_start": "timestamp"}) if "bar_start" in bars.columns else bars


HOLD = {"entry": "{long: close > 0}", "sizing": "{method: fixed_fraction, fraction: 100%}"}


def with_benchmark(bars: pl.DataFrame, conventions: str, timeframe: str, start: date) -> BacktestRun:
    """The run measured against its own symbol, as LEAN measures against SPY unless told otherwise."""
    text = STRATEGY.format(symbols="SPY", timeframe=timeframe, leave="close < 0", **HOLD)
    return RustEngine(conventions=conventions, benchmark="SPY").run(oracle.load_strategy(text), bars, start=start)


def published(run: BacktestRun) -> dict[str, float]:
    """Statistics as LEAN prints them."""
    percent = {name: round(100.0 * (run.metrics[name] or 0.0), 3) for name in ("annual_return", "max_drawdown")}
    ratios = ("sharpe", "sortino", "volatility", "alpha", "beta")
    return percent | {name: round(run.metrics[name] or 0.0, 3) for name in ratios}


def test_lean_basic_template_daily() -> None:
    """QuantConnect/Lean, Algorithm.CSharp/BasicTemplateDailyAlgorithm.cs, ExpectedStatistics: End Equity 104486.22,
    Total Fees $3.49, Total Orders 1, Compounding Annual Return 424.375%, Drawdown 0.800%, Sharpe Ratio 17.304, Sortino
    Ratio 35.217, Alpha -0.249, Beta 1.015, Annual Standard Deviation 0.141. SetHoldings(SPY, 1) at the first bar, which
    is that of 2013-10-08. LEAN's daily returns of the benchmark begin a session earlier."""
    result = with_benchmark(adjusted("lean_spy_daily.csv"), "lean", "1Day", date(2013, 10, 8))
    assert round(result.final_equity, 2) == 104486.22
    assert result.fills["fee"].to_list() == [3.485]
    assert result.fills["quantity"].to_list() == [697.0]
    assert published(result) == {
        "annual_return": 424.375, "max_drawdown": -0.8, "sharpe": 17.304, "sortino": 35.217, "volatility": 0.141,
        "alpha": -0.249, "beta": 1.015,
    }  # fmt: skip


def test_lean_basic_template_daily_of_earlier_years() -> None:
    """The same file before its start was moved from 2013-10-07: End Equity 103463.69, Total Fees $3.45."""
    result = run(adjusted("lean_spy_daily.csv"), "lean", **HOLD)
    assert round(result.final_equity, 2) == 103463.69
    assert result.fills["fee"].to_list() == [3.445]
    assert result.fills["quantity"].to_list() == [689.0]


def test_lean_basic_template_hourly() -> None:
    """QuantConnect/Lean, Algorithm.CSharp/BasicTemplateHourlyAlgorithm.cs, ExpectedStatistics: End Equity 101529.08,
    Total Fees $3.44, Total Orders 1, Compounding Annual Return 227.693%, Drawdown 2.000%, Sharpe Ratio 8.855, Sortino
    Ratio 0, Alpha -0.005, Beta 0.996, Annual Standard Deviation 0.222. A market order on hourly bars fills at the close
    that decided it."""
    result = with_benchmark(adjusted("lean_spy_hourly.csv"), "lean", "1Hour", date(2013, 10, 7))
    assert round(result.final_equity, 2) == 101529.08
    assert result.fills["fee"].to_list() == [3.435]
    assert published(result) == {
        # Of an equity known to the cent: the third decimal is unsure.
        "annual_return": pytest.approx(227.693, abs=0.002), "max_drawdown": -2.0, "sharpe": 8.855,
        "sortino": 0.0, "volatility": 0.222, "alpha": -0.005, "beta": 0.996,
    }  # fmt: skip


def minute_bars_of_spy() -> pl.DataFrame:
    """SPY's minute bars, adjusted, and the quote of 2013-10-07 09:30 in New York, at which the only order is decided:
    bid 167.44, ask 167.45 at the end of the minute (20131007_quote.zip, row 34200000), the close being 167.44. The
    factor is that of factor_files/spy.csv until 2013-12-19, as on the daily and hourly bars."""
    factor = 0.8646266
    bars = pl.read_csv(BARS / "lean_minute.csv.gz", try_parse_dates=True).filter(pl.col("symbol") == "SPY")
    stamp = pl.col("bar_start").dt.replace_time_zone("America/New_York")
    is_first = pl.col("bar_start") == datetime(2013, 10, 7, 9, 30)
    assert bars.filter(is_first)["close"].to_list() == [167.44]
    quotes = {name: pl.when(is_first).then(price * factor) for name, price in (("bid", 167.44), ("ask", 167.45))}
    prices = [pl.col(name) * factor for name in PRICES]
    return bars.with_columns(*prices, timestamp=stamp, **quotes).drop("bar_start")


def test_lean_basic_template_minute() -> None:
    """QuantConnect/Lean, Algorithm.CSharp/BasicTemplateAlgorithm.cs, ExpectedStatistics: End Equity 101691.92, Total
    Fees $3.44, Total Orders 1, Compounding Annual Return 271.453%, Drawdown 2.200%, Sharpe Ratio 8.854, Sortino Ratio
    0, Alpha -0.005, Beta 0.996, Annual Standard Deviation 0.222. A purchase on minute bars pays the ask."""
    bars = minute_bars_of_spy()
    result = with_benchmark(bars, "lean", "1Min", date(2013, 10, 7))
    assert round(result.final_equity, 2) == 101691.92
    assert result.fills["quantity"].to_list() == [688.0]
    assert result.fills["price"].to_list() == pytest.approx([167.45 * 0.8646266], abs=1e-6)
    assert result.fills["fee"].to_list() == [3.44]
    assert published(result) == {
        "annual_return": pytest.approx(271.453, abs=0.002), "max_drawdown": -2.2, "sharpe": 8.854,
        "sortino": 0.0, "volatility": 0.222, "alpha": -0.005, "beta": 0.996,
    }  # fmt: skip
    # At the close, one cent below, the same 688 shares would have ended 688 x 0.01 x 0.8646266 higher.
    for unquoted in (with_benchmark(bars.drop("bid", "ask"), "lean", "1Min", date(2013, 10, 7)),
                     with_benchmark(bars, "lean,quotes=ignored", "1Min", date(2013, 10, 7))):  # fmt: skip
        assert unquoted.final_equity - result.final_equity == pytest.approx(688 * 0.01 * 0.8646266, abs=1e-3)


def test_lean_exponential_average() -> None:
    """QuantConnect/Lean, Tests/TestData/spy_ema.csv, EMA14: no value before the fourteenth close, then the mean of the
    first fourteen, then the recursion."""
    closes = [
        43.938, 44.40625, 45.1875, 44.03125, 45.21875, 45.0625, 44.84375, 46.5625, 45.9375, 46.84375, 46.34375,
        46.59375, 48.21875, 46.8125, 44.59375, 45.09375, 45.8125, 44.46875, 45.90625,
    ]  # fmt: skip
    expected = [
        45.71432142857143, 45.56491190476191, 45.50209031746032, 45.54347827513228, 45.40018117178131,
        45.46765701554381,
    ]  # fmt: skip
    found = indicators.ema(np.array(closes), 14)
    assert np.isnan(found[:13]).all()
    assert found[13:].tolist() == pytest.approx(expected, abs=1e-12)


def test_leans_macd_is_an_expression() -> None:
    """QuantConnect/Lean, Indicators/MovingAverageConvergenceDivergence.cs: both averages begin with the mean of their
    own first values, and the signal of the values from the slower one's on. Worked out for lengths 2, 4 and 2."""
    close = np.array([1.0, 3.0, 5.0, 4.0, 8.0, 6.0])
    # ema 2: 2 at the second, then 4, 4, 20/3, 56/9; ema 4: 13/4 at the fourth, then 103/20, 549/100.
    line = [4.0 - 3.25, 20 / 3 - 5.15, 56 / 9 - 5.49]
    mean = (line[0] + line[1]) / 2
    found = indicators.ema(close, 2) - indicators.ema(close, 4)
    assert found[3:].tolist() == pytest.approx(line, abs=1e-12)
    signal = indicators.ema(found, 2)
    assert np.isnan(signal[:4]).all()
    assert signal[4:].tolist() == pytest.approx([mean, mean / 3 + 2 * line[2] / 3], abs=1e-12)
    # TA-Lib's faster average is seeded with the two closes before the slower one's seed ends.
    assert indicators.macd(close, 2, 4, 2).line[4] != pytest.approx(line[1], abs=1e-3)


def zipline_bars() -> pl.DataFrame:
    with gzip.open(BARS / "zipline_aapl_msft_daily.csv.gz") as file:
        return pl.read_csv(file.read(), try_parse_dates=True)


def test_zipline_buy_and_hold() -> None:
    """quantopian/zipline 1.4.1, tests/resources/example_data.tar.gz, expected_perf/0-22-0/buy_and_hold: 100 AAPL at
    194.93 and 100 MSFT at 35.369 on 2008-01-03, ending cash 9,976,968.1, portfolio value 10,032,855.9 on 2012-12-31."""
    result = run(
        zipline_bars(),
        "zipline",
        entry="{long: close > 0}",
        sizing="{method: fixed_shares, shares: 100}",
        capital=10_000_000,
    )
    fills = result.fills
    assert fills["filled_at"].to_list() == [date(2008, 1, 3)] * 2
    assert fills["price"].to_list() == pytest.approx([194.93, 35.369], abs=1e-6)
    assert round(float(result.equity["cash"][-1]), 2) == 9976968.10
    assert round(result.final_equity, 2) == 10032855.90
    # In the same file: sharpe 0.640853, sortino 0.937563, max_drawdown -0.00196, algo_volatility 0.001025.
    measured = {
        name: round(result.metrics[name] or 0.0, 6) for name in ("sharpe", "sortino", "max_drawdown", "volatility")
    }
    assert measured == {"sharpe": 0.640853, "sortino": 0.937563, "max_drawdown": -0.00196, "volatility": 0.001025}
    second = result.equity["equity"].to_list()[:4]
    assert [round(value, 2) for value in second] == [10_000_000.0, 9999998.0, 9998411.0, 9998193.0]


def test_zipline_dual_moving_average() -> None:
    """quantopian/zipline 1.4.1, the same archive, dual_moving_average (100 shares of AAPL while its 100-day average is
    above its 300-day average, looked at from the 300th session of 2011 on): one purchase at 568.099 on 2012-03-13,
    portfolio value 9,996,406.0 on 2012-12-31. Its bundle pays no dividends."""
    bars = zipline_bars().filter(pl.col("symbol") == "AAPL")
    result = run(
        bars,
        "zipline",
        entry='{long: "sma(close, 100) > sma(close, 300)"}',
        leave="sma(close, 100) < sma(close, 300)",
        sizing="{method: fixed_shares, shares: 100}",
        capital=10_000_000,
        start=date(2012, 3, 12),
    )
    assert result.fills["filled_at"].to_list() == [date(2012, 3, 13)]
    assert result.fills["price"].to_list() == pytest.approx([568.099], abs=1e-6)
    assert round(result.final_equity, 2) == 9996406.00


def test_backtrader_strategy_unoptimized() -> None:
    """mementum/backtrader 1.9.78.123, tests/test_strategy_unoptimized.py: 12 purchases, 11 sales, value '10284.10',
    cash '6164.16'. The bars between the published ones are ours; see `backtrader_published`."""
    run = backtrader_published.check(backtrader_published.bars())
    assert (len(run.fills), run.trade_count) == (23, 12)


def vectorbt_bars() -> pl.DataFrame:
    days = [date(2020, 1, day) for day in (2, 3, 6, 7, 8)]
    prices = {name: [1.0, 2.0, 3.0, 4.0, 5.0] for name in PRICES}
    return pl.DataFrame({"symbol": ["X"] * 5, "date": days, **prices, "volume": [1e7] * 5})


def test_vectorbt_from_signals_long_only() -> None:
    """polakowo/vectorbt, tests/test_portfolio.py, TestFromSignals.test_one_column, direction longonly: prices 1 to 5,
    cash 100; order records (size, price, fees, side) 100, 1, 0, buy at row 0 and 100, 4, 0, sell at row 3."""
    result = run(
        vectorbt_bars(),
        "vectorbt",
        entry="{long: close < 4}",
        leave="close >= 4",
        sizing="{method: fixed_fraction, fraction: 100%}",
        capital=100,
    )
    records = result.fills.select("quantity", "price", "fee", "side", "filled_at").rows()
    assert records == [(100.0, 1.0, 0.0, "BUY", date(2020, 1, 2)), (100.0, 4.0, 0.0, "SELL", date(2020, 1, 7))]


def test_vectorbt_from_signals_short_only_and_both() -> None:
    """The same test, direction both: 100 bought at 1, 200 sold at 4; here the sale that closes and the one that opens
    are two orders."""
    result = run(
        vectorbt_bars(),
        "vectorbt",
        entry="{long: close < 4, short: close >= 4}",
        sizing="{method: fixed_fraction, fraction: 100%}",
        capital=100,
    )
    fills = result.fills.select("side", "quantity", "price").rows()
    assert fills == [("BUY", 100.0, 1.0), ("SELL", 100.0, 4.0), ("SELL", 100.0, 4.0)]
