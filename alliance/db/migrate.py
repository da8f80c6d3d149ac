"""Numbered forward-only migrations, applied once each and in order."""

import hashlib
import re
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import asyncpg
from msgspec import Struct

from alliance.config import Unusable
from alliance.db import rows
from alliance.db.pool import Connection

FOLDER = Path(__file__).parent / "migrations"
NAME = re.compile(r"(\d{4})_([a-z0-9_]+)\.sql")
LOCK = 0x4C49414E  # "LIAN": one program migrates at a time

TABLE = """
create table if not exists migration (
    number integer primary key,
    name text not null,
    sha256 text not null,
    at timestamptz not null default now()
)
"""


class MigrationError(Unusable):
    """The database and the program's migrations don't fit together."""


class Migration(Struct, frozen=True, kw_only=True):
    """A file of the program."""

    number: int
    name: str
    sha256: str
    sql: str


class Applied(Struct, frozen=True, kw_only=True):
    """A row of the database: what was applied, and when."""

    number: int
    name: str
    sha256: str
    at: datetime


def available(folder: Path = FOLDER) -> list[Migration]:
    """The program's migrations in order; their numbers are 1, 2, 3, … without a gap."""
    found = []
    for path in sorted(folder.glob("*.sql")):
        match = NAME.fullmatch(path.name)
        if match is None:
            raise MigrationError(f"{path.name} is no migration: name it NNNN_noun.sql.")
        sql = path.read_bytes()
        found.append(
            Migration(
                number=int(match[1]), name=match[2], sha256=hashlib.sha256(sql).hexdigest(), sql=sql.decode()
            )
        )
    if [file.number for file in found] != list(range(1, len(found) + 1)):
        raise MigrationError(
            f"The migrations in {folder.name}/ are not numbered 0001, 0002, … without a gap."
        )
    return found


async def applied(conn: Connection) -> list[Applied]:
    """What the database has; nothing for one that was never migrated."""
    if await conn.fetchval("select to_regclass('migration')") is None:
        return []
    records = await conn.fetch("select number, name, sha256, at from migration order by number")
    return rows.many(records, Applied)


def pending(files: Sequence[Migration], done: Sequence[Applied]) -> list[Migration]:
    """The files still to apply; refuses a file changed after it was applied and a newer database."""
    by_number = {file.number: file for file in files}
    for row in done:
        file = by_number.get(row.number)
        if file is None:
            raise MigrationError(
                f"The database is newer than this program: it has migration {row.number:04}_{row.name}. "
                "Install the newer release, or restore a backup made by this one."
            )
        if file.sha256 != row.sha256:
            raise MigrationError(
                f"Migration {row.number:04}_{file.name} was changed after it was applied "
                f"on {row.at:%Y-%m-%d}. Restore the file, and put the change into a new migration."
            )
    have = {row.number for row in done}
    return [file for file in files if file.number not in have]


async def migrate(conn: Connection, folder: Path = FOLDER) -> list[Migration]:
    """Apply what is missing, each file in one transaction; returns what was applied."""
    await conn.execute("select pg_advisory_lock($1)", LOCK)
    try:
        await conn.execute(TABLE)
        todo = pending(available(folder), await applied(conn))
        for file in todo:
            await _apply(conn, file)
        return todo
    finally:
        await conn.execute("select pg_advisory_unlock($1)", LOCK)


async def _apply(conn: Connection, file: Migration) -> None:
    try:
        await _run(conn, file)
    except asyncpg.PostgresError as error:
        raise MigrationError(
            f"Migration {file.number:04}_{file.name} failed and left nothing behind: {error}"
        ) from error


async def _run(conn: Connection, file: Migration) -> None:
    async with conn.transaction():
        await conn.execute(file.sql)
        await conn.execute(
            "insert into migration (number, name, sha256) values ($1, $2, $3)",
            file.number,
            file.name,
            file.sha256,
        )
