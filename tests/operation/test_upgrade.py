"""An upgrade keeps every row: a database that has lived through all releases is like a new one, but full."""

import shutil
from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from alliance.db.migrate import FOLDER, applied, available, migrate
from alliance.db.pool import Connection, connect
from alliance.patrol.partitions import ensure_partitions
from tests.conftest import sibling

# What people wrote right after the migration of that number; never changed later, as what they wrote isn't.
WRITTEN = {
    1: [
        """insert into district (district_id, name, name_en, time_zone, boundary, created_at)
           values (1, '增城', 'Zengcheng', 'Asia/Shanghai', '{"type": "Polygon"}', now())""",
        """insert into area (district_id, code, kind, name, town, lat, lon)
           values (1, 't1', 'town', '荔城', 't1', 23.29, 113.83)""",
    ],
    2: [
        "insert into event_counter (district_id, last) values (1, 1)",
        """insert into event (district_id, id, kind, at, actor, areas, people, data)
           values (1, 1, 'person_added', now(), null, '{t1}', '{1}', '{"person": 1}')""",
    ],
    3: [
        "insert into organisation (district_id, code, name, kind) values (1, 'o1', '荔城保安', 'company')",
        """insert into person (district_id, organisation, name, born, home, created_at)
           select 1, id, '陈小明', '1990-05-01', '8941188010fffff', now() from organisation""",
    ],
    5: [
        """insert into roster (district_id, first_day, last_day, state, made_at, hard_violations)
           values (1, '2026-03-02', '2026-03-08', 'published', now(), 0)""",
    ],
    8: [
        "insert into ledger_head (district_id, n, hash) values (1, 1, '\\x01')",
        """insert into ledger (district_id, n, person, organisation, duty_day, kind, amount, rule_set,
                               source_kind, source, at, hash)
           values (1, 1, 1, 1, '2026-03-04', 'grant', 250, 1, 'grant', 1, now(), '\\x01')""",
    ],
}
TABLES = ("district", "area", "event", "organisation", "person", "roster", "ledger_head", "ledger")


@pytest.fixture
async def old(server: str) -> AsyncIterator[Connection]:
    """An empty database."""
    admin = await connect(server)
    await admin.execute("create database upgraded")
    conn = await connect(sibling(server, "upgraded"))
    yield conn
    await conn.close()
    await admin.execute("drop database upgraded")
    await admin.close()


async def rows(conn: Connection) -> dict[str, list[dict[str, Any]]]:
    return {
        table: [
            record["row"]
            for record in await conn.fetch(f"select to_jsonb(t) as row from {table} t order by t")
        ]
        for table in TABLES
        if await conn.fetchval("select to_regclass($1)", table) is not None
    }


async def columns(conn: Connection) -> list[tuple[Any, ...]]:
    records = await conn.fetch(
        """
        select table_name, column_name, data_type, is_nullable, column_default
        from information_schema.columns where table_schema = 'public' order by 1, 2
        """
    )
    return [tuple(record) for record in records]


async def indexes(conn: Connection) -> list[str]:
    records = await conn.fetch("select indexdef from pg_indexes where schemaname = 'public' order by 1")
    return [record["indexdef"] for record in records]


async def test_what_was_written_under_any_release_is_there_after_the_last(
    old: Connection, conn: Connection, tmp_path: Path
) -> None:
    kept: dict[str, list[dict[str, Any]]] = {}
    for file in available():
        (source,) = FOLDER.glob(f"{file.number:04}_*.sql")
        shutil.copy(source, tmp_path)
        assert [done.number for done in await migrate(old, tmp_path)] == [file.number]
        for sql in WRITTEN.get(file.number, ()):
            await old.execute(sql)
        now = await rows(old)
        for table, before in kept.items():
            assert len(now[table]) == len(before), f"{file.name}: {table}"
            for was, row in zip(before, now[table], strict=True):
                assert was.items() <= row.items(), f"{file.name}: {table}"
        kept = now
    assert {table for table, found in kept.items() if found} == set(TABLES)
    assert [row.number for row in await applied(old)] == [file.number for file in available()]
    assert await columns(old) == await columns(conn)
    assert await indexes(old) == await indexes(conn)


async def test_fixes_stay_once_and_as_they_were_in_smaller_rows(old: Connection, tmp_path: Path) -> None:
    for file in available():
        (source,) = FOLDER.glob(f"{file.number:04}_*.sql")
        shutil.copy(source, tmp_path)
        if file.name == "fix_key":
            break
        await migrate(old, tmp_path)
    await old.execute(
        """
        create table fix_20260304 (like fix including all,
                                   check (duty_day >= '2026-03-04' and duty_day < '2026-03-05'));
        alter table fix attach partition fix_20260304 for values from ('2026-03-04') to ('2026-03-05');
        insert into fix (assignment, at, received_at, district_id, duty_day, lat, lon, accuracy, battery,
                         flags)
        select a, t, t + 5, 1, '2026-03-04', 232900000, 1138100000, 10, 25 * a - 26, a
        from generate_series(1, 5) a, generate_series(1772582350000, 1772582445000, 5000) t;
        """
    )
    before = await old.fetch("select to_jsonb(f) from fix f order by assignment, at")
    await migrate(old)
    await ensure_partitions(old, [date(2026, 3, 4), date(2026, 3, 5)])
    for day in ("2026-03-04", "2026-03-05"):
        for _ in range(2):
            await old.execute(
                f"""
                insert into fix (assignment, ms, delay_ms, district_id, duty_day, lat, lon, accuracy,
                                 battery, flags)
                values (5, -50000, 99, 1, '{day}', 1, 1, 1, 1, 0) on conflict do nothing
                """
            )
    kept = await old.fetch(
        "select to_jsonb(f) from fix_read f where duty_day = '2026-03-04' order by assignment, at"
    )
    assert kept == before
    assert len(before) == 100
    assert await old.fetchval("select count(*) from fix where duty_day = '2026-03-05'") == 1


async def test_visits_stay_beside_scans_under_their_new_key(old: Connection, tmp_path: Path) -> None:
    for file in available():
        (source,) = FOLDER.glob(f"{file.number:04}_*.sql")
        if file.name == "checkpoint":
            break
        shutil.copy(source, tmp_path)
        await migrate(old, tmp_path)
    await old.execute(
        "create table visit_20260304 partition of visit for values from ('2026-03-04') to ('2026-03-05')"
    )
    visit = """
        insert into visit (district_id, duty_day, assignment, from_at, to_at, cell, checkpoint)
        select 1, '2026-03-04', a, 7, 9, 11, {checkpoint} from generate_series(1, 5) a on conflict do nothing
        """
    await old.execute(visit.format(checkpoint="false"))
    before = await old.fetch("select to_jsonb(v) from visit v order by assignment")
    await migrate(old)
    await old.execute(visit.format(checkpoint="false"))
    assert await old.fetch("select to_jsonb(v) from visit v order by assignment") == before
    await ensure_partitions(old, [date(2026, 3, 4), date(2026, 3, 5)])
    for _ in range(2):
        await old.execute(visit.format(checkpoint="true"))
    assert await old.fetchval("select count(*) from visit") == 2 * len(before) == 10
