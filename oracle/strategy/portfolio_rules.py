"""Rules across the keys of `portfolio:`: what groups exclude, whom they may hold, what a schedule needs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from oracle.core.binding import Path, Problem
from oracle.core.diagnostics import nearest
from oracle.strategy.portfolio import Corridor, Group, Portfolio, groups_of


def problems(portfolio: Portfolio, symbols: Sequence[str]) -> Iterator[Problem]:
    """Yield every broken rule of a target portfolio over these symbols."""
    at: Path = ("portfolio",)
    if portfolio.select is None and not portfolio.groups:
        about: tuple[Path, ...] = ((*at, "select"), (*at, "groups"))
        expected = "`select: top 5 by momentum`, or `groups`"
        yield Problem(
            at, "S011", "`portfolio` has neither `select` nor `groups`", None, expected, None, True, about=about
        )
    yield from _beside_groups(portfolio, at)
    yield from _members(portfolio, at, symbols, "the universe")
    yield from _corridors(portfolio, at)


def _beside_groups(section: Portfolio | Group, at: Path) -> Iterator[Problem]:
    for key in ("select", "weight"):
        if section.groups and key in section.model_fields_set and getattr(section, key) is not None:
            message = f"`{key}` is not used beside `groups`"
            about: tuple[Path, ...] = ((*at, key), (*at, "groups"))
            yield Problem(
                (*at, key), "S016", message, expected=f"`{key}` inside of each group", on_key=True, about=about
            )
    for name, group in section.groups.items():
        yield from _beside_groups(group, (*at, "groups", name))


def _members(section: Portfolio | Group, at: Path, allowed: Sequence[str], whose: str) -> Iterator[Problem]:
    for name, group in section.groups.items():
        path: Path = (*at, "groups", name)
        yield from _known(group, path, allowed, whose)
        yield from _members(group, path, allowed if group.members is None else group.members, f"the group `{name}`")


def _known(group: Group, at: Path, allowed: Sequence[str], whose: str) -> Iterator[Problem]:
    if group.members is None:
        return
    if not group.members:
        expected = "at least one symbol, or the line left out"
        yield Problem((*at, "members"), "S013", "the group has no members", expected=expected, on_key=True)
    about: tuple[Path, ...] = ((*at, "members"), ("universe",))
    for index, symbol in enumerate(group.members):
        place: Path = (*at, "members", index)
        if symbol not in allowed:
            message = f"`{symbol}` is not a symbol of {whose}"
            suggestion = nearest(symbol, allowed)
            yield Problem(place, "S017", message, expected=f"a symbol of {whose}", suggestion=suggestion, about=about)
        elif symbol in group.members[:index]:
            yield Problem(place, "S017", f"`{symbol}` stands twice in the group", about=about)


def _corridors(portfolio: Portfolio, at: Path) -> Iterator[Problem]:
    sections = [(at, portfolio.corridor), *((path, group.corridor) for path, group in groups_of(portfolio))]
    for path, corridor in sections:
        if corridor is not None and corridor.absolute is None and corridor.relative is None:
            expected = "`absolute: 5%`, `relative: 25%` or both"
            about: tuple[Path, ...] = tuple((*path, "corridor", key) for key in Corridor.model_fields)
            message = "a corridor has neither `absolute` nor `relative`"
            yield Problem((*path, "corridor"), "S011", message, expected=expected, on_key=True, about=about)
    about = tuple((*path, "corridor") for path, _ in sections)
    if portfolio.rebalance == "on drift" and not _all_have_one(portfolio):
        message, expected = "rebalancing on drift needs a `corridor`", "`corridor: {absolute: 5%, relative: 25%}`"
        yield Problem((*at, "rebalance"), "S011", message, expected=expected, on_key=True, about=about)
    if portfolio.to == "edge" and all(corridor is None for _, corridor in sections):
        message = "`to: edge` is not used: there is no corridor"
        yield Problem((*at, "to"), "S016", message, expected="`corridor: 5%`", on_key=True, about=about)


def _all_have_one(section: Portfolio | Group) -> bool:
    if section.corridor is not None:
        return True
    return bool(section.groups) and all(_all_have_one(group) for group in section.groups.values())
