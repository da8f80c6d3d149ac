"""The composition root: one service built from its settings."""

import shutil
import warnings
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from litestar import Litestar, Request, Router
from litestar.config.compression import CompressionConfig
from litestar.datastructures import State
from litestar.di import Provide
from litestar.exceptions import LitestarDeprecationWarning
from litestar.middleware import DefineMiddleware

from alliance import events, headers, openapi, pages, problems
from alliance.access import phone_routes
from alliance.access import routes as access
from alliance.access.guard import actor_of, signed_in
from alliance.access.passwords import Passwords
from alliance.actor import Actor, DistrictId
from alliance.areas import routes as areas
from alliance.attention import routes as attention
from alliance.config import Config, Unusable
from alliance.credit import routes as credit
from alliance.db.pool import open_pool
from alliance.feed import app_routes
from alliance.feed import routes as feed
from alliance.feed.hub import Hub
from alliance.forecast import routes as forecast
from alliance.front import Front
from alliance.incidents import routes as incidents
from alliance.jobs import routes as job_routes
from alliance.jobs.runner import Runner, node_name
from alliance.jobs.work import jobs
from alliance.metrics import Measure, Metrics
from alliance.patrol import checkpoint_routes as checkpoints
from alliance.patrol import routes as patrol
from alliance.people import actions as people_actions
from alliance.people import routes as people
from alliance.people.sealed import Seal, open_seal
from alliance.roster import fitness_routes as fitness
from alliance.roster import hole_routes as holes
from alliance.roster import making
from alliance.roster import mend_routes as mending
from alliance.roster import routes as roster
from alliance.roster import standby_routes as standby
from alliance.roster import swap_routes as swaps
from alliance.roster.model import RosterId
from alliance.roster.workers import Lost, Workers
from alliance.times import Clock

LARGEST_BODY = 2_000_000
SMALLEST_COMPRESSED = 1000
API = "/api/v1"
ROUTES: list[Any] = [
    *access.ROUTES,
    *phone_routes.ROUTES,
    *people.ROUTES,
    *areas.ROUTES,
    *roster.ROUTES,
    *fitness.ROUTES,
    *holes.ROUTES,
    *mending.ROUTES,
    *swaps.ROUTES,
    *standby.ROUTES,
    *patrol.ROUTES,
    *checkpoints.ROUTES,
    *attention.ROUTES,
    *forecast.ROUTES,
    *incidents.ROUTES,
    *credit.ROUTES,
    *feed.ROUTES,
    *job_routes.ROUTES,
]


def utc_now() -> datetime:
    return datetime.now(UTC)


def build(config: Config, *, clock: Clock = utc_now, passwords: Passwords | None = None) -> Litestar:
    """The service on the migrated database that `config.database_url` names."""
    metrics = Metrics()
    # Release 3 will want dependencies and parameters declared in another way; the lock keeps us on release 2.
    warnings.filterwarnings("ignore", category=LitestarDeprecationWarning)
    return Litestar(
        route_handlers=[Router(API, route_handlers=ROUTES), *app_routes.ROUTES, *pages.ROUTES],
        guards=[signed_in],
        dependencies=_dependencies(),
        exception_handlers=problems.HANDLERS,
        middleware=[DefineMiddleware(Measure, metrics=metrics)],
        before_send=[headers.hook(config)],
        compression_config=CompressionConfig(
            backend="gzip",
            minimum_size=SMALLEST_COMPRESSED,
            gzip_compress_level=5,
            exclude_opt_key=pages.COMPRESSED,
        ),
        openapi_config=openapi.config(),
        lifespan=[_parts],
        logging_config=None,
        request_max_body_size=LARGEST_BODY,
        state=State(
            {
                "config": config,
                "clock": clock,
                "passwords": passwords or Passwords(config.login_threads),
                "metrics": metrics,
                "front": Front(),
            }
        ),
    )


