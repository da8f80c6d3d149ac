"""The database's address for one command: given, already served by another process, or started for now."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from alliance.config import Config
from alliance.db.embedded import Embedded, running, silent
from alliance.db.place import DataInUse

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

    `lost` is told, in a thread of its own, why a server that we started ended by itself.
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
    watch = threading.Thread(target=_watch, args=(server, over, lost), name="database watch", daemon=True)
    watch.start()
    try:
        yield dsn
    finally:
        over.set()
        watch.join()
        server.stop()


def _watch(server: Embedded, over: threading.Event, lost: Callable[[str], None]) -> None:
    while not over.wait(LOOK_SECONDS):
        reason = server.ended()
        if reason is not None:
            lost(reason)
            return
