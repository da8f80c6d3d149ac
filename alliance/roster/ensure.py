"""Keeps a demo district alive: there is always a published roster for the days ahead."""

from datetime import date, datetime, timedelta

from alliance.actor import DistrictId
from alliance.areas import actions as areas
from alliance.db.pool import Pool
from alliance.events import transaction
from alliance.roster import actions, store
from alliance.roster.model import NewRoster, RosterId, State
from alliance.roster.worker import Workers
from alliance.times import duty_day


async def ensure_rosters(
    pool: Pool, workers: Workers, district: DistrictId, now: datetime, *, days: int = 7, at_once: int = 7
) -> list[RosterId]:
    """Publish rosters of at most `at_once` days until today and the `days` after it are covered."""
    made = []
    async with pool.acquire() as conn:
        today = duty_day(now, areas.zone_of(await areas.district(conn, district)))
        covered = await store.last_published_day(conn, district)
    first = max(today, covered + timedelta(days=1)) if covered else today
    last = today + timedelta(days=days)
    while first <= last:
        end = min(first + timedelta(days=at_once - 1), last)
        made.append(await _one(pool, workers, district, now, first, end))
        first = end + timedelta(days=1)
    return made


async def _one(
    pool: Pool, workers: Workers, district: DistrictId, now: datetime, first: date, last: date
) -> RosterId:
    async with transaction(pool, district) as tx:
        new = NewRoster(first_day=first, last_day=last, seed=first.toordinal())
        number = (await actions.begin(tx, new, None, now)).id
    await workers.run("draft", district, number)
    async with transaction(pool, district) as tx:
        have = await store.locked(tx.conn, district, number)
        if have is None or have.state is not State.DRAFT:
            raise RuntimeError(f"roster {number} could not be drafted: {have and have.progress.problem}")
        await actions.publish_checked(tx, have, None, now)
    return number
