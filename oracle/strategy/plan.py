"""The compiled plan as Python sees it: a handle for runs, and what the engine says of it.

The plan itself lives in the engine and is never taken apart here.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from oracle.core.native import Plan as EnginePlan


@dataclass(frozen=True, slots=True)
class PlanNode:
    """One node: what it computes, from which nodes, in which unit, after how many bars.

    `warm_up` counts leading bars without a value; `inputs` are ids smaller than `id`; `roots` are the keys of the file
    that are decided by it, such as `entry.long`.
    """

    id: int
    op: str
    text: str
    unit: str
    scope: str
    context: str
    warm_up: int
    inputs: tuple[int, ...]
    roots: tuple[str, ...]


@dataclass(frozen=True)
class Plan:
    """A compiled strategy: immutable, hashed, the same wherever it runs."""

    raw: EnginePlan

    def __str__(self) -> str:
        """The plan as `oracle plan` prints it: one line per node."""
        return self.raw.text().rstrip()

    @cached_property
    def description(self) -> dict[str, Any]:
        """The engine's account of the plan, JSON-ready: at least `name`, `plan_hash` and `nodes`."""
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
                op=str(node["op"]),
                text=str(node["text"]),
                unit=str(node["unit"]),
                scope=str(node["scope"]),
                context=str(node["context"]),
                warm_up=int(node["warm_up"]),
                inputs=tuple(int(i) for i in node["inputs"]),
                roots=tuple(str(root) for root in node["roots"]),
            )
            for node in self.description["nodes"]
        )

    @property
    def roots(self) -> dict[str, int]:
        """What the strategy decides by: each key of the file and its node."""
        return {root: node.id for node in self.nodes for root in node.roots}
