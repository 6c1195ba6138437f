"""The walk on real prices: params from training alone, tests that are plain backtests, and a stitched curve that fits.

What is expected is computed here anew, by single backtests and plain loops.
"""

from __future__ import annotations

import json
import math
from dataclasses import replace
from datetime import UTC, date, datetime, time
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl
import pytest
from market import demo, only, until

from oracle.backtesting.grid import Binding
from oracle.backtesting.result import BacktestRun
from oracle.backtesting.rust_engine import RustEngine
from oracle.backtesting.walk_forward.fit import EachBacktest, Fitting
from oracle.backtesting.walk_forward.objective import Objective, Score
from oracle.backtesting.walk_forward.result import WalkForward, to_json
from oracle.backtesting.walk_forward.swept import EachSweep
from oracle.backtesting.walk_forward.walk import walk_forward
from oracle.backtesting.walk_forward.windows import Period, Scheme
from oracle.core import native
from oracle.core.errors import RangeError, UsageError
from oracle.data.frame import Prepared, prepare
from oracle.strategy.declared import DeclaredStrategy

TEXT = """
schema: 1
name: crossing
universe: {symbols: [AAPL, IBM, MSFT]}
params:
  fast: {default: 10, range: [5, 20], step: 5}
  slow: {default: 100, choices: [100, 200]}
entry: {long: "sma(close, fast) > sma(close, slow)"}
exit: {when: "sma(close, fast) < sma(close, slow)"}
sizing: {method: equal_weight, max_positions: 3}
"""
CAPITAL = 100_000.0
NEW_YORK = ZoneInfo("America/New_York")
SCHEME = Scheme(24, 6, 3)
BINDINGS = [{"fast": fast, "slow": slow} for fast in ("5", "10", "15", "20") for slow in ("100", "200")]


def strategy(bind: Binding | None = None, text: str = TEXT) -> DeclaredStrategy:
    return DeclaredStrategy(text, bind)


def bars() -> Prepared:
    return only(demo(), "AAPL", "IBM", "MSFT")


def walk(scheme: Scheme = SCHEME, objective: Objective | None = None, text: str = TEXT, **more: Any) -> WalkForward:
    chosen = objective or Objective("sharpe", 3)
    data = more.pop("bars", None) or bars()
    return walk_forward(
        RustEngine(),
        strategy(text=text),
        data,
        CAPITAL,
        scheme,
        chosen,
        max_combinations=100,
        **more,
    )


@cache
def walked() -> WalkForward:
    return walk()


def test_the_params_are_those_that_were_best_in_training() -> None:
    engine = RustEngine()
    for number in (0, 7, 40):
        result = walked().windows[number]
        train = result.window.train
        runs = [engine.run(strategy(bind), bars(), CAPITAL, train.start, train.end) for bind in BINDINGS]
        merits = [run.sharpe if run.trade_count >= 3 and run.sharpe is not None else -9e9 for run in runs]
        best = merits.index(max(merits))
        assert result.params == BINDINGS[best]
        assert result.train.equity.equals(runs[best].equity)
        assert result.choice.eligible == sum(merit > -9e9 for merit in merits)


def test_a_test_is_the_plain_backtest_of_the_chosen_params_from_the_close_before_it() -> None:
    engine = RustEngine()
    for result in walked().windows[::9]:
        window = result.window
        alone = engine.run(strategy(result.params), bars(), CAPITAL, window.decided, window.test.end)
        assert result.test.run_id == alone.run_id
        assert result.test.equity.equals(alone.equity)
        assert result.test.trades.equals(alone.trades)
        assert result.test.equity["timestamp"][0] == window.decided
        assert result.test.equity["timestamp"][1] == window.test.start
        assert result.test.equity["equity"][0] == CAPITAL
        assert result.test.fills.is_empty() or result.test.fills["filled_at"].min() >= window.test.start


def test_indicators_begin_long_before_the_window() -> None:
    # A 100-day average needs most of six months; trades on the first days show that it was warm.
    first = [w.test.fills.filter(pl.col("filled_at") == w.window.test.start).height for w in walked().windows]
    assert sum(count > 0 for count in first) > 30


