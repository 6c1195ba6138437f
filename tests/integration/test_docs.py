"""The manual is true: pages are current, examples compile and pass, links lead somewhere, no code is missing."""

from __future__ import annotations

import importlib.util
import json
import re
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

import oracle
from oracle.bootstrap import run_tests
from oracle.core import errors, native
from oracle.core.codes import ERROR_CODES
from oracle.core.diagnostics import render_text
from oracle.core.errors import ConfigError
from oracle.core.fields import documented
from oracle.strategy.compile import compile_strategy
from oracle.strategy.load import load_text
from oracle.strategy.spec import StrategySpec

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = [ROOT / "README.md", *sorted(p for p in DOCS.rglob("*.md") if p.parent.name != "templates")]
CODE = re.compile(r"\b[CDEINQRSUWX][0-9]{3}\b")


@pytest.fixture(scope="module")
def generator() -> ModuleType:
    spec = importlib.util.spec_from_file_location("generate", DOCS / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


GENERATED = ("indicators.md", "errors.md", "language.md", "configuration.md", "conventions.md")


def test_every_generated_page_is_looked_at(generator: ModuleType) -> None:
    assert set(generator.PAGES) == set(GENERATED)


@pytest.mark.parametrize("name", GENERATED)
def test_a_generated_page_is_current(name: str, generator: ModuleType) -> None:
    assert (DOCS / name).read_text(encoding="utf-8") == generator.PAGES[name](), "run `make docs`"


def blocks(language: str) -> Iterator[tuple[str, str]]:
    """Every fenced block of a language on the hand-written pages, with where it stands."""
    for page in PAGES:
        for index, match in enumerate(re.finditer(rf"^```{language}\n(.*?)^```", page.read_text(), re.M | re.S)):
            yield f"{page.name}[{index}]", match[1]


STRATEGIES = [(place, text) for place, text in blocks("yaml") if re.search(r"^schema:", text, re.M)]


@pytest.mark.parametrize("text", [t for _, t in STRATEGIES], ids=[p for p, _ in STRATEGIES])
def test_a_strategy_on_a_page_compiles_without_a_word_and_passes_its_tests(text: str, tmp_path: Path) -> None:
    compiled = compile_strategy(load_text(text))
    assert render_text(compiled.diagnostics) == ""
    path = tmp_path / f"{compiled.name}.yaml"
    path.write_text(text)
    assert [result.failures for result in run_tests([path]) if not result.passed] == []


def test_the_pages_show_strategies() -> None:
    shown = {place.split("[")[0] for place, _ in STRATEGIES}
    assert {"README.md", "language.md"} <= shown


#: What the examples of the guide use without defining it there.
SETTING = """schema: 1
name: setting
universe: {symbols: [AAPL, MSFT], sectors: {AAPL: tech, MSFT: tech}}
params: {lookback: {default: 126}, hold: {default: 2}, length: {default: 20}}
features:
  x: close - open
  momentum: change_ratio(close, lookback)
  trend: close > sma(close, 200)
  volatility: stddev(change_ratio(close, 1), 20)
"""
KEYS = ("long", "exit", "priority", "stop_loss", "stop_price")


def refusals(expression: str, key: str) -> list[str]:
    """The codes under which an expression is refused as the value of a key; unused names do not matter."""
    quoted = json.dumps(expression)
    if key in ("long", "priority"):
        rules = {"long": "true", key: expression}
        text = f"{SETTING}entry: {json.dumps(rules)}\n"
    else:
        text = f"{SETTING}entry: {{long: close > open}}\nexit: {{{'when' if key == 'exit' else key}: {quoted}}}\n"
    try:
        oracle.load_strategy(text)
    except ConfigError as failure:
        return [d.code for d in failure.diagnostics if d.is_error]
    return []


def is_accepted(expression: str) -> bool:
    return any(not refusals(expression, key) for key in KEYS)


def spans(page: str) -> list[str]:
    """Inline code of the guide that is an expression: it has a call, a comparison or arithmetic in it."""
    text = re.sub(r"^```.*?^```", "", page, flags=re.M | re.S)
    found = dict.fromkeys(span.replace("\\|", "|") for span in re.findall(r"`([^`\n]+)`", text))
    named = {entry["name"] for entry in json.loads(native.catalog())} | {"at", "symbol"}
    calls = re.compile(r"\b(" + "|".join(map(re.escape, named)) + r")\(")
    is_key = re.compile(r"^[a-z_\[\].*]+(:| x | =)|^[\[{]|->|^top |^bottom |^all |oracle|^'|…|\.\.\.")
    return [s for s in found if (calls.search(s) or re.search(r" [<>*/+-] ", s)) and not is_key.search(s)]


#: Expressions that the guide shows because they are refused.
REFUSED = {
    "close > atr(14)": "E302",
    "close > open + 2%": "E302",
    "count(close > 5, 20) == 20": "E305",
}
#: Shapes and formulas, which are no expressions.
SHAPES = {
    "+ - * / **",
    "< <= > >= == !=",
    "if(condition, then, otherwise)",
    "day_of_week()",
    "weight x equity / (close x 1.01 + fee per share)",
    "gross / n",
    "inverse_volatility(60)",
    "risk_parity(60)",
    '"if(risk_on, 20%, 40%)"',
}


def test_every_expression_of_the_guide_compiles_or_is_refused_as_it_says() -> None:
    found = [s for s in spans((DOCS / "language.md").read_text()) if s not in SHAPES]
    assert len(found) > 60
    assert set(REFUSED) <= set(found)
    assert {s: refusals(s, "long") for s in found if s in REFUSED} == {s: [c] for s, c in REFUSED.items()}
    assert [s for s in found if s not in REFUSED and not is_accepted(s)] == []


def test_every_example_of_an_expression_key_compiles() -> None:
    examples = {
        key.path: key.example
        for key in documented(StrategySpec)
        if key.kind == "expression" and key.example and not key.path.startswith(("portfolio", "universe"))
    }
    assert len(examples) > 10
    assert [path for path, example in examples.items() if not is_accepted(example)] == []


def anchors(page: Path) -> set[str]:
    """The anchors that a renderer makes of a page's headings."""
    heads = re.findall(r"^#+ (.+)$", re.sub(r"^```.*?^```", "", page.read_text(), flags=re.M | re.S), re.M)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    dead = []
    text = re.sub(r"^```.*?^```", "", page.read_text(), flags=re.M | re.S)
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if re.match(r"[a-z]+:", target):
            continue
        name, _, anchor = target.partition("#")
        file = (page.parent / name).resolve() if name else page
        if not file.exists() or (anchor and anchor not in anchors(file)):
            dead.append(target)
    assert dead == []


def sources() -> Iterator[Path]:
    yield from (ROOT / "oracle").rglob("*.py")
    yield from (ROOT / "rust_core" / "src").rglob("*.rs")


def test_every_code_in_the_sources_is_documented() -> None:
    page = (DOCS / "errors.md").read_text()
    unknown = {
        f"{path.relative_to(ROOT)}: {code}"
        for path in sources()
        for code in re.findall(r"[\"`( ]([CDEINQRSUWX][0-9]{3})[\"`), :;]", path.read_text(encoding="utf-8"))
        if not re.search(rf"(^### {code} )|(^\| {code} \|)", page, re.M)
    }
    assert unknown == set()


def test_every_documented_failure_occurs_in_the_sources() -> None:
    text = "".join(path.read_text(encoding="utf-8") for path in sources() if path.name != "codes.py")
    assert [entry.code for entry in ERROR_CODES if f'"{entry.code}"' not in text] == []
    for entry in ERROR_CODES:
        for name in entry.exception.split(", "):
            assert hasattr(errors, name) or name in ("BarsError", "KeyboardInterrupt"), entry


def test_every_exit_code_is_one_of_the_documented() -> None:
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, errors.OracleError)]
    assert {kind.exit_code for kind in kinds} == {1, 2, 3}


