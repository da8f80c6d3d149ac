"""The rule sets of a district: the first comes by itself, a later one begins on a day to come."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import msgspec

from alliance import events
from alliance.actor import Actor, Role
from alliance.credit import store
from alliance.credit.rules import FIRST, Rules, RuleSet
from alliance.db.pool import Connection
from alliance.errors import Refused
from alliance.events import Event, Tx
from alliance.times import duty_day

SINCE = date(2000, 1, 1)


class NewRules(msgspec.Struct, frozen=True, kw_only=True):
    starts_on: date
    rules: Rules


def _first() -> RuleSet:
    return RuleSet(version=1, starts_on=SINCE, rules=FIRST)


async def known(conn: Connection, actor: Actor) -> list[RuleSet]:
    """What is in force or will be, for everyone to read."""
    return await store.rule_sets(conn, actor.district) or [_first()]


async def rule_sets(tx: Tx) -> list[RuleSet]:
    """All of them; a district without any gets the first."""
    found = await store.rule_sets(tx.conn, tx.district)
    if found:
        return found
    await store.insert_rule_set(tx.conn, tx.district, _first())
    return await store.rule_sets(tx.conn, tx.district)


async def add(tx: Tx, actor: Actor, given: NewRules, now: datetime) -> RuleSet:
    """Rules from a day to come on; what has begun stays as it is."""
    actor.must(Role.ADMINISTRATOR)
    await store.lock_rule_sets(tx.conn, tx.district)
    known = await rule_sets(tx)
    zone = ZoneInfo(await store.time_zone(tx.conn, tx.district))
    if given.starts_on <= duty_day(now, zone):
        raise Refused(
            "rule_broken", "starts_on: new rules begin tomorrow at the earliest; old days keep theirs"
        )
    if any(one.starts_on == given.starts_on for one in known):
        raise Refused("conflict", f"starts_on: other rules begin on {given.starts_on} already")
    made = RuleSet(
        version=max(one.version for one in known) + 1, starts_on=given.starts_on, rules=given.rules
    )
    await store.insert_rule_set(tx.conn, tx.district, made)
    data = {"version": made.version, "starts_on": made.starts_on.isoformat()}
    events.record(tx, Event(kind="rules_added", at=now, actor=actor.person, data=data))
    return made
