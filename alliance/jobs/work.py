"""The one list of timed jobs, and what each does; any of them may run again at any time."""

from collections.abc import Awaitable, Callable
from datetime import date, datetime, timedelta

from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger

from alliance import keys
from alliance.access import actions as access
from alliance.actor import DistrictId
from alliance.areas import actions as areas
from alliance.config import Config
from alliance.credit import duties
from alliance.credit import standbys as credit_standbys
from alliance.db.pool import Pool
from alliance.events import Tx, transaction
from alliance.forecast import learning
from alliance.incidents import actions as incidents
from alliance.incidents import dispatching
from alliance.jobs import store
from alliance.jobs.runner import Job
from alliance.patrol import actions as patrol
from alliance.patrol.partitions import ensure_partitions, pack
from alliance.patrol.retention import expire_positions
from alliance.roster import absences, fitness, making, offering, standbys, swapping
from alliance.roster import actions as roster
from alliance.roster.ensure import ensure_rosters
from alliance.roster.workers import Workers

SHIFTS_AHEAD = 14
ROSTER_DAYS_AHEAD = 7
# The longest a queued message may come late, and a day for the zones of the districts.
PARTITIONS_BACK = 4
PARTITIONS_AHEAD = 8
KEYS_KEPT = timedelta(days=14)
RUNS_KEPT = timedelta(days=30)
# Batches of one run, so that a job that has much to do lets others pass between its transactions.
ROUNDS = 200

Step = Callable[[Tx, datetime], Awaitable[int]]


def jobs(config: Config, workers: Workers) -> list[Job]:
    """Times of day are UTC: 19:00 is 3 in the morning in China."""
    night = CronTrigger(hour=19, timezone="UTC")
    return [
        Job(name="shifts", trigger=IntervalTrigger(hours=1), work=shifts, at_start=True),
        Job(name="partitions", trigger=IntervalTrigger(hours=1), work=partitions, at_start=True),
        Job(name="check_outs", trigger=IntervalTrigger(minutes=1), work=check_outs, quiet=True),
        Job(name="dispatches", trigger=IntervalTrigger(seconds=5), work=dispatches, quiet=True),
        Job(name="no_shows", trigger=IntervalTrigger(minutes=1), work=no_shows, quiet=True),
        Job(name="unfit", trigger=IntervalTrigger(minutes=10), work=_unfit(), at_start=True, quiet=True),
        Job(name="offers", trigger=IntervalTrigger(seconds=5), work=_offers(), quiet=True),
        Job(name="standby", trigger=IntervalTrigger(minutes=1), work=_standby(workers), quiet=True),
        Job(name="duty_credit", trigger=IntervalTrigger(minutes=5), work=duty_credit, quiet=True),
        Job(name="lost_rosters", trigger=IntervalTrigger(seconds=10), work=lost_rosters, quiet=True),
        Job(name="demo_rosters", trigger=IntervalTrigger(hours=1), work=_demo(workers), at_start=True),
        Job(name="demand", trigger=night, work=demand),
        Job(name="habits", trigger=night, work=habits, at_start=True),
        Job(name="retention", trigger=night, work=_retention(config)),
        Job(name="packing", trigger=night, work=packing),
        Job(name="erasure", trigger=night, work=erasure),
        Job(name="tidying", trigger=IntervalTrigger(hours=6), work=tidying),
    ]


async def shifts(pool: Pool, now: datetime) -> str:
    made = 0
    for district in await _districts(pool):
        async with transaction(pool, district) as tx:
            zone = areas.zone_of(await areas.district(tx.conn, district))
            today = now.astimezone(zone).date()
            last = today + timedelta(days=SHIFTS_AHEAD)
            made += await roster.ensure_shifts(tx, today - timedelta(days=1), last, now)
    return f"{made} shifts made"


async def partitions(pool: Pool, now: datetime) -> str:
    async with pool.acquire() as conn:
        days = [_day(now, n) for n in range(-PARTITIONS_BACK, PARTITIONS_AHEAD + 1)]
        await ensure_partitions(conn, days)
    return f"attached to {days[-1]}"


async def packing(pool: Pool, now: datetime) -> str:
    """Once right after a day has ended, and once when nothing can come late any more."""
    async with pool.acquire() as conn:
        packed = await pack(conn, [_day(now, -2), _day(now, -PARTITIONS_BACK - 1)])
    return f"{packed} days packed" if packed else ""


async def check_outs(pool: Pool, now: datetime) -> str:
    return _said(await _until_done(pool, now, patrol.check_out_forgotten), "checked out at their shift's end")


async def dispatches(pool: Pool, now: datetime) -> str:
    return _said(await _until_done(pool, now, dispatching.expire), "orders passed on unanswered")


async def no_shows(pool: Pool, now: datetime) -> str:
    missed = await _until_done(pool, now, absences.find_no_shows)
    ended = await _until_done(pool, now, absences.close_ended)
    swaps = await _until_done(pool, now, swapping.expire)
    said = (
        _said(missed, "did not come"),
        _said(ended, "holes stayed empty to the end"),
        _said(swaps, "swaps came to nothing"),
    )
    return ", ".join(one for one in said if one)


