"""What goes over the wire about incidents: times in milliseconds, names beside ids."""

from datetime import datetime
from typing import Annotated, Any

import msgspec

from alliance.incidents.actions import Detail, Told
from alliance.incidents.model import Dispatch, Kind, Link, Listed, Order, Reply, ReportIn, State, Transition
from alliance.incidents.ranking import Candidate
from alliance.incidents.states import allowed
from alliance.times import from_ms, to_ms
from geo.datum import Datum, to_wgs84

Reason = Annotated[str, msgspec.Meta(max_length=500)]
Version = Annotated[int, msgspec.Meta(ge=0, le=2**31)]


class ReportBody(ReportIn, frozen=True, kw_only=True):
    """A report whose place is given in `datum`."""

    datum: Datum = Datum.WGS84

    def plain(self) -> ReportIn:
        lat, lon = to_wgs84(self.lat, self.lon, self.datum)
        return ReportIn(
            kind=self.kind,
            at=self.at,
            lat=lat,
            lon=lon,
            text=self.text,
            participants=self.participants,
            photos=self.photos,
            incident=self.incident,
        )


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """Why, and which version was seen, where the header If-Match doesn't say it."""

    reason: Reason = ""
    version: Version | None = None


class OrderStep(Step, frozen=True, kw_only=True):
    """`person`: whom to send; without it the best candidate."""

    person: Annotated[int, msgspec.Meta(ge=0, le=2**53)] | None = None


class ReplyBody(msgspec.Struct, frozen=True, kw_only=True):
    reply: Reply
    at: Annotated[int, msgspec.Meta(ge=-(2**53), le=2**53)]


class ReportAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """`proposed`: incidents it may belong to, for an officer to say."""

    report: int
    incident: int
    joined: bool
    proposed: list[int]


class PhotoAnswer(msgspec.Struct, frozen=True, kw_only=True):
    id: int
    width: int
    height: int


class SlaItem(msgspec.Struct, frozen=True, kw_only=True):
    """When it was first ordered and first reached, and how long the latter took from its opening."""

    ordered_at: int | None
    arrived_at: int | None
    closed_at: int | None
    response_ms: int | None


class IncidentFields(msgspec.Struct, frozen=True, kw_only=True):
    """`allowed`: the transitions that may follow."""

    id: int
    kind: Kind
    state: State
    opened_at: int
    lat: float
    lon: float
    cell: str
    grid: str | None
    beat: str | None
    station: str | None
    town: str | None
    by_patrol: bool
    version: int
    sla: SlaItem
    allowed: list[str]


class IncidentItem(IncidentFields, frozen=True, kw_only=True):
    """`reports`: how many."""

    reports: int


class PersonItem(msgspec.Struct, frozen=True, kw_only=True):
    person: int
    name: str


class ReportItem(msgspec.Struct, frozen=True, kw_only=True):
    """`others`: how many took part whom the reader may not know of; `text` is null once erased."""

    id: int
    incident: int
    person: int | None
    name: str | None
    kind: Kind
    at: int
    received_at: int
    lat: float
    lon: float
    text: str | None
    link_score: float | None
    participants: list[PersonItem]
    others: int
    photos: list[int]


class TransitionItem(
    msgspec.Struct, frozen=True, kw_only=True, rename={"from_state": "from", "to_state": "to"}
):
    n: int
    from_state: State | None
    to_state: State
    at: int
    actor: int | None
    actor_name: str | None
    reason: str


class LinkItem(msgspec.Struct, frozen=True, kw_only=True):
    id: int
    report: int
    incident: int
    state: str
    score: float
    why: dict[str, Any]
    at: int
    actor: int | None


class DispatchItem(msgspec.Struct, frozen=True, kw_only=True):
    id: int
    incident: int
    person: int
    state: Order
    ordered_at: int
    expires_at: int
    answered_at: int | None
    arrived_at: int | None
    done_at: int | None
    rank: dict[str, Any]


class IncidentPage(IncidentFields, frozen=True, kw_only=True):
    """All that belongs to an incident, as far as the reader may see it."""

    reports: list[ReportItem]
    transitions: list[TransitionItem]
    links: list[LinkItem]
    dispatches: list[DispatchItem]


class CandidateList(msgspec.Struct, frozen=True, kw_only=True):
    items: list[Candidate]


class DispatchList(msgspec.Struct, frozen=True, kw_only=True):
    items: list[DispatchItem]


def ms(instant: datetime | None) -> int | None:
    return None if instant is None else to_ms(instant)


def instant(at: int | None) -> datetime | None:
    return None if at is None else from_ms(at)


def item(found: Listed) -> IncidentItem:
    return IncidentItem(reports=found.reports, **base(found))


def base(found: Listed) -> dict[str, Any]:
    """The fields that a list's line and an incident's page have in common."""
    arrived = found.arrived_at
    sla = SlaItem(
        ordered_at=ms(found.ordered_at),
        arrived_at=ms(arrived),
        closed_at=ms(found.closed_at),
        response_ms=None if arrived is None else to_ms(arrived) - to_ms(found.opened_at),
    )
    same = (
        "id",
        "kind",
        "state",
        "lat",
        "lon",
        "cell",
        "grid",
        "beat",
        "station",
        "town",
        "by_patrol",
        "version",
    )
    return {
        **{name: getattr(found, name) for name in same},
        "opened_at": to_ms(found.opened_at),
        "sla": sla,
        "allowed": allowed(found.state),
    }


def report_item(told: Told) -> ReportItem:
    one = told.report
    return ReportItem(
        id=one.id,
        incident=one.incident,
        person=one.person if told.name is not None else None,
        name=told.name,
        kind=one.kind,
        at=to_ms(one.at),
        received_at=to_ms(one.received_at),
        lat=one.lat,
        lon=one.lon,
        text=one.text,
        link_score=one.link_score,
        participants=[PersonItem(person=each.person, name=each.name) for each in told.participants],
        others=told.others,
        photos=list(told.photos),
    )


def transition_item(one: Transition) -> TransitionItem:
    return TransitionItem(
        n=one.n,
        from_state=one.from_state,
        to_state=one.to_state,
        at=to_ms(one.at),
        actor=one.actor,
        actor_name=one.actor_name,
        reason=one.reason,
    )


def link_item(one: Link) -> LinkItem:
    return LinkItem(
        id=one.id,
        report=one.report,
        incident=one.incident,
        state=one.state,
        score=one.score,
        why=one.why,
        at=to_ms(one.at),
        actor=one.actor,
    )


def dispatch_item(one: Dispatch) -> DispatchItem:
    return DispatchItem(
        id=one.id,
        incident=one.incident,
        person=one.person,
        state=one.state,
        ordered_at=to_ms(one.ordered_at),
        expires_at=to_ms(one.expires_at),
        answered_at=ms(one.answered_at),
        arrived_at=ms(one.arrived_at),
        done_at=ms(one.done_at),
        rank=one.rank,
    )


def parts(found: Detail) -> dict[str, Any]:
    """The fields of an incident's page."""
    return {
        **base(found.incident),
        "reports": [report_item(one) for one in found.reports],
        "transitions": [transition_item(one) for one in found.transitions],
        "links": [link_item(one) for one in found.links],
        "dispatches": [dispatch_item(one) for one in found.dispatches],
    }
