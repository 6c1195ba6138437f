"""A ranking as a page: where each strategy's points come from, and which demands it meets."""

from __future__ import annotations

import html
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from oracle.backtesting import page, trust
from oracle.backtesting.ranking.score import LABELS, write

if TYPE_CHECKING:
    from oracle.backtesting.ranking.score import Part, Scorecard, Threshold


def render(cards: Sequence[Scorecard]) -> str:
    """Return the ranking as one self-contained HTML page.

    Raises
    ------
    RunError : the plotly package, which carries the chart library, is not installed
    """
    passing = sum(card.passed for card in cards)
    return page.fill(
        "ranking",
        _data(cards),
        subtitle=html.escape(f"{passing} of {len(cards)} strategies pass, by stitched out-of-sample results"),
        headline="".join(
            page.plain_card(
                card.strategy,
                f"{100 * card.score:.1f}",
                "passes" if card.passed else "does not pass",
                "good" if card.passed else "bad",
            )
            for card in cards
        ),
        points_height=f"{120 + 46 * len(cards)}",
        strategies="".join(_section(place, card) for place, card in enumerate(cards, 1)),
    )


def _data(cards: Sequence[Scorecard]) -> dict[str, Any]:
    """Return what the charts draw."""
    return {
        "parts": [part.label for part in cards[0].parts] if cards else [],
        "strategies": [
            {
                "name": card.strategy,
                "points": page.rounded((100 * part.points for part in card.parts), 3),
                "time": page.stamps(card.walk.equity),
                "equity": page.rounded((100 * e / card.walk.capital for e in card.walk.equity["equity"]), 3),
            }
            for card in cards
        ],
    }


def _section(place: int, card: Scorecard) -> str:
    walk = card.walk
    first, last = walk.windows[0].window.part.start, walk.windows[-1].window.part.end
    about = html.escape(f"{first} to {last}, {len(walk.windows)} windows, {walk.scheme}")
    about += f" · last plan {page.short(walk.windows[-1].test.plan_hash)}"
    verdict = '<b class="yes">passes</b>' if card.passed else '<b class="no">does not pass</b>'
    return (
        f'<section class="panel"><div class="bar"><h2>{place}. {html.escape(card.strategy)} · '
        f"{100 * card.score:.1f} of 100 · {verdict}</h2><label>{about}</label></div>"
        f'<div class="facts">{trust.facts(walk.evidence)}</div>'
        '<div class="pair uneven"><div class="across"><table><thead><tr><th>Part</th><th>Value</th><th>Points</th>'
        "<th>Weight</th><th>Marks</th><th></th><th>No marks at</th><th>Full marks at</th></tr></thead>"
        f"<tbody>{''.join(map(_part_row, card.parts))}</tbody></table></div>"
        '<div class="across"><table><thead><tr><th>Demand</th><th>Found</th><th>Expected</th><th></th></tr></thead>'
        f"<tbody>{''.join(map(_threshold_row, card.thresholds))}</tbody></table></div></div></section>"
    )


def _part_row(part: Part) -> str:
    bar = f'<span class="marks"><i style="width: {100 * part.marks:.0f}%"></i></span>'
    ends = (write(part.name, part.worst), write(part.name, part.best))
    points = f"{100 * part.points:.1f}"
    cells = [part.label, write(part.name, part.value), points, f"{part.weight:.0%}", f"{part.marks:.2f}", bar]
    return page.row([*cells, *ends])


def _threshold_row(each: Threshold) -> str:
    sign, tone = "≥" if each.is_minimum else "≤", "yes" if each.passed else "no"
    return page.row(
        [
            LABELS[each.name],
            write(each.name, each.found),
            f"{sign} {write(each.name, each.limit)}",
            f'<span class="{tone}">{"passed" if each.passed else "failed"}</span>',
        ]
    )
