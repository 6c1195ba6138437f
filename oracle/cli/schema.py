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
    from oracle.core.schema import json_schema

    module, name = _MODELS[what]
    print_json(json_schema(getattr(importlib.import_module(module), name)))
