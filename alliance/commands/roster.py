"""alliance roster: solve and check problems in files, draft and publish in the database."""

import asyncio
import os
import sys
from datetime import UTC, datetime
from pathlib import Path

import click

from alliance.actor import DistrictId
from alliance.commands.migrate import run as migrate
from alliance.config import Unusable, read
from alliance.db.pool import open_pool
from alliance.db.reach import reach
from alliance.roster.ensure import ensure_rosters
from alliance.roster.workers import Workers
from scheduler import problem as ask
from scheduler import roster as answer
from scheduler.check import check as witness
from scheduler.solve import Budget
from scheduler.solve import solve as search
from scheduler.sound import Unsound, flaws

File = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group()
def command() -> None:
    """Solve and check rosters in files; draft and publish them in the database."""


@command.command()
@click.argument("problem", type=File)
@click.option("-o", "--out", type=click.Path(dir_okay=False, path_type=Path), required=True)
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True)
def solve(problem: Path, out: Path, seed: int) -> None:
    """Solve PROBLEM (JSON) and write the roster; says its value, bound and shortfalls."""
    try:
        solved = search(_problem(problem), Budget(seed=seed))
    except Unsound as unsound:
        for flaw in unsound.flaws:
            click.echo(f"{flaw.path} = {flaw.value}: {flaw.remedy}", err=True)
        raise Unusable(f"{problem} is not sound: {len(unsound.flaws)} flaws") from None
    out.write_bytes(answer.to_json(solved))
    click.echo(
        f"{len(solved.assignments)} assignments, objective {solved.objective:.2f}, bound {solved.bound}, "
        f"{sum(s.missing for s in solved.shortfalls)} people short"
    )


@command.command()
@click.argument("problem", type=File)
@click.argument("roster", type=File)
def check(problem: Path, roster: Path) -> None:
    """Check ROSTER against PROBLEM; names each broken hard rule and exits 1 if there is any."""
    asked = _problem(problem)
    if wrong := flaws(asked):
        raise Unusable(f"{problem} is not sound: {wrong[0].path} = {wrong[0].value}: {wrong[0].remedy}")
    found = list(witness(asked, answer.from_json(roster.read_bytes()).assignments))
    for violation in found:
        click.echo(f"{violation.rule.value}: {violation}")
    click.echo(f"{len(found)} hard violations")
    sys.exit(1 if found else 0)


@command.command()
@click.option("--district", type=int, required=True)
@click.option("--days", type=click.IntRange(1, 14), default=7, show_default=True)
def publish(district: int, days: int) -> None:
    """Draft, check and publish rosters so that today and the DAYS after it are covered."""
    with reach(read(os.environ)) as dsn:
        numbers = asyncio.run(_publish(dsn, DistrictId(district), days))
    click.echo(f"published: {', '.join(map(str, numbers)) or 'nothing was missing'}")


async def _publish(dsn: str, district: DistrictId, days: int) -> list[int]:
    await migrate(dsn)
    pool = await open_pool(dsn, size=3)
    try:
        return list(await ensure_rosters(pool, Workers(dsn), district, datetime.now(UTC), days=days))
    finally:
        await pool.close()


def _problem(file: Path) -> ask.Problem:
    try:
        return ask.from_json(file.read_bytes())
    except ValueError as error:
        raise Unusable(f"{file} is no roster problem: {error}") from error
