"""How the weights of places become patrol units: what each further unit on a beat is worth in a shift."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date

import msgspec
import numpy as np

from alliance.actor import Actor, Code, Role
from alliance.areas.places import Places
from alliance.db.pool import Connection
from alliance.errors import Refused
from alliance.roster import asked, store
from alliance.roster.model import Need, Post
from alliance.times import at_minute, to_ms
from geo.cell import Floats
from scheduler import demand

READERS = (Role.ADMINISTRATOR, Role.COMMANDER, Role.CHIEF, Role.OFFICER)
SHARES = (0.5, 0.8, 1.0)


class BeatUnits(msgspec.Struct, frozen=True, kw_only=True):
    """A beat in a shift: its share of the district's weight; what the first, second, … unit is worth; the
    fewest units worth half, four fifths and all of every planning cell visited once; the people that its
    patrol posts need and would like, and how many stand in a unit."""

    beat: Code
    share: float
    worth: list[float]
    units: tuple[int, int, int]
    minimum: int
    desired: int
    unit: int


async def units(
    conn: Connection, actor: Actor, places: Places, day: date, pattern: str
) -> tuple[BeatUnits, ...]:
    """Of the actor's beats, by the weights in force."""
    actor.must(*READERS)
    known = {one.code: one for one in places.patterns}
    if pattern not in known:
        raise Refused("bad_request", f"pattern: give one of {', '.join(sorted(known))}")
    at = to_ms(at_minute(day, known[pattern].start_minute, places.zone))
    posts = [post for post in await store.posts(conn, actor.district, None) if post.cell is None]
    needs = [need for need in await store.needs(conn, actor.district) if need.pattern == pattern]
    found = reckoned(asked.planning(places, at, places.beats), posts, needs)
    return tuple(one for one in found if actor.has(*READERS, beat=one.beat))


def reckoned(cells: dict[Code, Floats], posts: Sequence[Post], needs: Sequence[Need]) -> list[BeatUnits]:
    """From the weights of each beat's planning cells."""
    total = max(sum(float(weights.sum()) for weights in cells.values()), 1e-12)
    by_post = {need.post: need for need in needs}
    on_beat: defaultdict[Code, list[Post]] = defaultdict(list)
    for post in posts:
        on_beat[post.beat].append(post)
    found = []
    for beat, weights in cells.items():
        worth, here = demand.worths(weights, asked.STAFFING), on_beat[beat]
        wanted = [by_post[post.id] for post in here if post.id in by_post]
        half, most, every = (_units(worth, share * float(weights.sum())) for share in SHARES)
        found.append(
            BeatUnits(
                beat=beat,
                share=float(weights.sum()) / total,
                worth=[round(value, 4) for value in worth],
                units=(half, most, every),
                minimum=sum(need.minimum for need in wanted),
                desired=sum(max(need.minimum, need.desired) for need in wanted),
                unit=max([post.unit_size for post in here], default=asked.STAFFING.unit),
            )
        )
    return found


def _units(worth: Sequence[float], wanted: float) -> int:
    """The fewest whose worth reaches it, or all there are."""
    reached = np.cumsum(worth)
    return min(len(worth), int(np.searchsorted(reached, wanted * (1 - 1e-12))) + 1)
