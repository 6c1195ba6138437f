"""The compiled plan as Python sees it: a handle for runs, and a description for people.

The plan itself lives in the engine and is never taken apart here; `describe` is its own account of itself, as JSON.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol


class EnginePlan(Protocol):
    """What the engine hands out for a compiled strategy."""

    @property
    def hash(self) -> str:
        """The plan hash."""
        ...

    def describe(self) -> str:
        """Return name, symbols, hash, warm-up, settle, roots and nodes as a JSON object."""
        ...


@dataclass(frozen=True, slots=True)
class PlanNode:
    """One node: what it computes, from which nodes, in which unit, after how many bars.

    `warm_up` counts leading bars without a value; `inputs` are ids smaller than `id`.
    """

    id: int
    text: str
    kind: str
    unit: str
    scope: str
    warm_up: int
    inputs: tuple[int, ...]


@dataclass(frozen=True)
class Plan:
    """A compiled strategy: immutable, hashed, the same wherever it runs."""

    raw: EnginePlan

    @cached_property
    def description(self) -> dict[str, Any]:
        """The engine's account of the plan, JSON-ready."""
        value = json.loads(self.raw.describe())
        if not isinstance(value, dict):
            raise TypeError("the engine describes a plan by an object")
        return value

    @property
    def hash(self) -> str:
        """The plan hash: the resolved graph with bound params and node versions."""
        return self.raw.hash

    @property
    def name(self) -> str:
        """The strategy's name."""
        return str(self.description["name"])

    @property
    def warm_up(self) -> int:
        """Leading bars before every root has a value."""
        return int(self.description["warm_up"])

    @cached_property
    def nodes(self) -> tuple[PlanNode, ...]:
        """The nodes in evaluation order."""
        return tuple(
            PlanNode(
                id=int(node["id"]),
                text=str(node["text"]),
                kind=str(node["kind"]),
                unit=str(node["unit"]),
                scope=str(node["scope"]),
                warm_up=int(node["warm_up"]),
                inputs=tuple(int(i) for i in node["inputs"]),
            )
            for node in self.description["nodes"]
        )

    @property
    def roots(self) -> dict[str, int]:
        """What the strategy decides by: the name of each rule and its node."""
        return {str(name): int(node) for name, node in self.description["roots"].items()}


def to_mermaid(plan: Plan) -> str:
    """Return the plan as a Mermaid flow chart; rules are drawn as rounded boxes at the end."""
    lines = ["flowchart LR"]
    for node in plan.nodes:
        lines.append(f'  n{node.id}["{_quoted(node.text)}<br/>{_quoted(node.unit)}, warm-up {node.warm_up}"]')
        lines += [f"  n{source} --> n{node.id}" for source in node.inputs]
    for index, (name, node_id) in enumerate(plan.roots.items()):
        lines.append(f'  r{index}(["{_quoted(name)}"])')
        lines.append(f"  n{node_id} --> r{index}")
    return "\n".join(lines)


def _quoted(text: str) -> str:
    escapes = {"&": "&amp;", '"': "&quot;", "<": "&lt;", ">": "&gt;"}
    return "".join(escapes.get(char, char) for char in " ".join(text.split()))
