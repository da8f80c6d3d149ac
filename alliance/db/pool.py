"""Connections to PostgreSQL, with JSON read and written by msgspec."""

from typing import Any, TypeAlias

import asyncpg
import msgspec

from alliance.config import Unusable

# asyncpg ships no types; the alias says what a parameter is, the rows are typed by alliance.db.rows.
Connection: TypeAlias = Any
Pool: TypeAlias = Any

JSONB_VERSION = b"\x01"
SETTINGS = {"application_name": "alliance", "timezone": "UTC", "jit": "off"}


def _to_jsonb(value: Any) -> bytes:
    return JSONB_VERSION + msgspec.json.encode(value)


def _from_jsonb(stored: bytes) -> Any:
    return msgspec.json.decode(memoryview(stored)[1:])


async def prepare(conn: Connection) -> None:
    """Teach a fresh connection our JSON; a pool does it by itself."""
    await conn.set_type_codec(
        "jsonb", schema="pg_catalog", encoder=_to_jsonb, decoder=_from_jsonb, format="binary"
    )
    await conn.set_type_codec(
        "json", schema="pg_catalog", encoder=msgspec.json.encode, decoder=msgspec.json.decode, format="binary"
    )


async def _as_it_is(conn: Connection) -> None:
    """Nothing to put right: all that we set or lock in a pool's connection ends with its transaction."""


async def connect(dsn: str) -> Connection:
    """One connection of its own; the caller closes it."""
    try:
        conn = await asyncpg.connect(dsn, server_settings=SETTINGS)
    except (OSError, asyncpg.PostgresError) as error:
        raise Unusable(
            f"The database can't be reached: {error}. Check DATABASE_URL and that it runs."
        ) from error
    await prepare(conn)
    return conn


async def open_pool(dsn: str, *, size: int = 16) -> Pool:
    """A pool of at most `size` connections; the caller closes it."""
    try:
        return await asyncpg.create_pool(
            dsn,
            init=prepare,
            # The usual one costs a round trip for each use.
            reset=_as_it_is,
            min_size=min(2, size),
            max_size=size,
            server_settings=SETTINGS,
        )
    except (OSError, asyncpg.PostgresError) as error:
        raise Unusable(
            f"The database can't be reached: {error}. Check DATABASE_URL and that it runs."
        ) from error
