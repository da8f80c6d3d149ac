"""A draft takes the place of what is published for its days: only the differences change, and are told."""

from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import Meta

from alliance import events
from alliance.actor import Actor, Role
from alliance.errors import Refused
from alliance.events import Event, Tx
from alliance.rest import must_match
from alliance.roster import actions, adopt_store, assignment_store, changing, edit_store, store
from alliance.roster.edit_model import Changed, Done
from alliance.roster.model import Placed, Roster, RosterId, State


class Adoption(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The draft that is to hold from now on, and why those who were told otherwise are told anew."""

    draft: RosterId
    reason: Annotated[str, Meta(min_length=1, max_length=1000)]


def must_adopt(actor: Actor, have: Roster, draft: Roster, version: int) -> None:
    """Refuses early what `adopt` would refuse, before the checker takes its seconds."""
    actor.must(Role.ADMINISTRATOR, Role.COMMANDER)
    must_match(have.version, version)
    if have.state is not State.PUBLISHED or draft.state is not State.DRAFT:
        raise Refused("out_of_order", "draft: a draft can take the place of a published roster, nothing else")
    if (have.first_day, have.last_day) != (draft.first_day, draft.last_day):
        raise Refused("bad_request", "draft: give one of the same days as the published roster")


async def adopt(
    tx: Tx, actor: Actor, number: RosterId, given: Adoption, *, version: int, now: datetime
) -> Roster:
    """The draft was just checked; nothing that has begun may differ."""
    await changing.lock(tx)
    have = await actions.locked(tx, number)
    draft = await actions.locked(tx, given.draft)
    must_adopt(actor, have, draft, version)
    if draft.hard_violations != 0:
        raise Refused("rule_broken", f"roster {draft.id} breaks hard rules: make another draft")
    going = await adopt_store.only_in(tx.conn, tx.district, number, draft.id)
    coming = await adopt_store.only_in(tx.conn, tx.district, draft.id, number)
    await _must_be_ahead(tx, [*going, *coming], now)
    reason = given.reason.strip()
    await edit_store.cancel(tx.conn, tx.district, [row.id for row in going], reason, now)
    added = await adopt_store.bring(tx.conn, tx.district, [row.id for row in coming], number)
    terms = {name: draft.terms[name] - have.terms.get(name, 0.0) for name in draft.terms}
    await adopt_store.take_figures(tx.conn, tx.district, draft.id, number)
    await assignment_store.drop(tx.conn, tx.district, draft.id, pinned=True)
    await store.set_state(tx.conn, tx.district, draft.id, State.DISCARDED, actor=actor.person, now=now)
    done = Done(
        roster=number,
        version=have.version + 1,
        at=now,
        actor=actor.person,
        reason=reason,
        change=Changed(added=added, removed=going),
        terms=terms,
    )
    await edit_store.insert(tx.conn, tx.district, done)
    _record(tx, done)
    return await actions.known(tx.conn, tx.district, number)


async def _must_be_ahead(tx: Tx, rows: list[Placed], now: datetime) -> None:
    late = await adopt_store.begun(tx.conn, tx.district, [row.id for row in rows], now)
    if late:
        raise Refused(
            "too_late", f"draft: {late} of the duties that differ have begun; pin what has begun, draft again"
        )


def _record(tx: Tx, done: Done) -> None:
    added, removed = done.change.added, done.change.removed
    people = sorted({row.person for row in (*added, *removed)})
    data = {
        "roster": done.roster,
        "version": done.version,
        "added": len(added),
        "removed": len(removed),
    }
    for begin in range(0, max(len(people), 1), actions.NOTICE):
        part = tuple(people[begin : begin + actions.NOTICE])
        events.record(tx, Event(kind="roster_edited", at=done.at, actor=done.actor, people=part, data=data))
