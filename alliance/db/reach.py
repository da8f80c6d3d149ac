"""The database's address for one command: given, already served by another process, or started for now."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from alliance.config import Config, Unusable
from alliance.db.embedded import Embedded, running, silent
from alliance.db.place import DataInUse
from alliance.db.postmaster import FULL

LOOK_SECONDS = 0.5


@contextmanager
def reach(
    config: Config,
    *,
    alone: bool = False,
    report: Callable[[str], None] = silent,
    lost: Callable[[str], None] = silent,
) -> Iterator[str]:
    """Yield the database's address; `alone` refuses a data directory that another service holds.

    `lost` is told, in a thread of its own, why a server that we started ended by itself; one that ended of a
    full disk is started again when there is room.
    """
    if config.database_url is not None:
        yield config.database_url
        return
    server = Embedded(config.data, report=report)
    try:
        dsn = server.start()
    except DataInUse:
        found = None if alone else running(config.data)
        if found is None:
            raise
        yield found
        return
    over = threading.Event()
    watch = threading.Thread(
        target=_watch, args=(server, over, lost, report), name="database watch", daemon=True
    )
    watch.start()
    try:
        yield dsn
    finally:
        over.set()
        watch.join()
        server.stop()


def _watch(
    server: Embedded, over: threading.Event, lost: Callable[[str], None], report: Callable[[str], None]
) -> None:
    while not over.wait(LOOK_SECONDS):
        reason = server.ended()
        if reason is None:
            continue
        if FULL in reason or server.short_of_room():
            report("PostgreSQL ended because the disk is full; it is started again when there is room.")
            reason = _revived(server, over, report)
        if reason is not None:
            lost(reason)
            return


def _revived(server: Embedded, over: threading.Event, report: Callable[[str], None]) -> str | None:
    """Waits for room and starts the server again; what else stands in its way, None when nothing does."""
    while not over.wait(LOOK_SECONDS):
        if server.short_of_room():
            continue
        try:
            server.revive()
        except Unusable as error:
            if FULL not in str(error) and not server.short_of_room():
                return str(error)
        else:
            report("PostgreSQL runs again.")
            break
    return None