def language_codes() -> dict[str, dict[str, str]]:
    return {page["id"]: page for page in json.loads(native.codes())["language"]}


#: Codes whose example is no single expression: keys of a file, selections, or sizes in words.
NOT_EXPRESSIONS = {
    "E107",
    "E108",
    "E111",
    "E112",
    "E203",
    "E204",
    "E303",
    "E306",
    "E312",
    "E408",
    "E409",
    "E410",
    "E411",
    "E413",
}


@pytest.mark.parametrize("code", sorted(c for c in language_codes() if c[0] == "E" and c not in NOT_EXPRESSIONS))
def test_the_example_of_an_error_is_refused_under_its_code_and_its_cure_is_not(code: str) -> None:
    page = language_codes()[code]
    found = {c for key in KEYS for c in refusals(page["bad"], key)}
    assert code in found
    assert code not in refusals(page["good"], "long")


def test_the_readme_shows_the_engines_own_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    readme = (ROOT / "README.md").read_text()
    strategy = re.search(r"^```yaml\n(.*?)^```", readme, re.M | re.S)
    shown = re.search(r"^```text\n(dual_momentum\.yaml:.*?)^```", readme, re.M | re.S)
    assert strategy is not None
    assert shown is not None
    assert "stop_loss: 8%" in strategy[1]
    monkeypatch.chdir(tmp_path)
    Path("dual_momentum.yaml").write_text(strategy[1].replace("stop_loss: 8%", "stop_loss: 8"))
    with pytest.raises(ConfigError) as refused:
        oracle.load_strategy("dual_momentum.yaml")
    assert render_text(refused.value.diagnostics) + "\n" == shown[1]


def test_the_commands_that_the_pages_name_exist() -> None:
    from oracle.cli.app import command_names

    text = "".join(re.sub(r"<!--.*?-->", "", page.read_text()) for page in PAGES)
    named = set(re.findall(r"(?:^|`)oracle ([a-z-]+)", text, re.M))
    assert named - set(command_names()) == set()
    makefile = (ROOT / "Makefile").read_text()
    made = set(re.findall(r"`make ([a-z-]+)|^make ([a-z-]+)", text, re.M))
    assert all(f"{a or b}:" in makefile for a, b in made)


def test_the_python_of_the_readme_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    readme = (ROOT / "README.md").read_text()
    strategy = re.search(r"^```yaml\n(.*?)^```", readme, re.M | re.S)
    program = re.search(r"^```python\n(.*?)^```", readme, re.M | re.S)
    assert strategy is not None
    assert program is not None
    monkeypatch.chdir(tmp_path)
    Path("dual_momentum.yaml").write_text(strategy[1])
    names: dict[str, object] = {}
    exec(compile(program[1], "README.md", "exec"), names)
    result = names["result"]
    assert isinstance(result, oracle.BacktestRun)
    assert result.trade_count > 100
    for frame in ("equity", "drawdown", "orders", "fills", "trades", "signals", "verdicts"):
        assert getattr(result, frame).columns
    assert "<script" in Path("dual_momentum.html").read_text(encoding="utf-8")


def test_the_numbers_of_the_readme_hold() -> None:
    readme = (ROOT / "README.md").read_text()
    assert len(list((ROOT / "strategies").glob("*.yaml"))) == 5
    assert "five strategies" in readme
    assert "Python 3.11 to 3.14" in readme
    assert 'requires-python = ">=3.11,<3.15"' in (ROOT / "pyproject.toml").read_text()
    assert "Apache License" in (ROOT / "LICENSE").read_text()
