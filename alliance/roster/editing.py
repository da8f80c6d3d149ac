"""A roster changed by hand: scored at once, refused where it breaks a rule, kept with who, why and what."""

from datetime import datetime
from typing import Any

import msgspec

from alliance import events
from alliance.actor import Actor
from alliance.areas.places import Places
from alliance.db.pool import Connection
from alliance.errors import Refused, not_found
from alliance.events import Event, Tx
from alliance.roster import asked, edit_shown, edit_store, store
from alliance.roster.edit_model import Changed, Done, Edit, Edited
from alliance.roster.edit_plan import MAY, Plan, planned
from alliance.roster.edit_store import Coming
from alliance.roster.model import Placed, Roster, RosterId, State
from alliance.roster.narrow import narrow
from alliance.roster.narrow_store import Scope
from alliance.roster.scored import Scored, changed, score
from scheduler import problem as ask

# Changes named to one who comes too late.
TOLD = 20


async def try_edit(
    conn: Connection, actor: Actor, places: Places, number: RosterId, edit: Edit, *, now: datetime
) -> Edited:
    """What the edit would do; nothing changes."""
    have = await store.roster(conn, actor.district, number)
    if have is None:
        raise not_found("roster", number)
    plan = await planned(conn, actor, have, edit, now)
    scored = await _weighed(conn, places, have, plan)
    names = await edit_store.names(conn, actor.district, _concerned(scored))
    return edit_shown.edited(have, plan, scored, names=names, added=None)


async def edit(
    tx: Tx, actor: Actor, places: Places, number: RosterId, edit: Edit, *, version: int, now: datetime
) -> Edited:
    actor.must(*MAY)
    have = await store.locked(tx.conn, tx.district, number)
    if have is None:
        raise not_found("roster", number)
    await _must_match(tx, actor, have, version)
    plan = await planned(tx.conn, actor, have, edit, now)
    # Two rosters may plan the same person on days that follow each other.
    await edit_store.hold_people(tx.conn, tx.district, plan.people)
    scored = await _weighed(tx.conn, places, have, plan)
    names = await edit_store.names(tx.conn, tx.district, _concerned(scored))
    if scored.broken:
        raise _refusal(scored, names)
    added = await _write(tx, actor, have, plan, scored, now=now)
    return edit_shown.edited(have, plan, scored, names=names, added=added)


async def edits(conn: Connection, actor: Actor, number: RosterId, *, before: int, limit: int) -> list[Done]:
    """What was changed by hand, newest first."""
    actor.must(*MAY[:2])
    return await edit_store.listed(conn, actor.district, number, before=before, limit=limit)


async def _must_match(tx: Tx, actor: Actor, have: Roster, version: int) -> None:
    """Names what others did since the version that was read."""
    if have.version == version:
        return
    since = await edit_store.since(tx.conn, tx.district, have.id, version, TOLD)
    if not actor.is_command():
        since = [msgspec.structs.replace(done, reason="") for done in since]
    raise Refused(
        "stale_version",
        f"it was changed meanwhile: version {have.version}, not {version}; look at `changed` and try again",
        version=have.version,
        changed=msgspec.to_builtins(since),
    )


async def _weighed(conn: Connection, places: Places, have: Roster, plan: Plan) -> Scored:
    scope = Scope(
        draft=None if have.state is State.PUBLISHED else have.id,
        first_day=have.first_day,
        last_day=have.last_day,
    )
    prices = asked.weights(have.weights)
    small = await narrow(conn, places, scope, people=plan.people, at=plan.spots, weights=prices)
    gone = {_asked(row) for row in plan.removed}
    coming = [asked.assignment(one.person, one.post, one.shift) for one in plan.edit.add]
    for n, one in enumerate(coming):
        if one in small.rows and one not in gone:
            raise Refused("bad_request", f"add[{n}]: person {one.person} stands there already")
    after = changed(small.standing, drop=gone, add=coming)
    return score(small.problem, small.standing, after, then=_repinned(small.problem, plan))


def _repinned(problem: ask.Problem, plan: Plan) -> ask.Problem:
    """What is pinned stays, unless it is loosened in the same edit."""
    loosened = {_asked(row) for row in plan.unpinned}
    kept = (one for one in problem.pinned if one not in loosened)
    return msgspec.structs.replace(problem, pinned=(*kept, *(_asked(row) for row in plan.pinned)))


def _asked(row: Placed) -> ask.Assignment:
    return asked.assignment(row.person, row.post, row.shift)


def _concerned(scored: Scored) -> set[int]:
    return {person for found in (*scored.broken, *scored.mended) for person in found.people}


def _refusal(scored: Scored, names: dict[int, str]) -> Refused:
    first = scored.broken[0]
    who = ", ".join(names.get(person, str(person)) for person in first.people)
    figures = ", ".join(f"{name} {value}" for name, value in first.explanation.items() if value is not None)
    more = f" (and {len(scored.broken) - 1} more)" if len(scored.broken) > 1 else ""
    return Refused(
        "rule_broken",
        f"{first.rule.value} for {who}: {figures}{more}; choose someone else or another shift",
        violations=msgspec.to_builtins([edit_shown.found(one, names) for one in scored.broken]),
    )


async def _write(
    tx: Tx, actor: Actor, have: Roster, plan: Plan, scored: Scored, *, now: datetime
) -> list[Placed]:
    edit, published = plan.edit, have.state is State.PUBLISHED
    gone = [row.id for row in plan.removed]
    if published:
        await edit_store.cancel(tx.conn, tx.district, gone, edit.reason.strip(), now)
    else:
        await edit_store.remove(tx.conn, tx.district, gone)
    await edit_store.pin(tx.conn, tx.district, edit.pin, pinned=True)
    await edit_store.pin(tx.conn, tx.district, edit.unpin, pinned=False)
    coming = [msgspec.convert(one, Coming, from_attributes=True) for one in edit.add]
    why = _why(scored)
    added = await edit_store.add(tx.conn, tx.district, have.id, coming, published=published, why=why)
    await edit_store.put_shortfalls(tx.conn, tx.district, have.id, edit_shown.lacks(scored))
    after = edit_shown.standing(have, plan, scored, dry=False)
    await edit_store.rescore(
        tx.conn,
        tx.district,
        have.id,
        after,
        violations=scored.violations,
        assignments=len(added) - len(gone),
    )
    change = Changed(added=added, removed=plan.removed, pinned=edit.pin, unpinned=edit.unpin)
    done = Done(
        roster=have.id,
        version=after.version,
        at=now,
        actor=actor.person,
        reason=edit.reason.strip(),
        change=change,
        terms=scored.change,
    )
    await edit_store.insert(tx.conn, tx.district, done)
    _record(tx, plan, done, published=published)
    return added


def _why(scored: Scored) -> dict[str, Any]:
    terms = {name: round(value, 4) for name, value in scored.change.items() if abs(value) > 5e-5}
    return {"by_hand": True, "value": round(scored.value, 4), "terms": terms}


def _record(tx: Tx, plan: Plan, done: Done, *, published: bool) -> None:
    """Of a draft nobody but command hears; of what is published, those whose duties change."""
    moved = (*done.change.added, *done.change.removed)
    people = tuple(sorted({row.person for row in moved})) if published else ()
    beats = tuple(sorted({plan.posts[row.post].beat for row in moved})) if published else ()
    data = {
        "roster": done.roster,
        "version": done.version,
        "added": len(done.change.added),
        "removed": len(done.change.removed),
    }
    events.record(
        tx, Event(kind="roster_edited", at=done.at, actor=done.actor, people=people, areas=beats, data=data)
    )
