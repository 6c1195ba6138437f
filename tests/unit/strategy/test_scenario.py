"""The `tests:` block: what each way to expect accepts and refuses, and what bars without a chance prove."""

from __future__ import annotations

from pathlib import Path

import pytest

from oracle.bootstrap import run_tests
from oracle.core.errors import ConfigError
from oracle.strategy.scenario import ScenarioResult

#: Buys the second close in a row that rises, sells the first that falls, ten shares at a time.
STRATEGY = """
schema: 1
name: two_up
universe: {symbols: [AAPL, IBM], where: close > 5}
timeframe: 1Day
params:
  rises: {default: 2, choices: [2, 3]}
entry: {long: "rising(close, rises)"}
exit: {when: "close < lag(close, 1)"}
sizing: {method: fixed_shares, shares: 10}
tests:
"""
#: Rises on bars 2, 3, 4, falls on 6: bought at the open of bar 4 (110), sold at the open of bar 8 (90).
UP_AND_DOWN = "{AAPL: {close: '100, 102, 104, 110, 111, 108, 95, 90'}}"


def results(tmp_path: Path, *tests: str) -> list[ScenarioResult]:
    path = tmp_path / "two_up.yaml"
    block = "".join(f"  - {{name: test {number}, {test}}}\n" for number, test in enumerate(tests))
    path.write_text(STRATEGY + block, encoding="utf-8")
    return run_tests([path])


def result(tmp_path: Path, expect: str, bars: str = UP_AND_DOWN, more: str = "") -> ScenarioResult:
    (only,) = results(tmp_path, f"bars: {bars}, expect: {{{expect}}}{more}")
    return only


HOLD = [
    "entries: 1", "entries: [AAPL]", "entries: {AAPL: 1}", "entries: {AAPL: 1, IBM: 0}", "exits: 1", "exits: {AAPL: 1}",
    "positions: none", "signals: [AAPL]", "orders: 2", "orders: {AAPL: 2}", "verdicts: none", "entries: {count: 1}",
    "entries: [{symbol: AAPL, bar: 4, side: long, quantity: 10, price: 110, reason: entry_long}]",
    "entries: [{date: 2010-01-07}]", "exits: [{symbol: AAPL, bar: 7, price: 95}]",
    "orders: [{bar: 3, side: buy}, {bar: 6, side: sell}]", "signals: [{symbol: AAPL, bar: 3, side: long}]",
    "entries: [AAPL], exits: [AAPL], positions: none",
]  # fmt: skip

FAIL = {
    "entries: none": "entries: expected none, found 1: AAPL 2010-01-07 long",
    "entries: 2": "entries: expected 2, found 1",
    "entries: [IBM]": "entries: expected symbol IBM, found none of it",
    "entries: {IBM: 1}": "entries: expected 1 of IBM, found 0",
    "exits: none": "exits: expected none, found 1",
    "positions: [AAPL]": "positions: expected symbol AAPL, found none of it",
    "entries: [{symbol: AAPL, bar: 3}]": "entries: expected symbol AAPL, bar 3, found none of it",
    "entries: [{symbol: AAPL, price: 110.01}]": "found none of it: AAPL 2010-01-07 long",
    "entries: [{symbol: AAPL, side: short}]": "found none of it",
    "entries: [{symbol: AAPL, quantity: 11}]": "found none of it",
    "entries: [{symbol: AAPL, bar: 99}]": "found none of it",
    "verdicts: [NO_SUCH]": "found none of it",
}


@pytest.mark.parametrize("expect", HOLD)
def test_what_happened_is_accepted(expect: str, tmp_path: Path) -> None:
    assert result(tmp_path, expect).failures == ()


@pytest.mark.parametrize("expect", FAIL)
def test_what_did_not_happen_fails_and_says_what_did(expect: str, tmp_path: Path) -> None:
    failed = result(tmp_path, expect)
    assert not failed.passed
    assert FAIL[expect] in " ".join(failed.failures)


def test_every_wrong_expectation_is_reported(tmp_path: Path) -> None:
    failures = result(tmp_path, "entries: 3, exits: 4, positions: 5").failures
    assert [failure.partition(":")[0] for failure in failures] == ["entries", "exits", "positions"]


def test_a_list_of_symbols_allows_no_other(tmp_path: Path) -> None:
    both = "{AAPL: {close: '100, 102, 104, 110'}, IBM: {close: '50, 51, 52, 53'}}"
    assert result(tmp_path, "entries: [AAPL, IBM]", both).passed
    (failure,) = result(tmp_path, "entries: [AAPL]", both).failures
    assert failure == "entries: found IBM, which was not expected"


