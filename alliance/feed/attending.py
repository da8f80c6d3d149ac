"""Has every district's rules of attention judged on the live state, a few times a minute."""

import asyncio
import logging
from collections.abc import Callable, Collection

from alliance.feed.room import Room
from alliance.problems import PASSING

log = logging.getLogger(__name__)

LOOK_S = 5.0


async def attend(rooms: Callable[[], Collection[Room]]) -> None:
    """Until it is cancelled."""
    while True:
        await asyncio.sleep(LOOK_S)
        for room in list(rooms()):
            try:
                await room.lookout.look(room.now(), room.live.covered)
            except (*PASSING, OSError) as error:
                log.warning("feed: attention waits for the database (%s)", type(error).__name__)
            except Exception:
                log.exception("feed: attention failed")
