"""The forecast as it is asked for: from the roster, the live state and what the past days taught."""

import asyncio
from datetime import datetime

import msgspec
import numpy as np

from alliance.actor import Actor, Code
from alliance.areas.places import Places
from alliance.db.pool import Connection
from alliance.forecast import learning, store
from alliance.forecast.model import COMING, GONE, HOUR_MS, PRESENT, Habits, Rostered
from alliance.forecast.outlook import Ground, Outlook, instants, outlook
from alliance.forecast.store import Need
from alliance.patrol import duties, tracks
from alliance.patrol.coverage import as_it_was
from alliance.patrol.duties import beats_of
from alliance.patrol.model import OPEN_AFTER_END_MS, Duty
from alliance.times import from_ms, to_ms
from geo import coverage
from geo.cell import Floats


class Forecast(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """`shown` are the beats that the actor may see; `needed` is (beats, hours) like the outlook's."""

    at: int
    outlook: Outlook
    needed: Floats
    shown: list[Code]
    habits: Habits


async def forecast(conn: Connection, actor: Actor, places: Places, now: datetime, hours: int) -> Forecast:
    """Command sees all beats, others the own ones and an officer those beside them."""
    at = to_ms(now)
    end = at + hours * HOUR_MS
    habits = await learning.learnt(conn, places, now)
    found = await duties.running(conn, actor.district, at - OPEN_AFTER_END_MS, end)
    needs = await store.needs(conn, actor.district, now, from_ms(end))
    longest = int(places.target_ms.max(initial=0))
    visits = await tracks.visits(conn, actor.district, places, start=at - longest, end=at)
    weights = (await as_it_was(conn, places, at)).weights(at, end + 1)
    ground = Ground(
        beats=len(places.beats),
        beat=places.beat,
        targets=places.target_ms,
        until=coverage.covered_until(visits, places.target_ms, at),
    )
    times = instants(at, hours)
    rostered = as_columns(found, places, at)
    made = await asyncio.to_thread(outlook, rostered, habits, ground, weights, times)
    own = set(places.beats) if actor.is_command() else beats_of(actor, places)
    return Forecast(
        at=at,
        outlook=made,
        needed=needed(needs, places, at, hours),
        shown=[beat for beat in places.beats if beat in own],
        habits=habits,
    )


def as_columns(found: list[Duty], places: Places, now: int) -> Rostered:
    numbers = {beat: n for n, beat in enumerate(places.beats)}
    known = [duty for duty in found if duty.beat in numbers]
    return Rostered(
        beat=np.array([numbers[duty.beat] for duty in known], dtype=np.int64),
        organisation=np.array([duty.organisation for duty in known], dtype=np.int64),
        hour=np.array([from_ms(duty.start).astimezone(places.zone).hour for duty in known], dtype=np.int64),
        start=np.array([duty.start for duty in known], dtype=np.int64),
        end=np.array([duty.end for duty in known], dtype=np.int64),
        state=np.array([_state(duty, now) for duty in known], dtype=np.int64),
    )


def _state(duty: Duty, now: int) -> int:
    if duty.is_present(now):
        return PRESENT
    return GONE if duty.spans else COMING


def needed(needs: list[Need], places: Places, at: int, hours: int) -> Floats:
    """People needed in each beat, mean of each hour."""
    found = np.zeros((len(places.beats), hours))
    numbers = {beat: n for n, beat in enumerate(places.beats)}
    starts = at + np.arange(hours) * HOUR_MS
    for need in needs:
        shared = np.minimum(starts + HOUR_MS, need.end) - np.maximum(starts, need.start)
        if need.beat in numbers:
            found[numbers[need.beat]] += need.needed * np.clip(shared, 0, HOUR_MS) / HOUR_MS
    return found
