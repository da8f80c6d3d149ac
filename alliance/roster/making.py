"""A draft from its order to its end: begun, stopped with the best so far, begun again, reported lost."""

from datetime import datetime

from alliance import events
from alliance.actor import Actor, DistrictId, PersonId, Role
from alliance.db.pool import Connection
from alliance.errors import Refused
from alliance.events import Event, Tx
from alliance.rest import must_match
from alliance.roster import actions, assignment_store, store
from alliance.roster.model import NewRoster, Roster, RosterId, State
from alliance.times import to_ms
from scheduler.problem import Weights

LONGEST = 56
# What the solver holds in memory at once: the district's force for two weeks.
MOST_PERSON_DAYS = 420_000


async def draft(tx: Tx, actor: Actor, new: NewRoster, now: datetime) -> Roster:
    """Begin a draft; a worker of its own process fills it."""
    actor.must(Role.ADMINISTRATOR, Role.COMMANDER)
    return await begin(tx, new, actor.person, now)


async def begin(tx: Tx, new: NewRoster, by: PersonId | None, now: datetime) -> Roster:
    days = (new.last_day - new.first_day).days + 1
    if not 1 <= days <= LONGEST:
        raise Refused("bad_request", f"last_day: a roster has 1 to {LONGEST} days")
    await _must_fit(tx, days)
    _must_weigh(new)
    await _must_be_there(tx, new)
    await actions.ensure_shifts(tx, new.first_day, new.last_day, now)
    number = await store.insert_roster(tx.conn, tx.district, new, by, now)
    if new.pins_from is not None:
        await assignment_store.copy_pins(tx.conn, tx.district, new.pins_from, number)
    events.record(tx, Event(kind="roster_begun", at=now, actor=by, data={"roster": number}))
    return await actions.known(tx.conn, tx.district, number)


async def _must_fit(tx: Tx, days: int) -> None:
    people = await store.force(tx.conn, tx.district)
    if people * days > MOST_PERSON_DAYS and days > 1:
        most = max(1, MOST_PERSON_DAYS // people)
        raise Refused("bad_request", f"last_day: with {people} people a roster has at most {most} days")


def _must_weigh(new: NewRoster) -> None:
    known = set(Weights.__struct_fields__)
    for name in new.weights:
        if name not in known:
            raise Refused("bad_request", f"weights.{name}: give one of {', '.join(sorted(known))}")


async def _must_be_there(tx: Tx, new: NewRoster) -> None:
    for field, number in (("pins_from", new.pins_from), ("stable_to", new.stable_to)):
        other = None if number is None else await store.roster(tx.conn, tx.district, number)
        if number is not None and (other is None or other.state not in (State.DRAFT, State.PUBLISHED)):
            raise Refused("bad_request", f"{field}: give a draft or a published roster")


async def discard(tx: Tx, actor: Actor, number: RosterId, version: int | None, now: datetime) -> Roster:
    """Throw a draft away, or stop one that is still being made."""
    actor.must(Role.ADMINISTRATOR, Role.COMMANDER)
    have = await actions.locked(tx, number)
    if version is not None:
        must_match(have.version, version)
    if have.state in (State.PUBLISHED, State.DISCARDED):
        raise Refused("out_of_order", f"roster {number} is {have.state.value} and stays so")
    await assignment_store.drop(tx.conn, tx.district, number, pinned=True)
    await store.set_state(tx.conn, tx.district, number, State.DISCARDED, actor=actor.person, now=now)
    events.record(tx, Event(kind="roster_discarded", at=now, actor=actor.person, data={"roster": number}))
    return await actions.known(tx.conn, tx.district, number)


async def stop(tx: Tx, actor: Actor, number: RosterId, now: datetime) -> Roster:
    """End the search and keep the best so far as the draft."""
    actor.must(Role.ADMINISTRATOR, Role.COMMANDER)
    have = await actions.locked(tx, number)
    if have.state is not State.SOLVING:
        raise Refused("out_of_order", f"roster {number} is {have.state.value}; nothing is being computed")
    await store.ask_to_stop(tx.conn, tx.district, number)
    events.record(tx, Event(kind="roster_stopped", at=now, actor=actor.person, data={"roster": number}))
    return await actions.known(tx.conn, tx.district, number)


async def begin_again(tx: Tx, actor: Actor, number: RosterId, now: datetime) -> Roster:
    """What broke off, from its beginning, with the same wishes and pins."""
    actor.must(Role.ADMINISTRATOR, Role.COMMANDER)
    have = await actions.locked(tx, number)
    if have.state is not State.FAILED:
        raise Refused(
            "out_of_order", f"roster {number} is {have.state.value}; only a failed one begins again"
        )
    await store.begin_again(tx.conn, tx.district, number, to_ms(now))
    events.record(tx, Event(kind="roster_begun", at=now, actor=actor.person, data={"roster": number}))
    return await actions.known(tx.conn, tx.district, number)


async def mark_lost(tx: Tx, number: RosterId, why: str, now: datetime) -> bool:
    """Report a roster whose worker is gone; nothing half-made stays behind, but what was pinned."""
    if not await store.fail(tx.conn, tx.district, number, why):
        return False
    await assignment_store.drop(tx.conn, tx.district, number, pinned=False)
    events.record(
        tx, Event(kind="roster_failed", at=now, actor=None, data={"roster": number, "problem": why})
    )
    return True


async def silent(conn: Connection, now: datetime, patience_s: int = 45) -> list[tuple[DistrictId, RosterId]]:
    return await store.silent(conn, to_ms(now) - patience_s * 1000)
