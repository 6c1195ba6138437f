"""Each metric that empyrical defines, against empyrical, on random and on awkward returns."""

from __future__ import annotations

import json
import math
import warnings

import numpy as np
import pytest

from oracle.core import native

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import empyrical

SHAPES = {
    "random walk": np.random.default_rng(1).normal(0.0005, 0.012, 1000),
    "fat tails": np.random.default_rng(2).standard_t(3, 777) * 0.008,
    "only gains": np.abs(np.random.default_rng(3).normal(0, 0.01, 300)) + 1e-4,
    "only losses": -np.abs(np.random.default_rng(4).normal(0, 0.01, 300)) - 1e-4,
    "two sessions": np.array([0.02, -0.01]),
}
REFERENCES = {
    "total_return": empyrical.cum_returns_final,
    "annual_return": empyrical.annual_return,
    "volatility": empyrical.annual_volatility,
    "sharpe": empyrical.sharpe_ratio,
    "sortino": empyrical.sortino_ratio,
    "calmar": empyrical.calmar_ratio,
    "max_drawdown": empyrical.max_drawdown,
    "tail_ratio": empyrical.tail_ratio,
    "value_at_risk": empyrical.value_at_risk,
    "conditional_value_at_risk": empyrical.conditional_value_at_risk,
}


def metrics_of(returns: np.ndarray, benchmark: np.ndarray | None = None) -> dict[str, float | None]:
    equity = 100_000.0 * np.concatenate([[1.0], np.cumprod(1.0 + returns)])
    nothing = np.zeros(0)
    return json.loads(
        native.metrics(equity, np.zeros(len(equity)), nothing if benchmark is None else benchmark, 0.0, nothing)
    )


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", REFERENCES)
@pytest.mark.parametrize("shape", SHAPES)
def test_metric_equals_empyrical(name: str, shape: str) -> None:
    expected = float(REFERENCES[name](SHAPES[shape]))
    found = metrics_of(SHAPES[shape])[name]
    if not math.isfinite(expected):
        assert found is None
    else:
        assert found == pytest.approx(expected, rel=1e-9, abs=1e-12)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("shape", ["random walk", "fat tails", "only gains"])
def test_alpha_and_beta_equal_empyrical(shape: str) -> None:
    returns = SHAPES[shape]
    market = np.random.default_rng(9).normal(0.0004, 0.01, len(returns)) + 0.5 * returns
    found = metrics_of(returns, market)
    assert found["beta"] == pytest.approx(float(empyrical.beta(returns, market)), rel=1e-9)
    assert found["alpha"] == pytest.approx(float(empyrical.alpha(returns, market)), rel=1e-9)


def test_trade_metrics_by_hand() -> None:
    """Two wins of 30 and 10, one loss of 20: 2/3 won, 40/20 = 2, mean 20/3."""
    equity = np.array([100.0, 120.0])
    found = json.loads(native.metrics(equity, np.array([0.0, 0.5]), np.zeros(0), 220.0, np.array([30.0, -20.0, 10.0])))
    assert found["win_rate"] == pytest.approx(2 / 3)
    assert found["profit_factor"] == pytest.approx(2.0)
    assert found["expectancy_usd"] == pytest.approx(20 / 3)
    assert found["exposure"] == pytest.approx(0.25)
    assert found["time_in_market"] == pytest.approx(0.5)
    # 220 traded over a mean equity of 110 is 2 in one session: 504 a year.
    assert found["turnover"] == pytest.approx(504.0)


def test_drawdown_names_its_peak_trough_and_recovery() -> None:
    """110 to 88 is -20%, deeper than 120 to 108; recovered at 110, two sessions after the trough."""
    equity = np.array([100.0, 110.0, 99.0, 88.0, 100.0, 110.0, 120.0, 108.0])
    found = json.loads(native.metrics(equity, np.zeros(8), np.zeros(0), 0.0, np.zeros(0)))
    assert found["max_drawdown"] == pytest.approx(-0.2)
    assert (found["max_drawdown_peak"], found["max_drawdown_trough"], found["max_drawdown_recovery"]) == (1, 3, 5)
