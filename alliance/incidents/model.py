"""Assist reports, the incidents they make up, their transitions, dispatches and photos."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Literal, NewType

import msgspec

from alliance.actor import AssignmentId, Code, OrganisationId, PersonId

IncidentId = NewType("IncidentId", int)
ReportId = NewType("ReportId", int)
PhotoId = NewType("PhotoId", int)
DispatchId = NewType("DispatchId", int)

Ms = Annotated[int, msgspec.Meta(ge=-(2**53), le=2**53)]
Id = Annotated[int, msgspec.Meta(ge=0, le=2**53)]
MAX_PHOTOS = 6


class Kind(StrEnum):
    INCIDENT = "incident"
    ARREST = "arrest"
    DISPUTE = "dispute"
    PUBLICITY = "publicity"
    HAZARD = "hazard"
    LEAD = "lead"
    LOST_PERSON = "lost_person"
    MEDICAL = "medical"
    FIRE = "fire"


class State(StrEnum):
    OPEN = "open"
    DISPATCHED = "dispatched"
    ON_SCENE = "on_scene"
    CLOSED = "closed"
    CONFIRMED = "confirmed"
    STRUCK = "struck"


# What exists only because a patrol was there, always or when found on duty: demand leaves it out.
ALWAYS_FOUND = (Kind.ARREST, Kind.PUBLICITY)
FOUND_ON_DUTY = (Kind.HAZARD, Kind.LEAD, Kind.DISPUTE)

# Confirmed or struck: an officer has decided, so no report joins by itself any more.
DECIDED = (State.CONFIRMED, State.STRUCK)


class Reply(StrEnum):
    ACCEPT = "accept"
    DECLINE = "decline"
    ON_SCENE = "on_scene"
    DONE = "done"


class Order(StrEnum):
    """The state of a dispatch."""

    ORDERED = "ordered"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    EXPIRED = "expired"
    ON_SCENE = "on_scene"
    DONE = "done"
    WITHDRAWN = "withdrawn"


ACTIVE_ORDERS = (Order.ORDERED, Order.ACCEPTED, Order.ON_SCENE)


class ReportIn(msgspec.Struct, frozen=True, kw_only=True):
    """A report as a client sends it, in WGS-84; `at` is when it happened, kept while offline."""

    kind: Kind
    at: Ms
    lat: Annotated[float, msgspec.Meta(ge=-90, le=90)]
    lon: Annotated[float, msgspec.Meta(ge=-180, le=180)]
    text: Annotated[str, msgspec.Meta(max_length=4000)] = ""
    participants: Annotated[list[Id], msgspec.Meta(max_length=50)] = []
    photos: Annotated[list[Id], msgspec.Meta(max_length=MAX_PHOTOS)] = []
    incident: Id | None = None


class AnswerIn(msgspec.Struct, frozen=True, kw_only=True):
    dispatch: Id
    at: Ms
    reply: Reply


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """A point, its working cell and the areas it lies in; outside the district there are none."""

    lat: float
    lon: float
    cell: str
    grid: Code | None = None
    beat: Code | None = None
    station: Code | None = None
    town: Code | None = None

    @property
    def areas(self) -> tuple[Code, ...]:
        return tuple(code for code in (self.town, self.station, self.beat, self.grid) if code)


class Incident(Place, frozen=True, kw_only=True):
    id: IncidentId
    kind: Kind
    state: State
    opened_at: datetime
    by_patrol: bool
    closed_at: datetime | None
    version: int


class Listed(Incident, frozen=True, kw_only=True):
    """An incident with what a list shows beside it."""

    reports: int
    ordered_at: datetime | None = None
    arrived_at: datetime | None = None


class Report(msgspec.Struct, frozen=True, kw_only=True):
    id: ReportId
    person: PersonId
    kind: Kind
    at: datetime
    received_at: datetime
    lat: float
    lon: float
    cell: str
    assignment: AssignmentId | None
    text: str | None
    incident: IncidentId
    link_score: float | None


class Participant(msgspec.Struct, frozen=True, kw_only=True):
    report: ReportId
    person: PersonId
    name: str
    organisation: OrganisationId


class Transition(msgspec.Struct, frozen=True, kw_only=True):
    n: int
    from_state: State | None
    to_state: State
    at: datetime
    actor: PersonId | None
    actor_name: str | None
    reason: str


class Link(msgspec.Struct, frozen=True, kw_only=True):
    id: int
    report: ReportId
    incident: IncidentId
    state: Literal["joined", "proposed", "refused", "undone"]
    score: float
    why: dict[str, Any]
    at: datetime
    actor: PersonId | None


class Dispatch(msgspec.Struct, frozen=True, kw_only=True):
    id: DispatchId
    incident: IncidentId
    person: PersonId
    state: Order
    ordered_at: datetime
    ordered_by: PersonId
    expires_at: datetime
    answered_at: datetime | None
    arrived_at: datetime | None
    done_at: datetime | None
    rank: dict[str, Any]


class Stored(msgspec.Struct, frozen=True, kw_only=True):
    """A photo without its picture."""

    id: PhotoId
    person: PersonId
    report: ReportId | None
    width: int
    height: int


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """What a list of incidents is narrowed to; `before` is the last id already seen, newest come first."""

    states: list[State] | None = None
    beat: str | None = None
    kind: Kind | None = None
    since: datetime | None = None
    before: int | None = None
    limit: int = 100
