"""What may be done with incidents: reported, moved on, looked at, erased in time."""

from datetime import datetime, timedelta

import msgspec

from alliance.actor import Actor, DistrictId, PersonId
from alliance.areas.model import Happenings
from alliance.db.pool import Connection
from alliance.errors import not_found
from alliance.events import Tx
from alliance.incidents import dispatch_store, photo_store, report_store, scope, states, steps, store
from alliance.incidents.dispatching import answer, expire
from alliance.incidents.model import (
    Dispatch,
    Incident,
    Kind,
    Link,
    Listed,
    Participant,
    PhotoId,
    Report,
    ReportId,
    State,
    Stored,
    Transition,
    Wanted,
)
from alliance.incidents.photos import Picture
from alliance.incidents.reporting import report
from alliance.incidents.scope import Scope

__all__ = [
    "answer", "detail", "erase", "expire", "held", "keep_photo", "kinds", "listed", "one", "participants",
    "photo", "report", "reports", "transition",
]  # fmt: skip

KEPT = timedelta(days=2 * 365)
DESCRIBED = timedelta(days=30)
UNUSED = timedelta(days=7)


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """A report with who took part and its photos; `others` counts the people the reader may not know of."""

    report: Report
    name: str | None
    participants: list[Participant]
    others: int
    photos: list[PhotoId]


class Detail(msgspec.Struct, frozen=True, kw_only=True):
    incident: Listed
    reports: list[Told]
    transitions: list[Transition]
    links: list[Link]
    dispatches: list[Dispatch]


async def transition(
    tx: Tx, actor: Actor, number: int, after: State, *, version: int, reason: str, now: datetime
) -> Incident:
    """Move an incident on; confirming and striking come from credit, which keeps the ledger in step."""
    incident = await steps.locked(tx, actor, number)
    states.must_match(incident.version, version)
    return await steps.move(tx, actor.person, incident, after, reason=reason, now=now)


async def held(tx: Tx, actor: Actor, number: int) -> Incident:
    """The incident, locked until the commit, if the actor may decide on it."""
    return await steps.locked(tx, actor, number)


async def participants(conn: Connection, district: DistrictId, incident: Incident) -> list[PersonId]:
    """Everyone who reported or took part, once."""
    return await steps.concerned(conn, district, incident)


async def kinds(conn: Connection, district: DistrictId, incident: Incident) -> list[Kind]:
    """The kinds among its reports."""
    return await report_store.kinds(conn, district, incident.id)


async def listed(conn: Connection, actor: Actor, wanted: Wanted) -> list[Listed]:
    """What the actor may see, newest first."""
    return await store.listed(conn, actor.district, await scope.of(conn, actor), wanted)


async def one(conn: Connection, actor: Actor, number: int) -> Listed:
    """One that the actor is known to see."""
    return await store.listed_one(conn, actor.district, number)


async def reports(conn: Connection, actor: Actor, *, before: int | None, limit: int) -> list[Told]:
    """Reports the actor may see, newest first."""
    mine = await scope.of(conn, actor)
    found = await report_store.reports_seen(conn, actor.district, mine, before, limit)
    beats = await report_store.beats(conn, actor.district, [one.incident for one in found])
    own = await report_store.unit_mates(conn, actor.district, mine)
    told = await _told(conn, actor.district, found)
    return [_shown(one, mine, own, police=mine.police(beats.get(one.report.incident))) for one in told]


async def detail(conn: Connection, actor: Actor, number: int) -> Detail:
    """An incident with all that belongs to it, as far as the actor may see it."""
    mine = await steps.seen(conn, actor, number)
    incident = await store.listed_one(conn, actor.district, number)
    police = mine.police(incident.beat)
    own = await report_store.unit_mates(conn, actor.district, mine)
    told = await _told(conn, actor.district, await report_store.reports(conn, actor.district, number))
    passed = await store.transitions(conn, actor.district, number)
    orders = await dispatch_store.of_incident(conn, actor.district, number)
    return Detail(
        incident=incident,
        reports=[_shown(one, mine, own, police=police) for one in told if police or _ours(one, mine, own)],
        transitions=passed if police else [_nameless(one, actor) for one in passed],
        links=await report_store.links(conn, actor.district, number) if police else [],
        dispatches=[one for one in orders if police or one.person in mine.people | own],
    )


async def keep_photo(tx: Tx, actor: Actor, picture: Picture, now: datetime) -> PhotoId:
    """Keep a cleaned picture until a report names it."""
    return await photo_store.insert(tx.conn, tx.district, actor.person, picture, now)


async def photo(conn: Connection, actor: Actor, number: int) -> bytes:
    """The picture, for its maker and for whoever may see its report."""
    found = await photo_store.photo(conn, actor.district, number)
    if found is None or not (found.person == actor.person or await _sees(conn, actor, found)):
        raise not_found("photo", number)
    return await photo_store.jpeg(conn, actor.district, number)


async def erase(tx: Tx, now: datetime) -> int:
    """Texts and photos after two years, a lost person's description 30 days after closing; how many went."""
    texts = await report_store.erase_texts(tx.conn, tx.district, now - KEPT, now - DESCRIBED)
    return texts + await photo_store.erase(tx.conn, tx.district, now - KEPT, now - UNUSED)


async def _sees(conn: Connection, actor: Actor, stored: Stored) -> bool:
    if stored.report is None:
        return False
    mine = await scope.of(conn, actor)
    return await report_store.may_see(conn, actor.district, mine, stored.report)


async def _told(conn: Connection, district: DistrictId, found: list[Report]) -> list[Told]:
    numbers = [one.id for one in found]
    took_part = await report_store.participants(conn, district, numbers)
    pictures = await photo_store.of_reports(conn, district, numbers)
    names: dict[tuple[ReportId, PersonId], str] = {(one.report, one.person): one.name for one in took_part}
    return [
        Told(
            report=one,
            name=names.get((one.id, one.person)),
            participants=[each for each in took_part if each.report == one.id],
            others=0,
            photos=[each.id for each in pictures if each.report == one.id],
        )
        for one in found
    ]


def _known(one: Participant, mine: Scope, own: set[PersonId]) -> bool:
    return one.person in mine.people or one.person in own or one.organisation in mine.organisations


def _ours(told: Told, mine: Scope, own: set[PersonId]) -> bool:
    return any(_known(one, mine, own) for one in told.participants)


def _shown(told: Told, mine: Scope, own: set[PersonId], *, police: bool) -> Told:
    """Police see everyone; who took part sees who else did; a manager or lead sees the own people only."""
    if police or any(one.person == mine.person for one in told.participants):
        return told
    known = [one for one in told.participants if _known(one, mine, own)]
    return msgspec.structs.replace(
        told,
        name=told.name if any(one.person == told.report.person for one in known) else None,
        participants=known,
        others=len(told.participants) - len(known),
    )


def _nameless(step: Transition, actor: Actor) -> Transition:
    if step.actor == actor.person:
        return step
    return msgspec.structs.replace(step, actor=None, actor_name=None)


async def confirmed(conn: Connection, district: DistrictId, since: datetime) -> Happenings:
    """Where and when help was needed: confirmed incidents, but not what only a patrol found."""
    return await store.confirmed(conn, district, since)
