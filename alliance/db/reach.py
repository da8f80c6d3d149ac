"""The database's address for one command: given, already served by another process, or started for now."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from alliance.config import Config
from alliance.db.embedded import Embedded, running, silent
from alliance.db.place import DataInUse


@contextmanager
def reach(config: Config, *, alone: bool = False, report: Callable[[str], None] = silent) -> Iterator[str]:
    """Yield the database's address; `alone` refuses a data directory that another service holds."""
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
    try:
        yield dsn
    finally:
        server.stop()
