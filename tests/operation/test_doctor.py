"""The doctor says what stands in the way, names no secret, and its exit code is the verdict."""

from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from alliance.commands import doctor
from alliance.config import Unusable
from alliance.db.pool import Pool
from alliance.operation import checkup
from alliance.patrol.partitions import ensure_partitions
from tests import make


def told(data: Path, dsn: str, **settings: str) -> Result:
    env = {"ALLIANCE_DATA": str(data), "DATABASE_URL": dsn, **settings}
    return CliRunner().invoke(doctor.command, env=env)


@pytest.fixture(autouse=True)
def pages(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Whether the front is built here is not what these tests are about."""
    built = tmp_path / "index.html"
    built.touch()
    monkeypatch.setattr(doctor, "FRONT", built)
    monkeypatch.setattr(doctor, "LEAST_FREE_BYTES", 0)


def test_a_sound_installation_is_told_line_by_line(dsn: str, tmp_path: Path) -> None:
    done = told(tmp_path, dsn)
    assert done.exit_code == 0, done.output
    for name in ("disk", "files", "rights", "fsync", "database", "clock", "ledger", "partitions", "jobs"):
        assert f"ok       {name}: " in done.output
    assert "of 40" in done.output
    assert dsn not in done.output


def test_a_mistyped_setting_and_a_key_open_to_others_are_named(dsn: str, tmp_path: Path) -> None:
    key = tmp_path / "key"
    key.write_bytes(b"k" * 32)
    key.chmod(0o644)
    done = told(tmp_path, dsn, ALLIANCE_PROT="80")
    assert done.exit_code == 1
    assert "ALLIANCE_PROT is no setting; did you mean ALLIANCE_PORT?" in done.output
    assert f"failed   rights: {key} can be read by others: chmod 600 {key}" in done.output


def test_a_database_out_of_reach_is_one_line(tmp_path: Path) -> None:
    done = told(tmp_path, f"postgresql://nobody:s3cret@/none?host={tmp_path}")
    assert done.exit_code == 1
    assert "failed   database: can't be reached" in done.output
    assert "s3cret" not in done.output
    assert "Traceback" not in done.output


async def test_a_failed_job_and_missing_tables_are_found(pool: Pool) -> None:
    async with pool.acquire() as conn:
        assert "none ran yet" in await checkup.jobs(conn, make.NOW)
        await conn.execute(
            """
            insert into job_run (district_id, job, node, started_at, ended_at, outcome, detail)
            values (0, 'retention', 'here:1', $1, $1, 'failed', 'x')
            """,
            make.NOW,
        )
        with pytest.raises(Unusable, match="retention failed on 03-04 04:00"):
            await checkup.jobs(conn, make.NOW)
        await ensure_partitions(conn, [make.NOW.date()])
        assert await checkup.partitions(conn, make.NOW) == "fix up to 2026-03-04, visit up to 2026-03-04"
        await conn.execute(
            "insert into job_lease values (0, 'jobs', 'here:1', clock_timestamp() + interval '1 minute')"
        )
        with pytest.raises(Unusable, match="fix has tables up to 2026-03-04 only"):
            await checkup.partitions(conn, make.NOW)


async def test_a_clock_that_is_off_is_found(pool: Pool) -> None:
    async with pool.acquire() as conn:
        theirs = await conn.fetchval("select clock_timestamp()")
        assert "from the database's" in await checkup.clock(conn, theirs)
        with pytest.raises(Unusable, match="set both by NTP"):
            await checkup.clock(conn, theirs - timedelta(minutes=5))
