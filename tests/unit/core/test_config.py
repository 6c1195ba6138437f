"""Settings: the file, the environment over it, and what must never be shown or guessed."""

from __future__ import annotations

import logging
import re
from datetime import timedelta
from pathlib import Path

import pytest

from oracle.core.config import Settings, read_settings
from oracle.core.diagnostics import render_json, render_text
from oracle.core.errors import ConfigError

SHIPPED = Path(__file__).parents[3] / "config" / "settings.yaml"

OWNERS_EXAMPLE = """\
app: {environment: development, log_level: INFO}
broker: {provider: ibkr, paper_trading: true, ibkr: {host: 127.0.0.1, port: 4002}}
database: {url: postgresql+asyncpg://trader:hunter2@localhost:5432/stock_analysis}
redis: {url: redis://localhost:6379/0}
"""


def written(folder: Path, text: str) -> Path:
    """A settings file with that text."""
    path = folder / "settings.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_owners_example_loads_and_its_password_warns(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = written(tmp_path, OWNERS_EXAMPLE)
    with caplog.at_level(logging.WARNING, "oracle.config"):
        settings = Settings.from_yaml(path, {})
    assert settings.broker.provider == "ibkr"
    assert settings.broker.paper_trading is True
    assert (settings.broker.ibkr.host, settings.broker.ibkr.port) == ("127.0.0.1", 4002)
    assert settings.database.url.get_secret_value().startswith("postgresql+asyncpg://trader:")
    assert settings.redis.url is not None
    assert settings.redis.url.get_secret_value() == "redis://localhost:6379/0"
    assert re.search(r":3:17: S019 .*SA_DATABASE__URL", caplog.text)
    assert "hunter2" not in caplog.text + repr(settings) + str(settings) + settings.model_dump_json()


def test_the_shipped_file_says_the_defaults_without_a_warning() -> None:
    bound = read_settings(SHIPPED, {})
    assert bound.diagnostics == ()
    # The demo data have no VIX; without the file nothing is waived.
    assert bound.value == Settings.model_validate({"simulation": {"waive": ["vix"]}})
    assert Settings().simulation.waive == []


def test_every_key_of_the_shipped_file_is_commented_or_its_section_is() -> None:
    bare: list[str] = []
    section_is_commented = False
    for line in SHIPPED.read_text(encoding="utf-8").splitlines():
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        if not line.startswith("    "):
            section_is_commented = "#" in line
        names_itself = line.rstrip().endswith(":") or line.strip().startswith("model_directory")
        if "#" not in line and not section_is_commented and not names_itself:
            bare.append(line)
    assert [line for line in bare if not re.match(r"\s+enabled:", line)] == []


def test_the_environment_overrides_at_any_depth(tmp_path: Path) -> None:
    path = written(tmp_path, OWNERS_EXAMPLE)
    env = {
        "SA_BROKER__IBKR__PORT": "4001",
        "SA_BROKER__PROVIDER": "simulated",
        "SA_APP__LOG_LEVEL": "DEBUG",
        "SA_DATA__UNIVERSE": "[SPY, ON]",
        "SA_DATA__ALPHA_VANTAGE__API_KEY": "null",
        "SA_SIMULATION__SLIPPAGE__RATE": "7bps",
        "SA_ML__RETRAIN_EVERY": "7d",
        "MAX_POSITIONS": "999",
        "BROKER__IBKR__PORT": "1",
        "SA_RISK__POSITION_LIMITS__MAX_POSITION": "4%",
    }
    settings = Settings.from_yaml(path, env)
    assert settings.broker.ibkr.port == 4001
    assert settings.broker.ibkr.host == "127.0.0.1"
    assert settings.broker.provider == "simulated"
    assert settings.app.log_level == "DEBUG"
    assert settings.data.universe == ["SPY", "ON"]
    assert settings.data.alpha_vantage.api_key is not None
    assert settings.data.alpha_vantage.api_key.get_secret_value() == "null"
    assert settings.simulation.slippage.rate == 0.0007
    assert settings.ml.retrain_every == timedelta(days=7)


@pytest.mark.parametrize(
    ("variable", "suggestion"),
    [
        ("SA_BROKER__IBKR__PORTT", "SA_BROKER__IBKR__PORT"),
        ("SA_BROKR__PROVIDER", "SA_BROKER__PROVIDER"),
        ("SA_DATABASE__URL__X", "SA_DATABASE__URL"),
        ("SA_broker__provider", "SA_BROKER__PROVIDER"),
        ("SA_QQQQQ", None),
        ("SA_ZZZ", None),
    ],
)
def test_a_variable_that_matches_nothing_is_refused_by_name(variable: str, suggestion: str | None) -> None:
    with pytest.raises(ConfigError) as refused:
        Settings.from_yaml(SHIPPED, {variable: "hunter2"})
    (problem,) = refused.value.diagnostics
    assert (problem.code, problem.path, problem.suggestion) == ("S018", variable, suggestion)
    assert variable in problem.message
    assert "hunter2" not in str(refused.value)


def test_a_wrong_value_in_the_environment_names_the_variable() -> None:
    bound = read_settings(SHIPPED, {"SA_API__PORT": "70000", "SA_APP__LOG_LEVEL": "LOUD"})
    assert [(d.path, d.code) for d in bound.diagnostics] == [("SA_API__PORT", "S013"), ("SA_APP__LOG_LEVEL", "S015")]
    assert bound.value is None


def test_a_variable_can_replace_a_wrong_value_of_the_file(tmp_path: Path) -> None:
    path = written(tmp_path, "api: {port: none}\n")
    assert Settings.from_yaml(path, {"SA_API__PORT": "8001"}).api.port == 8001


def test_secrets_are_never_shown_whatever_is_wrong(tmp_path: Path) -> None:
    text = (
        "database: {url: {x: hunter2}}\napi:\n  token: [hunter2]\n  tokn: hunter2\nredis: {ur: 'redis://:hunter2@h'}\n"
    )
    bound = read_settings(written(tmp_path, text), {"SA_ALERTS__URLS": "[tgram://hunter2, {a: hunter2}, ["})
    assert len([d for d in bound.diagnostics if d.is_error]) >= 5
    assert "hunter2" not in render_text(bound.diagnostics) + render_json(bound.diagnostics)


def test_without_a_file_the_defaults_hold(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert Settings.from_yaml(env={}) == Settings()
    assert Settings.from_yaml(env={"SA_DATA__STORE": "/data"}).data.store == "/data"


def test_a_file_that_is_named_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="S006"):
        Settings.from_yaml(tmp_path / "none.yaml", {})


def test_settings_cannot_be_changed() -> None:
    with pytest.raises(ValueError, match="frozen"):
        Settings().app.environment = "production"  # type: ignore[misc]  # that is what the test is about


def test_a_live_port_beside_paper_trading_warns() -> None:
    bound = read_settings(SHIPPED, {"SA_BROKER__PROVIDER": "ibkr", "SA_BROKER__IBKR__PORT": "4001"})
    assert bound.value is not None
    assert [(d.code, d.severity) for d in bound.diagnostics] == [("S016", "warning")]
