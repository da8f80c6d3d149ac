"""Keeps a demo district alive: there is always a published roster for the days ahead."""

from collections.abc import Awaitable, Callable
from datetime import date, datetime, timedelta

import msgspec

from alliance.actor import DistrictId
from alliance.areas import actions as areas
from alliance.areas.model import Pattern
from alliance.db.pool import Pool
from alliance.events import transaction
from alliance.roster import actions, making, store
from alliance.roster.model import NewRoster, RosterId, State
from alliance.times import duty_day

# Fills a draft that was begun.
Make = Callable[[DistrictId, RosterId], Awaitable[object]]


async def ensure_rosters(
    pool: Pool,
    make: Make,
    district: DistrictId,
    now: datetime,
    *,
    days: int = 7,
    at_once: int = 7,
    bounded: bool = True,
) -> list[RosterId]:
    """Publish rosters of at most `at_once` days from the shift that runs now to `days` after today.

    Not `bounded`, they are there sooner, and nobody knows how much better they could be.
    """
    made = []
    async with pool.acquire() as conn:
        zone = areas.zone_of(await areas.district(conn, district))
        covered = await store.last_published_day(conn, district)
        running = duty_day(now - _tail(await areas.patterns(conn, district)), zone)
    first = max(running, covered + timedelta(days=1)) if covered else running
    last = duty_day(now, zone) + timedelta(days=days)
    while first <= last:
        end = min(first + timedelta(days=at_once - 1), last)
        made.append(await _one(pool, make, district, now, first=first, last=end, bounded=bounded))
        first = end + timedelta(days=1)
    return made


def _tail(patterns: list[Pattern]) -> timedelta:
    """How far a shift reaches into the day after its duty day."""
    return timedelta(minutes=max(0, *(p.start_minute + p.minutes - 1440 for p in patterns)))


async def _one(
    pool: Pool,
    make: Make,
    district: DistrictId,
    now: datetime,
    *,
    first: date,
    last: date,
    bounded: bool,
) -> RosterId:
    async with transaction(pool, district) as tx:
        new = NewRoster(first_day=first, last_day=last, seed=first.toordinal(), sweeps=2)
        if not bounded:
            new = msgspec.structs.replace(new, bound_steps=0)
        number = (await making.begin(tx, new, None, now)).id
    await make(district, number)
    async with transaction(pool, district) as tx:
        have = await store.locked(tx.conn, district, number)
        if have is None or have.state is not State.DRAFT:
            raise RuntimeError(f"roster {number} could not be drafted: {have and have.progress.problem}")
        await actions.publish_checked(tx, have, None, now)
    return number
