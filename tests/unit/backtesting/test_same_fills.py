"""Which fills of two engines count as the same."""

from __future__ import annotations

from datetime import date

import pytest

from oracle.backtesting.verify import Ledger, differences

Fill = tuple[float, float, float]


def ledger(fill: Fill) -> Ledger:
    return Ledger({(date(2020, 1, 2), "IBM", "BUY"): [fill]}, [])


@pytest.mark.parametrize(
    ("ours", "theirs", "is_same"),
    [
        ((100.0, 20.0, 1.0), (100.0, 20.0, 1.0), True),
        ((100.0, 20.0, 1.0), (101.0, 20.0, 1.0), False),
        ((100.0, 0.001, 1.0), (101.0, 0.001, 1.0), False),
        ((100.0, 20.0, 1.0), (100.0, 20.0001, 1.0), False),
        ((100.0, 20.0, 1.0), (100.0, 20.0, 1.01), False),
        # Parts of a share, by less than half a cent's worth and by more.
        ((10.123456, 20.0, 1.0), (10.123458, 20.0, 1.0), True),
        ((10.123456, 20.0, 1.0), (10.123856, 20.0, 1.0), False),
        # A price rounded twice to a millionth, of many shares.
        ((50_000.0, 20.0, 1.0), (50_000.0, 20.000001, 1.0), True),
        ((50_000.0, 20.0, 1.0), (50_000.0, 20.000002, 1.0), False),
    ],
)
def test_fills_are_the_same_to_the_cent_and_to_the_last_whole_share(ours: Fill, theirs: Fill, is_same: bool) -> None:
    assert (differences(ledger(ours), ledger(theirs)) == []) is is_same
    assert (differences(ledger(theirs), ledger(ours)) == []) is is_same
