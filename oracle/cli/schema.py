"""`oracle schema`: the JSON schema of a file, for editors that complete and check while one writes."""

from __future__ import annotations

import importlib
from enum import StrEnum
from typing import Annotated

import typer

from oracle.cli.output import print_json

app = typer.Typer()


class What(StrEnum):
    """Which file the schema is of."""

    STRATEGY = "strategy"
    SETTINGS = "settings"
    RISK = "risk"


_MODELS = {
    What.STRATEGY: ("oracle.strategy.spec", "StrategySpec"),
    What.SETTINGS: ("oracle.core.config", "Settings"),
    What.RISK: ("oracle.risk.limits", "RiskSettings"),
}


@app.command(epilog="Example: oracle schema --what strategy > strategy.schema.json")
def schema(
    what: Annotated[What, typer.Option(help="The kind of file.")] = What.STRATEGY,
) -> None:
    """Print the JSON schema of strategy files, settings or risk limits."""
    module, name = _MODELS[what]
    model = getattr(importlib.import_module(module), name)
    described = model.model_json_schema(by_alias=True, mode="validation")
    print_json({"$schema": "https://json-schema.org/draft/2020-12/schema", **described})
