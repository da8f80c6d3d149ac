"""HTTP of the jobs: what ran, how it went, and when it comes again."""

import msgspec
from litestar import get

from alliance.actor import Actor, Role
from alliance.db.pool import Pool
from alliance.jobs import store
from alliance.jobs.runner import Runner
from alliance.rest import Page
from alliance.times import to_ms


class ShownJob(msgspec.Struct, frozen=True, kw_only=True):
    """`next` is None on a node without the lease; `outcome` is None while it runs or before the first."""

    job: str
    last_started: int | None
    last_ended: int | None
    outcome: str | None
    detail: str
    node: str | None
    next: int | None


@get("/jobs")
async def jobs(actor: Actor, pool: Pool, runner: Runner) -> Page[ShownJob]:
    actor.must(Role.ADMINISTRATOR)
    async with pool.acquire() as conn:
        newest = {run.job: run for run in await store.newest(conn)}
    return Page(items=[_shown(name, newest.get(name), runner) for name in runner.names])


def _shown(name: str, run: store.Run | None, runner: Runner) -> ShownJob:
    following = runner.next_runs().get(name) if runner.holds_lease else None
    return ShownJob(
        job=name,
        last_started=to_ms(run.started_at) if run else None,
        last_ended=to_ms(run.ended_at) if run and run.ended_at else None,
        outcome=run.outcome if run else None,
        detail=run.detail if run else "",
        node=run.node if run else None,
        next=to_ms(following) if following else None,
    )


ROUTES = [jobs]
