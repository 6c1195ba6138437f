"""The trial ledger: every attempt once, for good, whoever makes it and whatever happens meanwhile."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from market import ROOT

from oracle.backtesting.lineage import Descent, likeness
from oracle.backtesting.trials import Evidence, Trial, TrialLedger
from oracle.core.errors import DataError
from oracle.strategy.declared import DeclaredStrategy

MOMENTUM = (ROOT / "strategies" / "momentum.yaml").read_text(encoding="utf-8")


def trial(plan: str = "p", data: str = "d", conventions: str = "c", sharpe: float | None = 0.05) -> Trial:
    return Trial(plan, data, conventions, sharpe, 1000)


def descent(text: str = MOMENTUM) -> Descent:
    return Descent.of(DeclaredStrategy(text))


@pytest.fixture
def ledger(tmp_path: Path) -> TrialLedger:
    return TrialLedger(tmp_path / "deep" / "trials.sqlite")


def enter(ledger: TrialLedger, who: Descent, *trials: Trial) -> Evidence:
    return ledger.evidence(ledger.record(ledger.lineage(who), trials or [trial(who.plan_hash)]).name)


def test_a_trial_is_a_distinct_plan_on_distinct_data_under_distinct_conventions(ledger: TrialLedger) -> None:
    assert enter(ledger, descent(), trial()).trials == 1
    assert enter(ledger, descent(), trial(sharpe=0.9)).trials == 1, "a re-run adds none, whatever it says"
    assert enter(ledger, descent(), trial(plan="q")).trials == 2
    assert enter(ledger, descent(), trial(data="e")).trials == 3
    assert enter(ledger, descent(), trial(conventions="k")).trials == 4
    again = TrialLedger(ledger.path).evidence(ledger.lineage(descent()).name)
    assert again.trials == 4
    assert again.first_run_at is not None


def test_the_variance_is_that_of_the_trials_that_have_a_ratio(ledger: TrialLedger) -> None:
    assert enter(ledger, descent(), trial("a", sharpe=0.1)).sharpe_variance == 0.0
    found = enter(ledger, descent(), trial("b", sharpe=0.2), trial("c", sharpe=0.6), trial("d", sharpe=None))
    # Of 0.1, 0.2 and 0.6, with a mean of 0.3: (0.04 + 0.01 + 0.09) / 2.
    assert (found.trials, found.sharpe_variance) == (4, pytest.approx(0.07))


def test_a_sweep_is_entered_at_once(ledger: TrialLedger) -> None:
    lineage = ledger.lineage(descent())
    many = [trial(f"plan {number}", sharpe=number / 1e5) for number in range(5000)]
    ledger.record(lineage, many)
    assert ledger.evidence(lineage.name).trials == 5000
    ledger.record(lineage, [*many, trial("one more")])
    assert ledger.evidence(lineage.name).trials == 5001


def test_what_nobody_tried_has_no_trials(ledger: TrialLedger) -> None:
    assert ledger.evidence("nothing") == Evidence("nothing", 0, 0.0, None)
    assert not ledger.path.exists(), "looking makes no file"


def test_an_id_decides(ledger: TrialLedger) -> None:
    named = MOMENTUM.replace("name: momentum\n", "id: my_idea\nname: momentum\n")
    renamed = named.replace("name: momentum\n", "name: another\n").replace(
        "change_ratio(close, lookback)", "rsi(close, 14)"
    )
    assert descent(named).plan_hash == descent().plan_hash, "an id is no part of the plan"
    assert enter(ledger, descent(named)).lineage == "my_idea"
    assert enter(ledger, descent(renamed)) == ledger.evidence("my_idea")
    assert ledger.evidence("my_idea").trials == 2


def test_an_id_that_leaves_trials_behind_says_so(ledger: TrialLedger) -> None:
    first = enter(ledger, descent()).lineage
    named = descent(MOMENTUM.replace("name: momentum\n", "id: my_idea\nname: momentum\n"))
    announced = ledger.lineage(named).announcement
    assert announced is not None
    assert f"under {first} do not count" in announced
    enter(ledger, named)
    assert ledger.lineage(named).announcement is None, "it is said once"


@pytest.mark.parametrize(("old", "new"), [
    ("sma(close, 200)", "sma(close, 150)"), ("sma(close, 200)", "ema(close, 200)"), ("stop_loss: 15%", "stop_loss: 9%"),
    ("momentum > 0 and ", ""), ("name: momentum\n", "name: better_momentum\n"), ("default: 126", "default: 63"),
    ("IBM, MSFT]", "IBM, MSFT, ORCL]"), ("trend", "direction"),
])  # fmt: skip
def test_an_edit_stays_in_the_lineage_and_is_announced(ledger: TrialLedger, old: str, new: str) -> None:
    enter(ledger, descent())
    edited = descent(MOMENTUM.replace(old, new).split("tests:")[0])
    found = ledger.lineage(edited)
    assert found.name == f"momentum-{descent().plan_hash[:8]}"
    if edited.plan_hash == descent().plan_hash:
        assert found.announcement is None
        return
    assert found.announcement is not None
    assert f"counted with {found.name}" in found.announcement
    assert enter(ledger, edited).trials == 2
    assert ledger.lineage(edited).announcement is None, "the plan is known from now on"


def test_the_shipped_strategies_are_ideas_of_their_own(ledger: TrialLedger) -> None:
    names = [enter(ledger, descent(path.read_text())).lineage for path in sorted((ROOT / "strategies").glob("*.yaml"))]
    assert len(set(names)) == 5


def test_a_lineage_follows_many_small_edits(ledger: TrialLedger) -> None:
    """The likest of all plans of the lineage counts, not only its first."""
    names = set()
    for step in range(0, 20, 2):
        nodes = tuple(f"node-{at}" for at in range(step, step + 10))
        names.add(enter(ledger, Descent(None, "s", f"plan {step}", nodes)).lineage)
    assert names == {"s-plan 0"}


def test_likeness_counts_nodes_against_the_larger_plan() -> None:
    assert likeness("aabc", "abcd") == 3 / 4
    assert likeness("ab", "abcdefghij") == 0.2, "a small plan is not a part of every large one"
    assert likeness("", "") == 0.0


def test_numbers_and_names_do_not_tell_nodes_apart() -> None:
    other = MOMENTUM.replace("200", "90").replace("momentum", "strength").replace("lookback", "days")
    assert descent(other).nodes == descent().nodes
    assert descent(other).plan_hash != descent().plan_hash


def test_rows_can_neither_be_changed_nor_deleted(ledger: TrialLedger) -> None:
    enter(ledger, descent())
    with sqlite3.connect(ledger.path) as raw:
        for statement in ("UPDATE trial SET observations = 1", "DELETE FROM trial", "DELETE FROM shape"):
            with pytest.raises(sqlite3.IntegrityError, match="only added"):
                raw.execute(statement)
    raw.close()


WRITER = """
import sys
from oracle.backtesting.lineage import Descent
from oracle.backtesting.trials import Trial, TrialLedger
ledger, who = TrialLedger(sys.argv[1]), sys.argv[2]
descent = Descent(None, "s" + who, "plan" + who, tuple("abcdefghij"))
for number in range(int(sys.argv[3])):
    trials = [Trial(f"{who} {number} {at}", "d", "c", 0.1, 10) for at in range(20)]
    ledger.record(ledger.lineage(descent), trials)
    print(number, flush=True)
