"""Who could fill a hole, the best first, and among equals whoever was asked least recently."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import msgspec
import numpy as np

from alliance.actor import OrganisationId, PersonId
from alliance.areas.places import Places
from alliance.db.pool import Connection
from alliance.roster import candidate_store, change_store, judging
from alliance.roster.candidate_store import Free, Span
from alliance.roster.changing import Place
from alliance.roster.hole_model import Hole
from alliance.roster.judging import Change
from alliance.roster.narrow import Narrow
from geo import cell as hexes
from geo.cell import Cell
from scheduler.check import Violation

# The nearest that are looked at closely.
LOOKED_AT = 60
# Differences in worth below this are none.
EQUAL = 0.25
LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
# From a beat's middle to its far end: nobody is left out before the checker measures exactly.
BEAT_ACROSS_M = 6_000
# Rings of overview cells around a beat's middle that are looked through, and by how far each ring at least
# reaches beyond the one before.
RINGS = (1, 3, 8)
RING_KM = 1.6


class Candidate(msgspec.Struct, frozen=True, kw_only=True):
    """`value` is by how much the roster's objective rises, `change` the same term by term."""

    person: PersonId
    name: str
    organisation: OrganisationId
    guard: bool
    certified: bool
    standby: bool
    km: float | None
    last_asked: datetime | None
    value: float
    change: dict[str, float]


async def ranked(conn: Connection, places: Places, hole: Hole, *, others_missing: int) -> list[Candidate]:
    """Who could legally take it, of those who live nearest; `others_missing` places there stay empty."""
    found = await free(conn, places, hole)
    near = await judging.around(
        conn, places, [one.person for one, _ in found], [(hole.post, hole.shift)], [hole.duty_day]
    )
    return await asyncio.to_thread(_weigh, near, hole, found, growing=others_missing > 0)


class Fit(msgspec.Struct, frozen=True, kw_only=True):
    """What one person's taking it would change, and every rule that forbids it."""

    person: PersonId
    value: float
    change: dict[str, float]
    broken: tuple[Violation, ...]


async def fit(conn: Connection, places: Places, hole: Hole, person: PersonId, *, others_missing: int) -> Fit:
    """Of anyone, whether in question or not."""
    place = Place(person=person, post=hole.post, shift=hole.shift)
    change = Change(add=(place,), days=(hole.duty_day,), growing=others_missing > 0)
    scored, broken = await judging.judged(conn, places, change, [person])
    return Fit(person=person, value=scored.value, change=scored.change, broken=tuple(broken))


async def free(conn: Connection, places: Places, hole: Hole) -> list[tuple[Free, float | None]]:
    """With the way there in km: those on standby and the nearest others, looked for in growing circles."""
    role = next((p.role for p in places.patterns if p.code == hole.pattern), "any")
    roles = ("guard", "volunteer") if role == "any" else (role,)
    certificate = await change_store.post_certificate(conn, places.district, hole.post)
    middle = _middle(places, hole)
    for rings in (*RINGS, None):
        found = await candidate_store.free(
            conn,
            places.district,
            span_of(hole, places.zone),
            hole=hole.id,
            at=(hole.shift, hole.town),
            roles=roles,
            certificate=certificate,
            areas=None if rings is None else _areas(middle, rings),
        )
        nearest = _nearest(middle, found)
        enough = len(nearest) == LOOKED_AT and rings and (nearest[-1][1] or 0.0) <= rings * RING_KM
        if enough or rings is None:
            return nearest
    raise AssertionError("the last circle is the district")


def _nearest(middle: tuple[float, float], found: Sequence[Free]) -> list[tuple[Free, float | None]]:
    reachable = [
        (one, km)
        for one, km in zip(found, _away(middle, found), strict=True)
        if km is None or km * 1000 <= one.travel_limit_m + BEAT_ACROSS_M
    ]
    reachable.sort(key=lambda pair: (not pair[0].standby, pair[1] or 0.0, pair[0].person))
    return reachable[:LOOKED_AT]


def _middle(places: Places, hole: Hole) -> tuple[float, float]:
    """Of the beat."""
    lat, lon = hexes.centres(places.cells[places.beat_cells(hole.beat)]).mean(axis=0).tolist()
    return lat, lon


def _areas(middle: tuple[float, float], rings: int) -> list[int]:
    """The overview cells around."""
    cell = hexes.at(*middle, hexes.OVERVIEW)
    return [hexes.to_int(cell), *map(hexes.to_int, hexes.neighbours(cell, rings))]


def span_of(hole: Hole, zone: ZoneInfo) -> Span:
    local = hole.starts_at.astimezone(zone)
    return Span(
        starts_at=hole.starts_at,
        ends_at=hole.ends_at,
        duty_day=hole.duty_day,
        weekday=local.weekday(),
        minute=local.hour * 60 + local.minute,
    )


def _away(middle: tuple[float, float], found: Sequence[Free]) -> list[float | None]:
    """From home to the middle of the beat."""
    homes = [n for n, one in enumerate(found) if one.home is not None]
    away: list[float | None] = [None] * len(found)
    if not homes:
        return away
    at = hexes.centres(hexes.to_ints([Cell(found[n].home or "") for n in homes]))
    metres = hexes.distances_m(at[:, 0], at[:, 1], np.full(len(at), middle[0]), np.full(len(at), middle[1]))
    for n, metre in zip(homes, metres, strict=True):
        away[n] = float(metre) / 1000
    return away


def _weigh(
    near: Narrow, hole: Hole, found: Sequence[tuple[Free, float | None]], *, growing: bool
) -> list[Candidate]:
    candidates = []
    for one, km in found:
        change = judging.taking(near, one.person, hole.post, hole.shift, growing=growing)
        if change is not None:
            candidates.append(_candidate(one, km, sum(change.values()), change))
    return in_order(candidates)


def _candidate(one: Free, km: float | None, value: float, change: dict[str, float]) -> Candidate:
    return Candidate(
        person=one.person,
        name=one.name,
        organisation=one.organisation,
        guard=one.guard,
        certified=one.certified,
        standby=one.standby,
        km=km,
        last_asked=one.last_asked,
        value=round(value, 6),
        change={name: round(by, 6) for name, by in change.items() if abs(by) > 1e-9},
    )


def in_order(candidates: Sequence[Candidate]) -> list[Candidate]:
    """Standby first; then by worth, in steps below which all are equal; among equals least recently asked."""
    return sorted(
        candidates,
        key=lambda one: (
            not one.standby,
            -int(one.value // EQUAL),
            one.last_asked or LONG_AGO,
            -one.value,
            one.person,
        ),
    )
