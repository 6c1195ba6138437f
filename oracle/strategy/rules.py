"""Rules across the keys of a strategy file: what excludes what, what needs what, which names must exist.

Each function yields the problems of one section. What an expression says is not looked at here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from oracle.core.binding import Path, Problem, Strict
from oracle.core.diagnostics import nearest
from oracle.core.units import UnreadableError
from oracle.strategy import portfolio_rules
from oracle.strategy.literal import is_param_name, literal_fields, sections_in, unit_of, value_of
from oracle.strategy.spec import Param, StrategySpec

#: What each sizing method reads: keys it cannot do without, and keys it may be given.
_SIZING: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "equal_weight": ((), ()),
    "fixed_shares": (("shares",), ()),
    "fixed_fraction": (("fraction",), ()),
    "risk_per_trade": (("fraction",), ()),
    "volatility_target": (("target",), ("lookback",)),
    "inverse_volatility": ((), ("lookback",)),
    "risk_parity": ((), ("lookback",)),
    "half_kelly": (("prior",), ("min_trades", "floor")),
}
_METHOD_KEYS = ("shares", "fraction", "target", "lookback", "prior", "min_trades", "floor")


def problems(spec: StrategySpec) -> Iterator[Problem]:
    """Yield every broken rule of a strategy."""
    yield from _style(spec)
    yield from _universe(spec)
    for name, param in spec.params.items():
        yield from _param(name, param)
    yield from _sizing(spec)
    yield from _execution(spec)
    if spec.portfolio is not None:
        yield from portfolio_rules.problems(spec.portfolio, spec.universe.symbols)
    for section in ("entry", "exit", "portfolio", "sizing", "execution"):
        yield from _literals(spec, getattr(spec, section), (section,))
    yield from _tests(spec)


def _style(spec: StrategySpec) -> Iterator[Problem]:
    given = [key for key in ("entry", "portfolio", "python") if getattr(spec, key) is not None]
    about: tuple[Path, ...] = (("entry",), ("portfolio",), ("python",))
    if not given:
        expected = "`entry:` for rules per symbol, or `portfolio:` for target weights"
        yield Problem((), "S011", "neither `entry` nor `portfolio` is given", expected=expected, about=about)
    elif len(given) > 1:
        message = f"`{given[0]}` and `{given[1]}` exclude each other"
        yield Problem((given[1],), "S016", message, expected="one of the two", on_key=True, about=about)
    for key in ("when", "long", "short"):
        if spec.python is not None and spec.exit is not None and getattr(spec.exit, key) is not None:
            message = f"`exit.{key}` is not used: `python` decides when to leave"
            yield Problem(("exit", key), "S016", message, expected="the line left out", on_key=True)
    if spec.entry is not None and spec.entry.long is None and spec.entry.short is None:
        sides: tuple[Path, ...] = (("entry", "long"), ("entry", "short"))
        yield Problem(
            ("entry",),
            "S011",
            "`entry` has neither `long` nor `short`",
            expected="`long: ...`",
            on_key=True,
            about=sides,
        )


def _universe(spec: StrategySpec) -> Iterator[Problem]:
    symbols = spec.universe.symbols
    if not symbols:
        yield Problem(("universe", "symbols"), "S013", "the universe is empty", expected="at least one symbol")
    for index, symbol in enumerate(symbols):
        if symbol in symbols[:index]:
            yield Problem(("universe", "symbols", index), "S017", f"`{symbol}` stands twice in the universe")
    for symbol in spec.universe.sectors:
        if symbol not in symbols:
            yield Problem(
                ("universe", "sectors", symbol),
                "S017",
                f"`{symbol}` has a sector but is not in the universe",
                expected="a symbol of the universe",
                suggestion=nearest(symbol, symbols),
                on_key=True,
                about=(("universe",),),
            )


def _param(name: str, param: Param) -> Iterator[Problem]:
    at: Path = ("params", name)
    if param.range is not None and param.choices is not None:
        yield Problem((*at, "choices"), "S016", "`range` and `choices` exclude each other", on_key=True)
    if param.step is not None and param.range is None:
        yield Problem((*at, "step"), "S016", "`step` needs a `range`", on_key=True)
    unit = unit_of(param.default)
    for key, texts in (("range", param.range), ("choices", param.choices), ("step", param.step and [param.step])):
        for index, text in enumerate(texts or []):
            if unit_of(text) != unit:
                place: Path = (*at, key) if key == "step" else (*at, key, index)
                expected = f"the unit of the default, `{param.default}`"
                yield Problem(place, "S014", f"the unit differs from that of `{name}`", found=text, expected=expected)
                return
    if param.range is not None:
        yield from _range(at, param)
    if param.choices is not None:
        shown = ", ".join(param.choices)
        if not param.choices:
            yield Problem((*at, "choices"), "S013", "there are no choices", expected="at least one")
        elif value_of(param.default) not in [value_of(text) for text in param.choices]:
            yield Problem(
                (*at, "default"), "S015", f"the default of `{name}` is not a choice", param.default, f"one of {shown}"
            )


def _range(at: Path, param: Param) -> Iterator[Problem]:
    texts = param.range or []
    if len(texts) != 2:
        yield Problem((*at, "range"), "S013", "a range has two values", f"{len(texts)}", "[lowest, highest]")
        return
    low, high = (value_of(text) for text in texts)
    shown = f"{texts[0]} to {texts[1]}"
    if low > high:
        suggestion = f"[{texts[1]}, {texts[0]}]"
        yield Problem((*at, "range"), "S013", "the range is upside down", shown, "[lowest, highest]", suggestion)
    elif not low <= value_of(param.default) <= high:
        yield Problem((*at, "default"), "S013", f"the default of `{at[-1]}` is outside its range", param.default, shown)
    if param.step is not None and value_of(param.step) <= 0:
        yield Problem((*at, "step"), "S013", "a step goes upwards", param.step, "a number above 0")


def _sizing(spec: StrategySpec) -> Iterator[Problem]:
    method = spec.sizing.method
    needed, allowed = _SIZING[method]
    for key in needed:
        if getattr(spec.sizing, key, None) is None:
            message = f"sizing by {method} needs `{key}`"
            about: tuple[Path, ...] = (("sizing", key), ("sizing", "method"))
            yield Problem(("sizing",), "S011", message, expected=f"`{key}: ...`", on_key=True, about=about)
    for key in _METHOD_KEYS:
        if getattr(spec.sizing, key, None) is not None and key not in (*needed, *allowed):
            message = f"`{key}` is not used when sizing by {method}"
            about = (("sizing", key), ("sizing", "method"))
            yield Problem(("sizing", key), "S016", message, expected="the line left out", on_key=True, about=about)
    stops = ("stop_loss", "trailing_stop", "stop_price")
    if method == "risk_per_trade" and not any(getattr(spec.exit, stop, None) for stop in stops):
        about = (("exit",), ("sizing", "method"))
        message = "sizing by risk_per_trade needs a stop in `exit`"
        yield Problem(("sizing", "method"), "S016", message, expected="`stop_loss: 8%`", about=about)


def _execution(spec: StrategySpec) -> Iterator[Problem]:
    execution = spec.execution
    limit = execution.order_type in ("limit", "stop_limit") or execution.exit == "limit"
    stop = execution.order_type in ("stop", "stop_limit")
    for key, is_used, reason in (
        ("limit_offset", limit, "no order is a limit order"),
        ("stop_offset", stop, "no entry is a stop order"),
    ):
        about: tuple[Path, ...] = (("execution", key), ("execution", "order_type"), ("execution", "exit"))
        if getattr(execution, key) is not None and not is_used:
            message = f"`{key}` is not used: {reason}"
            yield Problem(("execution", key), "S016", message, expected="the line left out", on_key=True, about=about)
        elif getattr(execution, key) is None and is_used:
            message = f"{key.removesuffix('_offset')} orders need `{key}`"
            yield Problem(("execution",), "S011", message, expected=f"`{key}: 0.1%`", on_key=True, about=about)
    protects = ("stop_loss", "trailing_stop", "take_profit", "stop_price", "target_price")
    if execution.order_type == "bracket" and not any(getattr(spec.exit, key, None) for key in protects):
        yield Problem(
            ("execution", "order_type"),
            "S016",
            "a bracket needs a stop or a target in `exit`",
            expected="`stop_loss: 8%` or `take_profit: 25%`",
            about=(("exit",), ("execution", "order_type")),
        )


def _literals(spec: StrategySpec, section: Strict | None, at: Path) -> Iterator[Problem]:
    """Check literals that name a param: it exists, and its value is what the key takes."""
    if section is None:
        return
    for inside, inner in sections_in(section):
        yield from _literals(spec, inner, (*at, *inside))
    literals = literal_fields(type(section))
    for key in type(section).model_fields:
        value: Any = getattr(section, key)
        if key not in literals or not isinstance(value, str) or not is_param_name(value):
            continue
        param = spec.params.get(value)
        if param is None:
            suggestion = nearest(value, spec.params)
            expected = "a value with its unit, or the name of a param"
            yield Problem(
                (*at, key),
                "S012",
                f"no param is named `{value}`",
                value,
                expected,
                suggestion,
                about=(("params", value),),
            )
            continue
        try:
            literals[key].check(param.default)
        except UnreadableError as error:
            message = f"the value of `{value}` does not fit `{'.'.join(map(str, (*at, key)))}`: {error.message}"
            place: Path = ("params", value, "default")
            yield Problem(place, error.code, message, param.default, error.expected, error.suggestion)


def _tests(spec: StrategySpec) -> Iterator[Problem]:
    names = Counter(test.name for test in spec.tests)
    for index, test in enumerate(spec.tests):
        at: Path = ("tests", index)
        if names[test.name] > 1 and test.name in [t.name for t in spec.tests[:index]]:
            yield Problem((*at, "name"), "S017", "two tests have the same name", test.name, "a name of its own")
        yield from _known(at, "params", test.params, spec.params, "param", ("params",))
        yield from _units_of_params(spec, at, test.params)
        yield from _known(at, "sectors", test.sectors, test.bars, "symbol of the test", (*at, "bars"))
        if not test.bars:
            yield Problem((*at, "bars"), "S013", "the test has no bars", expected="at least one symbol")
        for symbol, bars in test.bars.items():
            for key in ("open", "high", "low", "volume"):
                values = getattr(bars, key)
                if values is not None and len(values) != len(bars.close):
                    found, expected = f"{len(values)} bars", f"{len(bars.close)} bars, as many as `close`"
                    place: Path = (*at, "bars", symbol, key)
                    yield Problem(place, "S013", f"`{key}` and `close` differ in length", found, expected)
        if not any(getattr(test.expect, key) for key in type(test.expect).model_fields):
            yield Problem((*at, "expect"), "S011", "the test expects nothing", expected="`entries: none`", on_key=True)


def _units_of_params(spec: StrategySpec, at: Path, given: Mapping[str, str]) -> Iterator[Problem]:
    for name, text in given.items():
        param = spec.params.get(name)
        if param is not None and unit_of(text) != unit_of(param.default):
            expected = f"the unit of the default, `{param.default}`"
            message = f"the unit differs from that of `{name}`"
            yield Problem(
                (*at, "params", name), "S014", message, text, expected, about=((*at, "params"), ("params", name))
            )


def _known(at: Path, key: str, given: Iterable[str], known: Iterable[str], what: str, about: Path) -> Iterator[Problem]:
    choices = list(known)
    for name in given:
        if name not in choices:
            yield Problem(
                (*at, key, name),
                "S010",
                f"`{name}` is not a {what}",
                suggestion=nearest(name, choices),
                on_key=True,
                about=(about, (*at, key, name)),
            )
