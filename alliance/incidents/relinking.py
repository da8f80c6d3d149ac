"""An officer's hand on the links: a report is moved to another incident, or parted from one."""

from datetime import datetime
from typing import Any, Literal

import msgspec

from alliance.actor import Actor
from alliance.errors import Refused, not_found
from alliance.events import Tx
from alliance.incidents import facts, report_store, states, steps, store
from alliance.incidents.linking import likeness
from alliance.incidents.model import DECIDED, Incident, Link, Place, Report, State, Transition
from alliance.incidents.reporting import place_of, sighting


class Relink(msgspec.Struct, frozen=True, kw_only=True):
    """Which report, and which version of the incident the officer saw, if that matters to the caller."""

    report: int
    version: int | None = None


async def link(tx: Tx, actor: Actor, number: int, given: Relink, now: datetime) -> Incident:
    """Move a report into an incident; the one it leaves stays, and is closed when it has no report left."""
    target, report = await _both(tx, actor, number, given)
    if report.incident == target.id:
        raise Refused("conflict", f"report {report.id} is in incident {target.id} already")
    await steps.seen(tx.conn, actor, report.incident)
    source = await steps.held(tx, report.incident)
    _must_be_open_to(target, DECIDED)
    _must_be_open_to(source, (State.CONFIRMED,))
    score = await _score(tx, report, target)
    await report_store.move_report(tx.conn, tx.district, report.id, target.id, score)
    why = {"by_hand": True, "from": source.id}
    await report_store.insert_link(
        tx.conn, tx.district, _link(actor, report, target, Verdict(state="joined", score=score, why=why), now)
    )
    await _leave(tx, actor, source, f"report {report.id} moved to incident {target.id}", now)
    target = await store.touch(tx.conn, tx.district, target.id)
    facts.linked(tx, actor, target, {"report": report.id, "score": score, **why}, now)
    return target


async def unlink(tx: Tx, actor: Actor, number: int, given: Relink, now: datetime) -> Incident:
    """Part a report from an incident, back to where it came from or into one of its own."""
    incident, report = await _both(tx, actor, number, given)
    links = await report_store.links(tx.conn, tx.district, incident.id)
    mine = [one for one in links if one.report == report.id and one.incident == incident.id]
    if report.incident != incident.id:
        if not mine or mine[-1].state != "proposed":
            raise Refused(
                "conflict", f"report {report.id} is neither in incident {number} nor proposed to it"
            )
        refused = _link(
            actor,
            report,
            incident,
            Verdict(state="refused", score=mine[-1].score, why={"by_hand": True}),
            now,
        )
        await report_store.insert_link(tx.conn, tx.district, refused)
        return await store.touch(tx.conn, tx.district, incident.id)
    _must_be_open_to(incident, (State.CONFIRMED,))
    if len(await report_store.reports(tx.conn, tx.district, incident.id)) == 1:
        raise Refused("conflict", f"report {report.id} is all that incident {number} has; strike it instead")
    former = next((one.why["from"] for one in reversed(mine) if "from" in one.why), None)
    home = await _home(tx, actor, report, former, now)
    await report_store.move_report(tx.conn, tx.district, report.id, home.id, None)
    why = {"by_hand": True, "to": home.id}
    await report_store.insert_link(
        tx.conn, tx.district, _link(actor, report, incident, Verdict(state="undone", score=0.0, why=why), now)
    )
    incident = await store.touch(tx.conn, tx.district, incident.id)
    facts.unlinked(tx, actor, incident, {"report": report.id, **why}, now)
    home = await store.settle_by_patrol(tx.conn, tx.district, home.id)
    return incident


async def _both(tx: Tx, actor: Actor, number: int, given: Relink) -> tuple[Incident, Report]:
    report = await report_store.report(tx.conn, tx.district, given.report)
    if report is None:
        raise not_found("report", given.report)
    for each in sorted({number, report.incident}):
        # By id, so that two officers who link the same two incidents wait instead of locking each other out.
        await store.lock_incident(tx.conn, tx.district, each)
    incident = await steps.locked(tx, actor, number)
    if given.version is not None:
        states.must_match(incident.version, given.version)
    report = await report_store.report(tx.conn, tx.district, given.report)
    if report is None:
        raise not_found("report", given.report)
    return incident, report


def _must_be_open_to(incident: Incident, shut: tuple[State, ...]) -> None:
    if incident.state in shut:
        raise Refused(
            "conflict",
            f"incident {incident.id} is {incident.state}: its reports are settled; strike it first",
        )


async def _score(tx: Tx, report: Report, target: Incident) -> float:
    """How like the report is to those already there; 0 where only the officer sees the likeness."""
    others = await report_store.reports(tx.conn, tx.district, target.id)
    found = [likeness(sighting(report), sighting(other)) for other in others]
    return max((one.score for one in found if one is not None), default=0.0)


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """What an officer made of a link."""

    state: Literal["joined", "refused", "undone"]
    score: float
    why: dict[str, Any]


def _link(actor: Actor, report: Report, incident: Incident, verdict: Verdict, now: datetime) -> Link:
    return Link(
        id=0,
        report=report.id,
        incident=incident.id,
        state=verdict.state,
        score=verdict.score,
        why=verdict.why,
        at=now,
        actor=actor.person,
    )


async def _leave(tx: Tx, actor: Actor, source: Incident, reason: str, now: datetime) -> None:
    left = await report_store.reports(tx.conn, tx.district, source.id)
    source = await store.touch(tx.conn, tx.district, source.id)
    facts.unlinked(tx, actor, source, {"reason": reason}, now)
    if not left and State.CLOSED in states.STEPS[source.state]:
        await steps.move(tx, actor.person, source, State.CLOSED, reason=reason, now=now)


async def _home(tx: Tx, actor: Actor, report: Report, former: int | None, now: datetime) -> Incident:
    """The empty incident that the report once opened, open again; or a new one."""
    if former is not None:
        old = await steps.held(tx, former)
        if old.state not in DECIDED and not await report_store.reports(tx.conn, tx.district, old.id):
            if old.state == State.CLOSED:
                reason = f"report {report.id} came back"
                return await steps.move(tx, actor.person, old, State.OPEN, reason=reason, now=now)
            return old
    place: Place = await place_of(tx.conn, actor, report.lat, report.lon)
    made = await store.insert_incident(tx.conn, tx.district, report.kind, report.at, place)
    step = Transition(
        n=0, from_state=None, to_state=State.OPEN, at=now, actor=actor.person, actor_name=None,
        reason=f"report {report.id} was parted from another incident",
    )  # fmt: skip
    await store.insert_transition(tx.conn, tx.district, made.id, step)
    facts.opened(tx, actor, made, [report.person], now)
    return made