"""


def writer(ledger: TrialLedger, who: int, count: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", WRITER, str(ledger.path), str(who), str(count)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def test_processes_take_turns_and_begin_one_lineage(ledger: TrialLedger) -> None:
    writers = [writer(ledger, who, 15) for who in range(4)]
    with ThreadPoolExecutor(len(writers)) as pool:
        done = list(pool.map(lambda process: (process.communicate(), process.returncode), writers))
    assert [code for _, code in done] == [0] * 4, done
    with sqlite3.connect(ledger.path) as raw:
        assert raw.execute("SELECT count(*), count(DISTINCT lineage) FROM trial").fetchone() == (4 * 15 * 20, 1)
    raw.close()


def test_a_killed_process_leaves_whole_entries(ledger: TrialLedger) -> None:
    process = writer(ledger, 0, 100_000)
    assert process.stdout is not None
    said = [process.stdout.readline() for _ in range(5)]
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()
    found = ledger.evidence(ledger.lineage(Descent(None, "s0", "plan0", tuple("abcdefghij"))).name)
    assert found.trials >= 20 * len(said)
    assert found.trials % 20 == 0, "an entry is whole or not there"


def test_a_file_that_is_no_ledger_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("nothing of the kind, but long enough to be taken for a header of a database" * 20)
    before = path.read_bytes()
    ledger = TrialLedger(path)
    for attempt in (lambda: ledger.lineage(descent()), lambda: ledger.evidence("x")):
        with pytest.raises(DataError, match="D301"):
            attempt()
    assert path.read_bytes() == before


def test_another_format_is_refused(ledger: TrialLedger) -> None:
    enter(ledger, descent())
    with sqlite3.connect(ledger.path) as raw:
        raw.execute("PRAGMA user_version = 2")
    raw.close()
    with pytest.raises(DataError, match="format 2"):
        ledger.evidence("x")


def test_a_folder_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    ledger = TrialLedger(tmp_path / "file" / "trials.sqlite")
    with pytest.raises(DataError, match="D301"):
        enter(ledger, descent())


def test_the_key_of_settings_is_laid_over_by_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    from oracle.bootstrap import settings

    monkeypatch.setenv("SA_DATA__TRIALS", "elsewhere.sqlite")
    assert settings().data.trials == "elsewhere.sqlite"
    monkeypatch.delenv("SA_DATA__TRIALS")
    assert settings().data.trials == "var/trials.sqlite"
