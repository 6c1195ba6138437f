"""What the manual is made from: every key of every file has a kind, a description and an example that is true."""

from __future__ import annotations

import pytest
from pydantic import BaseModel

from oracle.core.config import Settings
from oracle.core.fields import KeyDoc, documented
from oracle.risk.limits import RiskSettings
from oracle.strategy.spec import StrategySpec

MODELS: list[type[BaseModel]] = [StrategySpec, Settings, RiskSettings]


def by_path(model: type[BaseModel]) -> dict[str, KeyDoc]:
    """Each key's documentation."""
    return {doc.path: doc for doc in documented(model)}


@pytest.mark.parametrize("model", MODELS, ids=lambda m: m.__name__)
def test_every_key_is_documented(model: type[BaseModel]) -> None:
    docs = list(documented(model))
    assert len(docs) > 20
    for doc in docs:
        if ".counts" in doc.path or doc.path.endswith((".count", ".items")) or ".items[]" in doc.path:
            continue  # the shapes that the four ways to write an expectation are brought to
        assert doc.kind, doc.path
        assert doc.description.endswith("."), doc.path
        assert doc.example, doc.path


def test_keys_are_described_as_a_file_spells_them() -> None:
    docs = by_path(StrategySpec)
    assert docs["schema"].default is None
    assert docs["mode"].kind == "off | shadow | paper | live"
    assert docs["mode"].default == "off"
    assert docs["universe.symbols"].kind == "list of symbol"
    assert docs["features"].kind == "expression by name"
    assert docs["params.*.default"].kind == "number, ratio or span"
    assert docs["exit.stop_loss"].unit == "ratio or distance"
    assert docs["sizing.prior.win_rate"].kind == "ratio or param"
    assert docs["tests[].bars.*.close"].kind == "series"
    settings = by_path(Settings)
    assert settings["database.url"].kind == "secret text"
    defaults = {
        "data.edgar.rate_limit": "8/s",
        "data.alpha_vantage.daily_limit": "25/d",
        "ml.retrain_every": "30d",
        "execution.kelly.max_fraction": "25%",
        "simulation.slippage.rate": "0.05%",
        "simulation.commission.per_share": "0.005 USD",
        "broker.paper_trading": "true",
    }
    assert {path: settings[path].default for path in defaults} == defaults
