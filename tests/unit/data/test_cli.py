"""`oracle data`: exit codes, JSON on stdout, a table for people."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Protocol

import pytest

from oracle.cli.app import run as run_oracle

GOOD = "symbol,date,open,high,low,close,volume\nAAA,2024-06-10,10,11,9,10.5,1000\nAAA,2024-06-11,10,11,9,10.5,1000\n"


class Run(Protocol):
    def __call__(self, *arguments: object) -> tuple[int, str, str]: ...


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Run `oracle data ...`: exit code, stdout, stderr."""

    def call(*arguments: object) -> tuple[int, str, str]:
        code = run_oracle(["data", *(str(argument) for argument in arguments)])
        return code, *capsys.readouterr()

    return call


@pytest.fixture
def bars(tmp_path: Path) -> Path:
    path = tmp_path / "bars.csv"
    path.write_text(GOOD)
    return path


def test_import_then_list(run: Run, bars: Path, tmp_path: Path) -> None:
    code, out, _ = run("import", bars, "--store", tmp_path / "store")
    assert code == 0
    assert "AAA     1Day       2024-06-10  2024-06-11" in out
    code, out, _ = run("list", "--store", tmp_path / "store")
    assert (code, out.splitlines()[1].split()[:5]) == (0, ["AAA", "1Day", "2024-06-10", "2024-06-11", "2"])


def test_json_is_one_document_with_the_same_manifest_in_both(run: Run, bars: Path, tmp_path: Path) -> None:
    code, out, _ = run("import", bars, "--store", tmp_path / "store", "--json")
    report = json.loads(out)
    assert (code, report["changed"], report["series"][0]["bars"], report["findings"]) == (0, True, 2, [])
    _, out, _ = run("list", "--store", tmp_path / "store", "--json")
    listing = json.loads(out)
    assert listing["manifest_hash"] == report["manifest_hash"]
    assert listing["series"][0]["origins"][0]["name"] == "bars.csv"


def test_a_bad_bar_ends_with_1_and_its_line(run: Run, bars: Path, tmp_path: Path) -> None:
    bars.write_text(GOOD + "AAA,2024-06-12,10,9,11,10.5,1000\n")
    code, out, _ = run("import", bars, "--store", tmp_path / "store")
    assert code == 1
    assert f"{bars}:4: Q008 AAA 2024-06-12: high 9.0 is below low 11.0" in out.splitlines()


@pytest.mark.parametrize("arguments", [(), ("import",), ("import", "x.csv", "--sotre", "y")])
def test_a_wrong_call_ends_with_2(run: Run, arguments: tuple[str, ...]) -> None:
    assert run(*arguments)[0] == 2


def test_a_file_that_is_not_there_is_said_on_stderr(run: Run, tmp_path: Path) -> None:
    code, out, err = run("import", tmp_path / "none.csv", "--store", tmp_path / "store")
    assert (code, out) == (2, "")
    assert "D201" in err
    assert not (tmp_path / "store").exists()


def test_an_empty_store_says_what_to_do(run: Run, tmp_path: Path) -> None:
    code, out, err = run("list", "--store", tmp_path)
    assert (code, out) == (0, "")
    assert "oracle data import" in err


def test_a_zone_that_does_not_exist_is_a_usage_error(run: Run, bars: Path, tmp_path: Path) -> None:
    code, _, err = run("import", bars, "--store", tmp_path / "store", "--zone", "Mars/Olympus")
    assert (code, "'Mars/Olympus' is not a time zone" in err) == (2, True)


def test_the_store_of_the_settings_is_the_default(
    run: Run, bars: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SA_DATA__STORE", str(tmp_path / "elsewhere"))
    assert run("import", bars)[0] == 0
    assert (tmp_path / "elsewhere" / "manifest.json").is_file()


def test_the_commands_load_polars_only_when_they_run() -> None:
    source = "import sys, oracle.cli.data; assert not {'polars', 'numpy'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", source], check=True, cwd=Path(__file__).parents[3])
