"""Every value is compiled alone before the first run, so that a wrong one is said at once and where it stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from oracle.core.errors import ConfigError, UsageError
from oracle.strategy.compile import compile_strategy

if TYPE_CHECKING:
    from oracle.backtesting.sweep.space import Space
    from oracle.strategy.declared import DeclaredStrategy

#: Values of one param that are compiled; of more, the ends and evenly spaced ones between.
VALUES_MAX = 200


def check_values(strategy: DeclaredStrategy, space: Space) -> None:
    """Refuse values that do not compile beside the other params' defaults.

    Raises
    ------
    UsageError : names each value, with what is wrong with it
    """
    refused = []
    for name, texts in space.values.items():
        step = max(1, -(-len(texts) // VALUES_MAX))
        for text in dict.fromkeys((*texts[::step], texts[-1])):
            compiled = compile_strategy(strategy.compiled.loaded, {name: text})
            if compiled.plan is None:
                errors = [d for d in compiled.diagnostics if d.is_error]
                refused.append(f"{name}={text}: {ConfigError(errors)}")
    if refused:
        raise UsageError(f"{strategy.name} does not compile with\n" + "\n".join(refused))
