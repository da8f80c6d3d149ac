"""How evenly a roster lies on its people, and what differs between two. Pure."""

from collections.abc import Iterable
from datetime import date
from zoneinfo import ZoneInfo

import msgspec
import numpy as np

from alliance.actor import PersonId
from scheduler import problem as ask
from scheduler.duties import is_night
from scheduler.fairness import Served, Spread, loads_of, spreads_of


class Loads(msgspec.Struct, frozen=True, kw_only=True):
    """Parallel columns of a roster's duties; instants in milliseconds."""

    person: list[int]
    day: list[date]
    start: list[int]
    end: list[int]


class Peer(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Somebody active who offers any time; who holds both roles counts as a guard."""

    id: PersonId
    guard: bool


class Fairness(msgspec.Struct, frozen=True, kw_only=True):
    """`people` have any duty; each spread is over all of a role who are active and offer any time."""

    people: int
    spreads: tuple[Spread, ...]


class Differing(msgspec.Struct, frozen=True, kw_only=True):
    """Assignments of a beat that one roster has and the other has not, or has on another post."""

    beat: str
    added: int
    removed: int
    moved: int


def fairness(loads: Loads, peers: Iterable[Peer], zone: ZoneInfo) -> Fairness:
    start, end = np.asarray(loads.start, dtype=np.int64), np.asarray(loads.end, dtype=np.int64)
    day = np.asarray(loads.day, dtype="datetime64[D]").astype(np.int64)
    who = np.asarray(loads.person, dtype=np.int64)
    night = is_night(start, end, day, zone)
    carried = loads_of(Served(person=who, start=start, end=end, day=day, night=night))
    roles = {ask.PersonId(one.id): ask.Role.GUARD if one.guard else ask.Role.VOLUNTEER for one in peers}
    # Whom it strains most is for those who may look at each person's own page.
    return Fairness(people=len(carried), spreads=spreads_of(roles, carried, worst=0))
