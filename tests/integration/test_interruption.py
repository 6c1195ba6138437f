"""A long run tells how far it is, and ends when it is told to: by Ctrl-C or by whoever listens."""

from __future__ import annotations

import signal
from datetime import date
from types import FrameType

import numpy as np
import pytest

import oracle
from oracle.backtesting.rust_engine import RustEngine
from oracle.core import native
from oracle.data.frame import Prepared, prepare_columns

BARS = 2_400_000
#: A median of many bars on a walk takes its time, and an exit by the position's own profit keeps the run on the path of
#: single steps.
SLOW = """
schema: 1
name: slow
universe: {symbols: [AAA]}
timeframe: 1Min
entry: {long: "close > median(close, 1000)"}
exit: {when: position.profit > 90%, stop_loss: 1%}
sizing: {method: fixed_shares, shares: 10}
"""


@pytest.fixture(scope="module")
def minutes() -> Prepared:
    sessions = native.sessions(date(1990, 1, 2), BARS // 390 + 1).astype(np.int64)
    stamps = (sessions[:, None] * 86_400 + 52_200 + 60 * np.arange(390)[None, :]).ravel()[:BARS] * 1_000_000_000
    close = 100.0 + np.sin(np.arange(BARS) / 50.0)
    return prepare_columns("AAA", stamps, close, close, close, close, np.full(BARS, 1e6))


def test_ctrl_c_ends_a_long_run(minutes: Prepared) -> None:
    strategy = oracle.load_strategy(SLOW)

    def press(number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGALRM, press)
    signal.setitimer(signal.ITIMER_REAL, 0.06)
    try:
        with pytest.raises(KeyboardInterrupt):
            RustEngine().run(strategy, minutes, 1e6)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0.0)
        signal.signal(signal.SIGALRM, before)


def test_who_listens_hears_how_far_a_run_is_and_may_end_it(minutes: Prepared) -> None:
    heard: list[tuple[int, int]] = []

    class EnoughError(Exception):
        pass

    def listen(done: int, total: int) -> None:
        heard.append((done, total))
        if len(heard) == 2:
            raise EnoughError

    with pytest.raises(EnoughError):
        RustEngine(progress=listen).run(oracle.load_strategy(SLOW.replace("1000", "50")), minutes, 1e6)
    assert heard[0][0] <= heard[1][0] <= BARS
    assert {total for _, total in heard} == {BARS}
