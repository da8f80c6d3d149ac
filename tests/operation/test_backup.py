"""A backup holds everything of one moment; a restore is exact or refuses."""

import asyncio
import subprocess
import tarfile
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from alliance.config import Unusable
from alliance.db.pool import Pool, connect
from alliance.operation import archive
from alliance.operation.backup import backup, count_rows, restore
from tests import make
from tests.conftest import sibling

KEY = b"k" * 32


def silent(line: str) -> None:
    """Nobody listens."""


@pytest.fixture
async def empty(server: str) -> str:
    name = "restored"
    conn = await connect(server)
    await conn.execute(f"drop database if exists {name} with (force)")
    await conn.execute(f"create database {name}")
    await conn.close()
    return sibling(server, name)


async def saved(dsn: str, out: Path, key: Path | None = None) -> archive.Manifest:
    return await backup(dsn, out, release="0.1.0", now=make.NOW, key=key, report=silent)


async def test_what_was_written_comes_back(pool: Pool, dsn: str, empty: str, tmp_path: Path) -> None:
    async with pool.acquire() as conn:
        await make.district(conn)
        organisation = await make.organisation(conn)
        await make.person(conn, organisation, name="李荔")
        before = await count_rows(conn)
    (tmp_path / "key").write_bytes(KEY)
    made = await saved(dsn, tmp_path / "a.backup", tmp_path / "key")
    found = await restore(empty, tmp_path / "a.backup", key=tmp_path / "new" / "key", report=silent)
    assert found == made
    assert (tmp_path / "new" / "key").read_bytes() == KEY
    conn = await connect(empty)
    try:
        assert await count_rows(conn) == before
        assert await conn.fetchval("select name from person") == "李荔"
    finally:
        await conn.close()


async def test_a_backup_under_load_is_of_one_moment(pool: Pool, dsn: str, empty: str, tmp_path: Path) -> None:
    """People are added all the while, always two in one transaction: an odd number would be a torn backup."""
    async with pool.acquire() as conn:
        await make.district(conn)
        organisation = await make.organisation(conn)

    async def add() -> None:
        while True:
            async with pool.acquire() as conn, conn.transaction():
                await make.person(conn, organisation)
                await make.person(conn, organisation)

    adding = asyncio.create_task(add())
    try:
        made = await saved(dsn, tmp_path / "a.backup")
    finally:
        adding.cancel()
    assert made.rows["person"] % 2 == 0
    found = await restore(empty, tmp_path / "a.backup", key=None, report=silent)
    assert found.rows["person"] == made.rows["person"]


async def test_a_database_with_tables_is_not_overwritten(dsn: str, tmp_path: Path) -> None:
    await saved(dsn, tmp_path / "a.backup")
    with pytest.raises(Unusable, match="not empty"):
        await restore(dsn, tmp_path / "a.backup", key=None, report=silent)


async def test_a_file_that_is_there_is_not_overwritten(dsn: str, tmp_path: Path) -> None:
    (tmp_path / "a.backup").write_text("last year's")
    with pytest.raises(Unusable, match="exists"):
        await saved(dsn, tmp_path / "a.backup")
    assert (tmp_path / "a.backup").read_text() == "last year's"


async def test_one_changed_byte_is_found(dsn: str, empty: str, tmp_path: Path) -> None:
    file = tmp_path / "a.backup"
    await saved(dsn, file)
    with tarfile.open(file) as tar:
        dump = tar.getmember(archive.DUMP)
    content = bytearray(file.read_bytes())
    content[dump.offset_data + dump.size // 2] ^= 1
    file.write_bytes(content)
    with pytest.raises(Unusable, match="damaged"):
        await restore(empty, file, key=None, report=silent)


async def test_a_backup_of_a_newer_release_is_refused(dsn: str, empty: str, tmp_path: Path) -> None:
    file = tmp_path / "a.backup"
    made = await saved(dsn, file)
    newer = msgspec.structs.replace(made, migration=made.migration + 1, at=made.at + timedelta(days=1))
    with tarfile.open(file) as tar:
        tar.extract(archive.DUMP, tmp_path, filter="data")
    archive.write(tmp_path / "b.backup", newer, tmp_path / archive.DUMP, None)
    with pytest.raises(Unusable, match="this program knows"):
        await restore(empty, tmp_path / "b.backup", key=None, report=silent)


async def test_the_file_is_the_owners_alone(dsn: str, tmp_path: Path) -> None:
    await saved(dsn, tmp_path / "a.backup")
    mode = subprocess.run(
        ["stat", "-c", "%a", str(tmp_path / "a.backup")], capture_output=True, text=True, check=True
    )
    assert mode.stdout.strip() == "600"
