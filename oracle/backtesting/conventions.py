"""Costs and conventions of a simulation as the engine's JSON has them: unit last in each key, dollars as exact text."""

from __future__ import annotations

from decimal import Decimal

from oracle.core import native
from oracle.core.config import SimulationSettings
from oracle.core.costs import CommissionSettings, InterestSettings, SlippageSettings, TieredSettings


def conventions(simulation: SimulationSettings) -> dict[str, object]:
    """Return costs and conventions as the simulation's JSON has them."""
    return {
        **_commission(simulation.commission),
        "slippage": _slippage(simulation.slippage),
        "borrow_frac": simulation.borrow_rate,
        "interest": _interest(simulation.interest),
        "max_participation_frac": simulation.max_participation,
        "resume_after_sessions": simulation.resume_after,
        "cash_buffer_frac": simulation.cash_buffer,
    }


def settled(words: str) -> str:
    """Return conventions in the one way of writing them that all words of the same meaning have.

    Raises
    ------
    RangeError (R101) : there is no such profile, switch or setting
    """
    usual = native.conventions_of("native")
    turned = {name: setting for name, setting in native.conventions_of(words).items() if setting != usual[name]}
    return ",".join(("native", *(f"{name}={setting}" for name, setting in turned.items())))


def _commission(commission: CommissionSettings) -> dict[str, object]:
    models: dict[str, dict[str, object]] = {
        "zero": {},
        "bps": {"bps": commission.rate * 1e4},
        "per_share": {
            "per_share_usd": _usd(commission.per_share),
            "minimum_usd": _usd(commission.minimum),
            "maximum_frac": _text(commission.maximum),
            "maximum_wins": commission.maximum_wins,
        },
        "tiered": _tiered(commission.tiered),
    }
    by_model = commission.model == "tiered"
    return {
        "commission": {"model": commission.model, **models[commission.model]},
        "regulatory_fees": by_model if commission.regulatory_fees is None else commission.regulatory_fees,
    }


def _tiered(tiered: TieredSettings) -> dict[str, object]:
    return {
        "tiers": [{"up_to_shares": tier.up_to, "per_share_usd": _usd(tier.per_share)} for tier in tiered.tiers],
        "minimum_usd": _usd(tiered.minimum),
        "maximum_frac": _text(tiered.maximum),
        "pass_through": {
            "clearing_usd": _usd(tiered.clearing),
            "clearing_maximum_frac": _text(tiered.clearing_maximum),
            "exchange_remove_usd": _usd(tiered.exchange_remove),
            "exchange_add_usd": _usd(tiered.exchange_add),
            "of_commission_frac": _text(tiered.pass_through),
        },
    }


def _slippage(slippage: SlippageSettings) -> dict[str, object]:
    models: dict[str, dict[str, object]] = {
        "zero": {},
        "bps": {"bps": slippage.rate * 1e4},
        "spread": {"spread_bps": slippage.spread * 1e4},
        "square_root": {
            "coefficient": slippage.coefficient,
            "volatility_sessions": slippage.volatility_window,
            "volume_sessions": slippage.volume_window,
            "fallback_bps": slippage.rate * 1e4,
        },
        "volume_share": {"impact": slippage.impact, "limit_frac": slippage.volume_limit},
    }
    return {"model": slippage.model, **models[slippage.model]}


def _interest(interest: InterestSettings) -> dict[str, object] | None:
    if interest.benchmark is None:
        return None
    return {
        "benchmark": [
            {"from": None if step.start is None else step.start.isoformat(), "annual_frac": step.rate}
            for step in interest.benchmark
        ],
        "credit_below_frac": interest.credit_below,
        "debit_above_frac": interest.debit_above,
        "floor_usd": _usd(interest.floor),
    }


def _usd(amount: Decimal) -> str:
    """Write an amount in the one way that equal amounts have."""
    text = f"{amount:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _text(fraction: float | None) -> str | None:
    return None if fraction is None else str(fraction)