def _unfit() -> Callable[[Pool, datetime], Awaitable[str]]:
    """Duties that their people may no longer do; the places of the districts are kept between the runs."""
    held = areas.Held()

    async def unfit(pool: Pool, now: datetime) -> str:
        fell = 0
        for district in await _districts(pool):
            async with transaction(pool, district) as tx:
                fell += await fitness.find_unfit(tx, await held.get(tx.conn, district), now)
        return _said(fell, "duties cancelled of people who may no longer do them")

    return unfit


def _offers() -> Callable[[Pool, datetime], Awaitable[str]]:
    """Offers run out, and the next are asked; the places of the districts are kept between the runs."""
    held = areas.Held()

    async def offers(pool: Pool, now: datetime) -> str:
        gone = await _until_done(pool, now, offering.expire)
        asked = 0
        for district in await _districts(pool):
            async with transaction(pool, district) as tx:
                if await offering.waiting(tx, now):
                    places = await held.get(tx.conn, district)
                    asked += await offering.fall_through(tx, places, now)
        return _said(gone, "offers ran out") + _said(asked, "more people asked")

    return offers


async def duty_credit(pool: Pool, now: datetime) -> str:
    reckoned = await _until_done(pool, now, duties.credit_ended)
    on_call = await _until_done(pool, now, credit_standbys.credit_ended)
    said = _said(reckoned, "duties reckoned"), _said(on_call, "times on call credited")
    return ", ".join(one for one in said if one)


async def lost_rosters(pool: Pool, now: datetime) -> str:
    async with pool.acquire() as conn:
        silent = await making.silent(conn, now)
    for district, number in silent:
        async with transaction(pool, district) as tx:
            await making.mark_lost(tx, number, "its worker ended without a word; draft it again", now)
    return _said(len(silent), "rosters without their worker reported")


async def demand(pool: Pool, now: datetime) -> str:
    """Weights anew from calls and confirmed incidents."""
    made = []
    for district in await _districts(pool):
        async with transaction(pool, district) as tx:
            confirmed = await incidents.confirmed(tx.conn, district, now - areas.DEMAND_SPAN)
            made.append(await areas.renew_weights(tx, confirmed, now))
    return f"versions {', '.join(map(str, made))}"


async def habits(pool: Pool, now: datetime) -> str:
    """What the past days teach the forecast; before retention takes them away."""
    days = 0
    for district in await _districts(pool):
        async with pool.acquire() as conn:
            places = await areas.places(conn, district)
            wanted = await learning.missing(conn, places, now)
        for day in wanted:
            async with transaction(pool, district) as tx:
                await learning.learn(tx, places, day, now)
        days += len(wanted)
    return f"{days} days learnt"


async def erasure(pool: Pool, now: datetime) -> str:
    return f"{await _until_done(pool, now, incidents.erase)} texts and photos erased"


async def tidying(pool: Pool, now: datetime) -> str:
    for district in await _districts(pool):
        async with transaction(pool, district) as tx:
            await access.tidy(tx, now)
            await keys.forget(tx, now - KEYS_KEPT)
    async with pool.acquire() as conn:
        await store.drop_before(conn, now - RUNS_KEPT)
    return "ended sessions, old keys and old runs dropped"


def _standby(workers: Workers) -> Callable[[Pool, datetime], Awaitable[str]]:
    async def standby(pool: Pool, now: datetime) -> str:
        """The reserve of each roster that was published since."""
        chosen = 0
        for district in await _districts(pool):
            async with pool.acquire() as conn:
                wanting = await standbys.wanting(conn, district, now)
            for number in wanting:
                if await workers.run("standby", district, number) != 0:
                    raise RuntimeError(f"the reserve of roster {number} could not be chosen")
                chosen += 1
        return _said(chosen, "rosters got their reserve")

    return standby


def _demo(workers: Workers) -> Callable[[Pool, datetime], Awaitable[str]]:
    async def demo_rosters(pool: Pool, now: datetime) -> str:
        made = []
        for district in await _districts(pool):
            async with pool.acquire() as conn:
                known = await areas.district(conn, district)
            if known.settings.demo:
                made += await ensure_rosters(pool, workers.make, district, now, days=ROSTER_DAYS_AHEAD)
        return f"rosters {', '.join(map(str, made))} published" if made else "the days ahead are covered"

    return demo_rosters


def _retention(config: Config) -> Callable[[Pool, datetime], Awaitable[str]]:
    async def retention(pool: Pool, now: datetime) -> str:
        async with pool.acquire() as conn:
            gone = await expire_positions(
                conn, now.date(), fix_days=config.fix_days, visit_days=config.visit_days
            )
        return f"dropped {', '.join(gone)}" if gone else "nothing is out of time"

    return retention


async def _until_done(pool: Pool, now: datetime, step: Step) -> int:
    """Every district's batches, each in a transaction of its own; how many were done."""
    total = 0
    for district in await _districts(pool):
        for _ in range(ROUNDS):
            async with transaction(pool, district) as tx:
                done = await step(tx, now)
            total += done
            if not done:
                break
    return total


async def _districts(pool: Pool) -> list[DistrictId]:
    async with pool.acquire() as conn:
        return await areas.districts(conn)


def _day(now: datetime, ahead: int) -> date:
    return now.date() + timedelta(days=ahead)


def _said(count: int, what: str) -> str:
    return f"{count} {what}" if count else ""
