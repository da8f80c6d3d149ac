"""The SQL of calls, weights and their overrides."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime

import asyncpg
import numpy as np

from alliance.actor import DistrictId, PersonId
from alliance.areas.model import Happenings, NewOverride, Override, WeightVersion
from alliance.db import rows
from geo.cell import Cell, Floats


async def next_weight_version(conn: asyncpg.Connection, district: DistrictId) -> int:
    """Locks the district's row, so that versions don't collide."""
    number = await conn.fetchval(
        """
        select coalesce((select max(version) from weight_version where district_id = $1), 0) + 1
        from district where district_id = $1 for update
        """,
        district,
    )
    return int(number)


async def insert_weights(
    conn: asyncpg.Connection,
    district: DistrictId,
    made: WeightVersion,
    *,
    cells: Sequence[Cell],
    columns: Floats,
    now: datetime,
) -> None:
    """`columns` is (weekdays × duty shifts, cells)."""
    await conn.execute(
        """
        insert into weight_version (district_id, version, valid_from, duty_shifts, made_at)
        values ($1, $2, $3, $4, $5)
        """,
        district,
        made.version,
        made.valid_from,
        list(made.duty_shifts),
        now,
    )
    per_cell = columns.T.astype(np.float32).tolist()
    await conn.copy_records_to_table(
        "cell_weight",
        columns=("district_id", "version", "cell", "weights"),
        records=[(district, made.version, cell, row) for cell, row in zip(cells, per_cell, strict=True)],
    )


async def weight_versions(
    conn: asyncpg.Connection, district: DistrictId, since: datetime | None
) -> list[WeightVersion]:
    """Those in force at `since` or later; None means the newest alone."""
    records = await conn.fetch(
        """
        select version, valid_from, duty_shifts from weight_version
        where district_id = $1 and version >= coalesce(
            (select max(version) from weight_version
             where district_id = $1 and ($2::timestamptz is null or valid_from <= $2)), 0)
        order by version
        """,
        district,
        since,
    )
    return rows.many(records, WeightVersion)


async def weights(conn: asyncpg.Connection, district: DistrictId, version: int) -> tuple[list[Cell], Floats]:
    """The cells in order and their weights, (cells, weekdays × duty shifts)."""
    record = await conn.fetchrow(
        """
        select coalesce(array_agg(cell order by cell), '{}') as cells,
               string_agg(array_send(weights), ''::bytea order by cell) as packed
        from cell_weight where district_id = $1 and version = $2
        """,
        district,
        version,
    )
    return record["cells"], unpack(record["packed"] or b"", len(record["cells"]))


def unpack(packed: bytes, count: int) -> Floats:
    """PostgreSQL's own binary form of `count` real[] of one length, one after the other."""
    if not count:
        return np.zeros((0, 0))
    words = np.frombuffer(packed, dtype=">i4").reshape(count, -1)
    # Header: dimensions, nulls, element type, length, lower bound; then size and value of each.
    values = words[:, 5:].reshape(count, -1, 2)[:, :, 1]
    return np.ascontiguousarray(values).view(">f4").astype(np.float64)


async def drop_weights(conn: asyncpg.Connection, district: DistrictId, before: datetime) -> None:
    """Forget the versions that were no longer in force at that instant."""
    oldest = await conn.fetchval(
        "select max(version) from weight_version where district_id = $1 and valid_from <= $2",
        district,
        before,
    )
    if oldest is None:
        return
    await conn.execute("delete from cell_weight where district_id = $1 and version < $2", district, oldest)
    await conn.execute("delete from weight_version where district_id = $1 and version < $2", district, oldest)


async def copy_calls(
    conn: asyncpg.Connection, district: DistrictId, calls: Iterable[tuple[datetime, Cell, str]]
) -> None:
    await conn.copy_records_to_table(
        "call",
        columns=("district_id", "at", "cell", "kind"),
        records=[(district, at, cell, kind) for at, cell, kind in calls],
    )


async def calls(conn: asyncpg.Connection, district: DistrictId, start: datetime, end: datetime) -> Happenings:
    record = await conn.fetchrow(
        """
        select coalesce(array_agg(cell order by at, cell), '{}') as cells,
               coalesce(array_agg(at order by at, cell), '{}') as at
        from call where district_id = $1 and at >= $2 and at < $3
        """,
        district,
        start,
        end,
    )
    return rows.one(record, Happenings)


async def insert_override(
    conn: asyncpg.Connection, district: DistrictId, given: NewOverride, actor: PersonId, now: datetime
) -> int:
    number = await conn.fetchval(
        """
        insert into weight_override
            (district_id, cell, amount, reason, ends_on, actor, at, weekdays, patterns)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9) returning id
        """,
        district,
        given.cell,
        given.amount,
        given.reason,
        given.ends_on,
        actor,
        now,
        given.weekdays,
        given.patterns,
    )
    return int(number)


async def override(conn: asyncpg.Connection, district: DistrictId, number: int) -> Override | None:
    """Unless it was withdrawn."""
    record = await conn.fetchrow(
        """
        select id, cell, amount, reason, ends_on, weekdays, patterns, actor, at from weight_override
        where district_id = $1 and id = $2 and withdrawn_at is null
        """,
        district,
        number,
    )
    return rows.maybe(record, Override)


async def withdraw_override(
    conn: asyncpg.Connection, district: DistrictId, number: int, now: datetime
) -> None:
    await conn.execute(
        """
        update weight_override set withdrawn_at = $3
        where district_id = $1 and id = $2 and withdrawn_at is null
        """,
        district,
        number,
        now,
    )


async def overrides(conn: asyncpg.Connection, district: DistrictId, day: date) -> list[Override]:
    """Those in force on a day."""
    records = await conn.fetch(
        """
        select id, cell, amount, reason, ends_on, weekdays, patterns, actor, at from weight_override
        where district_id = $1 and ends_on >= $2 and withdrawn_at is null order by id
        """,
        district,
        day,
    )
    return rows.many(records, Override)
