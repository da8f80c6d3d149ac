"""Ledger entries, what is to become one, rule sets, contests and totals."""

from datetime import date, datetime
from enum import StrEnum
from typing import Literal, NewType

import msgspec

from alliance.actor import Code, DistrictId, OrganisationId, PersonId

EntryNo = NewType("EntryNo", int)
ContestId = NewType("ContestId", int)

CAP = "cap"
DUTY = "duty"
GRANT = "grant"
STANDBY = "standby"


class SourceKind(StrEnum):
    INCIDENT = "incident"
    ASSIGNMENT = "assignment"
    GRANT = "grant"
    MONTH = "month"
    STANDBY = "standby"


class Grade(StrEnum):
    """How a duty's hours are proved."""

    TRACKED = "tracked"
    ATTESTED = "attested"
    GRANTED = "granted"


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """An entry before it has a position in the chain; `note` goes to the erasable table beside it."""

    person: PersonId
    organisation: OrganisationId
    team: Code | None = None
    grid: Code | None = None
    beat: Code | None = None
    station: Code | None = None
    town: Code | None = None
    duty_day: date
    kind: str
    amount: int
    rule_set: int
    source_kind: SourceKind
    source: int
    actor: PersonId | None
    reverses: EntryNo | None = None
    note: str = ""


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the ledger: `amount` in hundredths of a point; areas and organisation as they were."""

    district_id: DistrictId
    n: EntryNo
    person: PersonId
    organisation: OrganisationId
    team: Code | None
    grid: Code | None
    beat: Code | None
    station: Code | None
    town: Code | None
    duty_day: date
    kind: str
    amount: int
    rule_set: int
    source_kind: SourceKind
    source: int
    actor: PersonId | None
    at: datetime
    reverses: EntryNo | None
    hash: bytes


class Head(msgspec.Struct, frozen=True, kw_only=True):
    """The last position and its hash; 0 and zero bytes before the first entry."""

    n: int
    hash: bytes


class Duty(msgspec.Struct, frozen=True, kw_only=True):
    """A person's finished assignment with the spans served; `auto`: the service wrote the last check-out."""

    assignment: int
    person: PersonId
    beat: Code
    duty_day: date
    spans: tuple[tuple[datetime, datetime], ...]
    grade: Grade | None
    auto: bool = False


class Noted(Entry, frozen=True, kw_only=True):
    """An entry as people read it."""

    name: str
    note: str | None
    contested: bool
    reversed_by: EntryNo | None


class Total(msgspec.Struct, frozen=True, kw_only=True):
    """The sum of a group's entries; `period` is set when the groups are also cut by time."""

    key: str | None
    name: str | None
    period: str | None
    amount: int
    entries: int


class Contest(msgspec.Struct, frozen=True, kw_only=True):
    id: ContestId
    n: EntryNo
    person: PersonId
    name: str
    text: str
    at: datetime
    answered_at: datetime | None
    answered_by: PersonId | None
    answer: str | None
    upheld: bool | None


Dimension = Literal[
    "person", "organisation", "team", "grid", "beat", "station", "town", "kind", "day", "week", "month"
]
Period = Literal["day", "week", "month"]
