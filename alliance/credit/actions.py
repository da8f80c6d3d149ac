"""What may happen to credit: confirmed and struck with their incident, granted, contested."""

from datetime import date, datetime
from typing import Annotated
from zoneinfo import ZoneInfo

import msgspec

from alliance import events
from alliance.actor import Actor, PersonId, Role
from alliance.credit import contest_store, ledger, months, rulebook, rules, store
from alliance.credit.duties import attest, credit_duties, credit_duty, credit_ended
from alliance.credit.ledger import verify
from alliance.credit.model import GRANT, Contest, Draft, Entry, SourceKind
from alliance.credit.months import settle_month
from alliance.credit.rules import Worth
from alliance.credit.scope import scope_of
from alliance.errors import Refused, not_found
from alliance.events import Event, Tx
from alliance.incidents import actions as incidents
from alliance.incidents.model import Incident, IncidentId, State
from alliance.times import duty_day

__all__ = [
    "answer", "attest", "award", "confirm", "contest", "credit_duties", "credit_duty", "credit_ended",
    "grant", "settle_month", "strike", "verify",
]  # fmt: skip

KINDS = {
    "incident": "协助处置", "arrest": "协助抓获", "dispute": "矛盾纠纷", "publicity": "平安宣讲",
    "hazard": "隐患", "lead": "线索", "lost_person": "走失人员", "medical": "医疗救助", "fire": "火情",
}  # fmt: skip
REASONS = {"night": "夜间 night", "holiday": "节假日 holiday", "": ""}


class Grant(msgspec.Struct, frozen=True, kw_only=True):
    """Points given by hand, in hundredths; negative ones take some back."""

    person: Annotated[int, msgspec.Meta(ge=0, le=2**53)]
    amount: Annotated[int, msgspec.Meta(ge=-1_000_000, le=1_000_000)]
    duty_day: date
    reason: Annotated[str, msgspec.Meta(min_length=1, max_length=500)]


async def confirm(tx: Tx, actor: Actor, number: int, *, version: int, reason: str, now: datetime) -> Incident:
    """An officer says that it was so: everyone who took part is credited, in the same transaction."""
    moved = await incidents.transition(
        tx, actor, number, State.CONFIRMED, version=version, reason=reason, now=now
    )
    people = await incidents.participants(tx.conn, tx.district, moved)
    if actor.person in people:
        raise Refused("rule_broken", "you took part in this incident; another officer must confirm it")
    await award(tx, actor, moved, reason, now)
    return moved


async def strike(tx: Tx, actor: Actor, number: int, *, version: int, reason: str, now: datetime) -> Incident:
    """An officer says that it was not so: what it brought is reversed."""
    moved = await incidents.transition(
        tx, actor, number, State.STRUCK, version=version, reason=reason, now=now
    )
    await store.lock_head(tx.conn, tx.district)
    old = await store.active(tx.conn, tx.district, SourceKind.INCIDENT, [moved.id])
    note = " · ".join(part for part in (f"撤销 struck #{moved.id}", reason) if part)
    await months.append(tx, ledger.reversals(old, actor.person, note), now)
    return moved


async def award(tx: Tx, actor: Actor, incident: Incident, reason: str, now: datetime) -> list[Entry]:
    """Share an incident's amount among everyone who took part."""
    zone = ZoneInfo(await store.time_zone(tx.conn, tx.district))
    reported_on = await store.incident_day(tx.conn, tx.district, incident.id)
    day = reported_on or duty_day(incident.opened_at, zone)
    rule_set = rules.in_force(await rulebook.rule_sets(tx), day)
    kinds = await incidents.kinds(tx.conn, tx.district, incident)
    worth = rules.worth(rule_set.rules, kinds, incident.opened_at, day, zone)
    people = await incidents.participants(tx.conn, tx.district, incident)
    own = await store.belongings(tx.conn, tx.district, [(person, incident.beat) for person in people])
    note = " · ".join(part for part in (reckoning(incident.id, worth, len(people)), reason) if part)
    drafts = [
        Draft(
            person=person,
            organisation=own[person, incident.beat].organisation,
            team=own[person, incident.beat].team,
            grid=incident.grid,
            beat=incident.beat,
            station=incident.station,
            town=incident.town,
            duty_day=day,
            kind=worth.kind,
            amount=amount,
            rule_set=rule_set.version,
            source_kind=SourceKind.INCIDENT,
            source=incident.id,
            actor=actor.person,
            note=note,
        )
        for person, amount in rules.shares(worth.amount, dict.fromkeys(people, 1)).items()
        if amount
    ]
    return await months.append(tx, drafts, now)


