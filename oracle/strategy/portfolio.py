"""The `portfolio:` section of a strategy file as typed values: selection, weights, groups, schedule, corridors."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, GetJsonSchemaHandler, model_validator
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from oracle.core.binding import Path, Strict, key
from oracle.core.units import Kind, Name, Symbol
from oracle.strategy.literal import RATIO_PATTERN, DelayText, Expression, FractionText, RebalanceText


class Corridor(Strict):
    """How far a holding may be from its target and be left alone; both bounds hold. A lone ratio is `absolute`."""

    absolute: FractionText | None = key(
        None, "Distance from the target, as a part of equity.", unit="ratio of equity", example="5%"
    )
    relative: FractionText | None = key(
        None, "Distance from the target, as a part of the target.", unit="ratio of the target", example="25%"
    )

    @model_validator(mode="before")
    @classmethod
    def _lone_ratio(cls, value: object) -> object:
        return {"absolute": value} if isinstance(value, str) else value

    @classmethod
    def __get_pydantic_json_schema__(cls, core_schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """Return a schema that takes a lone ratio as well."""
        section = handler.resolve_ref_schema(handler(core_schema))
        return {"anyOf": [{"type": "string", "pattern": RATIO_PATTERN}, {**section, "minProperties": 1}]}


CorridorText = Annotated[Corridor, Kind("ratio, param or keys")]


class Group(Strict):
    """A part of the portfolio with members, a selection and weights of its own, or with groups inside."""

    share: Expression = key(
        ...,
        "Part of the group around it, or of `gross`; one value for the market.",
        unit="ratio",
        example='"if(risk_on, 20%, 40%)"',
    )
    members: list[Symbol] | None = key(
        None, "Symbols that it may hold; those of the group around it when left out.", example="[GLD, TLT]"
    )
    select: Expression | None = key(
        None, "Which of its members are held; all when left out.", example="top 3 by momentum where trend"
    )
    weight: Expression = key(
        "equal", "As `portfolio.weight`, inside of the group.", unit="ratio", example="inverse_volatility(60)"
    )
    corridor: CorridorText | None = key(
        None,
        "As `portfolio.corridor`, for its holdings; that of the group around it when left out.",
        unit="ratio of equity",
        example="{absolute: 5%, relative: 25%}",
    )
    groups: dict[Name, Group] = key(
        {}, "Groups inside of it, with the keys of a group; at most 8 levels.", example="{gold: {share: 50%}}"
    )


class Portfolio(Strict):
    """Target weights instead of rules per symbol."""

    model_config = ConfigDict(json_schema_extra={"anyOf": [{"required": ["select"]}, {"required": ["groups"]}]})

    select: Expression | None = key(None, "Which members are held.", example="top 5 by momentum where trend")
    weight: Expression = key(
        "equal",
        "equal, inverse_volatility(n), risk_parity(n), score, or an expression.",
        unit="ratio",
        example="inverse_volatility(60)",
    )
    groups: dict[Name, Group] = key(
        {}, "Parts with a share each, instead of `select` and `weight`.", example="{core: {share: 60%}}"
    )
    rebalance: RebalanceText = key(
        "monthly",
        "every session, weekly, monthly, quarterly, on change, on drift, or sessions.",
        example="20s",
    )
    offset: DelayText = key("0", "Sessions after the first of the period.", unit="sessions", example="3")
    corridor: CorridorText | None = key(
        None,
        "A holding this near its target is left alone.",
        unit="ratio of equity",
        example="{absolute: 5%, relative: 25%}",
    )
    to: Literal["target", "edge"] = key(
        "target", "How far a holding outside of its corridor is brought back.", example="edge"
    )
    gross: FractionText | None = key(
        None, "Most that the targets add up to; 100% when left out.", unit="ratio", example="95%"
    )


def groups_of(section: Portfolio | Group, at: Path = ("portfolio",)) -> Iterator[tuple[Path, Group]]:
    """Yield every group below a section with its path of keys, each before those inside of it."""
    for name, group in section.groups.items():
        path = (*at, "groups", name)
        yield path, group
        yield from groups_of(group, path)


def without_defaults(section: Portfolio | Group, dumped: dict[str, Any]) -> dict[str, Any]:
    """Return a section as the engine takes it: beside groups a weight stands only where the file gives one."""
    kept = dict(dumped)
    if section.groups and "weight" not in section.model_fields_set:
        kept["weight"] = None
    kept["groups"] = {name: without_defaults(group, kept["groups"][name]) for name, group in section.groups.items()}
    return kept
