"""What every test may ask for: a real PostgreSQL, migrated, and databases and connections of its own."""

import asyncio
import itertools
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from alliance.db.embedded import TESTING, Embedded
from alliance.db.migrate import migrate
from alliance.db.pool import Connection, Pool, connect, open_pool

TEMPLATE = "alliance_template"
numbers = itertools.count(1)


def sibling(dsn: str, name: str) -> str:
    """The address of another database on the same server."""
    return urlsplit(dsn)._replace(path="/" + name).geturl().replace(":///", "://@/", 1)


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """The address of an empty database on a server that lives as long as the test process."""
    with tempfile.TemporaryDirectory(prefix="alliance-test-", dir="/tmp") as data:
        with Embedded(Path(data), settings=TESTING, tied=True) as dsn:
            yield dsn


async def _execute(dsn: str, sql: str) -> None:
    conn = await connect(dsn)
    try:
        await conn.execute(sql)
    finally:
        await conn.close()


async def _migrate(dsn: str) -> None:
    conn = await connect(dsn)
    try:
        await migrate(conn)
    finally:
        await conn.close()


def clone(server: str, name: str) -> str:
    """A new database made from the template."""
    asyncio.run(_execute(server, f"create database {name} template {TEMPLATE} strategy file_copy"))
    return sibling(server, name)


@pytest.fixture(scope="session")
def template(server: str) -> str:
    """The name of the migrated database from which the others are made."""
    asyncio.run(_execute(server, f"create database {TEMPLATE}"))
    asyncio.run(_migrate(sibling(server, TEMPLATE)))
    return TEMPLATE


@pytest.fixture(scope="session")
def shared_dsn(server: str, template: str) -> str:
    """The address of a migrated database in which nothing is ever committed."""
    return clone(server, "shared")


@pytest.fixture
def dsn(server: str, template: str) -> Iterator[str]:
    """The address of a migrated database of the test's own."""
    name = f"test_{next(numbers)}"
    yield clone(server, name)
    asyncio.run(_execute(server, f"drop database {name} with (force)"))


@pytest.fixture
async def conn(shared_dsn: str) -> AsyncIterator[Connection]:
    """A connection inside a transaction that is rolled back afterwards: the cheapest way to test a store."""
    conn = await connect(shared_dsn)
    transaction = conn.transaction()
    await transaction.start()
    try:
        yield conn
    finally:
        await transaction.rollback()
        await conn.close()


@pytest.fixture
async def pool(dsn: str) -> AsyncIterator[Pool]:
    """Connections to a database of the test's own, for what must be committed."""
    pool = await open_pool(dsn, size=5)
    try:
        yield pool
    finally:
        await pool.close()