async def grant(tx: Tx, actor: Actor, given: Grant, now: datetime) -> Entry:
    """Points that follow from nothing else; the reason is everyone's to read who sees the entry."""
    actor.must(Role.ADMINISTRATOR)
    if given.person == actor.person:
        raise Refused("rule_broken", "person: nobody grants points to oneself; ask another administrator")
    if given.amount == 0:
        raise Refused("bad_request", "amount: 0 changes nothing")
    person = PersonId(given.person)
    own = await store.belongings(tx.conn, tx.district, [(person, None)])
    if (person, None) not in own:
        raise not_found("person", person)
    head = await store.lock_head(tx.conn, tx.district)
    draft = Draft(
        person=person,
        organisation=own[person, None].organisation,
        team=own[person, None].team,
        duty_day=given.duty_day,
        kind=GRANT,
        amount=given.amount,
        rule_set=rules.in_force(await rulebook.rule_sets(tx), given.duty_day).version,
        source_kind=SourceKind.GRANT,
        source=head.n + 1,
        actor=actor.person,
        note=given.reason,
    )
    return (await months.append(tx, [draft], now))[0]


async def contest(tx: Tx, actor: Actor, n: int, text: str, now: datetime) -> Contest:
    """Say what is wrong with an own entry; once until it is answered."""
    entry = await store.entry(tx.conn, tx.district, n)
    if entry is None or entry.person != actor.person:
        raise not_found("own entry", n)
    if await contest_store.is_open(tx.conn, tx.district, n):
        raise Refused("conflict", f"entry {n} is contested already; wait for the answer")
    number = await contest_store.insert(tx.conn, tx.district, entry, text, now)
    _tell(tx, "contested", actor, entry, more={"contest": number}, now=now)
    return await contest_store.contest(tx.conn, tx.district, number)


async def answer(tx: Tx, actor: Actor, number: int, *, upheld: bool, text: str, now: datetime) -> Contest:
    """Answer a contest; where it is upheld, the remedy is striking, confirming anew, attesting or a grant."""
    found = await contest_store.lock(tx.conn, tx.district, number)
    entry = await store.entry(tx.conn, tx.district, found.n) if found else None
    if found is None or entry is None or not scope_of(actor).holds(entry):
        raise not_found("contest", number)
    actor.must(Role.ADMINISTRATOR, Role.COMMANDER, Role.CHIEF, Role.OFFICER, beat=entry.beat)
    if entry.person == actor.person:
        raise Refused("rule_broken", "nobody answers the own contest; ask another officer")
    if found.answered_at is not None:
        raise Refused("out_of_order", f"contest {number} is answered already")
    await contest_store.set_answer(tx.conn, tx.district, found.id, (actor.person, now, text, upheld))
    _tell(tx, "contest_answered", actor, entry, more={"contest": number, "upheld": upheld}, now=now)
    return await contest_store.contest(tx.conn, tx.district, number)


def reckoning(number: IncidentId, worth: Worth, people: int) -> str:
    """How the amount came about, in both languages and in numbers."""
    times = f" × {worth.percent / 100:g} ({REASONS[worth.reason]})" if worth.reason else ""
    shared = f" ÷ {people} 人 people" if people > 1 else ""
    return f"{KINDS[worth.kind]} {worth.kind} #{number}: {worth.base / 100:.2f}{times}{shared}"


def _tell(tx: Tx, kind: str, actor: Actor, entry: Entry, *, more: dict[str, object], now: datetime) -> None:
    areas = tuple(code for code in (entry.town, entry.station, entry.beat, entry.grid) if code)
    events.record(
        tx,
        Event(
            kind=kind,
            at=now,
            actor=actor.person,
            areas=areas,
            people=(entry.person,),
            organisation=entry.organisation,
            data={"n": entry.n, "person": entry.person, **more},
        ),
    )
