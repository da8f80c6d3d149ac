"""Credit for being on call at home: by the hour, once, when the shift is over."""

from datetime import datetime

from alliance.credit import months, rulebook, rules, standby_store, store
from alliance.credit.model import STANDBY, Draft, SourceKind
from alliance.credit.standby_store import Served
from alliance.events import Tx

AT_ONCE = 500


async def credit_ended(tx: Tx, now: datetime) -> int:
    """How many, so call it until 0."""
    await store.lock_head(tx.conn, tx.district)
    due = await standby_store.due(tx.conn, tx.district, now, AT_ONCE)
    if not due:
        return 0
    known = await rulebook.rule_sets(tx)
    belongings = await store.belongings(tx.conn, tx.district, [(one.person, None) for one in due])
    drafts = [_draft(one, rules.in_force(known, one.duty_day), belongings[one.person, None]) for one in due]
    await months.append(tx, [draft for draft in drafts if draft.amount], now)
    await standby_store.credited(tx.conn, tx.district, [one.id for one in due], now)
    return len(due)


def _draft(one: Served, rule_set: rules.RuleSet, own: store.Belonging) -> Draft:
    hours = (one.ends_at - one.starts_at).total_seconds() / 3600
    return Draft(
        person=one.person,
        organisation=own.organisation,
        team=own.team,
        town=one.town,
        duty_day=one.duty_day,
        kind=STANDBY,
        amount=rules.standby_amount(rule_set.rules, one.starts_at, one.ends_at),
        rule_set=rule_set.version,
        source_kind=SourceKind.STANDBY,
        source=one.id,
        actor=None,
        note=f"待命 on call {hours:.2f} h",
    )