def test_the_stitched_equity_chains_the_windows_own_equity_to_the_cent() -> None:
    level, expected = CAPITAL, [(walked().windows[0].window.decided, CAPITAL)]
    for result in walked().windows:
        begin = level
        for day, equity in result.test.equity.select("timestamp", "equity").rows():
            if result.window.part.start <= day <= result.window.part.end:
                level = begin * equity / CAPITAL
                expected.append((day, level))
    found = walked().equity
    assert found["timestamp"].to_list() == [day for day, _ in expected]
    for (_, level), equity in zip(expected, found["equity"], strict=True):
        assert equity == pytest.approx(level, abs=0.005)
    assert walked().final_equity == pytest.approx(expected[-1][1], abs=0.005)
    assert found["timestamp"].is_unique().all()


def test_what_a_part_gained_is_its_trades_its_dividends_and_nothing_else() -> None:
    at = walked().equity
    for result, seam in zip(walked().windows, walked().stitched.seams.iter_rows(named=True), strict=True):
        number = result.window.number
        before = at.filter(pl.col("timestamp") == result.window.decided)["equity"][0]
        gain = seam["equity"] - before
        profits = walked().trades.filter(pl.col("window") == number)["pnl"].sum()
        dividends = result.part.ledger.filter(pl.col("kind") == "dividend")["amount"].sum() * seam["scale"]
        assert gain == pytest.approx(profits + dividends, abs=0.005)
        assert seam["scale"] == pytest.approx(before / CAPITAL)
        assert seam["positions"] == result.part.trades["exit_time"].is_null().sum()
        assert (seam["positions"] == 0) == (seam["positions_value"] == 0.0)


def test_the_metrics_are_those_of_the_stitched_curve() -> None:
    equity, metrics = walked().equity, walked().metrics
    returns = equity["return"].drop_nulls().to_numpy()
    assert len(returns) == equity.height - 1
    assert metrics["total_return"] == pytest.approx(equity["equity"][-1] / CAPITAL - 1.0)
    assert metrics["sharpe"] == pytest.approx(returns.mean() / returns.std(ddof=1) * 252**0.5)
    assert metrics["max_drawdown"] == pytest.approx(equity["drawdown"].min())
    assert walked().stitched.drawdown_dates["trough"] == str(equity["timestamp"][equity["drawdown"].arg_min()])
    profits = walked().trades["pnl"]
    won, lost = profits.filter(profits > 0).sum(), profits.filter(profits < 0).sum()
    assert metrics["profit_factor"] == pytest.approx(won / -lost)
    assert metrics["win_rate"] == pytest.approx((profits > 0).sum() / profits.len())


def test_the_benchmark_is_that_of_one_run_over_the_whole_stretch() -> None:
    first, last = walked().windows[0].window.decided, walked().windows[-1].window.part.end
    whole = RustEngine().run(strategy(), bars(), CAPITAL, first, last)
    gap = (walked().equity["benchmark"] / whole.equity["benchmark"] - 1.0).abs().max()
    assert gap is not None
    assert gap < 1e-9


def test_windows_of_one_step_and_test_need_no_second_run() -> None:
    result = walk(Scheme(24, 6, 6))
    # The bars run from 2000-03-01 to 2013-03-01: 24 months, then 22 windows of 6 months.
    assert len(result.windows) == 22
    assert all(each.part is each.test for each in result.windows)
    assert result.windows[0].window.test.start == date(2002, 3, 1)


def test_where_nobody_has_enough_trades_the_defaults_are_traded_and_it_is_said() -> None:
    result = walk(objective=Objective("sharpe", 10_000))
    assert not any(each.is_fitted for each in result.windows)
    assert {tuple(each.params.items()) for each in result.windows} == {(("fast", "10"), ("slow", "100"))}
    assert result.equity.equals(result.fixed.equity)
    assert any("the defaults were traded" in note for note in result.notes)


def test_windows_without_trades_are_cash_and_it_is_said() -> None:
    never = TEXT.replace('> sma(close, slow)"}', '> 100 * sma(close, slow)"}')
    result = walk(text=never)
    assert result.trade_count == 0
    assert set(result.equity["equity"]) == {CAPITAL}
    assert result.metrics["sharpe"] is None
    assert result.stitched.positive_months == 0.0
    assert result.efficiency is None
    assert any(note.startswith("no trade in the part of windows 1, 2,") for note in result.notes)
    assert json.loads(to_json([result]))[0]["trades"] == 0


