"""The corpus of good and bad files: what is accepted without a word, and the exact words for what is not.

A bad file `NAME.yaml` has its rendered diagnostics in `NAME.expected`. A first line `# env: SA_X=1` sets variables.
Files named `settings_*` are settings, all others strategies; those whose expectation names a code of the engine are
compiled as well.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from oracle.core import native
from oracle.core.config import read_settings
from oracle.core.diagnostics import SOURCE_CODES, Diagnostic, render_text
from oracle.strategy.compile import compile_strategy
from oracle.strategy.load import load_file

CASES = Path(__file__).parents[1] / "config_cases"
GOOD = sorted((CASES / "good").glob("*.yaml"))
BAD = sorted((CASES / "bad").glob("*.yaml"))
CODE = re.compile(r"^[^ ]+:[0-9]+:[0-9]+: ([A-Z][0-9]{3}) ", re.MULTILINE)


def diagnostics_of(path: Path, *, compiled: bool) -> tuple[Diagnostic, ...]:
    """Every diagnostic of one file of the corpus, which is named relative to it."""
    if path.name.startswith("settings_"):
        first = path.read_text(encoding="utf-8").split("\n", 1)[0]
        env = dict(word.split("=", 1) for word in first.removeprefix("# env: ").split()) if "# env:" in first else {}
        return read_settings(path.name, env).diagnostics
    loaded = load_file(path.name)
    return compile_strategy(loaded).diagnostics if compiled else loaded.diagnostics


@pytest.mark.parametrize("path", GOOD, ids=lambda p: p.stem)
def test_a_good_file_is_accepted_without_a_word(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(path.parent)
    assert render_text(diagnostics_of(path, compiled=False)) == ""


@pytest.mark.parametrize("path", BAD, ids=lambda p: p.stem)
def test_a_bad_file_is_refused_in_the_expected_words(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(path.parent)
    expected = path.with_suffix(".expected").read_text(encoding="utf-8")
    by_engine = any(not code.startswith("S") for code in CODE.findall(expected))
    assert render_text(diagnostics_of(path, compiled=by_engine)) + "\n" == expected


def test_every_source_code_has_a_bad_file() -> None:
    shown = {code for path in BAD for code in CODE.findall(path.with_suffix(".expected").read_text(encoding="utf-8"))}
    assert {c.code for c in SOURCE_CODES} - shown == set()


#: Codes of the engine that no strategy file of this corpus brings out, and why.
ELSEWHERE = {
    "E112": "an empty expression is S012 before the engine sees it",
    "E408": "literals are read by the schema: S012 to S014",
    "E409": "words are read by the schema: S015",
    "E410": "settings that need each other are checked by the schema: S011",
    "E411": "settings that exclude each other are checked by the schema: S016",
    "E413": "a plan of 20,000 nodes is tested in the engine",
    "W504": "needs the account's limits beside the strategy",
    "W505": "needs bars beside the strategy",
    "W507": "declared, but no rule of the engine gives it",
}


def test_every_code_of_the_engine_has_a_bad_file_or_a_reason() -> None:
    shown = {code for path in BAD for code in CODE.findall(path.with_suffix(".expected").read_text(encoding="utf-8"))}
    known = {page["id"] for page in json.loads(native.codes())["language"]}
    assert known - shown - set(ELSEWHERE) == set()
    assert set(ELSEWHERE) <= known - shown


def test_every_expectation_has_its_file() -> None:
    assert {p.stem for p in (CASES / "bad").glob("*.expected")} == {p.stem for p in BAD}
