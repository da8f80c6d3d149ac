"""Holes in a published roster: duties that fell out, people needed in addition, offers to fill them."""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Any, NewType

import msgspec
from msgspec import Meta

from alliance.actor import AssignmentId, Code, OrganisationId, PersonId
from alliance.roster.model import PostId, ShiftId

HoleId = NewType("HoleId", int)
OfferId = NewType("OfferId", int)
Text = Annotated[str, Meta(max_length=500)]
Id = Annotated[int, Meta(ge=0, le=2**53)]


class Cause(StrEnum):
    """Why a place is empty; `extra` was never planned, `moved` was left for another place.

    `inactive`, `night` and `hours`: the person is no longer of the force, may do no nights any more, would
    work longer than agreed.
    """

    ILLNESS = "illness"
    LEAVE = "leave"
    NO_SHOW = "no_show"
    CERTIFICATE = "certificate"
    EXTRA = "extra"
    MOVED = "moved"
    INACTIVE = "inactive"
    NIGHT = "night"
    HOURS = "hours"


class HoleState(StrEnum):
    OPEN = "open"
    FILLED = "filled"
    CLOSED = "closed"


class OfferState(StrEnum):
    ASKED = "asked"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"
    REFUSED = "refused"


class Absence(StrEnum):
    """What may be said of someone who doesn't come."""

    ILLNESS = "illness"
    LEAVE = "leave"
    NO_SHOW = "no_show"
    CERTIFICATE = "certificate"


class Hole(msgspec.Struct, frozen=True, kw_only=True):
    """`people` are wanted at a post in a shift, `filled` of them found; `certified` are to hold the paper.

    `organisation` is the absent person's; `call_at_once` is set while a call-out is under way.
    """

    id: HoleId
    state: HoleState
    cause: Cause
    post: PostId
    post_name: str
    post_name_en: str
    beat: Code
    beat_name: str
    beat_name_en: str
    town: Code
    shift: ShiftId
    pattern: str
    duty_day: date
    starts_at: datetime
    ends_at: datetime
    assignment: AssignmentId | None
    absent: PersonId | None
    absent_name: str | None
    organisation: OrganisationId | None
    people: int
    certified: int
    filled: int
    reason: str
    opened_at: datetime
    opened_by: PersonId | None
    ended_at: datetime | None
    end_reason: str
    call_at_once: int | None
    call_minutes: int | None
    called_by: PersonId | None
    asked: int
    said_no: int
    silent: int
    expires_at: datetime | None
    version: int

    @property
    def missing(self) -> int:
        return self.people - self.filled


class Offer(msgspec.Struct, frozen=True, kw_only=True):
    """A question to one person; `rank` is what speaks for and against asking them."""

    id: OfferId
    hole: HoleId
    person: PersonId
    name: str
    organisation: OrganisationId
    state: OfferState
    asked_at: datetime
    asked_by: PersonId | None
    expires_at: datetime
    answered_at: datetime | None
    reason: str
    standby: bool
    rank: dict[str, Any]
    assignment: AssignmentId | None


class NewAbsence(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    kind: Absence
    reason: Text = ""


class NewExtra(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """More people than planned at a post in a shift; `certified` of them with the guard's certificate."""

    post: Id
    shift: Id
    people: Annotated[int, Meta(ge=1, le=500)]
    certified: Annotated[int, Meta(ge=0, le=500)] = 0
    reason: Annotated[str, Meta(min_length=1, max_length=500)]


class NewCall(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How many to ask at a time and for how long each; the district's own setting where left out."""

    at_once: Annotated[int, Meta(ge=1, le=50)] | None = None
    minutes: Annotated[int, Meta(ge=1, le=240)] | None = None


class Said(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A reason that the record keeps."""

    reason: Annotated[str, Meta(min_length=1, max_length=500)]
