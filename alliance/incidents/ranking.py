"""Who is asked first: everyone on duty by the seconds it would take, with a surcharge for each drawback."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import msgspec

from alliance.actor import Code, OrganisationId, PersonId, Role
from alliance.incidents.model import Kind, Order
from geo.cell import distance_m

DETOUR = 1.35
METRES_PER_S = 3.0
NO_POSITION_S = 300.0
STALE_S_PER_S = 0.5
STALE_CAP_S = 300.0
UNFIT_S = 300.0
UNCERTIFIED_S = 60.0
BUSY_S = {Order.ORDERED: 300.0, Order.ACCEPTED: 900.0, Order.ON_SCENE: 1800.0}

# Volunteers observe, report and assist: these are for guards where one is anywhere near.
FOR_GUARDS = (Kind.ARREST, Kind.INCIDENT, Kind.FIRE)


class Available(msgspec.Struct, frozen=True, kw_only=True):
    """A person on duty; without a position, `lat` and `lon` are the middle of the post's beat."""

    person: PersonId
    name: str
    organisation: OrganisationId
    guard: bool
    certified: bool
    unit: str | None
    beat: Code
    lat: float
    lon: float
    position_at: datetime | None
    task: Order | None


class Candidate(msgspec.Struct, frozen=True, kw_only=True):
    """`seconds` is the sum of the parts in `why`."""

    person: PersonId
    name: str
    organisation: OrganisationId
    role: Role
    unit: str | None
    beat: Code
    lat: float
    lon: float
    metres: float
    travel_s: float
    seconds: float
    task: Order | None
    why: dict[str, Any]


def rank(
    people: Iterable[Available], kind: Kind, point: tuple[float, float], now: datetime
) -> list[Candidate]:
    """The best first; ties by person id."""
    ranked = [candidate(person, kind, point, now) for person in people]
    return sorted(ranked, key=lambda one: (one.seconds, one.person))


def candidate(one: Available, kind: Kind, point: tuple[float, float], now: datetime) -> Candidate:
    metres = distance_m(one.lat, one.lon, *point)
    travel = metres * DETOUR / METRES_PER_S
    parts = {
        "travel": travel,
        "position": _position(one, now),
        "fitness": _fitness(one, kind),
        "task": BUSY_S[one.task] if one.task else 0.0,
    }
    why = {name: round(seconds, 1) for name, seconds in parts.items()}
    return Candidate(
        person=one.person,
        name=one.name,
        organisation=one.organisation,
        role=Role.GUARD if one.guard else Role.VOLUNTEER,
        unit=one.unit,
        beat=one.beat,
        lat=one.lat,
        lon=one.lon,
        metres=round(metres, 1),
        travel_s=why["travel"],
        seconds=round(sum(why.values()), 1),
        task=one.task,
        why=why,
    )


def _position(one: Available, now: datetime) -> float:
    if one.position_at is None:
        return NO_POSITION_S
    age = max(0.0, (now - one.position_at).total_seconds())
    return min(STALE_CAP_S, age * STALE_S_PER_S)


def _fitness(one: Available, kind: Kind) -> float:
    if kind in FOR_GUARDS and not one.guard:
        return UNFIT_S
    return 0.0 if one.certified else UNCERTIFIED_S
