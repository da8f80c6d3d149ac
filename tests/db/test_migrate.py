"""Migrations are applied once, in order, whole, and never behind the operator's back."""

import asyncio
import shutil
from pathlib import Path

import pytest

from alliance.db.migrate import FOLDER, MigrationError, applied, available, migrate
from alliance.db.pool import Connection, connect


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "0001_apple.sql").write_text("create table apple (n integer); insert into apple values (1);")
    (tmp_path / "0002_pear.sql").write_text("create table pear (n integer);")
    return tmp_path


async def _emptied(conn: Connection) -> None:
    await conn.execute("drop schema public cascade; create schema public")


async def test_the_programs_own_migrations_are_all_applied_and_recorded(conn: Connection) -> None:
    have = [(row.number, row.name, row.sha256) for row in await applied(conn)]
    assert have == [(file.number, file.name, file.sha256) for file in available(FOLDER)]
    assert await migrate(conn) == []


async def test_each_file_is_applied_once_and_in_order(conn: Connection, folder: Path) -> None:
    await _emptied(conn)
    assert [file.name for file in await migrate(conn, folder)] == ["apple", "pear"]
    assert await migrate(conn, folder) == []
    assert await conn.fetchval("select count(*) from apple") == 1
    (folder / "0003_plum.sql").write_text("create table plum (n integer)")
    assert [file.number for file in await migrate(conn, folder)] == [3]


async def test_a_failing_file_leaves_nothing_of_itself_and_keeps_those_before(
    conn: Connection, folder: Path
) -> None:
    await _emptied(conn)
    (folder / "0003_plum.sql").write_text("create table plum (n integer); select 1 / 0;")
    with pytest.raises(MigrationError, match="0003_plum.*division by zero"):
        await migrate(conn, folder)
    assert [row.name for row in await applied(conn)] == ["apple", "pear"]
    assert await conn.fetchval("select to_regclass('plum')") is None


async def test_a_file_changed_after_it_was_applied_is_refused(conn: Connection, folder: Path) -> None:
    await _emptied(conn)
    await migrate(conn, folder)
    (folder / "0001_apple.sql").write_text("create table apple (n bigint)")
    with pytest.raises(MigrationError, match="0001_apple was changed"):
        await migrate(conn, folder)


async def test_a_database_newer_than_the_program_is_refused(conn: Connection, folder: Path) -> None:
    await _emptied(conn)
    await migrate(conn, folder)
    (folder / "0002_pear.sql").unlink()
    with pytest.raises(MigrationError, match="newer than this program.*0002_pear"):
        await migrate(conn, folder)


@pytest.mark.parametrize("name", ["0004_late.sql", "2_short.sql", "0003-dash.sql"])
def test_a_misnamed_file_is_refused(folder: Path, name: str) -> None:
    (folder / name).write_text("select 1")
    with pytest.raises(MigrationError):
        available(folder)


async def test_two_programs_at_once_apply_each_file_once(dsn: str, folder: Path) -> None:
    shutil.copy(folder / "0001_apple.sql", folder / "0003_apricot.sql")
    (folder / "0003_apricot.sql").write_text("create table apricot (n integer); select pg_sleep(0.2);")
    first, second = await connect(dsn), await connect(dsn)
    await _emptied(first)
    done = await asyncio.gather(migrate(first, folder), migrate(second, folder))
    assert sorted(len(files) for files in done) == [0, 3]
    await first.close()
    await second.close()
