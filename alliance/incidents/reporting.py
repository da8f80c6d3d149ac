"""Reports: kept whole, joined to the incident they tell of, and parted from it again."""

from datetime import datetime, timedelta
from typing import Any

import msgspec

from alliance.actor import Actor, PersonId, Role
from alliance.areas import point
from alliance.db.pool import Connection
from alliance.errors import Refused
from alliance.events import Tx
from alliance.incidents import facts, photo_store, report_store, scope, steps, store
from alliance.incidents.linking import Found, Likeness, Sighting, matches
from alliance.incidents.model import (
    DECIDED,
    Incident,
    IncidentId,
    Link,
    Place,
    Report,
    ReportId,
    ReportIn,
    State,
    Transition,
)
from alliance.times import from_ms, to_ms
from geo import cell as hexes

AHEAD = timedelta(minutes=2)
QUEUED = timedelta(hours=72)
LONGEST_SHIFT = timedelta(hours=24)
NAMED = Likeness(score=1.0, kinds=1.0, metres=0.0, seconds=0.0)


class Intake(msgspec.Struct, frozen=True, kw_only=True):
    """A report that was looked through, with what it may join."""

    given: ReportIn
    kept: Report
    place: Place
    people: list[PersonId]
    found: list[Found]


async def report(tx: Tx, actor: Actor, given: ReportIn, now: datetime) -> dict[str, Any]:
    """Store a report; it joins the incident it names or is likest to, else it opens one."""
    actor.must(*(role for role in Role if role != Role.OBSERVER))
    intake = await _intake(tx, actor, given, now)
    joined = await _joining(tx, intake.found)
    incident = joined or await _open(tx, actor, intake)
    number = await _keep(tx, intake, incident, joined=joined is not None)
    if joined:
        incident = await store.touch(tx.conn, tx.district, joined.id)
        facts.linked(tx, actor, incident, {"report": number, **_why(intake.found[0])}, now)
    else:
        incident = await store.settle_by_patrol(tx.conn, tx.district, incident.id)
        facts.opened(tx, actor, incident, intake.people, now)
    stored = msgspec.structs.replace(intake.kept, id=number, incident=incident.id)
    facts.reported(tx, actor, stored, incident, intake.people)
    proposed = [one.incident for one in intake.found if one.incident != incident.id]
    return {"report": number, "incident": incident.id, "joined": joined is not None, "proposed": proposed}


async def _intake(tx: Tx, actor: Actor, given: ReportIn, now: datetime) -> Intake:
    """Everything that may refuse the report, before anything is written."""
    at = _in_time(given.at, now)
    planned = await report_store.assignment_at(tx.conn, tx.district, actor.person, at)
    if now > (planned.ends_at if planned else at) + QUEUED:
        raise _too_late()
    people = await _sharers(tx.conn, actor, given)
    await _must_own_photos(tx.conn, actor, given)
    place = await place_of(tx.conn, actor, given.lat, given.lon)
    kept = Report(
        id=ReportId(0),
        person=actor.person,
        kind=given.kind,
        at=at,
        received_at=now,
        lat=given.lat,
        lon=given.lon,
        cell=place.cell,
        assignment=planned.id if planned else None,
        text=given.text.replace("\0", ""),  # PostgreSQL has no such character; the rest must not be lost
        incident=IncidentId(0),
        link_score=None,
    )
    await report_store.lock_linking(tx.conn, tx.district)
    named = await _named(tx.conn, actor, given)
    found = named or matches(sighting(kept), await _near(tx.conn, actor, kept))
    return Intake(given=given, kept=kept, place=place, people=people, found=found)


def sighting(report: Report) -> Sighting:
    return Sighting(kind=report.kind, at=report.at, lat=report.lat, lon=report.lon)


async def place_of(conn: Connection, actor: Actor, lat: float, lon: float) -> Place:
    found = await point.where(conn, actor.district, lat, lon)
    if found is None:
        return Place(lat=lat, lon=lon, cell=hexes.at(lat, lon))
    areas = {"grid": found.grid, "beat": found.beat, "station": found.station, "town": found.town}
    return Place(lat=lat, lon=lon, cell=found.cell, **areas)


