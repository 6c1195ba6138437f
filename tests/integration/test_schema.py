"""The JSON schemas that editors read: they accept what `oracle check` accepts, and mark what it refuses on reading.

Editors read YAML 1.2, where `ON` is text, `100_000` is text and `TRUE` a truth value; so does the loader here.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from oracle.cli.app import run

ROOT = Path(__file__).parents[2]
CASES = ROOT / "tests" / "config_cases"


class Yaml12(yaml.SafeLoader):
    """The core schema of YAML 1.2: what scalars without quotes are."""


Yaml12.yaml_implicit_resolvers = {}
for tag, pattern, first in (
    ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    ("bool", r"true|True|TRUE|false|False|FALSE", list("tTfF")),
    ("int", r"[-+]?[0-9]+", list("-+0123456789")),
    ("float", r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?", list("-+0123456789.")),
):
    Yaml12.add_implicit_resolver(f"tag:yaml.org,2002:{tag}", re.compile(f"^(?:{pattern})$"), first)


def read(path: Path) -> Any:
    """Return a file as an editor sees it."""
    return yaml.load(path.read_text(encoding="utf-8"), Yaml12)  # a safe loader with other resolvers


@pytest.fixture
def schema(request: pytest.FixtureRequest, capsys: pytest.CaptureFixture[str]) -> jsonschema.Draft202012Validator:
    assert run(["schema", "--what", request.param]) == 0
    described = json.loads(capsys.readouterr().out)
    jsonschema.Draft202012Validator.check_schema(described)
    return jsonschema.Draft202012Validator(described)


def kind_of(path: Path) -> str:
    if path.name == "risk_limits.yaml":
        return "risk"
    return "settings" if path.name.startswith("settings") else "strategy"


def good() -> Iterator[tuple[str, Path]]:
    for path in [*(CASES / "good").glob("*.yaml"), *(ROOT / "strategies").glob("*.yaml"), *(ROOT / "config").glob("*")]:
        yield kind_of(path), path


GOOD = sorted(good(), key=str)


@pytest.mark.parametrize(("schema", "path"), GOOD, ids=[p.stem for _, p in GOOD], indirect=["schema"])
def test_a_sound_file_is_accepted(schema: jsonschema.Draft202012Validator, path: Path) -> None:
    assert [f"{error.json_path}: {error.message}" for error in schema.iter_errors(read(path))] == []


def test_all_three_kinds_are_shown() -> None:
    assert {kind for kind, _ in GOOD} == {"strategy", "settings", "risk"}


#: Faults that a schema can see, by where they stand: keys, choices, types and units, but no names and nothing that one
#: key means for another.
BAD: dict[str, set[str]] = {
    "s010_unknown_key": {"$", "$.entry"},
    "s011_missing_key": {"$", "$.universe"},
    "s011_no_rules": {"$"},
    "s012_one_symbol_is_no_list": {"$.universe.symbols"},
    "s012_wrong_type": {
        "$.universe.symbols[0]", "$.universe.symbols[1]", "$.params.hold", "$.features", "$.exit", "$.min_hold_days",
        "$.sizing.fractional",
    },
    "s013_out_of_range": {"$.min_hold_days"},
    "s014_unit_missing": {"$.exit.max_hold", "$.sizing.fraction", "$.sizing.max_position"},
    "s015_not_one_of_the_choices": {"$.mode", "$.sizing.method", "$.portfolio.rebalance"},
    "s016_keys_that_exclude_each_other": {"$"},
    "s017_names": {"$.name", "$.features"},
    "tests_block": {
        "$.tests[0].bars.AAPL", "$.tests[1].expect", "$.tests[3].expect.entries", "$.tests[3].expect.orders",
    },
    "settings_s010_unknown_keys": {"$", "$.broker", "$.broker.ibkr"},
    "settings_s012_to_s015": {
        "$.app.log_level", "$.broker.provider", "$.broker.paper_trading", "$.ml.retrain_every", "$.monitoring.port",
        "$.simulation.cash_buffer", "$.simulation.waive[0]",
    },
}  # fmt: skip


@pytest.mark.parametrize(
    ("schema", "name"),
    [(kind_of(Path(name)), name) for name in BAD],
    ids=list(BAD),
    indirect=["schema"],
)
def test_a_fault_is_marked_where_it_stands(schema: jsonschema.Draft202012Validator, name: str) -> None:
    found = {error.json_path for error in schema.iter_errors(read(CASES / "bad" / f"{name}.yaml"))}
    assert found == BAD[name]


@pytest.mark.parametrize("schema", ["risk"], indirect=True)
def test_a_missing_limit_is_marked(schema: jsonschema.Draft202012Validator) -> None:
    limits = read(ROOT / "config" / "risk_limits.yaml")
    del limits["position_limits"]["max_position"]
    limits["portfolio_limits"]["max_drawdown"] = 10
    found = {error.json_path: error.message for error in schema.iter_errors(limits)}
    assert set(found) == {"$.position_limits", "$.portfolio_limits.max_drawdown"}
    assert "'max_position' is a required property" in found["$.position_limits"]
