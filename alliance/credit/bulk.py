"""Credit for incidents of the past, day by day as they were confirmed: for a seeded district."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from zoneinfo import ZoneInfo

from alliance.actor import Code, PersonId
from alliance.credit import ledger, rulebook, rules, store
from alliance.credit.actions import reckoning
from alliance.credit.model import Draft, SourceKind
from alliance.credit.rules import RuleSet
from alliance.credit.store import Belonging
from alliance.events import Tx
from alliance.incidents.bulk import Past
from alliance.incidents.model import IncidentId
from alliance.times import duty_day

Own = dict[tuple[PersonId, Code | None], Belonging]


async def award_past(tx: Tx, past: Sequence[tuple[IncidentId, Past]], zone: ZoneInfo) -> int:
    """Returns the number of entries."""
    known = await rulebook.rule_sets(tx)
    asked = dict.fromkeys((person, one.place.beat) for _, one in past for person in one.people)
    own = await store.belongings(tx.conn, tx.district, list(asked))
    days: dict[date, list[tuple[IncidentId, Past]]] = defaultdict(list)
    for number, one in past:
        days[duty_day(one.confirmed_at, zone)].append((number, one))
    count = 0
    for _, confirmed in sorted(days.items()):
        drafts = [draft for number, one in confirmed for draft in _drafts(number, one, known, own, zone=zone)]
        count += len(await ledger.append(tx, drafts, max(one.confirmed_at for _, one in confirmed)))
    return count


def _drafts(number: IncidentId, one: Past, known: list[RuleSet], own: Own, *, zone: ZoneInfo) -> list[Draft]:
    day = duty_day(one.opened_at, zone)
    rule_set = rules.in_force(known, day)
    worth = rules.worth(rule_set.rules, [one.kind], one.opened_at, day, zone)
    note = reckoning(number, worth, len(one.people))
    return [
        Draft(
            person=person,
            organisation=own[person, one.place.beat].organisation,
            team=own[person, one.place.beat].team,
            grid=one.place.grid,
            beat=one.place.beat,
            station=one.place.station,
            town=one.place.town,
            duty_day=day,
            kind=worth.kind,
            amount=amount,
            rule_set=rule_set.version,
            source_kind=SourceKind.INCIDENT,
            source=number,
            actor=one.officer,
            note=note,
        )
        for person, amount in rules.shares(worth.amount, dict.fromkeys(one.people, 1)).items()
        if amount
    ]