def _in_time(at: int, now: datetime) -> datetime:
    """The instant, unless no clock or shift could make it right."""
    if at > to_ms(now + AHEAD):
        raise Refused("clock_ahead", "at lies in the future: the device's clock runs ahead; set it right")
    if at < to_ms(now - QUEUED - LONGEST_SHIFT):
        raise _too_late()
    return from_ms(at)


def _too_late() -> Refused:
    return Refused("too_late", "a report is taken up to 72 hours afterwards; tell your officer instead")


async def _sharers(conn: Connection, actor: Actor, given: ReportIn) -> list[PersonId]:
    """The reporter and those named, each once; all of them active people of the district."""
    wanted = sorted({actor.person, *given.participants})
    active = await report_store.active_people(conn, actor.district, wanted)
    for n, person in enumerate(given.participants):
        if person not in active:
            raise Refused("bad_message", f"$.participants[{n}]: no active person {person} in this district")
    return [PersonId(person) for person in wanted]


async def _must_own_photos(conn: Connection, actor: Actor, given: ReportIn) -> None:
    own = {
        photo.id
        for photo in await photo_store.photos(conn, actor.district, given.photos)
        if photo.person == actor.person and photo.report is None
    }
    for n, photo in enumerate(given.photos):
        if photo not in own:
            raise Refused("not_yours", f"$.photos[{n}]: photo {photo} is not an unused one of yours")


async def _near(conn: Connection, actor: Actor, kept: Report) -> list[Any]:
    return list(await report_store.near(conn, actor.district, kept.at, (kept.lat, kept.lon)))


async def _named(conn: Connection, actor: Actor, given: ReportIn) -> list[Found]:
    """The incident that the reporter says it belongs to; after a decision it is only proposed."""
    if given.incident is None:
        return []
    mine = await scope.of(conn, actor)
    if not await store.may_see(conn, actor.district, mine, given.incident):
        raise Refused("not_yours", f"$.incident: no incident {given.incident} that you may add to")
    number = IncidentId(given.incident)
    return [Found(incident=number, report=ReportId(0), likeness=NAMED, joins=True)]


async def _joining(tx: Tx, found: list[Found]) -> Incident | None:
    """The incident that is joined, held; not one that was decided while we looked."""
    if not found or not found[0].joins:
        return None
    incident = await steps.held(tx, found[0].incident)
    return None if incident.state in DECIDED else incident


async def _open(tx: Tx, actor: Actor, intake: Intake) -> Incident:
    kept = intake.kept
    incident = await store.insert_incident(tx.conn, tx.district, kept.kind, kept.at, intake.place)
    await _first_step(tx, actor, incident, kept.received_at)
    return incident


async def _first_step(tx: Tx, actor: Actor, incident: Incident, now: datetime) -> None:
    step = Transition(
        n=0, from_state=None, to_state=State.OPEN, at=now, actor=actor.person, actor_name=None, reason=""
    )
    await store.insert_transition(tx.conn, tx.district, incident.id, step)


async def _keep(tx: Tx, intake: Intake, incident: Incident, *, joined: bool) -> ReportId:
    """The report's rows: itself, who took part, its photos, how it was joined and what it was proposed to."""
    score = intake.found[0].likeness.score if joined else None
    kept = msgspec.structs.replace(intake.kept, incident=incident.id, link_score=score)
    number = await report_store.insert_report(tx.conn, tx.district, kept)
    await report_store.insert_participants(tx.conn, tx.district, number, intake.people)
    await photo_store.attach(tx.conn, tx.district, number, list(intake.given.photos))
    for one in intake.found:
        link = Link(
            id=0,
            report=number,
            incident=one.incident,
            state="joined" if one.incident == incident.id else "proposed",
            score=one.likeness.score,
            why=_why(one),
            at=kept.received_at,
            actor=kept.person if one.likeness is NAMED else None,
        )
        await report_store.insert_link(tx.conn, tx.district, link)
    return number


def _why(found: Found) -> dict[str, Any]:
    if found.likeness is NAMED:
        return {"named": True}
    return {"score": round(found.likeness.score, 3), "like": found.report, **found.likeness.why()}
