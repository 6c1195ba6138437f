"""A ranking as lines for a terminal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from oracle.backtesting.ranking.score import write as cell

if TYPE_CHECKING:
    from oracle.backtesting.ranking.score import Scorecard


def write(cards: Sequence[Scorecard]) -> str:
    """Return each strategy's score, its parts, its evidence, and the demands that it meets or not."""
    return "\n\n".join(_card(place, card) for place, card in enumerate(cards, 1))


def _card(place: int, card: Scorecard) -> str:
    walk = card.walk
    first, last = walk.windows[0].window.part.start, walk.windows[-1].window.part.end
    lines = [
        f"{place}. {card.strategy}  {100 * card.score:.1f} of 100  {'passes' if card.passed else 'does not pass'}",
        f"   out of sample {first} to {last}, {len(walk.windows)} windows ({walk.scheme}), {walk.trade_count:,} trades",
        f"   {'':<17}{'value':>9}{'no marks':>10}{'full':>8}{'marks':>8}{'weight':>8}{'points':>8}",
    ]
    for part in card.parts:
        ends = f"{cell(part.name, part.worst):>10}{cell(part.name, part.best):>8}"
        marks = f"{part.marks:>8.2f}{part.weight:>8.0%}{100 * part.points:>8.1f}"
        lines.append(f"   {part.label:<17}{cell(part.name, part.value):>9}{ends}{marks}")
    lines.append(f"   {walk.evidence.summary()}")
    lines += [f"   {'passed' if each.passed else 'FAILED'}  {each}" for each in card.thresholds]
    return "\n".join(lines)
