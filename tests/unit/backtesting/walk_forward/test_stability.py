"""Steadiness and decay, worked out by hand."""

from __future__ import annotations

import pytest

from oracle.backtesting.walk_forward.stability import annual_rate, decay, efficiency, param_stability

CHOSEN = [{"length": text, "stop": "5%"} for text in ("10", "10", "30", "10", "20")]
GRID = {"length": ["10", "20", "30", "40", "50"], "stop": ["5%"]}


def test_a_param_is_counted_value_by_value() -> None:
    length, stop = param_stability(CHOSEN, GRID)
    assert [(v.value, v.count, v.share) for v in length.values] == [
        ("10", 3, 0.6),
        ("20", 1, 0.2),
        ("30", 1, 0.2),
        ("40", 0, 0.0),
        ("50", 0, 0.0),
    ]
    # 10 10 30 10 20 changes at three of four seams; the mean is 16 and the squares of -6 -6 14 -6 4 sum to 320.
    assert (length.changes, length.turnover) == (3, 0.75)
    assert (length.mean, length.deviation, length.dispersion) == (16.0, 8.0, 0.2)
    assert (stop.changes, stop.turnover, stop.deviation, stop.dispersion) == (0, 0.0, 0.0, None)
    assert stop.mean == 0.05


def test_one_window_has_no_turnover() -> None:
    assert param_stability(CHOSEN[:1], GRID)[0].turnover is None


def test_decay_is_told_by_the_medians_of_windows_that_have_both() -> None:
    told = decay("sharpe", [(2.0, 1.0), (1.0, None), (None, 3.0), (4.0, -1.0), (1.0, 2.0)])
    assert (told.in_sample, told.out_of_sample, told.difference, told.ratio) == (2.0, 1.0, -1.0, 0.5)
    assert (told.windows, told.worse) == (3, 2)
    lost = decay("sharpe", [(-1.0, 2.0)])
    assert (lost.difference, lost.ratio) == (3.0, None), "a ratio to a loss says nothing"
    assert decay("sharpe", [(None, 1.0)]).windows == 0


def test_efficiency_is_the_mean_annual_rate_in_tests_over_that_in_training() -> None:
    # 20% in 504 sessions is 10% a year; 3% in 126 sessions is 6%.
    assert annual_rate({"total_return": 0.20}, 504) == pytest.approx(0.10)
    assert annual_rate({"total_return": 0.03}, 126) == pytest.approx(0.06)
    assert annual_rate({"total_return": None}, 126) is None
    assert annual_rate({"total_return": 0.0}, 0) is None
    assert efficiency([(0.10, 0.06), (0.20, 0.03), (None, 9.0)]) == pytest.approx(0.045 / 0.15)
    assert efficiency([(-0.10, 0.06)]) is None
    assert efficiency([]) is None
