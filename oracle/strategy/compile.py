"""Compile a loaded strategy: hand its spec to the engine, and bring the engine's diagnostics back to the file.

The engine knows expressions by a path into the spec and character offsets; here they become file, line and column.
What follows only from parts already refused (a param that could not be read is an unknown name) is not repeated.
"""

from __future__ import annotations

import importlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path as FilePath
from typing import Protocol, TypedDict, cast

from oracle.core.binding import Path, locate
from oracle.core.diagnostics import Diagnostic, Severity, sort
from oracle.core.errors import ConfigError, EngineError, UsageError
from oracle.core.nodes import Mapping as MappingNode
from oracle.core.nodes import Mark, Scalar
from oracle.core.source import Source
from oracle.strategy.literal import is_param_name
from oracle.strategy.load import LoadedStrategy, load_file, load_text
from oracle.strategy.plan import EnginePlan, Plan
from oracle.strategy.spec import StrategySpec

#: The engine's codes for settings that are missing or exclude each other.
_SETTINGS = ("E410", "E411")


class Compiler(Protocol):
    """The engine's door: spec as JSON in; the plan, or None, and its diagnostics as a JSON array out."""

    def __call__(self, spec_json: str, /) -> tuple[EnginePlan | None, str]: ...


class _EngineDiagnostic(TypedDict):
    code: str
    severity: Severity
    path: list[str]
    start: int
    end: int
    message: str
    found: str | None
    expected: str | None
    suggestion: str | None
    notes: list[str]


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


def engine() -> Compiler:
    """Return the compiled engine's door.

    Raises
    ------
    EngineError (N001) : the engine is not built
    """
    try:
        native = importlib.import_module("oracle.core.native")
    except ImportError as error:
        raise EngineError(f"the compiled engine is missing ({error}); build it with `maturin develop`") from error
    return cast(Compiler, native.compile)


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
    partial, dropped = loaded.bound.partial, loaded.bound.dropped
    if partial.python is not None or (partial.entry is None and partial.portfolio is None):
        return CompiledStrategy(loaded, None, loaded.diagnostics)
    unknown = sorted(set(bind or {}) - set(partial.params))
    if unknown:
        raise UsageError(f"the strategy {partial.name} has no param named {unknown[0]}")
    door = compiler if compiler is not None else engine()
    raw, text = door(json.dumps(partial.to_engine(bind)))
    reported = cast(list[_EngineDiagnostic], json.loads(text))
    found = [_locate(loaded.source, d) for d in reported if not _follows(loaded.source, d, dropped)]
    # Settings are checked on both sides of the door; one place needs to hear of it once.
    known = {(d.line, d.column) for d in loaded.diagnostics if d.is_error}
    found = [d for d in found if not (d.code.startswith("E4") and (d.line, d.column) in known)]
    diagnostics = tuple(sort([*loaded.diagnostics, *found]))
    complete = raw is not None and not any(d.is_error for d in diagnostics)
    return CompiledStrategy(loaded, Plan(raw) if complete and raw is not None else None, diagnostics)


def compile_all(loaded: Iterable[LoadedStrategy], compiler: Compiler | None = None) -> list[CompiledStrategy]:
    """Compile several strategies; the diagnostics of each stay with it."""
    return [compile_strategy(strategy, compiler=compiler) for strategy in loaded]


def load_strategy(source: str | FilePath, bind: Mapping[str, str] | None = None) -> CompiledStrategy:
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


def _file_path(path: list[str]) -> Path:
    """Return where a part of the spec stands in the file."""
    if path and path[0] in ("symbols", "where", "sectors"):
        return ("universe", *path)
    return tuple(path)


def _scalar(source: Source, path: list[str]) -> tuple[Scalar | None, Mark, int]:
    if source.root is None:
        return None, Mark(1, 1, 0), 1
    node, mark, width = locate(source.root, _file_path(path))
    if isinstance(node, MappingNode) and path and path[0] == "params":
        default = node.get("default")
        node = default if default is not None else node
    return (node, node.mark, width) if isinstance(node, Scalar) else (None, mark, width)


def _locate(source: Source, found: _EngineDiagnostic) -> Diagnostic:
    """Bring one of the engine's diagnostics to its line and column."""
    scalar, mark, width = _scalar(source, found["path"])
    if scalar is not None and not (is_param_name(scalar.text) and found["end"] > len(scalar.text)):
        mark = scalar.locate(found["start"])
        last = scalar.locate(max(found["end"] - 1, found["start"]))
        end_of_line = len(source.document.line(mark.line)) + 1
        width = (last.column if last.line == mark.line else end_of_line - 1) - mark.column + 1
    document = scalar.document if scalar is not None else source.document
    return Diagnostic(
        path=document.path,
        line=mark.line,
        column=mark.column,
        code=found["code"],
        message=found["message"],
        severity=found["severity"],
        found=found.get("found") or None,
        expected=found.get("expected") or None,
        suggestion=found.get("suggestion") or None,
        excerpt=document.line(mark.line),
        width=max(1, width),
        notes=tuple(found.get("notes") or ()),
    )


def _follows(source: Source, found: _EngineDiagnostic, dropped: frozenset[Path]) -> bool:
    """Whether a finding exists only because something it speaks of was refused: a name, or a setting."""
    if found["code"] in _SETTINGS:
        return bool(found["path"]) and found["path"][0] in {path[0] for path in dropped}
    if not found["code"].startswith("E2"):
        return False
    scalar, _, _ = _scalar(source, found["path"])
    if scalar is None:
        return False
    name, rest = scalar.text[found["start"] : found["end"]], scalar.text[found["end"] :]
    if re.match(r"\s*\(", rest):
        return False
    sections = {path[0] for path in dropped if len(path) == 1}
    names = {str(path[1]) for path in dropped if len(path) > 1 and path[0] in ("params", "features", "regimes")}
    return name in names or bool(sections & {"params", "features", "regimes"})
