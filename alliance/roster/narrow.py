"""The small problem around a change: whom it touches with all that counts for them, and who stands beside."""

from collections.abc import Iterable
from datetime import timedelta

import msgspec

from alliance.actor import AssignmentId, PersonId
from alliance.areas.places import Places
from alliance.db.pool import Connection
from alliance.people.workforce import Narrowed, workforce
from alliance.roster import asked, narrow_store
from alliance.roster.model import Placed, PostId, ShiftId
from alliance.roster.narrow_store import Scope
from alliance.times import at_minute
from scheduler import problem as ask

# A month's overtime reaches back over its ISO weeks; a run and three nights much less.
LOOK_BACK = timedelta(days=42)
LOOK_AHEAD = timedelta(days=8)
DAY = timedelta(days=1)


class Narrow(msgspec.Struct, frozen=True, kw_only=True):
    """The problem, the assignments that stand in it, and the row of each.

    Only differences between two states of it mean something: of those beside the touched people not all
    duties are here.
    """

    problem: ask.Problem
    standing: tuple[ask.Assignment, ...]
    rows: dict[ask.Assignment, Placed]

    def of(self, number: AssignmentId) -> ask.Assignment | None:
        return next((one for one, row in self.rows.items() if row.id == number), None)


async def narrow(
    conn: Connection,
    places: Places,
    scope: Scope,
    *,
    people: Iterable[PersonId],
    at: Iterable[tuple[PostId, ShiftId]],
    weights: ask.Weights = asked.WEIGHTS,
) -> Narrow:
    """Around these people and these posts and shifts.

    What is published counts as told: each duty taken away costs its stability.
    """
    touched = set(people)
    own = await narrow_store.of_people(conn, places.district, scope, touched)
    spots = sorted({*at, *((row.post, row.shift) for row in own)})
    beside = await narrow_store.at_places(conn, places.district, scope, spots)
    stand = {asked.assignment(row.person, row.post, row.shift): row for row in (*own, *beside)}
    made = await _rows(conn, places, scope, touched, spots=spots, stand=stand)
    return Narrow(
        problem=asked.problem(msgspec.structs.replace(made, prices=weights)),
        standing=tuple(stand),
        rows=stand,
    )


async def _rows(
    conn: Connection,
    places: Places,
    scope: Scope,
    touched: set[PersonId],
    *,
    spots: list[tuple[PostId, ShiftId]],
    stand: dict[ask.Assignment, Placed],
) -> asked.Rows:
    start = at_minute(scope.first_day, 0, places.zone)
    end = at_minute(scope.last_day + DAY, 0, places.zone)
    everyone = tuple(touched | {row.person for row in stand.values()})
    posts = {post for post, _ in spots}
    district = places.district
    return asked.Rows(
        first_day=scope.first_day,
        last_day=scope.last_day,
        places=places,
        workforce=await workforce(conn, district, start - DAY, end + DAY, Narrowed(only=everyone)),
        shifts=await narrow_store.shifts(conn, district, {shift for _, shift in spots}),
        posts=await narrow_store.posts(conn, district, posts),
        needs=await narrow_store.needs(conn, district, posts),
        history=await narrow_store.duties(
            conn, district, touched, start=start - LOOK_BACK, end=end + LOOK_AHEAD, scope=scope
        ),
        pinned=[one for one, row in stand.items() if row.pinned],
        published=[] if scope.draft is not None else list(stand),
    )
