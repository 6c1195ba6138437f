"""The limits file: what it means, and that nothing in it is guessed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from pydantic import ValidationError

from oracle.core.errors import ConfigError
from oracle.core.models import AutonomyMode
from oracle.core.nodes import Mapping, Scalar
from oracle.core.source import read_file
from oracle.risk.limits import SHIPPED_PATH, RiskSettings, read_limits
from oracle.risk.policy import NO_LIMITS, policy_json

SHIPPED = SHIPPED_PATH.read_text(encoding="utf-8")
GOLDEN = Path(__file__).parents[2] / "golden" / "risk_policy.json"


def diagnostics(tmp_path: Path, text: str, env: dict[str, str] | None = None) -> list[str]:
    """Return code, message and suggestion of everything found in a limits file, in one line each."""
    path = tmp_path / "risk_limits.yaml"
    path.write_text(text, encoding="utf-8")
    found = read_limits(path, env or {}).diagnostics
    return [f"{d.line}: {d.code} {d.message}; {d.expected}; {d.suggestion}" for d in found]


def line_of(text: str, start: str) -> int:
    return next(n for n, line in enumerate(text.splitlines(), 1) if line.strip().startswith(start))


def with_value(key: str, value: str) -> str:
    """Return the shipped text with one key's value replaced."""
    lines = SHIPPED.splitlines()
    at = line_of(SHIPPED, f"{key}:") - 1
    indent = lines[at][: len(lines[at]) - len(lines[at].lstrip())]
    lines[at] = f"{indent}{key}: {value}"
    return "\n".join(lines) + "\n"


def test_the_shipped_limits_are_the_ones_described() -> None:
    limits = RiskSettings.from_yaml(SHIPPED_PATH, {})
    assert limits.autonomy_mode is AutonomyMode.PAPER_ONLY
    position, portfolio = limits.position_limits, limits.portfolio_limits
    assert (position.max_position, position.max_sector, position.stop_loss) == (0.05, 0.25, 0.02)
    assert (position.min_price, position.no_leverage) == (Decimal(5), True)
    assert (portfolio.max_drawdown, portfolio.max_daily_loss, portfolio.min_cash_reserve) == (0.10, 0.03, 0.10)
    assert (portfolio.max_positions, portfolio.max_daily_trades) == (20, 50)
    guard, breakers = limits.pdt_guard, limits.circuit_breakers
    assert (guard.max_day_trades, guard.window, guard.min_equity) == (3, 5, Decimal(25_000))
    assert (breakers.vix_threshold, breakers.stale_data) == (35.0, timedelta(seconds=300))
    assert (breakers.reconciliation.interval, breakers.reconciliation.max_drift) == (timedelta(seconds=300), 0.01)
    assert breakers.dead_man_switch == timedelta(hours=48)
    assert limits.kill_switch.cooldown == timedelta(minutes=60)


def test_the_engine_gets_what_the_file_says() -> None:
    # The golden text is also read by the engine's own tests (rust_core/src/risk/policy.rs).
    limits = RiskSettings.from_yaml(SHIPPED_PATH, {})
    assert json.loads(limits.to_engine()) == json.loads(GOLDEN.read_text(encoding="utf-8"))


def test_a_reserve_of_null_is_no_limit(tmp_path: Path) -> None:
    path = tmp_path / "risk_limits.yaml"
    path.write_text(with_value("min_cash_reserve", "null"), encoding="utf-8")
    limits = RiskSettings.from_yaml(path, {})
    assert limits.portfolio_limits.min_cash_reserve is None
    assert json.loads(limits.to_engine())["portfolio_limits"]["min_cash_reserve_frac"] is None
    # No other limit can be left out that way.
    assert diagnostics(tmp_path, with_value("max_drawdown", "null")) != []


