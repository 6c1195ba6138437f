"""The same bytes: twice, on one thread, in another order of files, and in a process that hashes differently."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from command import printed
from market import SHIPPED

from oracle.data.demo import demo_path
from oracle.data.importer import import_files
from oracle.data.store import BarStore

#: Every cost that a simulation knows.
COSTS = {
    "SA_SIMULATION__COMMISSION__MODEL": "tiered",
    "SA_SIMULATION__SLIPPAGE__MODEL": "square_root",
    "SA_SIMULATION__BORROW_RATE": "1%",
    "SA_SIMULATION__INTEREST__BENCHMARK": "[{rate: 4%}]",
}


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("store")
    import_files([demo_path()], BarStore(folder))
    return folder


def test_a_backtest_prints_the_same_bytes_whatever_runs_it(store: Path) -> None:
    first = printed(store, list(SHIPPED), PYTHONHASHSEED="1")
    results = json.loads(first)
    assert [result["strategy"] for result in results] == [path.stem for path in SHIPPED]
    assert all(result["trades"] > 0 for result in results), "bytes of nothing prove nothing"
    assert printed(store, list(SHIPPED), PYTHONHASHSEED="2") == first
    assert printed(store, list(SHIPPED), PYTHONHASHSEED="3", RAYON_NUM_THREADS="1") == first
    assert printed(store, list(SHIPPED), PYTHONHASHSEED="4", RAYON_NUM_THREADS="7") == first
    backwards = json.loads(printed(store, list(reversed(SHIPPED))))
    assert backwards[::-1] == results, "strategies do not depend on who runs beside them"


def test_costs_do_not_hang_on_the_number_of_threads(store: Path) -> None:
    free = printed(store, list(SHIPPED), RAYON_NUM_THREADS="1")
    first = printed(store, list(SHIPPED), RAYON_NUM_THREADS="1", **COSTS)
    assert first != free
    assert printed(store, list(SHIPPED), RAYON_NUM_THREADS="7", **COSTS) == first
