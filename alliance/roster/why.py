"""Why this person stands on a post, and what each of the nearest others would have been worth there."""

from typing import Any

import msgspec
import numpy as np

from alliance.actor import Actor, AssignmentId, PersonId
from alliance.areas.places import Places
from alliance.db.pool import Connection
from alliance.errors import not_found
from alliance.roster import actions, asked, edit_store, narrow_store, why_store
from alliance.roster.edit_plan import MAY
from alliance.roster.model import Placed, Post, Roster, RosterId, Shift, State
from alliance.roster.narrow import narrow
from alliance.roster.narrow_store import Scope
from alliance.roster.scored import Scored, changed, score
from alliance.times import to_ms
from geo import cell as hexes
from geo.cell import Cell
from scheduler.check import Rule

# The nearest who offer the time; each is tried in the place.
TRIED = 24
SHOWN = 5
MINUTE_MS = 60_000


class Instead(msgspec.Struct, frozen=True, kw_only=True):
    """Another in the place: what the roster would gain or lose, or the rules that forbid it."""

    person: PersonId
    value: float
    violations: list[dict[str, Any]]


class Because(msgspec.Struct, frozen=True, kw_only=True):
    """What the assignment brings, term by term, against leaving the place empty; `lone`: whoever is left
    could not stay. `best` is the best legal other of the `tried`, `nearest` those who live nearest."""

    terms: dict[str, float]
    value: float
    lone: bool
    tried: int
    best: Instead | None
    nearest: list[Instead]


async def because(
    conn: Connection, actor: Actor, places: Places, number: RosterId, assignment: AssignmentId
) -> Because:
    have = await actions.roster(conn, actor, number)
    rows = await edit_store.some(conn, actor.district, number, [assignment])
    if not rows or not (actor.is_command() or have.state is State.PUBLISHED):
        raise not_found(f"assignment of roster {number}", assignment)
    row = rows[0]
    (post,) = await narrow_store.posts(conn, actor.district, [row.post])
    actor.must(*MAY, beat=post.beat)
    return await reasons(conn, places, have, row)


async def reasons(
    conn: Connection, places: Places, have: Roster, row: Placed, *, tried: int = TRIED
) -> Because:
    """Asks no rights: whoever calls it has; only the `tried` nearest others are."""
    (post,) = await narrow_store.posts(conn, places.district, [row.post])
    (shift,) = await narrow_store.shifts(conn, places.district, [row.shift])
    others = await _nearest(conn, places, have, post, shift, tried=tried)
    without, *scored = await _tried(conn, places, have, row, others)
    found = [_instead(person, one) for person, one in zip(others, scored, strict=True)]
    legal = [one for one in found if not one.violations]
    return Because(
        terms={name: -by for name, by in without.change.items()},
        value=-without.value,
        lone=any(one.rule is Rule.NOT_ALONE for one in without.broken),
        tried=len(found),
        best=max(legal, key=lambda one: one.value, default=None),
        nearest=found[:SHOWN],
    )


async def _tried(
    conn: Connection, places: Places, have: Roster, row: Placed, others: list[PersonId]
) -> list[Scored]:
    """The place without its holder, and with each of the others in it."""
    scope = Scope(
        draft=None if have.state is State.PUBLISHED else have.id,
        first_day=have.first_day,
        last_day=have.last_day,
    )
    prices = asked.weights(have.weights)
    people, at = [row.person, *others], [(row.post, row.shift)]
    small = await narrow(conn, places, scope, people=people, at=at, weights=prices)
    free = msgspec.structs.replace(small.problem, pinned=())
    gone, stands = asked.assignment(row.person, row.post, row.shift), small.standing
    coming = [asked.assignment(person, row.post, row.shift) for person in others]
    return [
        score(free, stands, changed(stands, drop={gone}, add=some)) for some in ([], *([c] for c in coming))
    ]


async def _nearest(
    conn: Connection, places: Places, have: Roster, post: Post, shift: Shift, *, tried: int
) -> list[PersonId]:
    local = shift.starts_at.astimezone(places.zone)
    start = local.hour * 60 + local.minute
    length = (to_ms(shift.ends_at) - to_ms(shift.starts_at)) // MINUTE_MS
    minutes = (shift.duty_day.weekday(), start, start + length)
    found = await why_store.others(conn, places.district, have.id, shift, minutes=minutes)
    if not found:
        return []
    homes = hexes.centres(hexes.to_ints([Cell(one.home) for one in found]))
    middle = hexes.centres(places.cells[places.beat_cells(post.beat)]).mean(axis=0)
    lat, lon = np.full(len(homes), middle[0]), np.full(len(homes), middle[1])
    away = hexes.distances_m(homes[:, 0], homes[:, 1], lat, lon)
    return [found[n].id for n in np.argsort(away, kind="stable")[:tried]]


def _instead(person: PersonId, scored: Scored) -> Instead:
    broken = [
        {"rule": one.rule.value, "people": list(one.people), "explanation": one.explanation}
        for one in scored.broken
    ]
    return Instead(person=person, value=scored.value, violations=broken)
