"""The fan: where equity may go, against the normal theory of independent returns."""

from __future__ import annotations

import math
from statistics import NormalDist

import numpy as np
import pytest

from oracle.backtesting.statistics.fan import equity_fan
from oracle.core.errors import RangeError

RETURNS = np.random.default_rng(3).normal(0.0004, 0.01, 2000)


def test_the_end_is_as_wide_as_independent_returns_make_it() -> None:
    """Log equity after n independent sessions is nearly normal with n times the mean and the variance."""
    fan = equity_fan(RETURNS, 100_000.0, paths=20_000, block_length=1.0)
    assert fan is not None
    logs = np.log1p(RETURNS)
    end = NormalDist(252 * float(logs.mean()), math.sqrt(252) * float(logs.std()))
    expected = [100_000.0 * math.exp(end.inv_cdf(share)) for share in (0.05, 0.25, 0.5, 0.75, 0.95)]
    assert fan.equity[:, -1] == pytest.approx(expected, rel=0.01)
    assert fan.loss_probability == pytest.approx(end.cdf(0.0), abs=0.02)
    assert fan.value_at_risk_usd == fan.equity[0, -1] - 100_000.0


def test_it_starts_where_equity_stands_and_opens() -> None:
    fan = equity_fan(RETURNS, 5_000.0, horizon=60, paths=500)
    assert fan is not None
    assert fan.equity.shape == (5, 61)
    assert (fan.equity[:, 0] == 5_000.0).all()
    assert (np.diff(fan.equity, axis=0)[:, 1:] > 0).all()


def test_deeper_falls_are_rarer() -> None:
    fan = equity_fan(RETURNS, 1.0, depths=(0.01, 0.05, 0.1, 0.5), paths=500)
    assert fan is not None
    odds = [odds for _, odds in fan.drawdown_probabilities]
    assert odds == sorted(odds, reverse=True)
    assert odds[0] == 1.0
    assert odds[-1] == 0.0


def test_a_drawdown_worked_by_hand() -> None:
    """Of +50% and -50% tossed twice, a fall of at least 60% needs both to be -50%."""
    fan = equity_fan([0.5, -0.5], 1.0, horizon=2, paths=20_000, depths=(0.5, 0.6), block_length=1.0)
    assert fan is not None
    assert dict(fan.drawdown_probabilities) == pytest.approx({0.5: 0.75, 0.6: 0.25}, abs=0.01)


def test_the_seed_decides_and_too_few_returns_have_no_fan() -> None:
    one, two = (equity_fan(RETURNS, 1.0, paths=50) for _ in range(2))
    assert one is not None
    assert two is not None
    assert (one.equity == two.equity).all()
    assert equity_fan([0.01], 1.0) is None


def test_what_makes_no_sense_is_refused() -> None:
    with pytest.raises(RangeError):
        equity_fan(RETURNS, 0.0)
    with pytest.raises(RangeError):
        equity_fan(RETURNS, 1.0, depths=(1.5,))
    with pytest.raises(RangeError):
        equity_fan(RETURNS, 1.0, horizon=0)
