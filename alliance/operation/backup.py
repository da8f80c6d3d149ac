"""Backup while the service runs, and restore into an empty database, each verified before it says so."""

import asyncio
import tempfile
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from alliance.actor import DistrictId
from alliance.config import Unusable
from alliance.credit import ledger
from alliance.db import migrate, pool, rows
from alliance.db.pool import Connection
from alliance.operation import archive, dump
from alliance.operation.archive import Head, Manifest

Report = Callable[[str], None]


async def backup(
    dsn: str, out: Path, *, release: str, now: datetime, key: Path | None, report: Report
) -> Manifest:
    """One consistent snapshot: the dump and the manifest's figures see the same moment."""
    archive.must_be_free(out)
    conn = await pool.connect(dsn)
    try:
        with tempfile.TemporaryDirectory(prefix=".backup-", dir=out.parent) as folder:
            made = Path(folder) / archive.DUMP
            async with conn.transaction(isolation="repeatable_read", readonly=True):
                snapshot = await conn.fetchval("select pg_export_snapshot()")
                report("writing the dump")
                await asyncio.to_thread(dump.dump, dsn, made, snapshot)
                report("counting rows")
                manifest = await _manifest(conn, made, release=release, now=now, with_key=key is not None)
            report("reading the dump back")
            await asyncio.to_thread(dump.read_through, made)
            await asyncio.to_thread(archive.write, out, manifest, made, key)
    finally:
        await conn.close()
    return manifest


async def restore(dsn: str, file: Path, *, key: Path | None, report: Report) -> Manifest:
    """`key`: where the backup's key goes; one that is there already stays and must be the same."""
    conn = await pool.connect(dsn)
    try:
        await _must_be_empty(conn)
        with tempfile.TemporaryDirectory(prefix=".restore-", dir=file.parent) as folder:
            manifest = await asyncio.to_thread(archive.unpack, file, Path(folder))
            _must_be_known(manifest)
            report("loading the dump")
            await asyncio.to_thread(dump.load, dsn, Path(folder) / archive.DUMP)
            if manifest.with_key and key is not None:
                _place_key(Path(folder) / archive.KEY, key)
        report("comparing with the manifest")
        await _must_equal(conn, manifest)
        await migrate.migrate(conn)
        await conn.execute("analyze")
    finally:
        await conn.close()
    return manifest


async def _manifest(conn: Connection, made: Path, *, release: str, now: datetime, with_key: bool) -> Manifest:
    return Manifest(
        format=archive.FORMAT,
        release=release,
        at=now,
        migration=await conn.fetchval("select max(number) from migration"),
        server=int(await conn.fetchval("select current_setting('server_version_num')")),
        dump_sha256=await asyncio.to_thread(archive.sha256_of, made),
        rows=await count_rows(conn),
        heads=await heads(conn),
        with_key=with_key,
    )


async def count_rows(conn: Connection) -> dict[str, int]:
    """Exact counts, a partitioned table under its own name."""
    names = await conn.fetch(
        """
        select c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
        where n.nspname = 'public' and c.relkind in ('r', 'p') and not c.relispartition order by c.relname
        """
    )
    return {
        name: await conn.fetchval(f'select count(*) from public."{name}"')  # a name from the catalogue
        for (name,) in names
    }


async def heads(conn: Connection) -> list[Head]:
    records = await conn.fetch(
        """
        select d.district_id as district, coalesce(l.n, 0) as n,
               coalesce(encode(l.hash, 'hex'), repeat('0', 64)) as hash, coalesce(e.last, 0) as event
        from district d
        left join ledger_head l on l.district_id = d.district_id
        left join event_counter e on e.district_id = d.district_id
        order by d.district_id
        """
    )
    return rows.many(records, Head)


async def _must_be_empty(conn: Connection) -> None:
    table = await conn.fetchval(
        "select tablename from pg_tables where schemaname = 'public' order by tablename limit 1"
    )
    if table is not None:
        raise Unusable(
            f"The database is not empty: it has the table {table}. Restore into "
            "a new data directory (--data) or an empty database."
        )


def _must_be_known(manifest: Manifest) -> None:
    newest = migrate.available()[-1].number
    if manifest.migration > newest:
        raise Unusable(
            f"The backup was made by release {manifest.release} with migration {manifest.migration}; "
            f"this program knows {newest}. Install that release or a newer one."
        )


async def _must_equal(conn: Connection, manifest: Manifest) -> None:
    found = await count_rows(conn)
    for table, count in manifest.rows.items():
        if found.get(table) != count:
            raise Unusable(f"After the restore {table} has {found.get(table)} rows; the backup had {count}.")
    if await heads(conn) != manifest.heads:
        raise Unusable("After the restore the ledger's or the events' heads differ from the backup's.")
    for head in manifest.heads:
        verdict = await ledger.verify(conn, DistrictId(head.district))
        if verdict.broken is not None:
            raise Unusable(
                f"The backup's own ledger of district {head.district} is broken: entry {verdict.broken} "
                f"{verdict.what}."
            )


def _place_key(brought: Path, key: Path) -> None:
    content = brought.read_bytes()
    if key.exists():
        if key.read_bytes() != content:
            raise Unusable(f"{key} is another key than the backup's: move it away, then restore again.")
        return
    key.parent.mkdir(parents=True, exist_ok=True)
    key.touch(mode=0o600)
    key.write_bytes(content)
