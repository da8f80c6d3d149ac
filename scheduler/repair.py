"""A roster with a hole: ranked, minimal, legal changes that fill it, each with what it does to every term."""

from collections.abc import Iterable, Sequence

import msgspec

from scheduler.holes import Hole, Opening, Repair, Standby, open_up
from scheduler.narrow import Place
from scheduler.problem import Assignment, Problem
from scheduler.standing import Standing


class Choice(msgspec.Struct, frozen=True, kw_only=True):
    """An opening with ways to put one more person there (two where one would stand alone), the best first."""

    opening: Opening
    repairs: tuple[Repair, ...]


class Mended(msgspec.Struct, frozen=True, kw_only=True):
    """All holes at once: the repairs one after the other, what stays open after them, and the roster then.

    `illegal` names places at which somebody is left whom no legal change could help, as if pinned alone.
    """

    repairs: tuple[Repair, ...]
    open: tuple[Opening, ...]
    illegal: tuple[Place, ...]
    assignments: tuple[Assignment, ...]


def repairs(
    problem: Problem,
    assignments: Sequence[Assignment],
    holes: Iterable[Hole],
    *,
    most: int = 5,
    standby: Standby | None = None,
    since: int | None = None,
) -> tuple[Choice, ...]:
    """Ranked repairs for each place that the holes leave short, each place by itself.

    Duties begun before `since` are not given up, but within the shift of the hole. No repair breaks a hard
    rule for anyone touched or at any place touched: the checker has seen each. A repair may be worth less
    than nothing, where leaving the place open is better.
    """
    opened = open_up(problem, assignments, holes)
    standing = Standing(opened.problem, opened.assignments, standby=standby, since=since)
    return tuple(
        Choice(opening=o, repairs=standing.repairs(o.post, o.shift, most=most, certified=o.certified > 0))
        for o in opened.openings
    )


def mend(
    problem: Problem,
    assignments: Sequence[Assignment],
    holes: Iterable[Hole],
    *,
    standby: Standby | None = None,
    since: int | None = None,
    worth_it: bool = True,
) -> Mended:
    """Fills all holes, each by its best repair, the most valuable place first; `worth_it` leaves open what
    would cost more than it brings."""
    opened = open_up(problem, assignments, holes)
    standing = Standing(opened.problem, opened.assignments, standby=standby, since=since)
    return mend_all(standing, opened.openings, worth_it=worth_it)


def mend_all(standing: Standing, openings: Iterable[Opening], *, worth_it: bool = True) -> Mended:
    wanted = {(o.post, o.shift): o for o in openings}
    before = {place: _there(standing, place) for place in wanted}
    done = [r for place in standing.dearest_first(wanted) for r in _fill(standing, wanted[place], worth_it)]
    unfilled = [_unfilled(standing, asked, before[place]) for place, asked in wanted.items()]
    return Mended(
        repairs=tuple(done),
        open=tuple(o for o in unfilled if o.people > 0 or o.certified > 0),
        illegal=tuple(place for place in wanted if not standing.legal(place)),
        assignments=standing.register.assignments(),
    )


def _fill(standing: Standing, asked: Opening, worth_it: bool) -> list[Repair]:
    place, made = (asked.post, asked.shift), list[Repair]()
    missing, papers = asked.people, asked.certified
    while missing > 0 or not standing.legal(place):
        found = standing.repairs(*place, most=1, certified=papers > 0) or standing.repairs(*place, most=1)
        if not found or (worth_it and found[0].value <= 0 and standing.legal(place)):
            break
        standing.apply(found[0])
        made.append(found[0])
        came = [m.person for m in found[0].moves if m.target == place]
        missing += sum(m.source == place for m in found[0].moves) - len(came)
        papers -= sum(standing.certified(person, asked.shift) for person in came)
        if not came:
            break
    return made


def _there(standing: Standing, place: Place) -> tuple[int, int]:
    """People, and of them certified guards."""
    present = standing.register.at[place]
    return len(present), sum(standing.certified(a.person, a.shift) for a in present)


def _unfilled(standing: Standing, asked: Opening, before: tuple[int, int]) -> Opening:
    """What one place still lacks, also of what another repair took from it."""
    people, papers = _there(standing, (asked.post, asked.shift))
    return msgspec.structs.replace(
        asked,
        people=max(0, asked.people - people + before[0]),
        certified=max(0, asked.certified - papers + before[1]),
    )