def test_a_strategy_without_params_is_walked_all_the_same() -> None:
    plain = TEXT.replace("fast: {default: 10, range: [5, 20], step: 5}", "fast: {default: 10}")
    result = walk(text=plain.replace("slow: {default: 100, choices: [100, 200]}", "slow: {default: 100}"))
    assert result.combinations == 1
    assert result.equity.equals(result.fixed.equity)


def test_a_longer_training_never_moves_the_tests() -> None:
    rolling, anchored = walked(), walk(replace(SCHEME, anchored=True))
    assert [w.window.test for w in rolling.windows] == [w.window.test for w in anchored.windows]
    assert {w.window.train.start for w in anchored.windows} == {rolling.windows[0].window.train.start}
    assert anchored.windows[0].params == rolling.windows[0].params
    assert any(a.params != b.params for a, b in zip(anchored.windows, rolling.windows, strict=True))


def test_days_outside_of_start_and_end_are_not_used() -> None:
    result = walk(start=date(2003, 1, 1), end=date(2007, 12, 31))
    assert result.windows[0].window.train.start == date(2003, 1, 2)
    assert result.windows[0].window.test.start == date(2005, 1, 3)
    assert result.windows[-1].window.test.end <= date(2007, 12, 31)


class Told:
    """A search that knows its answer, to show that any search can come in by the door."""

    def __init__(self, winner: int) -> None:
        self.winner = winner
        self.asked: list[Period] = []

    def __call__(self, fitting: Fitting) -> list[list[Score]]:
        self.asked = list(fitting.periods)
        return [[Score(float(at == self.winner), 99) for at in range(len(fitting.bindings))] for _ in self.asked]


def test_another_search_can_take_the_place_of_the_plain_one() -> None:
    told = Told(5)
    result = walk(search=told)
    assert {tuple(each.params.values()) for each in result.windows} == {tuple(BINDINGS[5].values())}
    assert told.asked == [each.window.train for each in result.windows]


def test_the_number_of_threads_changes_nothing_and_progress_is_told() -> None:
    periods = [each.window.train for each in walked().windows[:5]]
    counts: list[tuple[int, int]] = []
    one, four = (EachBacktest(RustEngine(), bars(), CAPITAL, threads) for threads in (1, 4))
    asked = Fitting(strategy(), BINDINGS, periods, "sharpe")
    found = one(replace(asked, progress=lambda done, total: counts.append((done, total))))
    assert found == four(asked)
    assert [len(scores) for scores in found] == [len(BINDINGS)] * len(periods)
    assert counts == [(count, len(BINDINGS)) for count in range(1, len(BINDINGS) + 1)]


def test_sweeps_score_as_single_backtests_do() -> None:
    periods = [each.window.train for each in walked().windows[:5]]
    counts: list[tuple[int, int]] = []
    for metric in ("sharpe", "calmar", "tail_ratio"):
        asked = Fitting(strategy(), BINDINGS, periods, metric, lambda *done: counts.append(done))
        single = EachBacktest(RustEngine(), bars(), CAPITAL)(replace(asked, progress=None))
        for threads in (1, 2):
            swept = EachSweep(RustEngine(), bars(), CAPITAL, threads)
            for found, alone in zip(chain(*swept(asked)), chain(*single), strict=True):
                assert (found.value, found.trades) == (alone.value, alone.trades)
                assert found.attempt is not None
                assert alone.attempt is not None
                assert found.attempt.plan_hash == alone.attempt.plan_hash
                # The same returns, summed up in another order.
                moments = (alone.attempt.sessions, alone.attempt.mean, alone.attempt.deviation)
                assert (found.attempt.sessions, found.attempt.mean, found.attempt.deviation) == pytest.approx(
                    moments, rel=1e-9, abs=1e-18
                )
    assert counts[:5] == [(count, 5) for count in range(1, 6)]


