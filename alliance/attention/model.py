"""The rules, their thresholds, and one occurrence of a rule as it is found and as it is kept."""

from enum import StrEnum
from typing import Annotated

import msgspec
from msgspec import Meta

from alliance.actor import AssignmentId, Code, OrganisationId, PersonId
from geo.cell import Cell

MINUTE_MS = 60_000


class Kind(StrEnum):
    SOS = "sos"
    UNSTAFFED = "unstaffed"
    NOT_ARRIVED = "not_arrived"
    SILENT = "silent"
    LEFT_BEAT = "left_beat"
    STILL = "still"
    COLD = "cold"
    BATTERY = "battery"


Minutes = Annotated[int, Meta(ge=0, le=1440, description="minutes; 0 switches the rule off")]
Percent = Annotated[int, Meta(ge=0, le=100, description="percent; 0 switches the rule off")]
Times = Annotated[float, Meta(ge=0, le=20, description="target intervals; 0 switches the rule off")]


class Thresholds(msgspec.Struct, frozen=True, kw_only=True):
    """A district's limits. Calls for help have none."""

    not_arrived: Minutes = 15
    left_beat: Minutes = 10
    still: Minutes = 45
    silent: Minutes = 10
    battery: Percent = 15
    cold: Times = 2.0
    unstaffed: Minutes = 15


class NewThresholds(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Limits to be set; those left out keep their value."""

    not_arrived: Minutes | None = None
    left_beat: Minutes | None = None
    still: Minutes | None = None
    silent: Minutes | None = None
    battery: Percent | None = None
    cold: Times | None = None
    unstaffed: Minutes | None = None

    def on(self, before: Thresholds) -> Thresholds:
        given = {name: value for name, value in msgspec.structs.asdict(self).items() if value is not None}
        return msgspec.structs.replace(before, **given)


# What makes two findings the same occurrence: the rule, and the assignment, cell, beat or call.
Key = tuple[Kind, str]


class Cause(msgspec.Struct, frozen=True, kw_only=True):
    """A rule that is met now, and since when (ms) what it looks at has been so."""

    kind: Kind
    subject: str
    since: int
    beat: Code | None = None
    person: PersonId | None = None
    organisation: OrganisationId | None = None
    assignment: AssignmentId | None = None
    cell: Cell | None = None
    sos: int | None = None

    @property
    def key(self) -> Key:
        return self.kind, self.subject


class Standing(Cause, frozen=True, kw_only=True):
    """A kept occurrence whose cause has not gone yet."""

    id: int


class Occurrence(Cause, frozen=True, kw_only=True):
    """An occurrence as it is shown. `gone_at`: its cause went by itself."""

    id: int
    name: str | None
    raised_at: int
    acknowledged_at: int | None
    acknowledged_by: PersonId | None
    acknowledged_name: str | None
    closed_at: int | None
    closed_by: PersonId | None
    reason: str | None
    gone_at: int | None

    @property
    def state(self) -> str:
        if self.closed_at is not None:
            return "closed"
        if self.gone_at is not None:
            return "resolved"
        return "open" if self.acknowledged_at is None else "acknowledged"
