"""Who a strategy descends from: what makes two plans attempts at the same idea.

A file with an `id:` says so itself. Without one, plans are compared by their nodes. A node counts by the text of its
operation and of the operations that feed it, with numbers left blank and names resolved: a changed number is the most
frequent edit and a renamed feature the most harmless one, so that neither may begin the count anew.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from oracle.strategy.declared import DeclaredStrategy
    from oracle.strategy.plan import PlanNode

#: Share of the larger plan's nodes that both must have, to count as one lineage.
SHARED_MIN = 0.7
#: Digits of a node's hash that are kept; a plan has tens of nodes.
DIGITS = 12

_NUMBER = re.compile(r"(?<![A-Za-z_])\d[\d_.]*(?:e[+-]?\d+)?")


@dataclass(frozen=True, slots=True)
class Descent:
    """What tells a strategy's lineage: its id, if it has one, its name, its plan and the plan's nodes."""

    id: str | None
    name: str
    plan_hash: str
    nodes: tuple[str, ...]

    @classmethod
    def of(cls, strategy: DeclaredStrategy) -> Descent:
        """Return the descent of a compiled strategy."""
        return cls(strategy.spec.id, strategy.name, strategy.plan.hash, node_hashes(strategy.plan.nodes))

    @property
    def own_name(self) -> str:
        """What a lineage that begins with this strategy is called."""
        return self.id if self.id is not None else f"{self.name}-{self.plan_hash[:8]}"


def node_hashes(nodes: Sequence[PlanNode]) -> tuple[str, ...]:
    """Return the hashes of a plan's nodes, sorted, equals as often as they occur.

    Bar fields and constants are left out: every plan has them.
    """
    blank = [f"{_NUMBER.sub('#', node.op)} {node.context}" for node in nodes]
    # The plan orders the sides of `and` and of sums by their hashes, which hang on numbers.
    texts = (f"{blank[node.id]}({', '.join(sorted(blank[i] for i in node.inputs))})" for node in nodes if node.inputs)
    return tuple(sorted(hashlib.sha256(text.encode()).hexdigest()[:DIGITS] for text in texts))


def likeness(one: Sequence[str], other: Sequence[str]) -> float:
    """Return the share of nodes, 0 to 1, of the larger plan that both plans have; 0 for plans without any."""
    shared = Counter(one) & Counter(other)
    return shared.total() / max(len(one), len(other), 1)
