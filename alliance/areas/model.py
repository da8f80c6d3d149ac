"""What a district is made of: its targets, shift patterns, areas and weight versions."""

import enum
from datetime import date, datetime
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from alliance.actor import Code, DistrictId
from geo.cell import Cell


class AreaKind(enum.StrEnum):
    TOWN = "town"
    STATION = "station"
    BEAT = "beat"
    GRID = "grid"


class Tier(enum.IntEnum):
    HIGH = 1
    MEDIUM = 2
    LOW = 3


class Targets(msgspec.Struct, frozen=True, kw_only=True):
    """How often a cell of each tier is to be visited, in minutes."""

    high: int = 15
    medium: int = 60
    low: int = 240

    def of(self, tier: Tier) -> int:
        match tier:
            case Tier.HIGH:
                return self.high
            case Tier.MEDIUM:
                return self.medium
            case Tier.LOW:
                return self.low

    @property
    def longest(self) -> int:
        return max(self.high, self.medium, self.low)


class Changes(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a published roster is mended.

    Who hasn't checked in `no_show_minutes` after the start is missed (None: nobody is found by time). A
    call-out asks `at_once` people for `minutes` each. Swaps wait for an officer where `swap_approval`. Of a
    town's duties in a shift `standby_percent` are doubled by people on call at home.
    """

    no_show_minutes: Annotated[int, Meta(ge=5, le=240)] | None = 20
    at_once: Annotated[int, Meta(ge=1, le=50)] = 3
    minutes: Annotated[int, Meta(ge=1, le=240)] = 10
    swap_approval: bool = True
    standby_percent: Annotated[int, Meta(ge=0, le=50)] = 4


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """What a district sets for itself; `source` is the line shown for the boundary."""

    targets: Targets = Targets()
    changes: Changes = Changes()
    source: str = ""
    demo: bool = False
    seed: int = 0


class District(msgspec.Struct, frozen=True, kw_only=True):
    """The boundary is a GeoJSON geometry."""

    district_id: DistrictId
    name: str
    name_en: str
    time_zone: str
    boundary: dict[str, Any]
    settings: Settings
    version: int
    created_at: datetime


class Pattern(msgspec.Struct, frozen=True, kw_only=True):
    """A way the day is cut; those with `duty` follow each other without a gap and carry the weights."""

    code: str
    name: str
    name_en: str
    start_minute: int
    minutes: int
    role: Literal["guard", "volunteer", "any"]
    duty: bool


class Area(msgspec.Struct, frozen=True, kw_only=True):
    """A town, station, beat or grid; `polygon` is a GeoJSON geometry where one is known."""

    code: Code
    kind: AreaKind
    name: str
    name_en: str
    town: Code
    station: Code | None
    beat: Code | None
    lat: float
    lon: float
    made_up: bool
    polygon: dict[str, Any] | None = None


class WeightVersion(msgspec.Struct, frozen=True, kw_only=True):
    version: int
    valid_from: datetime
    duty_shifts: tuple[str, ...]


class CellColumns(msgspec.Struct, frozen=True, kw_only=True):
    """The district's cells in order, column by column."""

    cells: tuple[Cell, ...]
    town: tuple[Code, ...]
    station: tuple[Code, ...]
    beat: tuple[Code, ...]
    grid: tuple[Code, ...]
    tier: tuple[int, ...]


class Stamp(msgspec.Struct, frozen=True, kw_only=True):
    district: int
    weights: int


class Happenings(msgspec.Struct, frozen=True, kw_only=True):
    """Calls or incidents as places in time, column by column."""

    cells: tuple[Cell, ...]
    at: tuple[datetime, ...]


class Override(msgspec.Struct, frozen=True, kw_only=True):
    """An officer's addition to a cell's weight, on these weekdays and in these duty shifts, or in all."""

    id: int
    cell: Cell
    amount: float
    reason: str
    ends_on: date
    weekdays: list[int]
    patterns: list[Code]
    actor: int
    at: datetime


class NewOverride(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What an officer knows and no call has told; in force with the next weights, up to `ends_on`."""

    cell: Annotated[Cell, Meta(pattern=r"^89[0-9a-f]{13}$", description="H3 cell of resolution 9")]
    amount: Annotated[float, Meta(ge=-1000, le=1000, description="added to the weight")]
    reason: Annotated[str, Meta(min_length=1, max_length=500)]
    ends_on: date
    weekdays: Annotated[
        list[Annotated[int, Meta(ge=0, le=6)]], Meta(max_length=7, description="0 is Monday; none: all")
    ] = []
    patterns: Annotated[list[Code], Meta(max_length=24, description="duty shifts; none: all")] = []


PATTERNS = (
    Pattern(code="day", name="早班", name_en="Day", start_minute=360, minutes=480, role="guard", duty=True),
    Pattern(code="late", name="中班", name_en="Late", start_minute=840, minutes=480, role="guard", duty=True),
    Pattern(
        code="night", name="夜班", name_en="Night", start_minute=1320, minutes=480, role="guard", duty=True
    ),
    Pattern(
        code="evening",
        name="晚间志愿",
        name_en="Evening",
        start_minute=1140,
        minutes=240,
        role="volunteer",
        duty=False,
    ),
)
"""The patterns a district starts with: three duty shifts for guards, an evening for volunteers."""
