"""Fixes and visits by duty day: partitions attached before they are needed."""

from collections.abc import Iterable
from datetime import date

from alliance.db.pool import Connection

PARTITIONED = ("fix", "visit")
# What makes a fix one. In the table's own key the duty day, and so 16 bytes more, would have to be repeated.
ONCE = "create unique index if not exists {name}_once on {name} (assignment, ms);"
LOCK = 0x46495853  # "FIXS": one process attaches at a time


def partition(table: str, day: date) -> str:
    return f"{table}_{day:%Y%m%d}"


async def ensure_partitions(conn: Connection, days: Iterable[date]) -> None:
    """Makes and attaches what is missing; writers of other days are not held up."""
    wanted = sorted(set(days))
    have = await attached(conn)
    missing = [(table, day) for table in PARTITIONED for day in wanted if partition(table, day) not in have]
    if not missing:
        return
    async with conn.transaction():
        await conn.execute("select pg_advisory_xact_lock($1)", LOCK)
        have = await attached(conn)
        for table, day in missing:
            if partition(table, day) not in have:
                await _attach(conn, table, day)


async def attached(conn: Connection) -> dict[str, str]:
    """Partition → table."""
    records = await conn.fetch(
        """
        select c.relname as partition, p.relname as parent from pg_inherits i
        join pg_class c on c.oid = i.inhrelid join pg_class p on p.oid = i.inhparent
        where p.relname = any($1::text[]) and p.relnamespace = 'public'::regnamespace
        """,
        PARTITIONED,
    )
    return {record["partition"]: record["parent"] for record in records}


async def pack(conn: Connection, days: Iterable[date]) -> int:
    """Builds the keys of these days' fixes anew; needs no open transaction, holds nobody up.

    Phones send by turns, and pages that split between them stay half empty for good. Few fixes come later.
    """
    have = await attached(conn)
    names = [name for day in days if (name := partition("fix", day)) in have]
    for name in names:
        await conn.execute(f"alter index {name}_once set (fillfactor = 100)")
        await conn.execute(f"reindex index concurrently {name}_once")
    return len(names)


async def _attach(conn: Connection, table: str, day: date) -> None:
    """A table of its own first, so that only the ATTACH, which lets writers pass, touches the parent."""
    name = partition(table, day)
    following = date.fromordinal(day.toordinal() + 1)
    await conn.execute(
        f"""
        create table if not exists {name} (
            like {table} including all,
            check (duty_day >= '{day}' and duty_day < '{following}'));
        {ONCE.format(name=name) if table == "fix" else ""}
        alter table {table} attach partition {name} for values from ('{day}') to ('{following}');
        """
    )
