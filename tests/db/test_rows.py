"""What goes into the database comes out as the typed rows we asked for."""

from datetime import UTC, datetime
from enum import Enum
from typing import Any

import msgspec
import pytest

from alliance.config import Unusable
from alliance.db import rows
from alliance.db.pool import Connection, connect, open_pool


class Colour(Enum):
    RED = "red"


class Fruit(msgspec.Struct, frozen=True, kw_only=True):
    id: int
    name: str
    colour: Colour
    picked: datetime | None
    settings: dict[str, Any]


SQL = """
select $1::bigint as id, '荔枝' as name, $2::text as colour, $3::timestamptz as picked, $4::jsonb as settings
"""
PICKED = datetime(2025, 7, 1, tzinfo=UTC)


async def test_a_record_becomes_a_row_with_its_json_enum_and_time(conn: Connection) -> None:
    record = await conn.fetchrow(SQL, 7, "red", PICKED, {"kinds": ["糯米糍", 1, None]})
    row = rows.one(record, Fruit)
    assert row == Fruit(
        id=7, name="荔枝", colour=Colour.RED, picked=PICKED, settings={"kinds": ["糯米糍", 1, None]}
    )


async def test_a_value_that_does_not_fit_the_row_is_refused(conn: Connection) -> None:
    record = await conn.fetchrow(SQL, 7, "blue", PICKED, {})
    with pytest.raises(msgspec.ValidationError, match="colour"):
        rows.one(record, Fruit)


async def test_many_keeps_the_order_and_none_is_none(conn: Connection) -> None:
    records = await conn.fetch(
        "select n as id, 'x' as name, 'red' as colour, null::timestamptz as picked, "
        "'{}'::jsonb as settings from generate_series(3, 1, -1) n"
    )
    assert [row.id for row in rows.many(records, Fruit)] == [3, 2, 1]
    assert rows.maybe(await conn.fetchrow("select 1 as id where false"), Fruit) is None
    with pytest.raises(LookupError, match="Fruit"):
        rows.one(None, Fruit)


async def test_a_pools_connections_speak_json_and_utc(dsn: str) -> None:
    pool = await open_pool(dsn, size=2)
    try:
        assert await pool.fetchval("select $1::jsonb -> 'a'", {"a": [1]}) == [1]
        assert await pool.fetchval("select json_build_object('a', 1)") == {"a": 1}
        assert await pool.fetchval("show timezone") == "UTC"
    finally:
        await pool.close()


async def test_an_address_without_a_database_is_said_in_one_sentence() -> None:
    for open_it in (connect, open_pool):
        with pytest.raises(Unusable, match=r"can't be reached.*Check DATABASE_URL"):
            await open_it("postgresql://nobody@localhost:1/none")