@asynccontextmanager
async def _parts(app: Litestar) -> AsyncIterator[None]:
    """What lives as long as the service: pool, seal, roster workers, feed, jobs; ended in reverse."""
    state = app.state
    config: Config = state.config
    dsn = config.database_url
    if dsn is None:
        raise ValueError("the settings name no database")
    async with AsyncExitStack() as stack:
        stack.callback(state.passwords.close)
        state.pool = await open_pool(dsn, size=config.database_connections)
        stack.push_async_callback(state.pool.close)
        state.probe = pages.Probe(state.pool)
        state.seal = await _seal(app)
        state.workers = Workers(dsn, _reported(state))
        state.hub = Hub(config, state.pool, state.clock, dsn=dsn)
        stack.push_async_callback(state.hub.stop)
        await state.hub.start()
        state.runner = Runner(state.pool, jobs(config, state.workers), node_name(), state.clock)
        if config.jobs:
            stack.push_async_callback(state.runner.stop)
            state.runner.start()
        # Before the jobs, which may be waiting for one.
        stack.push_async_callback(state.workers.stop)
        _measure(state)
        yield


def _reported(state: State) -> Lost:
    """A draft whose worker was killed is reported at once, not when its silence is noticed."""

    async def report(district: DistrictId, number: RosterId, code: int) -> None:
        async with events.transaction(state.pool, district) as tx:
            await making.mark_lost(tx, number, f"its worker ended with {code}; begin again", state.clock())

    return report


async def _seal(app: Litestar) -> Seal:
    """The seal of the key file; a missing key is made anew only where nothing was encrypted with it."""
    async with app.state.pool.acquire() as conn:
        used = await people_actions.numbers_kept(conn)
    try:
        return open_seal(app.state.config.key, make=not used)
    except Unusable as unusable:
        app.state.failure = unusable
        raise


def _measure(state: State) -> None:
    metrics: Metrics = state.metrics
    metrics.gauge("pool_connections", "Database connections open", state.pool.get_size)
    metrics.gauge("pool_idle", "Database connections waiting for work", state.pool.get_idle_size)
    metrics.gauge("feed_connections", "Feed connections", lambda: state.hub.counts()["connections"])
    metrics.gauge(
        "feed_fixes_waiting", "Fixes not yet committed", lambda: state.hub.counts()["fixes_waiting"]
    )
    metrics.gauge("feed_on_duty", "People seen on duty", lambda: state.hub.counts()["on_duty"])
    metrics.gauge("feed_unsent_bytes", "Written to slow watchers", lambda: state.hub.counts()["unsent_bytes"])
    if state.config.nats_url is not None:
        metrics.gauge("bus_joined", "1 while NATS joins this process", lambda: float(state.hub.bus.joined))
    for counted in state.hub.meter:
        metrics.add(counted)
    metrics.gauge("jobs_lease", "1 on the node that runs the jobs", lambda: float(state.runner.holds_lease))
    metrics.gauge("disk_free_bytes", "Room where the data directory is", lambda: _free(state.config.data))


def _free(data: Path) -> float:
    """Of the nearest directory that there is: with a database elsewhere the data directory may be missing."""
    place = next(path for path in (data, *data.parents) if path.is_dir())
    return shutil.disk_usage(place).free


# What a handler gets by naming it, beside the actor and the time.
HELD = ("pool", "config", "seal", "passwords", "metrics", "front", "workers", "runner", "probe")


def _dependencies() -> dict[str, Provide]:
    held = {name: Provide(_from_state(name), sync_to_thread=False) for name in HELD}
    actor = Provide(_actor, sync_to_thread=False)
    return {"actor": actor, "now": Provide(_now, sync_to_thread=False), **held}


def _from_state(name: str) -> Callable[[State], Any]:
    def give(state: State) -> Any:
        return state[name]

    return give


def _actor(request: Request[Any, Any, Any]) -> Actor:
    return actor_of(request)


def _now(state: State) -> datetime:
    now: datetime = state.clock()
    return now
