"""Messages with a key that stand for themselves: a report, a call for help, a scan, an answer to an order."""

import asyncio
import logging
from collections.abc import Callable
from typing import Any, assert_never

from alliance import keys
from alliance.actor import Actor
from alliance.areas.places import Places
from alliance.db.pool import Pool
from alliance.errors import Refused
from alliance.events import Tx, transaction
from alliance.feed import wire
from alliance.feed.storing import point_of
from alliance.incidents import actions as incidents
from alliance.incidents.model import AnswerIn, Kind, Reply, ReportIn
from alliance.patrol import scans, sos
from alliance.problems import PASSING
from alliance.times import Clock

log = logging.getLogger(__name__)

PAUSE_S = 0.5
Keyed = wire.Report | wire.Sos | wire.Scan | wire.Answer


async def carry_out(
    pool: Pool, actor: Actor, message: Keyed, clock: Clock, places: Callable[[], Places]
) -> dict[str, Any]:
    """Once, whatever happens to the database meanwhile; raises Refused."""
    while True:
        try:
            async with transaction(pool, actor.district) as tx:
                return await _once(tx, actor, message, clock, places())
        except (*PASSING, OSError) as error:
            log.warning("feed: a message waits for the database (%s)", type(error).__name__)
        await asyncio.sleep(PAUSE_S)


async def _once(tx: Tx, actor: Actor, message: Keyed, clock: Clock, places: Places) -> dict[str, Any]:
    now = clock()
    if isinstance(message, wire.Sos):
        fix = None if message.fix is None else point_of(message.fix)
        return await sos.raise_sos(tx, actor, message.key, message.at, now, fix=fix, places=places)
    earlier = await keys.once(tx, actor.person, message.key, now)
    if earlier is not None:
        return earlier
    match message:
        case wire.Report():
            result = await incidents.report(tx, actor, report_of(message), now)
        case wire.Scan():
            result = await scans.scan(tx, actor, message.checkpoint, message.at, now)
        case wire.Answer():
            given = AnswerIn(dispatch=message.dispatch, at=message.at, reply=Reply(message.reply))
            result = await incidents.answer(tx, actor, given, now)
        case _:
            assert_never(message)
    await keys.remember(tx, actor.person, message.key, now, result)
    return result


def report_of(message: wire.Report) -> ReportIn:
    return ReportIn(
        kind=Kind(message.kind),
        at=message.at,
        lat=message.lat,
        lon=message.lon,
        text=message.text,
        participants=message.participants,
        photos=message.photos,
        incident=message.incident,
    )


def problem(error: Exception) -> Refused:
    """What the sender is told of a failure."""
    if isinstance(error, Refused):
        return error
    log.error("feed: a message failed", exc_info=error)
    return Refused("internal", "the service failed; send it again")
