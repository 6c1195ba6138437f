"""A strategy file as a typed, frozen value, and the JSON the engine compiles.

Keys, types, ranges and rules across keys are checked here; expressions stay text and are checked by the engine. Each
field carries its unit and an example, from which `docs/language.md` and the JSON schema are made.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import ConfigDict

from oracle.core import units
from oracle.core.binding import Strict, key
from oracle.core.units import Boolean, Integer, Name, Symbol, Text, between
from oracle.strategy.expectation import ScenarioSpec
from oracle.strategy.literal import (
    CountText,
    Expression,
    FractionText,
    OffsetText,
    ParamText,
    PositiveText,
    SessionsText,
    SpanText,
    VolatilityText,
    is_param_name,
    literal_fields,
)
from oracle.strategy.portfolio import Portfolio, without_defaults

SchemaVersion = Annotated[Integer, between(1, 1, "1, the only version so far")]
MinHold = Annotated[Integer, between(2, 252, "2 to 252 sessions")]


class Universe(Strict):
    """Which symbols the strategy may hold."""

    symbols: list[Symbol] = key(..., "The symbols, upper case.", example="[AAPL, GOOG, BRK.B]")
    where: Expression | None = key(
        None, "Condition for membership, judged at each close.", example="close > 5 and sma(volume, 20) > 100_000"
    )
    sectors: dict[Symbol, Text] = key({}, "Sector of each symbol, for limits and groups.", example="{AAPL: technology}")


class Param(Strict):
    """A number that may vary: in sweeps over its range or choices, and in tests."""

    default: ParamText = key(..., "Value when nothing else is said.", example="126")
    range: list[ParamText] | None = key(None, "Lowest and highest value of a sweep.", example="[21, 252]")
    step: ParamText | None = key(None, "Step of a sweep from the lowest value.", example="21")
    choices: list[ParamText] | None = key(None, "The values of a sweep, one by one.", example="[1, 2, 3]")


class Regime(Strict):
    """A state with hysteresis: on when `enter` becomes true, off when `exit` does. Its name is a boolean."""

    enter: Expression = key(..., "Turns the regime on.", example='symbol("SPY", close > sma(close, 200))')
    exit: Expression = key(..., "Turns it off.", example='symbol("SPY", close < 97% * sma(close, 200))')


class ScaleIn(Strict):
    """Additions to an open position, each a lot of its own with its own stop and target."""

    when: Expression = key(
        ..., "Condition, which may ask about the position.", example="close > position.last_entry_price * (1 + 5%)"
    )
    times: CountText = key("1", "Additions to one position at most.", unit="additions", example="2")
    size: FractionText = key(
        "100%", "Shares of an addition, as a part of the first entry's.", unit="ratio of shares", example="50%"
    )


class PartialExit(Strict):
    """A part of a position that is closed once."""

    when: Expression = key(..., "Condition, which may ask about the position.", example="position.profit > 10%")
    close: FractionText = key(
        ..., "Part of the shares held then; at least one share.", unit="ratio of shares", example="50%"
    )


class Entry(Strict):
    """When a position is opened; decided at the close, filled from the next bar."""

    model_config = ConfigDict(json_schema_extra={"anyOf": [{"required": ["long"]}, {"required": ["short"]}]})

    long: Expression | None = key(None, "Condition to buy.", example="trend and rank(momentum) <= hold")
    short: Expression | None = key(None, "Condition to sell short.", example="rsi(close, 14) > 80")
    priority: Expression | None = key(
        None, "Who goes first when cash or slots run short; the largest wins.", example="momentum"
    )
    scale_in: ScaleIn | None = key(
        None, "When an open position is added to.", example="{when: position.profit > 5%, times: 2, size: 50%}"
    )
    cooldown: SpanText | None = key(
        None, "Rest of a symbol after an exit, before it is entered again.", unit="d or s", example="10s"
    )


class Exit(Strict):
    """When a position is closed. Stops and targets work inside the bar, rules at the close."""

    when: Expression | None = key(None, "Condition for either side.", example="not trend")
    long: Expression | None = key(None, "Condition for long positions.", example="rsi(close, 14) > 70")
    short: Expression | None = key(None, "Condition for short positions.", example="rsi(close, 14) < 30")
    stop_loss: Expression | None = key(
        None, "Stop below the entry price (above for a short).", unit="ratio or distance", example="8%"
    )
    trailing_stop: Expression | None = key(
        None, "Stop behind the best close since entry.", unit="ratio or distance", example="3 * atr(14)"
    )
    take_profit: Expression | None = key(None, "Target above the entry price.", unit="ratio or distance", example="25%")
    stop_price: Expression | None = key(None, "Stop at a price.", unit="level", example="lowest(low, 20)")
    target_price: Expression | None = key(None, "Target at a price.", unit="level", example="highest(high, 60)")
    max_hold: SpanText | None = key(None, "Longest holding: calendar days or sessions.", unit="d or s", example="90d")
    partial: list[PartialExit] = key(
        [], "Parts that are closed early, each once.", example="[{when: position.profit > 10%, close: 50%}]"
    )
    on_leave: Literal["close", "hold"] = key(
        "close", "What happens to a holding whose symbol leaves the universe.", example="hold"
    )


class Prior(Strict):
    """What half Kelly assumes before there are trades, as pseudo-trades."""

    trades: CountText = key(..., "How many trades the prior counts as.", unit="trades", example="30")
    win_rate: FractionText = key(..., "Share of winning trades.", unit="ratio", example="52%")
    payoff: PositiveText = key(..., "Mean win over mean loss.", example="1.3")


class Sizing(Strict):
    """How much is bought."""

    method: Literal[
        "equal_weight",
        "fixed_shares",
        "fixed_fraction",
        "risk_per_trade",
        "volatility_target",
        "inverse_volatility",
        "risk_parity",
        "half_kelly",
    ] = key("equal_weight", "How the weight of a position is found.", example="half_kelly")
    fraction: FractionText | None = key(
        None, "Weight (fixed_fraction), or loss at the stop (risk_per_trade).", unit="ratio of equity", example="5%"
    )
    shares: CountText | None = key(None, "Shares of a position (fixed_shares).", unit="shares", example="100")
    target: VolatilityText | None = key(None, "Annual volatility aimed at.", unit="ratio a year", example="15%")
    lookback: CountText | None = key(
        None, "Bars over which volatility or covariance is measured.", unit="bars", example="60"
    )
    prior: Prior | None = key(
        None, "Assumed record before there is one.", example="{trades: 30, win_rate: 52%, payoff: 1.3}"
    )
    min_trades: CountText | None = key(None, "Closed trades before the record counts.", unit="trades", example="20")
    floor: FractionText | None = key(None, "Smallest half-Kelly fraction.", unit="ratio of equity", example="1%")
    max_position: FractionText | None = key(None, "Cap of one position.", unit="ratio of equity", example="40%")
    max_positions: CountText | None = key(None, "Positions held at once.", unit="positions", example="10")
    fractional: Boolean = key(False, "Whether parts of a share may be bought.", example="true")
    round_lot: CountText | None = key(None, "Shares are a multiple of this.", unit="shares", example="100")


class Execution(Strict):
    """How orders are sent."""

    order_type: Literal["market", "limit", "stop", "stop_limit", "bracket"] = key(
        "market", "Type of entry orders.", example="limit"
    )
    exit: Literal["market", "limit"] = key("market", "Type of exit orders.", example="limit")
    limit_offset: OffsetText | None = key(
        None, "Limit against the decision close; positive is marketable.", unit="ratio", example="0.05%"
    )
    stop_offset: OffsetText | None = key(None, "Trigger beyond the decision close.", unit="ratio", example="0.1%")
    time_in_force: SessionsText | None = key(
        None, "Sessions an entry order works; one when left out.", unit="s", example="1s"
    )
    fill: Literal["next_open"] = key("next_open", "From when an order can fill.", example="next_open")
    conventions: Literal["native", "backtrader", "vectorbt", "lean", "zipline"] = key(
        "native", "Whose conventions a backtest follows; see the page on conventions.", example="lean"
    )


#: Conditions that the signals of a Python strategy take the place of, each a node of its own.
CODED_ENTRY = {"long": "close > 1", "short": "close > 2", "priority": "close"}
CODED_EXIT = "close > 3"


class StrategySpec(Strict):
    """One strategy file."""

    model_config = ConfigDict(
        json_schema_extra={"oneOf": [{"required": [style]} for style in ("entry", "portfolio", "python")]}
    )

    schema_version: SchemaVersion = key(..., "Version of this language.", alias="schema", example="1")
    id: Name | None = key(None, "Keeps the lineage of trials through renames and edits.", example="momentum_2024")
    name: Name = key(..., "Name of the strategy; orders and results carry it.", example="dual_momentum")
    description: Text | None = key(None, "One sentence for people.", example="Hold the strongest stocks.")
    source: Text | None = key(None, "Where the idea comes from.", example="G. Antonacci, Dual Momentum (2014)")
    mode: Literal["off", "shadow", "paper", "live"] = key(
        "off", "How far it may go: nothing, record only, paper account, live.", example="paper"
    )
    universe: Universe = key(..., "Which symbols it may hold.", example="{symbols: [AAPL, MSFT]}")
    timeframe: Literal["1Min", "5Min", "15Min", "30Min", "1Hour", "1Day"] = key(
        "1Day", "Length of a bar.", example="1Day"
    )
    params: dict[Name, Param] = key({}, "Numbers that may vary.", example="{hold: {default: 2, choices: [1, 2, 3]}}")
    features: dict[Name, Expression] = key(
        {}, "Named expressions, in any order.", example="{trend: close > sma(close, 200)}"
    )
    regimes: dict[Name, Regime] = key({}, "Named states with hysteresis.", example="{risk_on: {enter: ..., exit: ...}}")
    entry: Entry | None = key(None, "Rules per symbol: when to open.", example="{long: trend}")
    exit: Exit | None = key(None, "When to close.", example="{when: not trend, stop_loss: 8%}")
    portfolio: Portfolio | None = key(None, "Target weights.", example="{select: top 5 by momentum}")
    min_hold_days: MinHold = key(
        2, "Sessions after the fill before a rule may close; stops are not delayed.", unit="sessions", example="2"
    )
    sizing: Sizing = key(Sizing(), "How much is bought.", example="{method: equal_weight, max_position: 40%}")
    execution: Execution = key(Execution(), "How orders are sent.", example="{order_type: limit, limit_offset: 0.05%}")
    tests: list[ScenarioSpec] = key([], "Unit tests of the rules, run by `oracle test`.", example="see below")
    python: Text | None = key(
        None, "A BaseStrategy subclass that decides instead of rules.", example="my_package.MyStrategy"
    )

    def bound(self, bind: Mapping[str, str] | None = None) -> dict[str, str]:
        """Return the text of each param's value: its default, or what `bind` says.

        Raises
        ------
        KeyError : `bind` names a param that the strategy does not have
        """
        values = {name: param.default for name, param in self.params.items()}
        for name, text in (bind or {}).items():
            if name not in values:
                raise KeyError(name)
            values[name] = text
        return values

    def to_engine(self, bind: Mapping[str, str] | None = None) -> dict[str, Any]:
        """Return what the engine compiles: expressions as text, params and literals bound to their values.

        Parameters
        ----------
        bind : params that differ from their default, as literal text (`126`, `5%`, `90d`)
        """
        values = self.bound(bind)
        portfolio = None
        if self.portfolio is not None:
            portfolio = without_defaults(self.portfolio, _section(self.portfolio, values))
            portfolio["offset"] = _whole(portfolio["offset"])
        return {
            "name": self.name,
            "symbols": list(self.universe.symbols),
            "where": self.universe.where,
            "sectors": dict(self.universe.sectors),
            "timeframe": self.timeframe,
            "params": values,
            "features": dict(self.features),
            "regimes": {name: regime.model_dump() for name, regime in self.regimes.items()},
            "entry": self._entry(values),
            "exit": self._exit(values),
            "portfolio": portfolio,
            "min_hold_days": self.min_hold_days,
            "sizing": _section(self.sizing, values),
            # Conventions belong to a run, not to the plan.
            "execution": {k: v for k, v in _section(self.execution, values).items() if k != "conventions"},
        }

    def slots(self) -> dict[str, str]:
        """Return the param of each setting that names one in a literal's place, by its JSON pointer in `to_engine`."""
        sections = ("entry", "exit", "portfolio", "sizing", "execution")
        found: dict[str, str] = {}
        for name in sections:
            found |= _slots(getattr(self, name), f"/{name}")
        return found

    def _entry(self, values: Mapping[str, str]) -> dict[str, Any] | None:
        if self.python is not None:
            return dict(CODED_ENTRY)
        return None if self.entry is None else _section(self.entry, values)

    def _exit(self, values: Mapping[str, str]) -> dict[str, Any] | None:
        exit = None if self.exit is None else _section(self.exit, values)
        if self.python is None:
            return exit
        # Only exits by signal; stops, targets and the longest holding stand as they are.
        section = _section(Exit(), values) if exit is None else exit
        return {**section, "when": CODED_EXIT, "long": None, "short": None}


