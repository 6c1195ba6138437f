"""Compile loaded strategies: hand the spec to the engine, keep its plan, and bring its findings back to the file."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from oracle.core.diagnostics import Diagnostic, nearest, sort
from oracle.core.errors import ConfigError, UsageError
from oracle.core.units import UnreadableError
from oracle.strategy import findings
from oracle.strategy.literal import literal, unit_of
from oracle.strategy.load import LoadedStrategy, load_file, load_text
from oracle.strategy.plan import Plan
from oracle.strategy.spec import StrategySpec

if TYPE_CHECKING:
    from oracle.core.native import Plan as EnginePlan


class Compiler(Protocol):
    """The engine's door: spec as JSON in; the plan, or None, and its diagnostics as a JSON array out."""

    def __call__(self, spec_json: str, /) -> tuple[EnginePlan | None, str]: ...


@dataclass(frozen=True, slots=True)
class CompiledStrategy:
    """A strategy file with its plan; `plan` is None where any diagnostic is an error."""

    loaded: LoadedStrategy
    plan: Plan | None
    diagnostics: tuple[Diagnostic, ...]

    @property
    def name(self) -> str:
        """The strategy's name, or the file's where it has none."""
        spec = self.loaded.spec
        return self.loaded.path if spec is None else spec.name

    @property
    def spec(self) -> StrategySpec:
        """The spec.

        Raises
        ------
        ConfigError : the strategy has errors
        """
        if self.loaded.spec is None:
            raise ConfigError(self.diagnostics)
        return self.loaded.spec

    def lint(self, max_position: float | None = None, bars: int | None = None) -> tuple[Diagnostic, ...]:
        """Return the warnings that only limits and data can give.

        Parameters
        ----------
        max_position : the account's cap of one position, a fraction of equity: a larger cap of the strategy never binds
        bars : how long the data are: a warm-up that is not shorter leaves nothing to trade on
        """
        if self.plan is None:
            return ()
        found = json.loads(self.plan.raw.lint(max_position, bars))
        return tuple(sort(findings.brought_home(self.loaded, found)))


def engine() -> Compiler:
    """Return the compiled engine's door.

    Raises
    ------
    EngineError (N001) : the engine is not built
    """
    from oracle.core import native

    return native.compile


def compile_strategy(
    loaded: LoadedStrategy, bind: Mapping[str, str] | None = None, compiler: Compiler | None = None
) -> CompiledStrategy:
    """Compile one loaded strategy.

    Parameters
    ----------
    loaded : from `oracle.strategy.load`
    bind : params that differ from their default, as literal text
    compiler : the engine, or a stand-in

    Returns
    -------
    CompiledStrategy with all diagnostics, those of loading included
    """
    root = loaded.source.root
    if loaded.bound is None or loaded.bound.partial is None or root is None:
        return CompiledStrategy(loaded, None, loaded.diagnostics)
    partial = loaded.bound.partial
    if partial.entry is None and partial.portfolio is None and partial.python is None:
        return CompiledStrategy(loaded, None, loaded.diagnostics)
    _check_binding(partial, bind or {})
    door = compiler if compiler is not None else engine()
    raw, text = door(json.dumps(partial.to_engine(bind)))
    diagnostics = tuple(sort([*loaded.diagnostics, *findings.brought_home(loaded, json.loads(text))]))
    complete = raw is not None and not any(d.is_error for d in diagnostics)
    return CompiledStrategy(loaded, Plan(raw) if complete and raw is not None else None, diagnostics)


def _check_binding(spec: StrategySpec, bind: Mapping[str, str]) -> None:
    """Refuse a binding of a param that is not there, or to a value that is not of its kind."""
    for name, text in bind.items():
        param = spec.params.get(name)
        if param is None:
            meant = nearest(name, spec.params)
            hint = f"; did you mean {meant}?" if meant else ""
            raise UsageError(f"the strategy {spec.name} has no param named {name}{hint}")
        try:
            literal(text)
        except UnreadableError as error:
            raise UsageError(f"{text} is no value of {name}: {error.message}; expected {error.expected}") from None
        if unit_of(text) != unit_of(param.default):
            raise UsageError(f"{text} is no value of {name}, whose default is {param.default}: the unit differs")


def compile_all(loaded: Iterable[LoadedStrategy], compiler: Compiler | None = None) -> list[CompiledStrategy]:
    """Compile several strategies; the diagnostics of each stay with it."""
    return [compile_strategy(strategy, compiler=compiler) for strategy in loaded]


def load_strategy(source: str | Path, bind: Mapping[str, str] | None = None) -> CompiledStrategy:
    """Load and compile one strategy from a file or from text.

    Parameters
    ----------
    source : path of a YAML file, or the YAML itself (text with more than one line)
    bind : params that differ from their default, as literal text: `{"lookback": "63"}`

    Raises
    ------
    ConfigError : the strategy has errors; carries all diagnostics
    UsageError : `bind` names a param that the strategy does not have
    """
    is_text = isinstance(source, str) and "\n" in source
    loaded = load_text(str(source)) if is_text else load_file(source)
    compiled = compile_strategy(loaded, bind)
    if compiled.plan is None:
        raise ConfigError(compiled.diagnostics)
    return compiled


def require(compiled: CompiledStrategy) -> Plan:
    """Return the plan.

    Raises
    ------
    ConfigError : the strategy has errors; carries all diagnostics
    """
    if compiled.plan is None:
        raise ConfigError(compiled.diagnostics)
    return compiled.plan