def scalar_paths(node: Mapping, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    for name, value in node.entries:
        here = (*path, name.text)
        yield here
        if isinstance(value, Mapping):
            yield from scalar_paths(value, here)


def all_keys() -> list[tuple[str, ...]]:
    root = read_file(SHIPPED_PATH).root
    assert isinstance(root, Mapping)
    return list(scalar_paths(root))


def without(text: str, path: tuple[str, ...]) -> str:
    """Return the text without one key and everything under it."""
    root = read_file(SHIPPED_PATH).root
    assert isinstance(root, Mapping)
    node: Mapping = root
    for segment in path[:-1]:
        inner = node.get(segment)
        assert isinstance(inner, Mapping)
        node = inner
    entries = [(k.text, k.mark.offset) for k, _ in node.entries]
    position = [name for name, _ in entries].index(path[-1])
    start = entries[position][1]
    value = node.get(path[-1])
    if isinstance(value, Scalar) and text[start - 1] in "{ " and text.rfind("{", 0, start) > text.rfind("\n", 0, start):
        stop = value.end.offset
        tail = text[stop:]
        return text[:start] + (tail[2:] if tail.startswith(", ") else f"_: 0{tail}")
    lines = text.splitlines()
    first = text.count("\n", 0, start)
    indent = len(lines[first]) - len(lines[first].lstrip())
    last = first + 1
    while last < len(lines) and (not lines[last].strip() or len(lines[last]) - len(lines[last].lstrip()) > indent):
        last += 1
    return "\n".join(lines[:first] + lines[last:]) + "\n"


@pytest.mark.parametrize("path", all_keys(), ids=".".join)
def test_a_missing_limit_refuses_the_file_and_is_named(tmp_path: Path, path: tuple[str, ...]) -> None:
    found = diagnostics(tmp_path, without(SHIPPED, path))
    # The only key of a section leaves the section empty, which is refused as such.
    empty = f"`{path[0]}` has no value"
    assert any(f"S011 the key `{path[-1]}` is missing" in line or empty in line for line in found), found


@pytest.mark.parametrize(
    ("key", "value", "offered"),
    [
        ("max_position", "5", "5%"),
        ("max_position", "0.05", "5%"),
        ("max_drawdown", "10", "10%"),
        ("stale_data", "300", "300s"),
        ("window", "5", "5 sessions"),
    ],
)
def test_a_bare_number_where_a_unit_is_needed_is_refused_and_the_right_line_offered(
    tmp_path: Path, key: str, value: str, offered: str
) -> None:
    found = diagnostics(tmp_path, with_value(key, value))
    assert len(found) == 1
    assert found[0].startswith(f"{line_of(SHIPPED, f'{key}:')}: S014")
    assert found[0].endswith(f"; {offered}")


@pytest.mark.parametrize(
    ("key", "value", "code"),
    [
        ("max_position", "0%", "S013"),
        ("max_position", "101%", "S013"),
        ("max_position", "nan", "S012"),
        ("max_position", "true", "S012"),
        ("max_position", "null", "S012"),
        ("max_positions", "0", "S013"),
        ("max_positions", "2.5", "S012"),
        ("no_leverage", "yes", "S012"),
        ("min_price", "-1 USD", "S013"),
        ("vix_threshold", "0.35", "S013"),
        ("vix_threshold", ".inf", "S012"),
        ("dead_man_switch", "90min", "S013"),
        ("cooldown", "30s", "S013"),
        ("window", "5d", "S012"),
        ("window", "31 sessions", "S013"),
        ("counting", "most", "S015"),
        ("account_type", "Margin", "S015"),
        ("autonomy_mode", "LIVE", "S015"),
    ],
)
def test_a_value_that_makes_no_sense_is_refused(tmp_path: Path, key: str, value: str, code: str) -> None:
    found = diagnostics(tmp_path, with_value(key, value))
    assert len(found) == 1
    assert found[0].startswith(f"{line_of(SHIPPED, f'{key}:')}: {code}")


def test_an_unknown_key_is_refused_with_the_nearest(tmp_path: Path) -> None:
    text = SHIPPED.replace("max_sector:", "max_sectors:")
    found = diagnostics(tmp_path, text)
    assert any("S010" in line and line.endswith("max_sector") for line in found)
    assert any("S011" in line and "`max_sector`" in line for line in found)


def test_a_limit_that_cannot_bind_is_a_warning(tmp_path: Path) -> None:
    path = tmp_path / "risk_limits.yaml"
    path.write_text(with_value("max_position", "30%"), encoding="utf-8")
    bound = read_limits(path, {})
    assert bound.value is not None
    assert [(d.severity, d.line) for d in bound.diagnostics] == [("warning", line_of(SHIPPED, "max_position:"))]
    assert "never bind" in bound.diagnostics[0].message


def test_rules_that_contradict_each_other_are_refused(tmp_path: Path) -> None:
    off = SHIPPED.replace("    - {profile: cash_account}", "    - {profile: 'off', from: 2027-01-01}")
    assert any("the guard is off while another rule holds" in line for line in diagnostics(tmp_path, off))
    backwards = SHIPPED.replace("to: 2027-10-20", "to: 2001-01-01")
    assert any("ends before it begins" in line for line in diagnostics(tmp_path, backwards))
    cash = with_value("account_type", "cash").replace("    - {profile: cash_account}", "    #")
    assert any("no rule concerns a cash account" in line for line in diagnostics(tmp_path, cash))
    assert diagnostics(tmp_path, with_value("account_type", "cash")) == []


def test_the_environment_lies_over_the_file(tmp_path: Path) -> None:
    env = {"SA_RISK__POSITION_LIMITS__MAX_POSITION": "4%", "SA_BROKER__PROVIDER": "ibkr", "MAX_POSITIONS": "999"}
    limits = RiskSettings.from_yaml(SHIPPED_PATH, env)
    assert limits.position_limits.max_position == 0.04
    assert limits.portfolio_limits.max_positions == 20
    wrong = diagnostics(tmp_path, SHIPPED, {"SA_RISK__POSITION_LIMITS__MAX_POSITIO": "4%"})
    assert len(wrong) == 1
    assert "SA_RISK__POSITION_LIMITS__MAX_POSITIO matches no key" in wrong[0]
    with pytest.raises(ConfigError):
        RiskSettings.from_yaml(SHIPPED_PATH, {"SA_RISK__POSITION_LIMITS__MAX_POSITION": "4"})


def test_limits_are_frozen_and_have_no_defaults() -> None:
    limits = RiskSettings.from_yaml(SHIPPED_PATH, {})
    with pytest.raises(ValidationError):
        limits.position_limits.max_position = 0.5  # type: ignore[misc]  # frozen: what the test is about
    with pytest.raises(ValidationError):
        RiskSettings()  # type: ignore[call-arg]  # nothing has a default: what the test is about


def test_no_limits_must_be_said() -> None:
    assert policy_json(NO_LIMITS) is None
    limits = RiskSettings.from_yaml(SHIPPED_PATH, {})
    assert policy_json(limits) == policy_json(SHIPPED_PATH) == limits.to_engine()


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError):
        RiskSettings.from_yaml(tmp_path / "nowhere.yaml", {})
