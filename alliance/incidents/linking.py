"""Whether two reports tell of one incident: a score from kind, distance and time, with its reasons."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

import msgspec

from alliance.incidents.model import DECIDED, IncidentId, Kind, ReportId, State
from geo.cell import distance_m

MAX_METRES = 200.0
MAX_APART = timedelta(minutes=20)
JOIN = 0.5
PROPOSE = 0.2

# How well two different kinds may be one incident seen by two people; a pair that is not here never is.
COMPATIBLE: dict[frozenset[Kind], float] = {
    frozenset(pair): score
    for pair, score in {
        (Kind.INCIDENT, Kind.ARREST): 0.8,
        (Kind.INCIDENT, Kind.DISPUTE): 0.8,
        (Kind.INCIDENT, Kind.MEDICAL): 0.8,
        (Kind.INCIDENT, Kind.FIRE): 0.8,
        (Kind.INCIDENT, Kind.LEAD): 0.6,
        (Kind.INCIDENT, Kind.HAZARD): 0.6,
        (Kind.INCIDENT, Kind.LOST_PERSON): 0.6,
        (Kind.ARREST, Kind.DISPUTE): 0.6,
        (Kind.ARREST, Kind.LEAD): 0.6,
        (Kind.DISPUTE, Kind.MEDICAL): 0.6,
        (Kind.HAZARD, Kind.FIRE): 0.8,
        (Kind.FIRE, Kind.MEDICAL): 0.6,
        (Kind.LOST_PERSON, Kind.MEDICAL): 0.6,
    }.items()
}


class Sighting(msgspec.Struct, frozen=True, kw_only=True):
    """What of a report matters for linking."""

    kind: Kind
    at: datetime
    lat: float
    lon: float


class Known(Sighting, frozen=True, kw_only=True):
    """A stored report with its incident's state."""

    report: ReportId
    incident: IncidentId
    state: State


class Likeness(msgspec.Struct, frozen=True, kw_only=True):
    score: float
    kinds: float
    metres: float
    seconds: float

    def why(self) -> dict[str, Any]:
        return {"kinds": self.kinds, "metres": round(self.metres, 1), "seconds": round(self.seconds, 1)}


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """An incident that a report may belong to, by its likest report."""

    incident: IncidentId
    report: ReportId
    likeness: Likeness
    joins: bool


def compatible(one: Kind, other: Kind) -> float:
    """1 for the same kind, 0 for kinds that are never one incident."""
    return 1.0 if one == other else COMPATIBLE.get(frozenset((one, other)), 0.0)


def likeness(one: Sighting, other: Sighting) -> Likeness | None:
    """None beyond the limits; else kinds x (1 - half the squared distance share) x (the same of the time)."""
    kinds = compatible(one.kind, other.kind)
    metres = distance_m(one.lat, one.lon, other.lat, other.lon)
    apart = abs(one.at - other.at)
    if kinds == 0.0 or metres > MAX_METRES or apart > MAX_APART:
        return None
    near = 1.0 - 0.5 * (metres / MAX_METRES) ** 2
    soon = 1.0 - 0.5 * (apart / MAX_APART) ** 2
    return Likeness(score=kinds * near * soon, kinds=kinds, metres=metres, seconds=apart.total_seconds())


def matches(sighting: Sighting, known: Iterable[Known]) -> list[Found]:
    """Every incident worth proposing, the likest first (ties: the older one); at most the first joins.

    An incident that an officer has decided is never joined without an officer.
    """
    best: dict[IncidentId, Found] = {}
    for other in known:
        like = likeness(sighting, other)
        if like is None or like.score < PROPOSE:
            continue
        if other.incident not in best or like.score > best[other.incident].likeness.score:
            joins = like.score >= JOIN and other.state not in DECIDED
            best[other.incident] = Found(
                incident=other.incident, report=other.report, likeness=like, joins=joins
            )
    found = sorted(best.values(), key=lambda one: (not one.joins, -one.likeness.score, one.incident))
    return [
        msgspec.structs.replace(one, joins=False) if n and one.joins else one for n, one in enumerate(found)
    ]
