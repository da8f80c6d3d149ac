"""Swaps: a duty handed over to another, or exchanged for one of theirs."""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, NewType

import msgspec
from msgspec import Meta

from alliance.actor import AssignmentId, Code, OrganisationId, PersonId
from alliance.roster.model import PostId, ShiftId

SwapId = NewType("SwapId", int)
Id = Annotated[int, Meta(ge=0, le=2**53)]


class SwapState(StrEnum):
    """`proposed` waits for the owner, `agreed` for an officer; the last four are final."""

    OPEN = "open"
    PROPOSED = "proposed"
    AGREED = "agreed"
    DONE = "done"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    REFUSED = "refused"


RUNNING = (SwapState.OPEN, SwapState.PROPOSED, SwapState.AGREED)


class Swap(msgspec.Struct, frozen=True, kw_only=True):
    """The duty offered, and `exchange_…` the one in return where there is one."""

    id: SwapId
    state: SwapState
    assignment: AssignmentId
    person: PersonId
    name: str
    organisation: OrganisationId
    to_person: PersonId | None
    note: str
    offered_at: datetime
    taker: PersonId | None
    taker_name: str | None
    exchange: AssignmentId | None
    answered_at: datetime | None
    decided_by: PersonId | None
    decided_at: datetime | None
    reason: str
    version: int
    post: PostId
    post_name: str
    post_name_en: str
    beat: Code
    beat_name: str
    beat_name_en: str
    shift: ShiftId
    pattern: str
    duty_day: date
    starts_at: datetime
    ends_at: datetime
    gone: bool
    exchange_post: PostId | None
    exchange_post_name: str | None
    exchange_post_name_en: str | None
    exchange_beat: Code | None
    exchange_beat_name: str | None
    exchange_beat_name_en: str | None
    exchange_shift: ShiftId | None
    exchange_day: date | None
    exchange_starts_at: datetime | None
    exchange_ends_at: datetime | None
    exchange_gone: bool


class NewSwap(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An own duty, to one person or (without `to`) to all who could take it."""

    assignment: Id
    to: Id | None = None
    note: Annotated[str, Meta(max_length=200)] = ""


class Taking(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Without `exchange` the duty is simply taken over; else one of the own is given for it."""

    exchange: Id | None = None