def _slots(value: Any, place: str) -> dict[str, str]:
    """Return the params that stand for literals in a section and in those inside of it, by their places."""
    found: dict[str, str] = {}
    if isinstance(value, Strict):
        literals = literal_fields(type(value))
        for name in type(value).model_fields:
            inner = getattr(value, name)
            if name in literals and isinstance(inner, str) and is_param_name(inner):
                found[f"{place}/{name}"] = inner
            else:
                found |= _slots(inner, f"{place}/{name}")
    elif isinstance(value, dict | list):
        for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
            found |= _slots(inner, f"{place}/{key}")
    return found


def _section(section: Strict, values: Mapping[str, str]) -> dict[str, Any]:
    """Return a section with each literal that names a param replaced by the param's value.

    A name that no param has was refused already; the key's default takes its place, so that the rest can be checked.
    """
    literals = literal_fields(type(section))
    result: dict[str, Any] = {}
    for name, field in type(section).model_fields.items():
        value = getattr(section, name)
        if name in literals and isinstance(value, str) and is_param_name(value):
            result[name] = values.get(value, value if field.is_required() else field.default)
        else:
            result[name] = _value(value, values)
    return result


def _value(value: Any, values: Mapping[str, str]) -> Any:
    """Return a value of a section, those of the sections inside of it bound likewise."""
    if isinstance(value, Strict):
        return _section(value, values)
    if isinstance(value, dict):
        return {name: _value(inner, values) for name, inner in value.items()}
    return [_value(inner, values) for inner in value] if isinstance(value, list) else value


def _whole(text: str) -> int:
    """Return a whole number; 0 where a param of another kind, refused already, stands for it."""
    try:
        return units.integer(text)
    except units.UnreadableError:
        return 0
