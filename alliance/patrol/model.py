"""What people on duty leave behind: check-ins and check-outs, spans, fixes, calls for help."""

from datetime import date
from enum import StrEnum
from typing import Any, Literal, NamedTuple

import msgspec

from alliance.actor import Actor, AssignmentId, Code, OrganisationId, PersonId
from geo.cell import Cell

MINUTE_MS = 60_000
EARLY_MS = 30 * MINUTE_MS
OPEN_AFTER_END_MS = 30 * MINUTE_MS
TAKEN_AFTER_END_MS = 72 * 60 * MINUTE_MS
CLOCK_AHEAD_MS = 2 * MINUTE_MS
RADIUS_M = 500.0


class StampKind(StrEnum):
    IN = "in"
    OUT = "out"


class Mark(NamedTuple):
    """One row of attendance, as far as spans depend on it."""

    kind: StampKind
    at: int
    auto: bool = False
    attested: bool = False


class Span(msgspec.Struct, frozen=True, kw_only=True):
    """What was really served; `to_at` is None while it is open. A fix may lie on either end."""

    from_at: int
    to_at: int | None = None
    auto: bool = False
    attested: bool = False


class Duty(msgspec.Struct, frozen=True, kw_only=True):
    """An assignment with its marks and spans: all that decides whether a message of it is taken."""

    id: AssignmentId
    person: PersonId
    organisation: OrganisationId
    post: str
    beat: Code
    cell: Cell | None
    duty_day: date
    start: int
    end: int
    consented: bool
    marks: tuple[Mark, ...]
    spans: tuple[Span, ...]

    @property
    def open_until(self) -> int:
        """When the automatic check-out closes what is open then."""
        return self.end + OPEN_AFTER_END_MS

    def on_duty(self, at: int) -> bool:
        """Whether `at` lies in a span."""
        return any(
            span.from_at <= at <= (self.open_until if span.to_at is None else span.to_at)
            for span in self.spans
        )

    def is_present(self, now: int) -> bool:
        last = self.spans[-1] if self.spans else None
        return last is not None and last.to_at is None and now <= self.open_until

    def state(self, now: int) -> Literal["planned", "present", "absent_open", "ended"]:
        """planned, present, absent_open (began, and nobody is here) or ended."""
        if self.is_present(now):
            return "present"
        if now >= self.end:
            return "ended"
        return "planned" if now < self.start else "absent_open"


class Point(msgspec.Struct, frozen=True, kw_only=True):
    """A single fix, WGS-84."""

    at: int
    lat: float
    lon: float
    accuracy: float
    battery: float | None = None
    mock: bool = False


class Stamp(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody checks in or out; `people` are others of the own unit who are present."""

    kind: StampKind
    assignment: AssignmentId
    at: int
    key: str | None = None
    fix: Point | None = None
    people: tuple[PersonId, ...] = ()


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    actor: Actor
    stamp: Stamp


class Taken(msgspec.Struct, frozen=True, kw_only=True):
    """A stamp that is stored; `duties` are the assignments it changed, as they are now."""

    result: dict[str, Any]
    duties: tuple[Duty, ...] = ()


class Sos(msgspec.Struct, frozen=True, kw_only=True):
    id: int
    person: PersonId
    name: str
    at: int
    received_at: int
    lat: float | None
    lon: float | None
    accuracy: float | None
    assignment: AssignmentId | None
    beat: Code | None
    acknowledged_at: int | None
    acknowledged_by: PersonId | None
    closed_at: int | None
    reason: str | None
    version: int
