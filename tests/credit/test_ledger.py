"""The ledger in the database: intact after any history, and every kind of tampering named."""

import asyncio
import re
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from alliance import events
from alliance.actor import DistrictId
from alliance.commands.ledger import command
from alliance.credit import ledger
from alliance.credit.model import Draft, Head, SourceKind
from tests.incidents.world import World
from tests.sources import ROOT

pytestmark = pytest.mark.asyncio(loop_scope="module")


def draft(world: World, name: str, amount: int) -> Draft:
    return Draft(
        person=world.people[name],
        organisation=world.organisations[name[:2]],
        duty_day=date(2026, 3, 4),
        kind="grant",
        amount=amount,
        rule_set=1,
        source_kind=SourceKind.GRANT,
        source=1,
        actor=world.people["admin"],
        note="测试",
    )


async def append(world: World, *amounts: int) -> None:
    async with events.transaction(world.service.pool, DistrictId(world.district)) as tx:
        await ledger.append(
            tx, [draft(world, "o1 guard", amount) for amount in amounts], world.service.clock.now
        )


async def verify(world: World, head: Head | None = None) -> ledger.Verdict:
    async with world.service.pool.acquire() as conn:
        return await ledger.verify(conn, DistrictId(world.district), head)


async def tamper(world: World, sql: str) -> None:
    """Change the ledger behind the service's back."""
    async with world.service.pool.acquire() as conn, conn.transaction():
        await conn.execute("alter table ledger disable trigger ledger_append_only")
        await conn.execute(sql.replace("DISTRICT", str(world.district)))
        await conn.execute("alter table ledger enable trigger ledger_append_only")


async def test_an_empty_ledger_and_a_long_one_are_intact(world: World) -> None:
    assert (await verify(world)).broken is None
    await append(world, *range(1, 6002))
    await append(world, 5)
    verdict = await verify(world)
    assert (verdict.broken, verdict.entries, verdict.head.n) == (None, 6002, 6002)


@pytest.mark.parametrize(
    ("sql", "broken", "what"),
    [
        ("update ledger set amount = amount + 1 where district_id = DISTRICT and n = 3", 3, "changed"),
        ("update ledger set person = person + 1 where district_id = DISTRICT and n = 1", 1, "changed"),
        ("update ledger set at = at + interval '1 ms' where district_id = DISTRICT and n = 5", 5, "changed"),
        ("update ledger set beat = 'b9' where district_id = DISTRICT and n = 2", 2, "changed"),
        (
            "update ledger set hash = sha256(hash) where district_id = DISTRICT and n = 4",
            4,
            "changed",
        ),
        ("delete from ledger where district_id = DISTRICT and n = 3", 3, "missing"),
        ("delete from ledger where district_id = DISTRICT and n = 5", 5, "missing"),
        ("delete from ledger where district_id = DISTRICT and n = 1", 1, "missing"),
        ("delete from ledger where district_id = DISTRICT", 1, "missing"),
    ],
)
async def test_the_first_broken_entry_is_named(world: World, sql: str, broken: int, what: str) -> None:
    await append(world, 1, 2, 3, 4, 5)
    await tamper(world, sql)
    verdict = await verify(world)
    assert (verdict.broken, what in (verdict.what or "")) == (broken, True)


async def test_an_end_that_was_cut_off_with_the_head_shows_against_a_published_head(world: World) -> None:
    await append(world, 1, 2, 3)
    head = (await verify(world)).head
    await tamper(world, "delete from ledger where district_id = DISTRICT and n = 3")
    async with world.service.pool.acquire() as conn:
        await conn.execute(
            """
            update ledger_head h set n = 2, hash = l.hash from ledger l
            where h.district_id = $1 and l.district_id = $1 and l.n = 2
            """,
            world.district,
        )
    assert (await verify(world)).broken is None
    assert (await verify(world, head)).broken == 3


