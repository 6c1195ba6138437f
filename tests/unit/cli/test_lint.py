"""Warnings about strategies that compile and still cannot be meant, each at its place in the file."""

from __future__ import annotations

import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path

import pytest

from oracle.cli.app import run

ROOT = Path(__file__).parents[3]

HEAD = "schema: 1\nname: doubtful\nuniverse: {symbols: [AAPL]}\n"


def findings(shown: str) -> list[str]:
    """Place and code of each finding: `7:9 W501`."""
    lines = [line for line in shown.splitlines() if ".yaml:" in line]
    return [f"{line.split(':', 1)[1].split(' ')[0].rstrip(':')} {line.split(' ')[1]}" for line in lines]


@pytest.fixture
def strategy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return Path("s.yaml")


@pytest.fixture
def bars(tmp_path: Path) -> Path:
    """Thirty sessions of one share."""
    rows = [f"AAPL,{date(2024, 1, 1) + timedelta(days=day)},10,10,10,10,1000" for day in range(30)]
    path = tmp_path / "bars.csv"
    path.write_text("\n".join(["symbol,date,open,high,low,close,volume", *rows, ""]), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        ("entry: {long: close < 0}\n", ["4:15 W501"]),
        ("entry:\n  long: rsi(close, 14) > 100\n", ["5:9 W501"]),
        ("entry:\n  long: rsi(close, 14) > 70 and rsi(close, 14) < 30\n", ["5:9 W501"]),
        ("entry: {long: close > open and not (close > open)}\n", ["4:15 W501"]),
        ("entry: {long: close > open or close < 0}\n", []),
        ("entry:\n  long: rsi(close, 14) < 30\nexit:\n  when: rsi(close, 14) < 40\n", ["7:9 W502"]),
        ("entry:\n  long: rsi(close, 14) < 40\nexit:\n  when: rsi(close, 14) < 30\n", []),
        ("features: {trend: close > open}\nentry: {long: close > 5}\n", ["4:12 W503"]),
        ("entry: {long: close > open}\nexit: {max_hold: 1s}\n", ["5:18 W506"]),
    ],
)
def test_rules_that_cannot_be_meant_are_located(
    rules: str, expected: list[str], strategy: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    strategy.write_text(HEAD + rules, encoding="utf-8")
    assert run(["check", str(strategy)]) == 0
    assert findings(capsys.readouterr().out) == expected
    assert run(["check", str(strategy), "--strict"]) == (1 if expected else 0)


@pytest.mark.parametrize(
    ("sizing", "expected"),
    [
        ("sizing: {method: equal_weight, max_position: 40%}\n", ["5:46 W504"]),
        ("sizing: {method: equal_weight, max_position: 4%}\n", []),
        ("sizing: {method: equal_weight}\n", []),
    ],
)
def test_a_cap_above_the_accounts_never_binds(
    sizing: str, expected: list[str], strategy: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    # The shipped limits allow 5% of equity in one position.
    strategy.write_text(HEAD + "entry: {long: close > open}\n" + sizing, encoding="utf-8")
    assert run(["check", str(strategy)]) == 0
    assert findings(capsys.readouterr().out) == []
    limits = str(ROOT / "config" / "risk_limits.yaml")
    assert run(["check", str(strategy), "--limits", limits]) == 0
    assert findings(capsys.readouterr().out) == expected


@pytest.mark.parametrize(("length", "expected"), [(30, []), (31, ["4:1 W505"])])
def test_a_warm_up_longer_than_the_data_is_named_with_both(
    length: int, expected: list[str], strategy: Path, bars: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    # An average of 30 closes has one value on 30 bars; one of 31 has none.
    text = f"timeframe: 1Day\nentry:\n  long: close > sma(close, {length})\n"
    strategy.write_text(HEAD + text, encoding="utf-8")
    assert run(["check", str(strategy), "--data", str(bars)]) == 0
    shown = capsys.readouterr().out
    assert findings(shown) == expected
    assert not expected or "found 30 bars; expected more than 30 bars" in shown


def test_a_backtest_remarks_and_goes_on(strategy: Path, bars: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = "entry:\n  long: close > sma(close, 20)\nsizing: {method: equal_weight, max_position: 40%}\n"
    strategy.write_text(HEAD + text, encoding="utf-8")
    limits = ["--limits", str(ROOT / "config" / "risk_limits.yaml"), "--waive", "vix,sector"]
    assert run(["backtest", str(strategy), "--data", str(bars), *limits]) == 0
    assert findings(capsys.readouterr().err) == ["6:46 W504"]
    assert run(["backtest", str(strategy), "--data", str(bars), *limits, "--json"]) == 0
    assert capsys.readouterr().err == "", "a program is told what it asked for"
    # Ten sessions are left before the end of January 10: fewer than the average needs.
    assert run(["backtest", str(strategy), "--data", str(bars), "--no-limits", "--to", "2024-01-10"]) == 0
    shown = capsys.readouterr()
    assert findings(shown.err) == ["1:1 W505"]
    assert "found 10 bars" in shown.err
    assert "W505" not in shown.out


def test_checking_against_nothing_reads_no_tables() -> None:
    code = (
        "import sys; from oracle.cli.app import run\n"
        "run(['check', 'strategies'])\n"
        "print(sorted({'polars', 'numpy', 'pandas'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
