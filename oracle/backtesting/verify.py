"""Two engines, one strategy: what differs in their ledgers, and which convention each difference is laid to.

A difference is explained by a convention where switching that one convention in the native engine makes it vanish. The
switches are turned one after the other, each time the one that makes most differences vanish; what is left when all are
turned is unexplained. Apart from those stands what rounding can amount to: fills are priced in millionths of a dollar
here and in floating point elsewhere, which after thousands of fills is more than half a cent.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from oracle.core import native

if TYPE_CHECKING:
    from oracle.backtesting.result import BacktestRun

#: Half a cent: amounts that agree to the cent.
CENT = 0.005
SHOWN = 5
#: Parts of a share that count as equal, where they are worth less than half a cent.
SHARES_APART_MAX = 1e-3
#: Half of the last place of a fill's price, USD per share; and of an amount, USD.
HALF_MICRO = 0.5e-6


@dataclass(frozen=True, slots=True)
class Difference:
    """One fill, or the cash or equity of one close, that two engines have differently; ``None`` where one has none."""

    what: str
    timestamp: object
    symbol: str | None
    native: str | None
    other: str | None

    @property
    def place(self) -> tuple[str, object, str | None]:
        """Where in the ledger it is."""
        return self.what, self.timestamp, self.symbol

    def line(self) -> str:
        """Return it on one line."""
        about = f"{self.what} {self.symbol}" if self.symbol else self.what
        return f"{self.timestamp}  {about}: native {self.native or 'none'}, other {self.other or 'none'}"


@dataclass(frozen=True, slots=True)
class Ledger:
    """What is compared of a run."""

    fills: dict[tuple[object, str, str], list[tuple[float, float, float]]]
    closes: list[tuple[object, float, float]]

    @classmethod
    def of(cls, run: BacktestRun) -> Ledger:
        """Return fills by (moment, symbol, side), and (moment, cash, equity) of each close."""
        fills: dict[tuple[object, str, str], list[tuple[float, float, float]]] = {}
        columns = ("filled_at", "symbol", "side", "quantity", "price", "fee")
        for at, symbol, side, *amounts in run.fills.select(columns).iter_rows():
            fills.setdefault((at, symbol, side), []).append(tuple(amounts))
        return cls(fills, list(run.equity.select("timestamp", "cash", "equity").iter_rows()))


def differences(ours: Ledger, theirs: Ledger) -> list[Difference]:
    """Return every fill that differs in shares or, to the cent, in value or fee, and every close in cash or equity."""
    found: list[Difference] = []
    for key in sorted({*ours.fills, *theirs.fills}, key=lambda key: (str(key[0]), key[1], key[2])):
        left, right = ours.fills.get(key, []), theirs.fills.get(key, [])
        for place in range(max(len(left), len(right))):
            a = left[place] if place < len(left) else None
            b = right[place] if place < len(right) else None
            if a is None or b is None or not _same_fill(a, b):
                found.append(Difference(f"{key[2]} fill", key[0], key[1], _text(a), _text(b)))
    for (at, cash, equity), (_, other_cash, other_equity) in zip(ours.closes, theirs.closes, strict=True):
        for what, a_usd, b_usd in (("cash", cash, other_cash), ("equity", equity, other_equity)):
            if abs(a_usd - b_usd) >= CENT:
                found.append(Difference(what, at, None, f"{a_usd:.2f}", f"{b_usd:.2f}"))
    return found


def worst_deviation(ours: Ledger, theirs: Ledger) -> float:
    """Return the largest distance of cash or equity at any close, USD."""
    pairs = zip(ours.closes, theirs.closes, strict=True)
    return max((abs(a - b) for left, right in pairs for a, b in zip(left[1:], right[1:], strict=True)), default=0.0)


def _within_rounding(ours: Ledger, theirs: Ledger) -> set[tuple[str, object, str | None]]:
    """Return the places of cash and equity that differ by no more than the fills so far can have been rounded by."""
    shares: dict[object, tuple[float, int]] = {}
    for (at, _, _), fills in ours.fills.items():
        so_far, count = shares.get(at, (0.0, 0))
        shares[at] = (so_far + sum(fill[0] for fill in fills), count + len(fills))
    found: set[tuple[str, object, str | None]] = set()
    bound = 0.0
    for (at, cash, equity), (_, other_cash, other_equity) in zip(ours.closes, theirs.closes, strict=True):
        traded, count = shares.get(at, (0.0, 0))
        bound += HALF_MICRO * (traded + 2 * count)
        if abs(cash - other_cash) <= bound:
            found.add(("cash", at, None))
        if abs(equity - other_equity) <= bound:
            found.add(("equity", at, None))
    return found


def _same_fill(a: tuple[float, float, float], b: tuple[float, float, float]) -> bool:
    (shares, price, fee), (other_shares, other_price, other_fee) = a, b
    return (
        # Parts of a share are sized on an equity that is rounded here: their last places may differ, whole shares not.
        abs(shares - other_shares) < min(SHARES_APART_MAX, CENT / price)
        # A stop and the slippage on it are each rounded to a millionth.
        and abs(shares * price - other_shares * other_price) < max(CENT, 2.5 * HALF_MICRO * shares)
        and abs(fee - other_fee) < CENT
    )


def _text(fill: tuple[float, float, float] | None) -> str | None:
    return None if fill is None else f"{fill[0]:g} at {fill[1]:.4f}, fee {fill[2]:.2f}"


@dataclass(frozen=True, slots=True)
class Explained:
    """A convention, and the differences that vanished with it."""

    convention: str
    setting: str
    vanished: tuple[Difference, ...]


@dataclass(frozen=True)
class Verification:
    """A strategy run by two engines."""

    strategy: str
    against: str
    fills: int
    native_equity: float
    other_equity: float
    differences: tuple[Difference, ...]
    explained: tuple[Explained, ...]
    unexplained: tuple[Difference, ...]
    #: Closes that differ by no more than the rounding of fill prices adds up to.
    rounded: tuple[Difference, ...]
    #: Largest distance of cash or equity once all conventions are switched, USD.
    worst_usd: float

    def to_dict(self) -> dict[str, Any]:
        """Return the stable JSON object of ``oracle verify --json``."""
        return {
            "strategy": self.strategy,
            "against": self.against,
            "fills": self.fills,
            "final_equity": {"native": self.native_equity, self.against: self.other_equity},
            "differences": len(self.differences),
            "explained": [
                {
                    "convention": part.convention,
                    "setting": part.setting,
                    "differences": len(part.vanished),
                    "fills": [_as_dict(each) for each in part.vanished if each.symbol],
                }
                for part in self.explained
            ],
            "unexplained": [_as_dict(each) for each in self.unexplained],
            "rounded": len(self.rounded),
            "worst_usd": self.worst_usd,
        }

    def summary(self) -> str:
        """Return it as a few lines for a terminal."""
        lines = [
            f"{self.strategy} against {self.against}: {self.fills:,} fills,"
            f" equity {self.native_equity:,.2f} native, {self.other_equity:,.2f} {self.against}"
        ]
        if not self.differences:
            lines.append(f"  no difference; worst deviation {self.worst_usd:.6f} USD")
            return "\n".join(lines)
        count = sum(len(part.vanished) for part in self.explained)
        lines.append(f"  {len(self.differences):,} differences, {count:,} explained:")
        for part in self.explained:
            fills = [each for each in part.vanished if each.symbol]
            closes = len(part.vanished) - len(fills)
            lines.append(f"    {part.convention}={part.setting}: {len(fills):,} fills, {closes:,} closes")
            lines += [f"      {each.line()}" for each in fills[:SHOWN]]
        lines.append(
            f"  {len(self.unexplained):,} unexplained; worst deviation under {self.against}'s conventions"
            f" {self.worst_usd:.6f} USD"
        )
        lines += [f"    {each.line()}" for each in self.unexplained[: 2 * SHOWN]]
        if self.unexplained:
            lines.append(f"  docs/conventions.md names the rules that {self.against} cannot express")
        if self.rounded:
            lines.append(f"  {len(self.rounded):,} closes differ by the rounding of fill prices to a millionth alone")
        return "\n".join(lines)


def _as_dict(difference: Difference) -> dict[str, object]:
    return {
        "what": difference.what,
        "timestamp": str(difference.timestamp),
        "symbol": difference.symbol,
        "native": difference.native,
        "other": difference.other,
    }


def verify(
    run_native: Callable[[str], BacktestRun], other: BacktestRun, against: str, own: str, theirs: str
) -> Verification:
    """Compare a run of another engine with the native engine's and explain the differences.

    Parameters
    ----------
    run_native : runs the native engine under conventions in words
    other : the other engine's run
    against : its name
    own, theirs : conventions in words of the native run, and those under which the native engine does as the other
    """
    settings, wanted = native.conventions_of(own), native.conventions_of(theirs)
    open_switches = {name: setting for name, setting in wanted.items() if settings[name] != setting}
    target = Ledger.of(other)
    first = run_native(own)
    found = differences(Ledger.of(first), target)
    left, turned, explained = tuple(found), own, []
    while left and open_switches:
        trials = {
            name: differences(Ledger.of(run_native(f"{turned},{name}={setting}")), target)
            for name, setting in open_switches.items()
        }
        best = min(trials, key=lambda name: len(trials[name]))
        turned = f"{turned},{best}={open_switches.pop(best)}"
        still = {each.place for each in trials[best]}
        vanished = tuple(each for each in left if each.place not in still)
        if vanished:
            explained.append(Explained(best, wanted[best], vanished))
        left = tuple(each for each in left if each.place in still)
    last = run_native(theirs)
    ours = Ledger.of(last)
    rest, rounding = differences(ours, target), _within_rounding(ours, target)
    return Verification(
        strategy=first.strategy,
        against=against,
        fills=len(other.fills),
        native_equity=first.final_equity,
        other_equity=other.final_equity,
        differences=tuple(found),
        explained=tuple(explained),
        unexplained=tuple(each for each in rest if each.place not in rounding),
        rounded=tuple(each for each in rest if each.place in rounding),
        worst_usd=worst_deviation(ours, target),
    )
