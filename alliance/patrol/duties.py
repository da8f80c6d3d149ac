"""Duties as they are read: of people, by number, and who should be here now."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

import msgspec

from alliance.actor import COMMAND, Actor, AssignmentId, Code, DistrictId, PersonId, Role
from alliance.areas.places import Places
from alliance.db.pool import Connection
from alliance.patrol import store
from alliance.patrol.model import OPEN_AFTER_END_MS, Duty
from alliance.patrol.spans import duty_spans
from alliance.patrol.store import Expected, Staffed
from alliance.times import from_ms, to_ms

BACK = timedelta(hours=12)
AHEAD = timedelta(hours=24)


async def of_people(
    conn: Connection, district: DistrictId, people: Sequence[PersonId], now: datetime
) -> list[Duty]:
    """Those of the last 12 and the next 24 hours, earliest first."""
    return await store.duties_of(conn, district, people, now - BACK, now + AHEAD)


async def numbered(conn: Connection, district: DistrictId, ids: Iterable[int]) -> list[Duty]:
    return await store.duties(conn, district, [AssignmentId(one) for one in ids])


async def present(conn: Connection, district: DistrictId, now: int) -> list[Duty]:
    """Those with somebody on duty."""
    start, end = from_ms(now - OPEN_AFTER_END_MS), from_ms(now + OPEN_AFTER_END_MS)
    return [duty for duty in await store.running(conn, district, start, end) if duty.is_present(now)]


async def running(conn: Connection, district: DistrictId, start: int, end: int) -> list[Duty]:
    """Those that overlap [start, end), in milliseconds."""
    return await store.running(conn, district, from_ms(start), from_ms(end))


async def running_numbers(conn: Connection, district: DistrictId, start: int, end: int) -> list[int]:
    return await store.running_numbers(conn, district, from_ms(start), from_ms(end))


async def unit_of(conn: Connection, district: DistrictId, person: PersonId) -> frozenset[PersonId]:
    """Everyone in the person's units."""
    return frozenset(await store.unit_of(conn, district, person))


async def staffing(conn: Connection, district: DistrictId, at: datetime) -> list[Staffed]:
    """People present, planned and needed by post and shift."""
    return await store.staffing(conn, district, at)


async def staffing_for(conn: Connection, actor: Actor, places: Places, at: datetime) -> list[Staffed]:
    """As the actor may see it: command all, others the own beats, an officer their neighbours too."""
    found = await staffing(conn, actor.district, at)
    if actor.is_command():
        return found
    beats = beats_of(actor, places)
    return [one for one in found if one.beat in beats]


def beats_of(actor: Actor, places: Places) -> frozenset[Code]:
    """The beats whose people are the actor's business."""
    held = set[Code]()
    for grant in actor.grants:
        if grant.role in (*COMMAND, Role.CHIEF, Role.OFFICER, Role.LEAD):
            held |= grant.beats
        if grant.role is Role.OFFICER:
            held |= {near for beat in grant.beats for near in places.beat_neighbours.get(beat, ())}
    return frozenset(held)


async def expected(conn: Connection, actor: Actor, places: Places, at: datetime) -> list[Expected]:
    """Who should be here now: present, late, expected or left."""
    organisation = next((g.organisation for g in actor.grants if g.role is Role.MANAGER), None)
    beats = None if actor.is_command() or organisation is not None else list(beats_of(actor, places))
    found = await store.expected(
        conn,
        actor.district,
        at,
        beats=beats,
        organisation=None if actor.is_command() else organisation,
    )
    return [_told(row, to_ms(at)) for row in found]


def _told(row: store.ExpectedRow, at: int) -> Expected:
    spans = duty_spans(row.marks)
    plain = {name: getattr(row, name) for name in Expected.__struct_fields__}
    if not spans:
        return Expected(**plain | {"state": "expected" if at < row.start else "late"})
    last = spans[-1]
    if last.to_at is None and at <= row.end + OPEN_AFTER_END_MS:
        return Expected(**plain | {"state": "present", "since": last.from_at})
    return Expected(**plain | {"state": "left", "since": last.to_at})


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """One line of a beat's staffing."""

    beat: Code
    present: int
    needed: int
    planned: int


def by_beat(found: Iterable[Staffed]) -> list[Shown]:
    """Summed over the posts and shifts of each beat."""
    sums: dict[Code, list[int]] = {}
    for one in found:
        beat = sums.setdefault(one.beat, [0, 0, 0])
        beat[0] += one.present
        beat[1] += one.needed
        beat[2] += one.planned
    return [Shown(beat=beat, present=p, needed=n, planned=m) for beat, (p, n, m) in sorted(sums.items())]
