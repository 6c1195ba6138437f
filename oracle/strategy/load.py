"""Load strategy files: every problem of every file at once, each where it stands.

Nothing is compiled here and no engine is needed; `oracle.strategy.compile` goes on from what this returns.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from oracle.core.binding import Bound, bind, locate
from oracle.core.diagnostics import Diagnostic, sort
from oracle.core.errors import UsageError
from oracle.core.source import Source, read, read_file
from oracle.strategy import rules
from oracle.strategy.spec import StrategySpec

#: Endings of files that a folder is searched for.
SUFFIXES = (".yaml", ".yml")

#: What stands in for keys that are missing, so that expressions can be checked all the same.
_PLACEHOLDERS = {
    "schema": 1,
    "name": "unnamed",
    "universe": {"symbols": ["AAPL"]},
    "universe.symbols": ["AAPL"],
}


@dataclass(frozen=True, slots=True)
class LoadedStrategy:
    """One strategy file as read.

    Attributes
    ----------
    source : text and positions
    bound : the spec (`bound.value`, None where the file has errors) and what of it is sound (`bound.partial`)
    diagnostics : every problem of this file, by place
    """

    source: Source
    bound: Bound[StrategySpec] | None
    diagnostics: tuple[Diagnostic, ...]

    @property
    def path(self) -> str:
        """The file as the user named it."""
        return self.source.document.path

    @property
    def spec(self) -> StrategySpec | None:
        """The spec, or None where the file has errors."""
        return None if self.bound is None or any(d.is_error for d in self.diagnostics) else self.bound.value


def load_text(text: str, path: str = "<text>") -> LoadedStrategy:
    """Load one strategy from text; `path` is what diagnostics call it."""
    return _load(read(text, path))


def load_file(path: str | Path) -> LoadedStrategy:
    """Load one strategy file; a file that cannot be read gives a diagnostic, not an exception."""
    return _load(read_file(path))


def load_paths(paths: Iterable[str | Path]) -> list[LoadedStrategy]:
    """Load files and all strategy files under folders, in the order given, folders in the order of names.

    Raises
    ------
    UsageError : a path does not exist, or a folder holds no strategy file
    """
    loaded = [load_file(path) for path in find_files(paths)]
    return _with_unique_names(loaded)


def find_files(paths: Iterable[str | Path]) -> list[Path]:
    """Return the files that `paths` name, each once."""
    found: dict[Path, None] = {}
    for given in map(Path, paths):
        if given.is_dir():
            inside = sorted(
                p for p in given.rglob("*") if p.suffix in SUFFIXES and p.is_file() and not _hidden(p, given)
            )
            if not inside:
                raise UsageError(f"no strategy file (*.yaml) in {given}")
            found.update(dict.fromkeys(inside))
        elif given.exists():
            found[given] = None
        else:
            raise UsageError(f"no such file or folder: {given}")
    return list(found)


def _hidden(path: Path, root: Path) -> bool:
    return any(part.startswith(".") for part in path.relative_to(root).parts)


def _load(source: Source) -> LoadedStrategy:
    if source.root is None:
        return LoadedStrategy(source, None, source.diagnostics)
    bound = bind(StrategySpec, source.root, rules.problems, _PLACEHOLDERS)
    # A syntax error cuts the file short: what is missing after it is its consequence, not a problem of its own.
    cut = any(d.code in ("S001", "S004") for d in source.diagnostics)
    own = [d for d in bound.diagnostics if not (cut and d.code in ("S011", "S012"))]
    return LoadedStrategy(source, bound, tuple(sort([*source.diagnostics, *own])))


def _with_unique_names(loaded: list[LoadedStrategy]) -> list[LoadedStrategy]:
    """Refuse the second of two files whose strategies have the same name."""
    first: dict[str, str] = {}
    result: list[LoadedStrategy] = []
    for strategy in loaded:
        partial = None if strategy.bound is None else strategy.bound.partial
        if (
            partial is None
            or strategy.bound is None
            or strategy.source.root is None
            or ("name",) in strategy.bound.dropped
        ):
            result.append(strategy)
            continue
        owner = first.setdefault(partial.name, strategy.path)
        if owner != strategy.path:
            node, mark, width = locate(strategy.source.root, ("name",))
            message = f"the name `{partial.name}` is taken by {owner}"
            problem = node.document.problem(mark, "S017", message, expected="a name of its own", width=width)
            strategy = LoadedStrategy(strategy.source, strategy.bound, tuple(sort([*strategy.diagnostics, problem])))
        result.append(strategy)
    return result
