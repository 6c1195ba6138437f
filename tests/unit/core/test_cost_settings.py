"""Settings of costs: what must ascend, and what the engine is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from oracle.backtesting.conventions import conventions
from oracle.core.config import Settings, read_settings


def problems(tmp_path: Path, text: str) -> list[tuple[str, int, str | None]]:
    path = tmp_path / "settings.yaml"
    path.write_text(f"simulation:\n  {text}\n", encoding="utf-8")
    return [(found.code, found.line, found.expected) for found in read_settings(path, {}).diagnostics]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("commission: {tiered: {tiers: []}}", "at least one"),
        ("commission: {tiered: {tiers: [{up_to: 5, per_share: 1}, {up_to: 5, per_share: 1}, {per_share: 1}]}}", "5"),
        ("commission: {tiered: {tiers: [{per_share: 1}, {per_share: 1}]}}", "more than 0"),
        ("commission: {tiered: {tiers: [{up_to: 5, per_share: 1}]}}", "without end"),
        ("interest: {benchmark: []}", "at least one, or null"),
        ("interest: {benchmark: [{rate: 4%}, {rate: 5%}]}", "a date"),
        ("interest: {benchmark: [{from: 2024-01-02, rate: 4%}, {from: 2024-01-02, rate: 5%}]}", "after 2024-01-02"),
        ("borrow_rate: 1001%", "0% to 1000%"),
        ("slippage: {volatility_window: 1}", "2 to 252 sessions"),
        ("slippage: {volume_limit: 0%}", "0.01% to 100%"),
    ],
)
def test_what_cannot_be_is_refused_in_its_place(tmp_path: Path, text: str, expected: str) -> None:
    ((code, line, said),) = problems(tmp_path, text)
    assert (code, line) == ("S013", 2)
    assert expected in (said or "")


def told(**simulation: object) -> dict[str, object]:
    return conventions(Settings.model_validate({"simulation": simulation}).simulation)


def test_the_engine_is_told_the_published_tiers() -> None:
    costs = told(commission={"model": "tiered"})
    assert costs["regulatory_fees"] is True
    assert costs["commission"] == {
        "model": "tiered",
        "tiers": [
            {"up_to_shares": 300_000, "per_share_usd": "0.0035"},
            {"up_to_shares": 3_000_000, "per_share_usd": "0.002"},
            {"up_to_shares": 20_000_000, "per_share_usd": "0.0015"},
            {"up_to_shares": 100_000_000, "per_share_usd": "0.001"},
            {"up_to_shares": None, "per_share_usd": "0.0005"},
        ],
        "minimum_usd": "0.35",
        "maximum_frac": "0.01",
        "pass_through": {
            "clearing_usd": "0.0002",
            "clearing_maximum_frac": "0.005",
            "exchange_remove_usd": "0.003",
            "exchange_add_usd": "0",
            "of_commission_frac": "0.000735",
        },
    }


def test_nights_cost_nothing_unless_told() -> None:
    assert (told()["borrow_frac"], told()["interest"], told()["regulatory_fees"]) == (0.0, None, False)
    benchmark = [{"rate": "5.33%"}, {"from": "2024-09-19", "rate": "4.83%"}]
    assert told(interest={"benchmark": benchmark})["interest"] == {
        "benchmark": [{"from": None, "annual_frac": 0.0533}, {"from": "2024-09-19", "annual_frac": 0.0483}],
        "credit_below_frac": 0.005,
        "debit_above_frac": 0.015,
        "floor_usd": "10000",
    }
