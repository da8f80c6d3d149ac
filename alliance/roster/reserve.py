"""Choosing the reserve of a published roster; no web process runs this."""

import asyncio
from datetime import datetime, timedelta

from alliance import events
from alliance.actor import DistrictId, PersonId
from alliance.areas import actions as areas
from alliance.db.pool import Connection, Pool
from alliance.events import Event, Tx, transaction
from alliance.roster import asked, assignment_store, drafting, standby_store
from alliance.roster.model import Roster
from alliance.roster.standby_store import Chosen
from scheduler.problem import BeatCode
from scheduler.problem import PersonId as AskedPerson
from scheduler.standby import Turns, reserves

REMEMBERED = timedelta(days=28)
NOTICE = 500


async def choose(pool: Pool, district: DistrictId, have: Roster, now: datetime) -> int:
    """A share of each town's duties in a shift, of people who could legally be called, in fair turns."""
    async with pool.acquire() as conn:
        stored = await assignment_store.placed(conn, district, have.id, have.first_day, have.last_day)
        rows = await drafting.gather(conn, district, have, {one.person for one in stored})
        percent = await _percent(conn, district, have)
        served = await standby_store.served(conn, district, now - REMEMBERED)
    turns = Turns(share=percent / 100, served={AskedPerson(who): times for who, times in served.items()})
    towns = {BeatCode(beat): rows.places.town_of[beat] for beat in rows.places.beats}
    assignments = [asked.assignment(one.person, one.post, one.shift) for one in stored]
    problem = asked.problem(rows)
    found = await asyncio.to_thread(reserves, problem, assignments, towns, turns) if percent else ()
    chosen = [Chosen(town=r.town, shift=r.shift, person=person) for r in found for person in r.people]
    async with transaction(pool, district) as tx:
        if await standby_store.mark_chosen(tx.conn, district, have.id, now):
            await standby_store.insert(tx.conn, district, have.id, chosen, now)
            _record(tx, have, sorted({PersonId(one.person) for one in chosen}), now)
    return len(chosen)


async def _percent(conn: Connection, district: DistrictId, have: Roster) -> int:
    """Of the draft that it was, or else the district's."""
    own = have.progress.asked.standby_percent
    return (await areas.district(conn, district)).settings.changes.standby_percent if own is None else own


def _record(tx: Tx, have: Roster, people: list[PersonId], now: datetime) -> None:
    for begin in range(0, len(people), NOTICE):
        part = tuple(people[begin : begin + NOTICE])
        data = {"roster": have.id}
        events.record(tx, Event(kind="standby_chosen", at=now, actor=None, people=part, data=data))
