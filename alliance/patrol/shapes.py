"""What goes over the wire about patrols."""

from datetime import date
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from alliance.actor import AssignmentId, Code, PersonId
from alliance.areas.places import Places
from alliance.patrol.coverage import AreaShare, Instant, Period, ShiftShare
from alliance.patrol.model import Point, Sos, Stamp, StampKind
from alliance.patrol.store import Expected, Staffed
from geo.cell import Cell
from geo.datum import Datum, to_wgs84

Id = Annotated[int, Meta(ge=0, le=2**53)]
Ms = Annotated[int, Meta(ge=-(2**53), le=2**53)]
Reason = Annotated[str, Meta(min_length=1, max_length=500)]


class Fix(msgspec.Struct, frozen=True, array_like=True):
    """[at, lat, lon, accuracy, battery?, mock?]"""

    at: Ms
    lat: Annotated[float, Meta(ge=-90, le=90)]
    lon: Annotated[float, Meta(ge=-180, le=180)]
    accuracy: Annotated[float, Meta(ge=0, le=1e7)]
    battery: Annotated[float, Meta(ge=0, le=1)] | None = None
    mock: bool = False

    def point(self, datum: Datum) -> Point:
        lat, lon = to_wgs84(self.lat, self.lon, datum)
        return Point(
            at=self.at, lat=lat, lon=lon, accuracy=self.accuracy, battery=self.battery, mock=self.mock
        )


class StampBody(msgspec.Struct, frozen=True, kw_only=True):
    """`people`: others of the own unit who are present (a lead attests)."""

    assignment: Id
    at: Ms
    key: Annotated[str, Meta(min_length=1, max_length=100)] | None = None
    fix: Fix | None = None
    people: Annotated[list[Id], Meta(max_length=50)] = []
    datum: Datum = Datum.WGS84

    def stamp(self, kind: StampKind, key: str | None) -> Stamp:
        return Stamp(
            kind=kind,
            assignment=AssignmentId(self.assignment),
            at=self.at,
            key=self.key or key,
            fix=None if self.fix is None else self.fix.point(self.datum),
            people=tuple(PersonId(person) for person in self.people),
        )


class StampAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """`spans` of the duty as they are now; null is open. `people`: for whom it was attested."""

    assignment: int
    kind: StampKind
    at: int
    spans: list[tuple[int, int | None]]
    people: list[int]


class SosBody(msgspec.Struct, frozen=True, kw_only=True):
    """A call for help needs nothing."""

    at: Ms | None = None
    key: Annotated[str, Meta(min_length=1, max_length=100)] | None = None
    fix: Fix | None = None
    datum: Datum = Datum.WGS84


class SosAnswer(msgspec.Struct, frozen=True, kw_only=True):
    sos: int
    at: int


class Closing(msgspec.Struct, frozen=True, kw_only=True):
    reason: Reason


class StaffingItem(msgspec.Struct, frozen=True, kw_only=True):
    post: int
    beat: Code
    town: Code
    shift: int
    needed: int
    present: int
    planned: int


class DutyItem(msgspec.Struct, frozen=True, kw_only=True):
    """`since` when that state holds, where it is known."""

    assignment: int
    person: int
    name: str
    organisation: int
    beat: Code
    start: int
    end: int
    state: Literal["present", "late", "expected", "left"]
    since: int | None


class AreaCells(msgspec.Struct, frozen=True, kw_only=True):
    """Column by column; `town[i]` is the place of cell i's town in `codes`."""

    cells: list[Cell]
    town: list[int]
    station: list[int]
    beat: list[int]
    grid: list[int]
    tier: list[int]
    codes: dict[str, tuple[Code, ...]]


class DemandCells(msgspec.Struct, frozen=True, kw_only=True):
    at: int
    cells: list[Cell]
    weight: list[float]


class CoveredCells(msgspec.Struct, frozen=True, kw_only=True):
    """`targets`: milliseconds of the tiers 1, 2, 3; `covered_until` 0 is cold."""

    at: int
    cells: list[Cell]
    covered_until: list[int]
    targets: list[int]
    coverage: float
    areas: list[AreaShare]


class CoveredShares(msgspec.Struct, frozen=True, kw_only=True, rename={"from_at": "from", "to_at": "to"}):
    from_at: int
    to_at: int
    cells: list[Cell]
    share: list[float]
    coverage: float
    areas: list[AreaShare]
    shifts: list[ShiftShare]


class VisitedCells(msgspec.Struct, frozen=True, kw_only=True):
    """Of the last whole duty days and today so far: visits and the seconds they lasted."""

    days: int
    first_day: date
    cells: list[Cell]
    visits: list[int]
    dwell_s: list[int]


class Replay(msgspec.Struct, frozen=True, kw_only=True, rename={"from_at": "from"}):
    """Frame n is at from + n·step. Cells by their position in `/cells?layer=areas`, whose ETag is `cells`.

    Before the first frame all are cold; `on[n]` become covered, `off[n]` cold.
    """

    from_at: int
    step: int
    cells: str
    on: list[list[int]]
    off: list[list[int]]
    coverage: list[float]


class Track(msgspec.Struct, frozen=True, kw_only=True):
    """`fixes` as [at, lat, lon, accuracy, battery, mock], `visits` as [cell, from, to]."""

    assignment: int
    person: int
    day: date
    fixes: list[tuple[int, float, float, float, float | None, bool]]
    visits: list[tuple[Cell, int, int]]


def area_cells(places: Places) -> AreaCells:
    return AreaCells(
        cells=places.cell_text,
        town=places.town.tolist(),
        station=places.station.tolist(),
        beat=places.beat.tolist(),
        grid=places.grid.tolist(),
        tier=places.tier.tolist(),
        codes={
            "town": places.towns,
            "station": places.stations,
            "beat": places.beats,
            "grid": places.grids,
        },
    )


def covered_cells(found: Instant, places: Places) -> CoveredCells:
    targets = places.targets
    return CoveredCells(
        at=found.at,
        cells=found.cells,
        covered_until=found.covered_until,
        targets=[minutes * 60_000 for minutes in (targets.high, targets.medium, targets.low)],
        coverage=found.coverage,
        areas=found.areas,
    )


def covered_shares(found: Period) -> CoveredShares:
    return msgspec.convert(found, CoveredShares, from_attributes=True)


def staffing_item(one: Staffed) -> StaffingItem:
    return msgspec.convert(one, StaffingItem, from_attributes=True)


def duty_item(one: Expected) -> DutyItem:
    return msgspec.convert(one, DutyItem, from_attributes=True)


def sos_row(call: Sos) -> dict[str, Any]:
    names = ("id", "person", "name", "at", "lat", "lon", "beat", "acknowledged_at")
    return {name: getattr(call, name) for name in names}
