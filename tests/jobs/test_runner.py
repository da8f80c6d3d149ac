"""One node at a time runs the jobs, and each run is kept with its end and its outcome."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

import pytest
from apscheduler.triggers.interval import IntervalTrigger

from alliance.db.pool import Pool
from alliance.jobs import store
from alliance.jobs.lease import Lease
from alliance.jobs.runner import Job, Runner

NOW = datetime(2026, 3, 2, 8, tzinfo=UTC)


async def counted(pool: Pool, now: datetime) -> str:
    return f"counted at {now:%H:%M}"


async def broken(pool: Pool, now: datetime) -> str:
    raise ValueError("no such shift")


Work = Callable[[Pool, datetime], Awaitable[str]]


def job(name: str, work: Work = counted, *, at_start: bool = False) -> Job:
    return Job(name=name, trigger=IntervalTrigger(hours=1), work=work, at_start=at_start)


def runner(pool: Pool, *jobs: Job, node: str = "one") -> Runner:
    return Runner(pool, jobs, node, lambda: NOW)


async def until(condition: Callable[[], Awaitable[bool]], seconds: float = 10) -> None:
    deadline = asyncio.get_running_loop().time() + seconds
    while not await condition():
        assert asyncio.get_running_loop().time() < deadline
        await asyncio.sleep(0.02)


async def expire(pool: Pool) -> None:
    await pool.execute(
        "update job_lease set expires_at = clock_timestamp() - interval '1 s' where district_id = 0"
    )


async def test_a_lease_has_one_holder_until_it_expires(pool: Pool) -> None:
    first, second = Lease(pool, "one"), Lease(pool, "two")
    assert await first.renew()
    assert not await second.renew()
    assert (first.held, second.held) == (True, False)
    await expire(pool)
    assert await second.renew()
    assert not await first.renew()
    assert (first.held, second.held) == (False, True)


async def test_a_released_lease_is_free_at_once(pool: Pool) -> None:
    first, second = Lease(pool, "one"), Lease(pool, "two")
    await first.renew()
    await first.release()
    assert not first.held
    assert await second.renew()


async def test_each_run_is_kept_with_its_outcome(pool: Pool) -> None:
    jobs = runner(pool, job("count"), job("break", broken))
    await jobs.run_now("count")
    await jobs.run_now("break")
    runs = {run.job: run for run in await store.newest(pool)}
    assert (runs["count"].outcome, runs["count"].detail) == ("done", "counted at 08:00")
    assert (runs["break"].outcome, runs["break"].detail) == ("failed", "ValueError: no such shift")
    assert runs["break"].ended_at == NOW


async def test_only_the_holder_runs_and_the_runs_of_a_dead_one_are_lost(pool: Pool) -> None:
    await Lease(pool, "dead").renew()
    await store.begin(pool, "count", "dead", NOW - timedelta(hours=1))
    jobs = runner(pool, job("count", at_start=True), node="two")
    jobs.start()
    try:
        await asyncio.sleep(0.2)
        assert not jobs.holds_lease
        assert [run.ended_at for run in await store.newest(pool)] == [None]
        await expire(pool)

        async def ran() -> bool:
            return [(run.node, run.outcome) for run in await store.newest(pool)] == [("two", "done")]

        await until(ran)
        lost = await pool.fetchval("select outcome from job_run where node = 'dead'")
        assert lost == "lost"
    finally:
        await jobs.stop()
    assert await pool.fetchval("select count(*) from job_lease") == 0


async def test_of_idle_runs_of_a_quiet_job_one_is_kept(pool: Pool) -> None:
    said = iter(["", "", "3 orders passed on", "", ""])

    async def work(pool: Pool, now: datetime) -> str:
        return next(said)

    jobs = runner(pool, Job(name="orders", trigger=IntervalTrigger(hours=1), work=work, quiet=True))
    for _ in range(5):
        await jobs.run_now("orders")
    kept = await pool.fetch("select detail from job_run order by id")
    assert [detail for (detail,) in kept] == ["3 orders passed on", ""]


async def test_a_stop_marks_what_it_had_to_break_off(pool: Pool) -> None:
    begun = asyncio.Event()

    async def forever(pool: Pool, now: datetime) -> str:
        begun.set()
        await asyncio.Event().wait()
        return "never"

    jobs = runner(pool, job("long", forever, at_start=True))
    jobs.start()
    await asyncio.wait_for(begun.wait(), 10)
    await jobs.stop(patience_s=0.05)
    runs = await store.newest(pool)
    assert [(run.outcome, run.detail) for run in runs] == [("lost", "the service stopped")]


@pytest.mark.parametrize("days", [1, 30])
async def test_old_runs_are_dropped(pool: Pool, days: int) -> None:
    run = await store.begin(pool, "count", "one", NOW)
    await store.end(pool, run, NOW, "done", "")
    await store.drop_before(pool, NOW + timedelta(days=days))
    assert await store.newest(pool) == []
