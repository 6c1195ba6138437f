"""Write the generated pages of the manual: `make docs`.

A page is its template in `templates/`, with a table put in where a line says `<!-- table: NAME -->`. The tables come
from where the code itself reads them: the engine's catalogue and codes, the fields of the models, the lists of codes.
`tests/integration/test_docs.py` compares the pages with what this makes.
"""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Callable, Iterable
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from oracle import load_strategy
from oracle.core import errors, native
from oracle.core.codes import ERROR_CODES
from oracle.core.config import Settings
from oracle.core.diagnostics import SOURCE_CODES
from oracle.core.fields import KeyDoc, documented
from oracle.data.quality import CODES as FINDINGS
from oracle.risk.limits import RiskSettings
from oracle.signals.catalog import Function, Parameter, functions
from oracle.strategy.expectation import ExpectedItem
from oracle.strategy.spec import StrategySpec

HERE = Path(__file__).resolve().parent
NOTE = "<!-- Written by `make docs` from docs/templates/{} and the code; edit those. -->\n\n"

#: Length that the tables of warm-up assume where a function has none of its own.
LENGTH = 20


def table(heads: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """Return a Markdown table; `|` inside a cell is escaped."""
    lines = [list(heads)]
    lines += [["---"] * len(lines[0])]
    lines += [[cell.replace("|", "\\|").replace("\n", " ") for cell in row] for row in rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


def code(text: str) -> str:
    """Return text as inline code; nothing for nothing."""
    return f"`{text}`" if text else ""


def engine() -> dict[str, Any]:
    """Return the tables that the engine keeps."""
    tables: dict[str, Any] = json.loads(native.codes())
    return tables


# --- indicators.md ---


def families() -> str:
    """Return a table of the functions of each family."""
    parts = []
    for family, members in groupby(functions(), key=lambda function: function.family):
        rows = [
            (f"[`{f.signature}`](#{f.name})", f.summary, outputs_in_short(f), *map(bars, history(f))) for f in members
        ]
        heads = ("call", "gives", "unit", "warm-up", "settle")
        parts.append(f"\n## {family.capitalize()}\n\n{table(heads, rows)}")
    return "".join(parts)


def each_function() -> str:
    """Return the page of every function, by name."""
    return "".join(section(function) for function in sorted(functions(), key=lambda function: function.name))


def outputs_in_short(function: Function) -> str:
    """Return the units of the outputs, each once, with the outputs' names where there are several."""
    if len(function.outputs) == 1:
        return function.outputs[0].unit
    units = {output.unit for output in function.outputs}
    if len(units) == 1:
        return f"{', '.join(f'`.{o.name}`' for o in function.outputs)}: {units.pop()}"
    return "; ".join(f"`.{output.name}` {output.unit}" for output in function.outputs)


def section(function: Function) -> str:
    """Return the page of one function."""
    lines = [f"\n## {function.name}\n", f"`{function.signature}` · {function.kind.replace('_', ' ')}\n"]
    lines.append(f"{function.summary}\n")
    if function.reads:
        lines.append(f"Reads {', '.join(map(code, function.reads))}.\n")
    if function.parameters:
        heads = ("parameter", "takes", "default", "meaning")
        lines.append(table(heads, [(code(p.name), takes(p), default(p), p.doc) for p in function.parameters]))
    if len(function.outputs) > 1:
        rows = [(code(f".{o.name}"), o.unit, o.doc) for o in function.outputs]
        lines.append(table(("output", "unit", "meaning"), rows))
    else:
        output = function.outputs[0]
        lines.append(f"Gives {output.doc}; {output.unit}.\n")
    lines.append(f"- Formula: {function.formula}\n- Edge cases: {function.edge_cases}\n- Source: {function.source}\n")
    return "\n".join(lines)


def takes(parameter: Parameter) -> str:
    """Return what an argument may be, with its range."""
    if parameter.minimum is None or parameter.maximum is None:
        return parameter.accepts
    return f"{parameter.accepts}, {parameter.minimum:g} to {parameter.maximum:g}"


def default(parameter: Parameter) -> str:
    """Return the default as a call would write it."""
    if parameter.default is not None:
        return f"{parameter.default:g}"
    return "left out" if parameter.optional else "required"


def bars(count: int | None) -> str:
    """Return a number of bars."""
    return "never" if count is None else f"{count}"


def history(function: Function) -> tuple[int | None, int | None]:
    """Return warm-up and settle in bars, as the engine counts them for the call with defaults."""
    if function.kind != "time_series":
        return 0, 0
    call = f"{function.name}({', '.join(argument(p) for p in function.parameters if not p.optional)})"
    if len(function.outputs) > 1:
        call += f".{function.outputs[0].name}"
    is_condition = function.outputs[0].unit.startswith("condition")
    entry = {"long": call} if is_condition else {"long": "true", "priority": call}
    text = f"schema: 1\nname: history\nuniverse: {{symbols: [AAPL]}}\nentry: {json.dumps(entry)}\n"
    described = load_strategy(text).plan.description
    return as_count(described["warm_up"]), as_count(described["settle"])


def as_count(value: object) -> int | None:
    """Return a count of the plan's JSON."""
    return value if isinstance(value, int) else None


def argument(parameter: Parameter) -> str:
    """Return a plain value for a required argument."""
    if parameter.accepts == "a condition":
        return "close > open"
    if parameter.is_series:
        return "close / open" if "without a unit" in parameter.accepts else "close"
    return f"{LENGTH}"


# --- errors.md ---


def codes(start: str) -> str:
    """Return the pages of the codes that begin so: title, meaning, an example and its cure."""
    pages = [(c.code, c.title, c.meaning, c.bad, c.good) for c in SOURCE_CODES]
    pages += [(p["id"], p["title"], p["explanation"], p["bad"], p["good"]) for p in engine()["language"]]
    return "".join(
        f"\n### {id} {title}\n\n{meaning}\n\n```text\nbad:   {bad}\ngood:  {good}\n```\n"
        for id, title, meaning, bad, good in pages
        if id.startswith(start)
    )


def verdicts() -> str:
    """Return every verdict with its step and the unit of its limit and value."""
    rows = [(code(v["id"]), words(v["step"]), words(v["measure"]), v["sentence"]) for v in engine()["verdicts"]]
    return table(("code", "step", "limit and value are", "meaning"), rows)


def findings() -> str:
    """Return every finding in bars."""
    rows = [(id, str(severity), text) for id, (severity, text) in sorted(FINDINGS.items())]
    return table(("code", "kind", "meaning"), rows)


def failures() -> str:
    """Return every code that an exception carries."""
    rows = [(c.code, c.exception, c.meaning, c.remedy) for c in ERROR_CODES]
    return table(("code", "exception", "meaning", "what to do"), rows)


def words(name: str) -> str:
    """Return a name of the engine in words."""
    return name.replace("_", " ").replace("usd per share", "USD per share").replace("usd", "USD")


def exceptions() -> str:
    """Return each exception class with its exit code and meaning."""
    kinds = [kind for kind in vars(errors).values() if inspect.isclass(kind) and issubclass(kind, errors.OracleError)]
    rows = [(code(k.__name__), f"{k.exit_code}", (inspect.getdoc(k) or "").split("\n")[0]) for k in kinds]
    return table(("exception", "exit", "meaning"), rows)


# --- language.md and configuration.md ---


KEY_HEADS = ("key", "takes", "unit", "default", "example", "meaning")


def key_table(model: type[BaseModel], top: str | None = None) -> str:
    """Return the keys of a model, or of one of its sections, as a table with dotted paths."""
    prefix = "" if top is None else f"{top}."
    listed = [key for key in documented(model) if top is None or key.path.replace("[]", "").startswith(prefix)]
    shown = [key for key in listed if not re.match(r"tests\[\]\.expect\.\w+\.", key.path)]
    return table(KEY_HEADS, map(key_row, shown))


def expected_items() -> str:
    """Return what one item of an expectation may say."""
    return table(KEY_HEADS, map(key_row, documented(ExpectedItem)))


def key_row(key: KeyDoc) -> tuple[str, ...]:
    """Return the row of one key."""
    default = "**required**" if key.default is None else code(key.default.replace("none", "")) or "–"
    return code(key.path), key.kind, key.unit, default, code(key.example or ""), key.description


def top_level() -> str:
    """Return the keys of a strategy file that stand at its left margin."""
    rows = [key_row(key) for key in documented(StrategySpec) if not re.search(r"[.\[*]", key.path)]
    return table(KEY_HEADS, rows)


def sizing_methods() -> str:
    """Return each sizing method with its formula."""
    rows = [(code(m["name"]), m["summary"], m["formula"], m["inputs"], m["edge_cases"]) for m in engine()["sizing"]]
    return table(("method", "aim", "formula", "reads", "edge cases"), rows)


def position_parts() -> str:
    """Return what is known of an open position."""
    rows = [(code(f"position.{p['name']}"), p["unit"], p["doc"]) for p in engine()["position"]]
    return table(("name", "unit", "meaning"), rows)


def conventions() -> str:
    """Return each switch's setting in each profile."""
    tables = engine()["conventions"]
    profiles = tables["profiles"]
    heads = ["convention", *(code(profile["name"]) for profile in profiles)]
    rows = [
        [code(switch["name"]), *(profile["settings"][switch["name"]] for profile in profiles)]
        for switch in tables["switches"]
    ]
    return table(heads, rows)


def switches() -> str:
    """Return what each setting of each switch means."""
    rows = [
        (code(switch["name"]) if place == 0 else "", switch["summary"] if place == 0 else "", code(setting), meaning)
        for switch in engine()["conventions"]["switches"]
        for place, (setting, meaning) in enumerate(switch["settings"])
    ]
    return table(("convention", "", "setting", "meaning"), rows)


def convention_sources() -> str:
    """Return where each profile's settings are from."""
    parts = []
    for profile in engine()["conventions"]["profiles"]:
        if profile["sources"]:
            rows = [(code(name), profile["settings"][name], text) for name, text in profile["sources"].items()]
            heads = ("convention", "setting", "source")
            parts.append(f"### {profile['name']}\n\n{profile['summary']}\n\n{table(heads, rows)}")
    return "\n".join(parts)


def reserved() -> str:
    """Return the names that nobody may give."""
    return ", ".join(map(code, sorted(engine()["reserved"]))) + ".\n"


TABLES: dict[str, Callable[[], str]] = {
    "families": families,
    "functions": each_function,
    **{f"codes {start}": partial(codes, start) for start in ("S", "E1", "E2", "E3", "E4", "W")},
    "verdicts": verdicts,
    "findings": findings,
    "failures": failures,
    "exceptions": exceptions,
    "keys": top_level,
    "expected items": expected_items,
    "sizing methods": sizing_methods,
    "position": position_parts,
    "reserved": reserved,
    "conventions": conventions,
    "switches": switches,
    "convention sources": convention_sources,
    "settings": partial(key_table, Settings),
    "limits": partial(key_table, RiskSettings),
    **{
        f"keys of {name}": partial(key_table, StrategySpec, name)
        for name in ("universe", "params", "regimes", "entry", "exit", "portfolio", "sizing", "execution", "tests")
    },
}


def filled(template: str) -> str:
    """Return a template with its tables put in."""
    text = (HERE / "templates" / template).read_text(encoding="utf-8")
    page = re.sub(r"<!-- table: (.+?) -->\n", lambda match: TABLES[match[1]](), text)
    return NOTE.format(template) + page


PAGES: dict[str, Callable[[], str]] = {
    name: partial(filled, name)
    for name in ("indicators.md", "errors.md", "language.md", "configuration.md", "conventions.md")
}


def main() -> None:
    """Write every generated page."""
    for name, page in PAGES.items():
        (HERE / name).write_text(page(), encoding="utf-8")
        print(f"docs/{name}")


if __name__ == "__main__":
    main()