async def test_a_chain_forged_whole_shows_against_a_published_head(world: World) -> None:
    await append(world, 1, 2, 3)
    head = (await verify(world)).head
    await tamper(world, "delete from ledger where district_id = DISTRICT")
    await tamper(world, "delete from ledger_note where district_id = DISTRICT")
    async with world.service.pool.acquire() as conn:
        await conn.execute(
            "update ledger_head set n = 0, hash = decode(repeat('00', 32), 'hex') where district_id = $1",
            world.district,
        )
    await append(world, 1, 99, 3, 4)
    assert (await verify(world)).broken is None
    assert (await verify(world, head)).broken == 3


async def test_the_database_itself_refuses_changes(world: World) -> None:
    await append(world, 1)
    async with world.service.pool.acquire() as conn:
        for sql in ("update ledger set amount = 2", "delete from ledger"):
            with pytest.raises(Exception, match="append-only"):
                await conn.execute(sql)


async def test_many_writers_at_once_leave_no_gap(world: World) -> None:
    await asyncio.gather(*(append(world, n, -n) for n in range(1, 13)))
    verdict = await verify(world)
    assert (verdict.broken, verdict.entries) == (None, 24)


def run(world: World, own_dsn: str, *arguments: str) -> Any:
    return CliRunner().invoke(command, list(arguments), env={"DATABASE_URL": own_dsn})


async def invoke(world: World, own_dsn: str, *arguments: str) -> Any:
    return await asyncio.to_thread(run, world, own_dsn, *arguments)


async def test_the_command_says_intact_or_names_the_entry_and_exits_1(world: World, own_dsn: str) -> None:
    await append(world, 1, 2, 3)
    district = ("--district", str(world.district))
    done = await invoke(world, own_dsn, "verify", *district)
    assert done.exit_code == 0
    head = (await verify(world)).head
    assert f"intact: 3 entries, head 3:{head.hash.hex()}" in done.output
    published = await invoke(world, own_dsn, "verify", *district, "--head", f"3:{head.hash.hex()}")
    assert published.exit_code == 0
    wrong = await invoke(world, own_dsn, "verify", *district, "--head", f"3:{'00' * 32}")
    assert (wrong.exit_code, "entry 3" in wrong.output) == (1, True)
    assert (await invoke(world, own_dsn, "verify", *district, "--head", "3:xyz")).exit_code == 2
    await tamper(world, "update ledger set amount = 7 where district_id = DISTRICT and n = 2")
    broken = await invoke(world, own_dsn, "verify", *district)
    assert (broken.exit_code, "BROKEN: entry 2 was changed" in broken.output) == (1, True)


async def test_an_outsider_checks_it_with_the_pages_recipe_alone(
    world: World, own_dsn: str, tmp_path: Path
) -> None:
    await append(world, 1, -2, 3)
    exported = await invoke(world, own_dsn, "export", "--district", str(world.district))
    lines = exported.output
    page = (ROOT / "docs" / "ledger.md").read_text(encoding="utf-8")
    (recipe,) = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    (tmp_path / "check.py").write_text(recipe, encoding="utf-8")
    head = (await verify(world)).head

    def check(text: str, *heads: str) -> tuple[int, str]:
        (tmp_path / "ledger.jsonl").write_text(text, encoding="utf-8")
        done = subprocess.run(
            [sys.executable, "-I", tmp_path / "check.py", tmp_path / "ledger.jsonl", *heads],
            capture_output=True,
            text=True,
        )
        return done.returncode, (done.stdout + done.stderr).strip()

    published = f"3:{head.hash.hex()}"
    assert check(lines) == (0, f"intact {published}")
    assert check(lines, published) == (0, f"intact {published}")
    assert check(lines, f"2:{head.hash.hex()}") == (1, "BROKEN at or before 2")
    assert check(lines.replace(",-2,", ",2,")) == (1, "BROKEN at 2")
    shorter = "".join(lines.splitlines(keepends=True)[:2])
    assert check(shorter)[0] == 0
    assert check(shorter, published) == (1, "BROKEN: the published entry 3 is missing")
