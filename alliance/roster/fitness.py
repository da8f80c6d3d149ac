"""People change and papers run out: duties that somebody may no longer do fall out, and leave holes."""

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime

import msgspec

from alliance.actor import Actor, OrganisationId, PersonId
from alliance.areas.places import Places
from alliance.db.pool import Connection
from alliance.events import Tx
from alliance.roster import absences, changing, hole_store, judging, unfit_store
from alliance.roster.hole_model import Cause, HoleId
from alliance.roster.unfit import Fallen, fallen
from alliance.times import to_ms
from scheduler.problem import Certificate, Person
from scheduler.problem import PersonId as AskedPerson
from scheduler.problem import PostId as AskedPost
from scheduler.problem import ShiftId as AskedShift

# Whose duties are looked at together, and how many people one run of the job looks at.
TOGETHER = 100
AT_ONCE = 500

Before = Mapping[AskedPerson, Person]


async def before(tx: Tx, places: Places, person: PersonId, now: datetime) -> Before:
    """Somebody with duties to come, as they are now; until the transaction ends no roster changes."""
    await changing.lock(tx)
    return await _known(tx, places, [person], now)


async def settle(
    tx: Tx,
    places: Places,
    was: Before,
    *,
    by: PersonId | None,
    now: datetime,
    needs: bool = True,
) -> list[HoleId]:
    """What people who were so may do no longer falls out; the holes that it leaves. `needs`: so does the duty
    of whom a place counts among the certified guards that it wants."""
    people = [PersonId(number) for number in was]
    ahead = await unfit_store.ahead(tx.conn, tx.district, people, now)
    if not ahead:
        return []
    near = await judging.around(tx.conn, places, people, [], sorted({one.duty_day for one in ahead}))
    spots = sorted({(row.post, row.shift) for row in near.rows.values()})
    holed = {(AskedPost(a), AskedShift(b)) for a, b in await unfit_store.holed(tx.conn, tx.district, spots)}
    out = await asyncio.to_thread(
        fallen, near.problem, near.standing, was, now=to_ms(now), looked_after=holed, needs=needs
    )
    to_come = {one.id for one in ahead}
    gone = sorted((near.rows[one.assignment].id, n) for n, one in enumerate(out))
    return [await _fall(tx, number, out[n], by, now) for number, n in gone if number in to_come]


async def settle_members(
    tx: Tx, places: Places, organisation: OrganisationId, *, by: PersonId, now: datetime
) -> list[HoleId]:
    """The same of everyone in an organisation that is no longer what it was."""
    await changing.lock(tx)
    people = await unfit_store.members(tx.conn, tx.district, organisation, now)
    holes: list[HoleId] = []
    for some in _batches(people):
        holes += await settle(tx, places, await _known(tx, places, some, now), by=by, now=now)
    return holes


async def find_unfit(tx: Tx, places: Places, now: datetime) -> int:
    """What time, or hands other than ours, have changed; how many duties fell out."""
    people = await unfit_store.suspects(tx.conn, tx.district, places.zone.key, now, AT_ONCE)
    if not people:
        return 0
    await changing.lock(tx)
    fell = 0
    for some in _batches(people):
        was = await _as_papers_were(tx, await _known(tx, places, some, now))
        fell += len(await settle(tx, places, was, by=None, now=now, needs=False))
    return fell


async def _as_papers_were(tx: Tx, known: Before) -> Before:
    """With every certificate that they ever held."""
    kinds: defaultdict[int, list[Certificate]] = defaultdict(list)
    for person, kind in await unfit_store.once_held(tx.conn, tx.district, [PersonId(n) for n in known]):
        kinds[person].append(Certificate(kind=kind, until=date.max))
    return {
        number: msgspec.structs.replace(person, certificates=tuple(kinds[number]))
        for number, person in known.items()
    }


async def _known(tx: Tx, places: Places, people: Sequence[PersonId], now: datetime) -> Before:
    """Those of them who have duties to come, as the checker sees them."""
    ahead = await unfit_store.ahead(tx.conn, tx.district, people, now)
    if not ahead:
        return {}
    busy = sorted({one.person for one in ahead})
    days = sorted({one.duty_day for one in ahead})
    near = await judging.around(tx.conn, places, busy, [], days)
    by_id: dict[int, Person] = {person.id: person for person in near.problem.people}
    return {AskedPerson(number): by_id[number] for number in busy}


async def _fall(tx: Tx, number: int, one: Fallen, by: PersonId | None, now: datetime) -> HoleId:
    planned = await changing.known(tx.conn, tx.district, number)
    reason = one.reason
    if one.cause is Cause.LEAVE:
        reason = await unfit_store.leave_kind(tx.conn, tx.district, planned)
    await changing.cancel(tx, planned, kind=one.cause, reason=reason, by=by, now=now)
    hole = await hole_store.insert(
        tx.conn,
        tx.district,
        planned=planned,
        cause=one.cause,
        reason=reason,
        by=by,
        now=now,
        certified=one.certified,
    )
    await absences.opened(tx, hole, by, now)
    return hole


async def lost(conn: Connection, actor: Actor, now: datetime) -> list[unfit_store.Lost]:
    """The actor's own duties to come that were cancelled, and why."""
    return await unfit_store.lost(conn, actor.district, actor.person, now)


def _batches(people: Sequence[PersonId]) -> list[Sequence[PersonId]]:
    return [people[n : n + TOGETHER] for n in range(0, len(people), TOGETHER)]
