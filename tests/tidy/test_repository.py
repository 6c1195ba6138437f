"""The form of the repository: nothing hidden, nothing heavy, nothing overlong, nothing of the machine it came from."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest
from market import ROOT

#: Longest file, in lines; tests inside a Rust file do not count.
LINES_MAX = 450
SOURCES = (".py", ".pyi", ".rs", ".yaml", ".yml", ".toml", ".md", ".css", ".js", ".html", ".ipynb", ".csv")


def git(*arguments: str, text: str = "") -> list[str]:
    done = subprocess.run(["git", *arguments], cwd=ROOT, input=text, capture_output=True, text=True, check=False)
    assert done.returncode in (0, 1), done.stderr
    return done.stdout.splitlines()


@cache
def tracked() -> tuple[Path, ...]:
    """The files under version control that are there."""
    return tuple(path for path in map(Path, git("ls-files")) if (ROOT / path).is_file())


def text_of(path: Path) -> str:
    try:
        return (ROOT / path).read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return ""


def test_no_source_file_is_hidden_from_version_control() -> None:
    folders = sorted({parent for path in tracked() for parent in path.parents})
    imagined = [str(folder / f"new_source{suffix}") for folder in folders for suffix in SOURCES]
    rooms = ("data", "store", "build", "dist", "lib", "env", "var", "reports", "target", "models")
    imagined += [f"oracle/{room}/{name}" for room in rooms for name in ("__init__.py", "new_source.py")]
    imagined += [f"rust_core/src/{room}/mod.rs" for room in rooms]
    assert git("check-ignore", "--no-index", "--stdin", text="\n".join([*map(str, tracked()), *imagined])) == []


def test_what_is_built_is_hidden_from_version_control() -> None:
    built = ["oracle/_engine.abi3.so", "target/debug/x", ".venv/bin/python", "var/bars/x", "reports/momentum.html"]
    assert git("check-ignore", "--no-index", "--stdin", text="\n".join(built)) == built


def lines_of(path: Path) -> int:
    text = text_of(path)
    if path.suffix == ".rs":
        text = re.split(r"^#\[cfg\(test\)\]\s*(?=mod \w+ \{)", text, maxsplit=1, flags=re.MULTILINE)[0]
    return text.count("\n")


def test_no_file_is_overlong_without_a_reason() -> None:
    code = [path for path in tracked() if path.suffix in (".py", ".pyi", ".rs", ".js")]
    longer = {str(path) for path in code if lines_of(path) > LINES_MAX}
    assert longer == set()


def test_no_file_names_the_machine_it_was_made_on() -> None:
    home = re.compile(r"(?<![\w.~}])/(?:home|root|Users|work|tmp|mnt|private)/\w")
    # A lock file and this page have to name what others must not.
    exempt = {"tests/tidy/test_repository.py"}
    found = [
        f"{path}: {hit[0]}" for path in tracked() if str(path) not in exempt and (hit := home.search(text_of(path)))
    ]
    assert found == []


def test_no_file_names_the_host_of_a_package_registry() -> None:
    hosts = re.compile("|".join(("pypi" + r"\.org", "python" + "hosted", r"index\." + r"crates\.io", "index" + "-url")))
    found = [f"{path}: {hit[0]}" for path in tracked() if (hit := hosts.search(text_of(path)))]
    assert found == []


def test_no_marker_is_left_behind() -> None:
    marker = re.compile(r"\b(?:TO" + r"DO|FIX" + r"ME|X" + r"XX)\b")
    code = [path for path in tracked() if path.suffix in (".py", ".pyi", ".rs", ".js", ".yaml")]
    found = [f"{path}: {hit[0]}" for path in code if (hit := marker.search(text_of(path)))]
    assert found == []


def test_every_module_says_what_it_is_for() -> None:
    modules = [path for path in tracked() if path.suffix == ".py" and path.parts[0] in ("oracle", "tests")]
    silent = [path for path in modules if (text := text_of(path)).strip() and not ast.get_docstring(ast.parse(text))]
    assert silent == []


def test_public_functions_are_documented() -> None:
    silent = []
    for path in (path for path in tracked() if path.suffix == ".py" and path.parts[0] == "oracle"):
        for node in ast.parse(text_of(path)).body:
            if not isinstance(node, ast.FunctionDef | ast.ClassDef) or node.name.startswith("_"):
                continue
            if not ast.get_docstring(node):
                silent.append(f"{path}: {node.name}")
    assert silent == []


HEAVY = {
    "numpy", "polars", "pandas", "pydantic", "pydantic_settings", "plotly", "typer", "rich", "yaml", "jsonschema",
    "asyncio", "backtrader", "vectorbt", "xgboost", "ib_async", "talib", "exchange_calendars", "bokeh_sampledata",
}  # fmt: skip


@pytest.mark.parametrize(("code", "allowed"), [
    ("import oracle", set()),
    ("import oracle; oracle.ConfigError", set()),
    ("from oracle.cli.app import run; run(['--help'])", {"typer", "rich"}),
], ids=["import oracle", "an error class", "oracle --help"])  # fmt: skip
def test_what_is_imported_first_is_light(code: str, allowed: set[str]) -> None:
    ask = f"import sys\n{code}\nprint('LOADED', *sorted({HEAVY!r} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", ask], cwd=ROOT, capture_output=True, text=True, check=True)
    loaded = set(done.stdout.rpartition("LOADED")[2].split())
    assert loaded - allowed == set()


def test_every_public_name_can_be_had() -> None:
    ask = "import oracle; print(*[name for name in oracle.__all__ if not hasattr(oracle, name)])"
    done = subprocess.run([sys.executable, "-c", ask], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.split() in ([], ["__version__"]), "the version is known once the package is installed"


def test_tests_of_one_name_do_not_collide() -> None:
    names = [path.name for path in tracked() if path.parts[0] == "tests" and path.suffix == ".py"]
    assert sorted({name for name in names if names.count(name) > 1} - {"conftest.py", "__init__.py"}) == []
