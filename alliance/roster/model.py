"""Shifts, posts and their needs, rosters, assignments and shortfalls."""

import enum
from datetime import date, datetime
from typing import Annotated, Any, NewType

import msgspec
from msgspec import Meta

from alliance.actor import AssignmentId, Code, OrganisationId, PersonId

ShiftId = NewType("ShiftId", int)
PostId = NewType("PostId", int)
RosterId = NewType("RosterId", int)


class State(enum.StrEnum):
    SOLVING = "solving"
    FAILED = "failed"
    DRAFT = "draft"
    PUBLISHED = "published"
    DISCARDED = "discarded"


class Shift(msgspec.Struct, frozen=True, kw_only=True):
    id: ShiftId
    pattern: str
    duty_day: date
    starts_at: datetime
    ends_at: datetime


class Post(msgspec.Struct, frozen=True, kw_only=True):
    """`cell` marks a fixed point; `certificate` is the kind everyone on the post needs."""

    id: PostId
    code: str
    name: str
    name_en: str
    beat: Code
    cell: str | None
    unit_size: int
    solo: bool
    certificate: str | None
    active: bool
    version: int


class Need(msgspec.Struct, frozen=True, kw_only=True):
    """People wanted on a post in every shift of a pattern."""

    post: PostId
    pattern: str
    minimum: int
    desired: int
    certified: int


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """The work that was asked for, so that it can be begun again.

    `stable_to` is the roster whose assignments are worth keeping, `pins_from` the one whose pins were taken;
    `standby_percent` is the reserve to be chosen once it is published, None the district's own.
    """

    sweeps: int = 3
    bound_steps: int = 0
    seconds: float | None = None
    gap: float | None = None
    pins_from: RosterId | None = None
    stable_to: RosterId | None = None
    standby_percent: int | None = None


class Progress(msgspec.Struct, frozen=True, kw_only=True):
    """Where the work stands: `phase` in words of the program, `step` the solver's own, `beat` the worker's
    last sign of life (ms); with `stop` the best so far is wanted now."""

    phase: str = ""
    step: str = ""
    asked: Asked = Asked()
    stop: bool = False
    beat: int = 0
    problem: str | None = None
    seconds: float | None = None
    violations: list[dict[str, Any]] = []
    incumbent: float | None = None
    bound: float | None = None
    gap: float | None = None


class Shortfall(msgspec.Struct, frozen=True, kw_only=True):
    """`kind`: which need is unmet (`minimum`, `certified`)."""

    post: PostId
    shift: ShiftId
    kind: str
    missing: int
    reason: str
    detail: dict[str, Any]


class Roster(msgspec.Struct, frozen=True, kw_only=True):
    """`weights` are those that differ from the district's usual ones."""

    id: RosterId
    first_day: date
    last_day: date
    state: State
    progress: Progress
    seed: int
    weights: dict[str, float]
    objective: float | None
    bound: float | None
    gap: float | None
    terms: dict[str, float]
    hard_violations: int | None
    assignments: int
    unmet: int
    made_by: PersonId | None
    made_at: datetime
    published_by: PersonId | None
    published_at: datetime | None
    version: int


class Planned(msgspec.Struct, frozen=True, kw_only=True):
    """An assignment as a list shows it."""

    id: AssignmentId
    roster: RosterId
    person: PersonId
    name: str
    organisation: OrganisationId
    post: PostId
    post_name: str
    post_name_en: str
    beat: Code
    beat_name: str
    beat_name_en: str
    shift: ShiftId
    duty_day: date
    starts_at: datetime
    ends_at: datetime
    published: bool
    pinned: bool
    accepted_at: datetime | None
    cancelled_at: datetime | None
    why: dict[str, Any]


class Placed(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Who stands where, and no more."""

    id: AssignmentId
    person: PersonId
    post: PostId
    shift: ShiftId
    pinned: bool


class Duty(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A published duty of a person: what history is made of."""

    person: PersonId
    starts_at: datetime
    ends_at: datetime


class NewRoster(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A draft for the local days first_day … last_day, both included.

    `weights` change the usual ones by name; `seconds` or `gap` tell when it is good enough.
    """

    first_day: date
    last_day: date
    seed: Annotated[int, Meta(ge=0, le=2**31)] = 1
    sweeps: Annotated[int, Meta(ge=1, le=50)] = 3
    bound_steps: Annotated[int, Meta(ge=0, le=200, description="0: no bound")] = 80
    seconds: Annotated[float, Meta(ge=1, le=3600)] | None = None
    gap: Annotated[float, Meta(ge=0, le=1)] | None = None
    weights: dict[str, Annotated[float, Meta(ge=0, le=1000)]] = {}
    pins_from: Annotated[RosterId, Meta(description="take over this roster's pins")] | None = None
    stable_to: Annotated[RosterId, Meta(description="stay close to this roster")] | None = None
    standby_percent: (
        Annotated[
            int,
            Meta(ge=0, le=50, description="on call for a hundred duties; null: as the district"),
        ]
        | None
    ) = None

    @property
    def asked(self) -> Asked:
        return msgspec.convert(self, Asked, from_attributes=True)


class NewShifts(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    first_day: date
    last_day: date
