"""The command line: exit codes, unwrapped findings, files to start from, and no traceback for a mistake."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest
import yaml

from oracle.cli.app import command_names, run
from oracle.strategy.load import load_paths

ROOT = Path(__file__).parents[3]


def test_every_file_of_the_folder_is_a_command_with_help_and_an_example(capsys: pytest.CaptureFixture[str]) -> None:
    files = {p.stem for p in (ROOT / "oracle" / "cli").glob("*.py")} - {"__init__", "app", "options", "output"}
    assert set(command_names()) == {name.replace("_", "-") for name in files}
    for name in command_names():
        assert run([name, "--help"]) == 0
        shown = capsys.readouterr().out
        assert "Usage: oracle" in shown
        assert "--install-completion" not in shown


@pytest.mark.parametrize("command", ["check", "plan", "schema", "init"])
def test_help_shows_an_example(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run([command, "--help"]) == 0
    assert f"Example: oracle {command}" in capsys.readouterr().out


def test_the_version_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--version"]) == 0
    assert capsys.readouterr().out.startswith("oracle ")


@pytest.mark.parametrize(
    "arguments",
    [["chek"], ["check"], ["check", "--no-such-option", "x"], ["check", "nowhere.yaml"], ["schema", "--what", "x"],
     ["plan", "nowhere.yaml"], ["new", "strategy", "Fast Average"],
     ["backtest", str(ROOT / "strategies" / "momentum.yaml"), "--waive", "vixx"]],
)  # fmt: skip
def test_a_wrong_command_is_usage(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(arguments) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.strip()
    assert "Traceback" not in shown.err


def test_a_misspelt_command_is_suggested(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["chek"]) == 2
    assert "check" in capsys.readouterr().err


def test_findings_exit_with_one_and_are_not_wrapped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "40")
    Path("bad.yaml").write_text("- a list\n", encoding="utf-8")
    assert run(["check", "bad.yaml"]) == 1
    shown = capsys.readouterr()
    assert shown.out.split("\n")[0] == (
        "bad.yaml:1:1: S012 the file does not hold keys with values; found a list; expected a mapping of keys"
    )
    assert shown.err == "1 file: 1 error, 0 warnings\n"


def test_findings_as_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "bad.yaml").write_text("'open\n", encoding="utf-8")
    assert run(["check", str(tmp_path), "--json"]) == 1
    shown = json.loads(capsys.readouterr().out)
    assert (shown["files"], shown["errors"], shown["warnings"]) == (1, 1, 0)
    assert shown["diagnostics"][0]["code"] == "S001"


def test_settings_and_limits_are_checked_as_such(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SA_API__PROT", "1")
    Path("config").mkdir()
    Path("config/settings.yaml").write_text("api: {port: none}\n", encoding="utf-8")
    Path("config/risk_limits.yaml").write_text("autonomy_mode: PAPER\n", encoding="utf-8")
    assert run(["check", "config"]) == 1
    shown = capsys.readouterr()
    assert "SA_API__PROT:1:1: S018 " in shown.out
    assert "config/settings.yaml:1:13: S012 " in shown.out
    assert "config/risk_limits.yaml:1:1: S011 " in shown.out
    assert shown.err.startswith("2 files: ")


def test_the_shipped_configuration_passes_its_check(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for variable in [name for name in os.environ if name.startswith("SA_")]:
        monkeypatch.delenv(variable)
    assert run(["check", str(ROOT / "config"), "--strict"]) == 0
    assert capsys.readouterr().out == ""


def test_a_new_project_passes_its_own_checks(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "project"
    assert run(["init", str(folder)]) == 0
    for path in capsys.readouterr().out.split():
        assert Path(path).is_file()
    (loaded,) = load_paths([folder / "strategies"])
    assert loaded.diagnostics == ()
    from oracle.core.config import read_settings

    assert read_settings(folder / "config" / "settings.yaml", {}).diagnostics == ()
    assert run(["init", str(folder)]) == 2, "nothing is overwritten"


def test_a_new_strategy_passes_its_check_and_overwrites_nothing(tmp_path: Path) -> None:
    assert run(["new", "strategy", "fast_average", "--folder", str(tmp_path)]) == 0
    (loaded,) = load_paths([tmp_path])
    assert loaded.spec is not None
    assert loaded.spec.name == "fast_average"
    assert run(["new", "strategy", "fast_average", "--folder", str(tmp_path)]) == 2


@pytest.mark.parametrize("what", ["strategy", "settings"])
def test_the_schema_accepts_what_the_reader_accepts(what: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["schema", "--what", what]) == 0
    schema = json.loads(capsys.readouterr().out)
    jsonschema.Draft202012Validator.check_schema(schema)
    cases = ROOT / "tests" / "config_cases" / "good"
    files = [p for p in cases.glob("*.yaml") if p.name.startswith("settings_") == (what == "settings")]
    files += [ROOT / "config" / "settings.yaml"] if what == "settings" else list((ROOT / "strategies").glob("*.yaml"))
    assert len(files) >= 2
    for path in files:
        jsonschema.validate(yaml.safe_load(path.read_text(encoding="utf-8")), schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"no_such_key": 1}, schema)


def test_checking_loads_no_heavy_library() -> None:
    code = (
        "import sys, oracle.cli.check, oracle.strategy.compile, oracle.strategy.load, oracle.cli.app\n"
        "heavy = {'polars', 'numpy', 'pandas', 'rich', 'plotly', 'pydantic_settings', 'jsonschema', 'asyncio'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_importing_oracle_loads_the_standard_library_alone() -> None:
    code = (
        "import sys; before = set(sys.modules); import oracle\n"
        "loaded = {name.partition('.')[0] for name in set(sys.modules) - before}\n"
        "print(sorted(loaded - set(sys.stdlib_module_names)), 'oracle.core' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "['oracle'] False"
