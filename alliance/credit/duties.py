"""Credit for hours on duty: by their proof, once, corrected when late messages change what was served."""

from collections.abc import Sequence
from datetime import datetime

from alliance.actor import COMMAND, Actor, PersonId, Role
from alliance.credit import duty_store, months, rulebook, rules, store
from alliance.credit.ledger import reversals
from alliance.credit.model import DUTY, Draft, Duty, Entry, Grade, SourceKind
from alliance.credit.rules import RuleSet
from alliance.credit.store import Around, Belonging
from alliance.errors import Refused, not_found
from alliance.events import Tx
from alliance.patrol.spans import duty_spans
from alliance.times import from_ms

AT_ONCE = 500
GRADES = {Grade.TRACKED: "轨迹 tracked", Grade.ATTESTED: "见证 attested", Grade.GRANTED: "核准 granted"}


async def credit_duty(tx: Tx, duty: Duty, now: datetime, actor: PersonId | None = None) -> list[Entry]:
    """Bring the ledger in step with one duty."""
    return await credit_duties(tx, [duty], now, actor)


async def credit_duties(
    tx: Tx, duties: Sequence[Duty], now: datetime, actor: PersonId | None = None
) -> list[Entry]:
    """Bring the ledger in step with those duties: nothing where it is, else reversals and new entries.

    What a person credited by hand, time doesn't undo.
    """
    await store.lock_head(tx.conn, tx.district)
    old = await store.active(
        tx.conn, tx.district, SourceKind.ASSIGNMENT, [duty.assignment for duty in duties]
    )
    before = {entry.source: entry for entry in old}
    belongings = await store.belongings(tx.conn, tx.district, [(duty.person, duty.beat) for duty in duties])
    around = await store.around(tx.conn, tx.district, sorted({duty.beat for duty in duties}))
    known = await rulebook.rule_sets(tx)
    drafts: list[Draft] = []
    for duty in duties:
        rule_set = rules.in_force(known, duty.duty_day)
        own, place = belongings[duty.person, duty.beat], around.get(duty.beat)
        new = _draft(duty, rule_set, own=own, around=place, actor=actor)
        drafts += _correction(before.get(duty.assignment), new, actor)
    return await months.append(tx, drafts, now)


def _correction(before: Entry | None, new: Draft, actor: PersonId | None) -> list[Draft]:
    fresh = [new] if new.amount else []
    if before is None:
        return fresh
    if before.amount == new.amount or (actor is None and before.actor is not None):
        return []
    return [*reversals([before], actor, "值勤时段更正 what was served was corrected"), *fresh]


def worth(given: rules.Rules, duty: Duty) -> int:
    """0 without proof, and for an automatic check-out that nobody attested."""
    if duty.grade is None or (duty.auto and duty.grade == Grade.TRACKED):
        return 0
    return rules.duty_amount(given, duty.spans, duty.grade)


async def attest(tx: Tx, actor: Actor, assignment: int, now: datetime) -> list[Entry]:
    """An officer says that a duty was served as checked in and out; an administrator's word is `granted`."""
    found = await duty_store.served(tx.conn, tx.district, [assignment])
    if not found:
        raise not_found("served duty", assignment)
    one = found[0]
    actor.must(*COMMAND, Role.CHIEF, Role.OFFICER, Role.LEAD, beat=one.beat)
    if one.person == actor.person:
        raise Refused("rule_broken", "nobody attests the own duty; ask another officer")
    if one.ends_at > now:
        raise Refused("too_early", "the shift has not ended; attest it afterwards")
    grade = Grade.GRANTED if actor.has(Role.ADMINISTRATOR) else Grade.ATTESTED
    return await credit_duty(tx, _duty(one, (), by_hand=grade), now, actor.person)


async def credit_ended(tx: Tx, now: datetime) -> int:
    """Credit duties that ended or changed since they were looked at; how many, so call it until 0."""
    due = await duty_store.due(tx.conn, tx.district, now, AT_ONCE)
    if not due:
        return 0
    served = await duty_store.served(tx.conn, tx.district, due)
    visits = await duty_store.visits(tx.conn, tx.district, served)
    duties = [_duty(one, visits.get(one.assignment, ())) for one in served]
    await credit_duties(tx, duties, now)
    await duty_store.reckoned(tx.conn, tx.district, due, now)
    return len(due)


def _duty(one: duty_store.Served, visits: Sequence[tuple[int, int]], by_hand: Grade | None = None) -> Duty:
    """Spans that nobody closed and nobody vouches for are left out, the rest is graded."""
    closed = [span for span in duty_spans(one.marks) if span.to_at is not None]
    kept = [span for span in closed if by_hand or span.attested or not span.auto]
    spans = tuple((from_ms(span.from_at), from_ms(span.to_at or 0)) for span in kept)
    tracked = [(from_ms(start), from_ms(end)) for start, end in visits]
    attested = bool(kept) and all(span.attested for span in kept)
    return Duty(
        assignment=one.assignment,
        person=one.person,
        beat=one.beat,
        duty_day=one.duty_day,
        spans=spans,
        grade=by_hand or rules.grade(spans, tracked, attested=attested),
    )


def _draft(
    duty: Duty, rule_set: RuleSet, *, own: Belonging, around: Around | None, actor: PersonId | None
) -> Draft:
    hours = rules.served(duty.spans).total_seconds() / 3600
    return Draft(
        person=duty.person,
        organisation=own.organisation,
        team=own.team,
        beat=duty.beat,
        station=around.station if around else None,
        town=around.town if around else None,
        duty_day=duty.duty_day,
        kind=DUTY,
        amount=worth(rule_set.rules, duty),
        rule_set=rule_set.version,
        source_kind=SourceKind.ASSIGNMENT,
        source=duty.assignment,
        actor=actor,
        note=f"值勤 duty {hours:.2f} h · {GRADES[duty.grade]}" if duty.grade else "",
    )
