"""Settling a month: one cap entry for each person above the cap, moved when the month changes afterwards."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from alliance.actor import COMMAND, Actor, PersonId
from alliance.credit import ledger, rulebook, rules, store
from alliance.credit.model import CAP, Draft, Entry, SourceKind
from alliance.credit.rules import RuleSet
from alliance.errors import Refused
from alliance.events import Tx
from alliance.times import duty_day


def month_of(day: date) -> int:
    """202611 for a day of November 2026."""
    return day.year * 100 + day.month


def days_of(month: int) -> tuple[date, date]:
    """Its first and last day."""
    year, number = divmod(month, 100)
    if not (1 <= number <= 12 and 2000 <= year <= 9998):
        raise Refused("bad_request", f"month: {month} is none; write it like 202611")
    first = date(year, number, 1)
    return first, date(year + number // 12, number % 12 + 1, 1) - timedelta(days=1)


async def settle_month(tx: Tx, actor: Actor, month: int, now: datetime) -> list[Entry]:
    """Write the caps of a month that is over, once."""
    actor.must(*COMMAND)
    first, last = days_of(month)
    zone = ZoneInfo(await store.time_zone(tx.conn, tx.district))
    if duty_day(now, zone) <= last:
        raise Refused(
            "too_early", f"month: {month} is not over; settle it from {last + timedelta(days=1)} on"
        )
    await store.lock_head(tx.conn, tx.district)
    if await store.settled(tx.conn, tx.district, [month]):
        raise Refused("conflict", f"month: {month} is settled already")
    rule_set = rules.in_force(await rulebook.rule_sets(tx), last)
    await store.insert_settlement(tx.conn, tx.district, month, rule_set.version, (actor.person, now))
    sums = await store.month_sums(tx.conn, tx.district, (first, last), None)
    drafts = await _caps(tx, month, rule_set, sums, actor.person)
    return await ledger.append(tx, drafts, now)


async def append(tx: Tx, drafts: Sequence[Draft], now: datetime) -> list[Entry]:
    """Add entries, and where they fall in settled months move the caps of the people they are about."""
    entries = await ledger.append(tx, drafts, now)
    touched: dict[int, set[PersonId]] = {}
    for entry in entries:
        touched.setdefault(month_of(entry.duty_day), set()).add(entry.person)
    done = await store.settled(tx.conn, tx.district, list(touched))
    known = {one.version: one for one in await store.rule_sets(tx.conn, tx.district)} if done else {}
    moved: list[Draft] = []
    for month, version in sorted(done.items()):
        moved += await _moved(tx, month, known[version], touched[month])
    return entries + await ledger.append(tx, moved, now)


async def _moved(tx: Tx, month: int, rule_set: RuleSet, people: Iterable[PersonId]) -> list[Draft]:
    """Reversals of the caps that no longer fit, and the caps that do."""
    wanted = sorted(people)
    sums = await store.month_sums(tx.conn, tx.district, days_of(month), wanted)
    caps = await store.active(tx.conn, tx.district, SourceKind.MONTH, [month])
    old = {entry.person: entry for entry in caps if entry.person in sums}
    fits = {
        person
        for person in sums
        if rules.over_cap(rule_set.rules, sums[person]) == (old[person].amount if person in old else 0)
    }
    note = "封顶随当月变动重算 the cap moved with its month"
    undone = ledger.reversals([entry for person, entry in old.items() if person not in fits], None, note)
    changed = {person: amount for person, amount in sums.items() if person not in fits}
    return undone + await _caps(tx, month, rule_set, changed, None)


async def _caps(
    tx: Tx, month: int, rule_set: RuleSet, sums: dict[PersonId, int], actor: PersonId | None
) -> list[Draft]:
    over = {person: rules.over_cap(rule_set.rules, amount) for person, amount in sums.items()}
    capped = sorted(person for person, amount in over.items() if amount)
    belongings = await store.belongings(tx.conn, tx.district, [(person, None) for person in capped])
    return [
        Draft(
            person=person,
            organisation=belongings[person, None].organisation,
            team=belongings[person, None].team,
            duty_day=days_of(month)[1],
            kind=CAP,
            amount=over[person],
            rule_set=rule_set.version,
            source_kind=SourceKind.MONTH,
            source=month,
            actor=actor,
            note=f"月度封顶 monthly cap {month}: {sums[person] / 100:.2f} {over[person] / 100:.2f}",
        )
        for person in capped
    ]
