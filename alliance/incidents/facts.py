"""The events of this package, each made in one place."""

from datetime import datetime
from typing import Any

from alliance import events
from alliance.actor import Actor, OrganisationId, PersonId
from alliance.events import Event, Tx
from alliance.incidents.model import Dispatch, Incident, Report, State
from alliance.times import to_ms


def summary(incident: Incident) -> dict[str, Any]:
    """What every event about an incident carries."""
    return {
        "incident": incident.id,
        "kind": incident.kind,
        "state": incident.state,
        "beat": incident.beat,
        "lat": incident.lat,
        "lon": incident.lon,
        "opened_at": to_ms(incident.opened_at),
        "version": incident.version,
    }


def opened(tx: Tx, actor: Actor, incident: Incident, people: list[PersonId], now: datetime) -> None:
    _record(tx, "incident_opened", actor.person, incident, now, people=people)


def changed(
    tx: Tx, actor: PersonId | None, incident: Incident, before: State, *, reason: str, people: list[PersonId],
    now: datetime,
) -> None:  # fmt: skip
    more = {"from": before, "to": incident.state, "reason": reason}
    _record(tx, "incident_changed", actor, incident, now, people=people, more=more)


def reported(tx: Tx, actor: Actor, report: Report, incident: Incident, people: list[PersonId]) -> None:
    place = {"lat": report.lat, "lon": report.lon, "at": to_ms(report.at), "person": actor.person}
    more = {"report": report.id, "kind": report.kind, **place}
    now, own = report.received_at, actor.organisation
    _record(tx, "reported", actor.person, incident, now, people=people, more=more, organisation=own)


def linked(tx: Tx, actor: Actor, incident: Incident, more: dict[str, Any], now: datetime) -> None:
    _record(tx, "linked", actor.person, incident, now, people=[], more=more)


def unlinked(tx: Tx, actor: Actor, incident: Incident, more: dict[str, Any], now: datetime) -> None:
    _record(tx, "unlinked", actor.person, incident, now, people=[], more=more)


def dispatched(tx: Tx, order: Dispatch, incident: Incident, now: datetime) -> None:
    more = {"dispatch": order.id, "person": order.person, "expires_at": to_ms(order.expires_at)}
    _record(tx, "dispatched", order.ordered_by, incident, now, people=[order.person], more=more)


def answered(tx: Tx, order: Dispatch, incident: Incident, reply: str, now: datetime) -> None:
    more = {"dispatch": order.id, "person": order.person, "reply": reply}
    actor = order.person if reply not in ("expired", "withdrawn") else None
    _record(tx, "answered", actor, incident, now, people=[order.person], more=more)


def _record(
    tx: Tx, kind: str, actor: PersonId | None, incident: Incident, now: datetime, *,
    people: list[PersonId], more: dict[str, Any] | None = None, organisation: OrganisationId | None = None,
) -> None:  # fmt: skip
    events.record(
        tx,
        Event(
            kind=kind,
            at=now,
            actor=actor,
            areas=incident.areas,
            people=tuple(people),
            organisation=organisation,
            data={**summary(incident), **(more or {})},
        ),
    )