def test_an_interruption_ends_the_search() -> None:
    def interrupt(done: int, total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        walk(progress=interrupt)


def test_the_interface_gives_the_tests() -> None:
    runs = RustEngine().walk_forward(strategy(), bars(), CAPITAL, 24, 6, 3)
    assert all(isinstance(run, BacktestRun) for run in runs)
    assert len(runs) == len(walked().windows)
    assert runs[0].start is not None
    assert runs[0].start.date() == walked().windows[0].window.decided


def test_what_is_saved_can_be_read_again(tmp_path: Path) -> None:
    result = walk(Scheme(48, 24, 24))
    folder = result.save(tmp_path / "walk")
    document = json.loads((folder / "walk_forward.json").read_text(encoding="utf-8"))
    assert document["windows"] == json.loads(to_json([result]))[0]["windows"]
    assert pl.read_parquet(folder / "equity.parquet").equals(result.equity)
    table = pl.read_parquet(folder / "windows.parquet")
    assert table["param_fast"].to_list() == [each.params["fast"] for each in result.windows]
    for each in result.windows:
        saved = BacktestRun.load(folder / "windows" / f"{each.window.number:02d}")
        assert saved.run_id == each.test.run_id
        assert saved.equity.equals(each.test.equity)


def test_what_cannot_be_walked_is_refused() -> None:
    engine = RustEngine()
    with pytest.raises(RangeError, match="1 month or longer"):
        engine.walk_forward(strategy(), bars(), CAPITAL, 0, 6, 6)
    with pytest.raises(RangeError, match="shorter than one window"):
        engine.walk_forward(strategy(), until(bars(), date(2001, 1, 2)), CAPITAL, 24, 6, 6)
    wide = TEXT.replace("range: [5, 20], step: 5", "range: [5, 2000], step: 1")
    with pytest.raises(UsageError, match="3,992 combinations"):
        engine.walk_forward(DeclaredStrategy(wide), bars(), CAPITAL, 24, 6, 6)
    with pytest.raises(UsageError, match="does not compile with fast=0, slow=100"):
        walk(grid=("fast=0,5",))
    with pytest.raises(RangeError, match="no bars"):
        walk(bars=only(demo(), "FB"))


HOURLY = """
schema: 1
name: hourly
universe: {symbols: [IBM]}
timeframe: 1Hour
params: {length: {default: 5, choices: [5, 9]}}
entry: {long: "close > sma(close, length)"}
exit: {when: "close < sma(close, length)"}
sizing: {method: equal_weight, max_positions: 1}
"""


def hours() -> pl.DataFrame:
    """Seven hourly bars a session, 10:30 to 16:30 in New York, that wander over half a year."""
    days = native.sessions(date(2012, 1, 3), 126).tolist()
    stamps = [datetime.combine(day, time(10 + hour, 30), NEW_YORK) for day in days for hour in range(7)]
    close = [100.0 + 8.0 * math.sin(at / 9.0) + 3.0 * math.sin(at / 2.3) for at in range(len(stamps))]
    frame = pl.DataFrame({"symbol": "IBM", "timestamp": [stamp.astimezone(UTC) for stamp in stamps], "close": close})
    prices = {"open": pl.col("close") - 0.1, "high": pl.col("close") + 0.5, "low": pl.col("close") - 0.5}
    return frame.with_columns(**prices, volume=pl.lit(1e6))


def test_intraday_bars_are_decided_on_at_the_last_bar_before_the_test() -> None:
    result = walk_forward(
        RustEngine(),
        strategy(text=HOURLY),
        prepare(hours()),
        CAPITAL,
        Scheme(2, 1, 1),
        Objective("sharpe", 3),
        max_combinations=2,
    )
    assert len(result.windows) == 4
    for each in result.windows:
        stamps = each.test.equity["timestamp"].dt.convert_time_zone("America/New_York")
        assert stamps[0] == datetime.combine(each.window.decided, time(16, 30), NEW_YORK)
        assert stamps[1] == datetime.combine(each.window.test.start, time(10, 30), NEW_YORK)
        assert stamps[-1] == datetime.combine(each.window.test.end, time(16, 30), NEW_YORK)
    assert result.equity.height == 1 + sum(
        each.test.equity["timestamp"].dt.date().n_unique() - 1 for each in result.windows
    )
    assert result.trade_count > 20
