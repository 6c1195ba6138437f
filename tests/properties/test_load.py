"""Loading strategies and settings from hostile text: diagnostics, never another exception."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from oracle.core.config import Settings, read_settings
from oracle.core.diagnostics import render_json, render_text
from oracle.strategy.compile import compile_strategy
from oracle.strategy.load import LoadedStrategy, load_text
from oracle.strategy.spec import StrategySpec

CORPUS = Path(__file__).parents[1] / "config_cases"
GOOD = [p.read_text(encoding="utf-8") for p in sorted((CORPUS / "good").glob("*.yaml")) if "settings" not in p.name]

#: Values that have been trouble somewhere.
AWKWARD = st.sampled_from(
    ["", "~", "null", "true", "1", "-1", "5%", "90d", ".nan", "1e400", "[]", "{}", "[[1]]", "{a: {b: c}}", "'", '"',
     "|", "&a 1", "*a", "!!int 1", "close >", "\t", "none", "[none, {}]", "{count: 1}", "9" * 50, "x" * 200]
)  # fmt: skip


@st.composite
def mutated(draw: st.DrawFn) -> str:
    """A good file with some of its lines cut, doubled, or given an awkward value."""
    lines = draw(st.sampled_from(GOOD)).split("\n")
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(lines) - 1))
        match draw(st.sampled_from(["cut", "double", "value", "word", "indent"])):
            case "cut":
                del lines[at]
            case "double":
                lines.insert(at, lines[at])
            case "value":
                lines[at] = lines[at].split(":")[0] + ": " + draw(AWKWARD)
            case "word":
                words = lines[at].split(" ")
                words[draw(st.integers(0, len(words) - 1))] = draw(AWKWARD)
                lines[at] = " ".join(words)
            case _:
                lines[at] = "  " + lines[at]
        lines = lines or [""]
    return "\n".join(lines)


def spoken_for(loaded: LoadedStrategy) -> None:
    """Either the strategy can be compiled, or an error says why not."""
    assert (loaded.spec is None) == any(d.is_error for d in loaded.diagnostics)
    if loaded.spec is not None:
        assert loaded.spec.to_engine()["name"] == loaded.spec.name
    assert render_text(loaded.diagnostics).count("\n") + 1 >= len(loaded.diagnostics)
    render_json(loaded.diagnostics)


@given(mutated())
def test_a_damaged_strategy_is_loaded_or_refused(text: str) -> None:
    spoken_for(load_text(text))


@given(
    st.recursive(
        st.one_of(AWKWARD, st.text("ab:{}[],'\" ", max_size=8)),
        lambda inner: st.one_of(
            st.lists(inner, max_size=3).map(lambda v: "[" + ", ".join(v) + "]"),
            st.dictionaries(
                st.sampled_from([*StrategySpec.model_fields, *Settings.model_fields, "symbols", "long", "default"]),
                inner,
            ).map(lambda v: "{" + ", ".join(f"{k}: {x}" for k, x in v.items()) + "}"),
        ),
        max_leaves=12,
    )
)
def test_any_tree_is_loaded_or_refused(text: str) -> None:
    spoken_for(load_text(text))


@given(
    st.dictionaries(
        st.sampled_from(["SA_BROKER", "SA_API__PORT", "SA_DATA__UNIVERSE", "SA_ALERTS__URLS", "SA_X", "SA_APP__", "X"]),
        st.one_of(AWKWARD, st.text(max_size=20)),
    )
)
def test_any_environment_is_taken_or_refused(env: dict[str, str]) -> None:
    bound = read_settings(CORPUS / "good" / "settings_owner.yaml", env)
    assert (bound.value is None) == any(d.is_error for d in bound.diagnostics)
    render_text(bound.diagnostics)


@given(mutated())
def test_a_damaged_strategy_is_compiled_or_refused(text: str) -> None:
    compiled = compile_strategy(load_text(text))
    assert compiled.plan is None or not any(d.is_error for d in compiled.diagnostics)
    assert compiled.plan is not None or compiled.diagnostics or compiled.spec.python is not None
    lines = text.split("\n")
    for problem in compiled.diagnostics:
        assert 1 <= problem.line <= len(lines) + 1
        assert problem.excerpt is None or problem.column <= len(problem.excerpt) + 1