def test_nothing_is_no_proof_where_nothing_could_have_happened(tmp_path: Path) -> None:
    # Two rises need three bars; a close under 5 is no member; bars of no member of the universe are none at all.
    short = result(tmp_path, "entries: none", "{AAPL: {close: '100, 101'}}").failures
    assert short[0] == "nothing could have happened, so this test proves nothing"
    assert "AAPL: 2 bars, member on 2, every condition known on 0" in short[1]
    cheap = result(tmp_path, "entries: none", "{AAPL: {close: '4 -> 3 x 50'}}").failures
    assert "member on 0" in cheap[1]
    strange = result(tmp_path, "entries: none", "{MSFT: {close: '100 x 50'}}").failures
    assert strange == ("nothing could have happened: no symbol of the test is in the universe",)
    assert result(tmp_path, "entries: none", "{AAPL: {close: '100 x 50'}}").passed
    assert result(tmp_path, "exits: none", "{AAPL: {close: '100 -> 200 x 50'}}").passed


def test_missing_bars_are_missing(tmp_path: Path) -> None:
    # A window counts a symbol's own bars: the fourth session has its third bar, and the second rise.
    gap = "{AAPL: {close: '100, 102, _, 104, 110, 111'}, IBM: {close: '50 x 6'}}"
    assert result(tmp_path, "entries: [{symbol: AAPL, bar: 5, price: 110}]", gap).failures == ()
    assert result(tmp_path, "signals: [{symbol: AAPL, bar: 4}]", gap).failures == ()


def test_opens_highs_and_lows_are_the_close_unless_given(tmp_path: Path) -> None:
    given = "{AAPL: {open: '99, 101, 103, 109.5', high: '111 x 4', low: '90 x 4', close: '100, 102, 104, 110'}}"
    assert result(tmp_path, "entries: [{symbol: AAPL, bar: 4, price: 109.5}]", given).failures == ()


def test_volume_is_ten_million_unless_given(tmp_path: Path) -> None:
    # At most a tenth of a bar's volume fills: ten shares of ten million, five of fifty.
    thin = "{AAPL: {close: '100, 102, 104, 110, 111', volume: '50 x 5'}}"
    assert result(tmp_path, "entries: [{quantity: 10}]", "{AAPL: {close: '100, 102, 104, 110, 111'}}").passed
    assert result(tmp_path, "entries: [{quantity: 5}]", thin).passed


def test_params_capital_and_start_are_the_test_s_own(tmp_path: Path) -> None:
    assert result(tmp_path, "entries: [{bar: 5}]", more=", params: {rises: 3}").failures == ()
    assert result(tmp_path, "entries: [{date: 2024-03-07}]", more=", start: 2024-03-04").failures == ()
    # 500 dollars pay for four shares at 110, not for ten.
    assert result(tmp_path, "entries: [{quantity: 4}], verdicts: [CASH_CUT]", more=", capital: 500 USD").failures == ()


def test_limits_apply_where_a_test_asks_for_them(tmp_path: Path) -> None:
    # 5% of 10,000 dollars pay for four shares at 104 and a bit, not for ten.
    more = ", capital: 10_000 USD, sectors: {AAPL: technology}"
    assert result(tmp_path, "entries: [{quantity: 10}], verdicts: none", more=more).failures == ()
    assert result(
        tmp_path, "entries: [{quantity: 4}], verdicts: {POSITION_MAX: 1}", more=more + ", limits: true"
    ).passed


def test_tests_run_in_the_order_of_the_file_and_do_not_touch_each_other(tmp_path: Path) -> None:
    one = f"bars: {UP_AND_DOWN}, expect: {{entries: 1}}"
    other = f"bars: {UP_AND_DOWN}, expect: {{entries: 2}}"
    found = results(tmp_path, one, other, one)
    assert [(each.name, each.passed) for each in found] == [("test 0", True), ("test 1", False), ("test 2", True)]


@pytest.mark.parametrize("test", [
    "bars: {AAPL: {close: '100 ->'}}, expect: {entries: 1}", "bars: {AAPL: {close: '1 x 5'}}, expect: {entires: 1}",
    "bars: {AAPL: {close: '1 x 5'}}", "bars: {AAPL: {close: '1 x 5'}}, expect: {entries: some}",
    "bars: {AAPL: {close: '1 x 5'}}, params: {nothing: 3}, expect: {entries: 1}",
])  # fmt: skip
def test_a_test_that_is_none_is_a_diagnostic(test: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as refused:
        results(tmp_path, test)
    assert all(diagnostic.code.startswith("S0") for diagnostic in refused.value.diagnostics if diagnostic.is_error)
