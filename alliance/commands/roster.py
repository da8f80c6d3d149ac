"""alliance roster: solve and check problems in files, draft and publish in the database."""

import asyncio
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import click
import msgspec

from alliance.actor import DistrictId
from alliance.commands.migrate import run as migrate
from alliance.config import Unusable, read
from alliance.db.pool import open_pool
from alliance.db.reach import reach
from alliance.roster.ensure import ensure_rosters
from alliance.roster.workers import Workers
from scheduler import problem as ask
from scheduler import roster as answer
from scheduler.certify import certified_bound
from scheduler.check import check as witness
from scheduler.instances import INSTANCES, build, fingerprint
from scheduler.solve import Budget, Progress
from scheduler.solve import solve as search
from scheduler.sound import flaws
from scheduler.terms import terms

ROUNDS, TURNS, NEAR = 150, 1_000, 1e-6
Out = click.Path(dir_okay=False, path_type=Path)
File = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group()
def command() -> None:
    """Solve and check rosters in files; draft and publish them in the database."""


@command.command()
@click.argument("problem", type=File)
@click.option("-o", "--out", type=Out, required=True, help="Where the roster goes, as JSON.")
@click.option("--seconds", type=click.FloatRange(min=0), default=60.0, show_default=True)
@click.option("--gap", type=click.FloatRange(0, 1), default=0.0001, show_default=True, help="Near enough.")
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True)
def solve(problem: Path, out: Path, seconds: float, gap: float, seed: int) -> None:
    """Solve PROBLEM (JSON) and write the roster; Ctrl-C ends it with the best so far."""
    asked, stopped = sound(problem), threading.Event()
    before = signal.signal(signal.SIGINT, lambda *_: stopped.set())
    try:
        solved = search(asked, full_effort(seconds, gap, seed), stop=stopped.is_set, told=_progress())
    finally:
        signal.signal(signal.SIGINT, before)
    out.write_bytes(answer.to_json(solved))
    short = sum(s.missing for s in solved.shortfalls)
    limit = "none" if solved.bound is None else f"{solved.bound:.3f}"
    click.echo(
        f"{'stopped: ' if stopped.is_set() else ''}{len(solved.assignments)} assignments, "
        f"objective {solved.objective:.3f}, bound {limit}, gap {_percent(solved.gap)}, {short} people short"
    )


@command.command()
@click.argument("problem", type=File)
@click.argument("roster", type=File)
def check(problem: Path, roster: Path) -> None:
    """Check ROSTER against PROBLEM: each hard rule, each term it claims; exits 1 if any is wrong."""
    asked, told = sound(problem), _roster(roster)
    wrong = [*_broken(asked, told.assignments), *_untrue(asked, told)]
    for line in wrong:
        click.echo(line)
    click.echo("nothing wrong" if not wrong else f"{len(wrong)} wrong")
    click.echo(_certified(asked, told))
    sys.exit(1 if wrong else 0)


def _certified(asked: ask.Problem, solved: answer.Roster) -> str:
    """By prices alone; a small roster solved whole may claim less, which no prices show."""
    if solved.bound is None:
        return "no bound claimed"
    limit = certified_bound(asked, solved.prices, solved.company)
    if limit is None:
        return f"bound {solved.bound:.3f} not certified: no complete prices, or contracts"
    told = "certified" if limit <= solved.bound + 1e-6 * abs(limit) else "not certified"
    return f"bound {solved.bound:.3f} {told}: the prices prove {limit:.3f}"


@command.command()
@click.argument("problem", type=File)
@click.argument("roster", type=File)
def score(problem: Path, roster: Path) -> None:
    """Score a hand-made ROSTER, whose `assignments` are enough, as if all of it were pinned."""
    asked, made = sound(problem), _assignments(roster)
    if unknown := _unknown(asked, made):
        raise Unusable(unknown)
    broken = _broken(asked, made)
    for line in broken:
        click.echo(line)
    reached = terms(asked, made)
    for name, value in reached.items():
        click.echo(f"{name:10} {value:14.3f}")
    click.echo(f"{'objective':10} {sum(reached.values()):14.3f}")
    sys.exit(1 if broken else 0)


@command.command("instances")
def instances() -> None:
    """List the published benchmark problems."""
    for name, recipe in INSTANCES.items():
        click.echo(f"{name:24} {recipe.about}")


@command.command("instance")
@click.argument("name", type=click.Choice(list(INSTANCES)))
@click.option("-o", "--out", type=Out, required=True, help="Where the problem goes, as JSON.")
@click.option("--seed", type=click.IntRange(0), default=1, show_default=True, help="Published: 1.")
def make(name: str, out: Path, seed: int) -> None:
    """Write the published benchmark problem NAME."""
    problem = build(name, seed)
    out.write_bytes(ask.to_json(problem))
    click.echo(f"{name}, seed {seed}: {len(problem.people)} people, sha256 {fingerprint(problem)}")


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
        return list(await ensure_rosters(pool, Workers(dsn).make, district, datetime.now(UTC), days=days))
    finally:
        await pool.close()


def sound(file: Path) -> ask.Problem:
    """The problem, once nothing in it contradicts itself; names every flaw otherwise."""
    try:
        asked = ask.from_json(file.read_bytes())
    except ValueError as error:
        raise Unusable(f"{file} is no roster problem: {error}") from error
    if wrong := flaws(asked):
        for flaw in wrong:
            click.echo(f"{flaw.path} = {flaw.value}: {flaw.remedy}", err=True)
        raise Unusable(f"{file} is not sound: {len(wrong)} flaws")
    return asked


def full_effort(seconds: float, gap: float, seed: int) -> Budget:
    return Budget(
        bound_steps=ROUNDS,
        guided=True,
        renewals=TURNS if seconds is None else 1_000 * TURNS,
        exact_turns=TURNS,
        gap=gap,
        seconds=seconds,
        seed=seed,
    )


def _progress() -> Callable[[Progress], None]:
    started = time.monotonic()

    def told(reached: Progress) -> None:
        limit = "" if reached.bound is None else f", bound {reached.bound:.3f}, gap {_percent(reached.gap)}"
        since = time.monotonic() - started
        click.echo(f"{since:7.1f} s  {reached.phase:7} {reached.incumbent:.3f}{limit}", err=True)

    return told


def _percent(gap: float | None) -> str:
    return "unknown" if gap is None else f"{100 * gap:.3f} %"


def _roster(file: Path) -> answer.Roster:
    try:
        return answer.from_json(file.read_bytes())
    except ValueError as error:
        raise Unusable(f"{file} is no roster: {error}") from error


class Handmade(msgspec.Struct, frozen=True):
    assignments: tuple[ask.Assignment, ...]


def _assignments(file: Path) -> tuple[ask.Assignment, ...]:
    try:
        return msgspec.json.decode(file.read_bytes(), type=Handmade).assignments
    except ValueError as error:
        raise Unusable(f"{file} holds no assignments: {error}") from error


def _unknown(asked: ask.Problem, made: Sequence[ask.Assignment]) -> str | None:
    people, places = {p.id for p in asked.people}, {(n.post, n.shift) for n in asked.needs}
    for n, a in enumerate(made):
        if a.person not in people:
            return f"assignments[{n}].person = {a.person}: name a person of the problem"
        if (a.post, a.shift) not in places:
            return f"assignments[{n}] = {a.post}, {a.shift}: name a post and shift listed in needs"
    if len(set(made)) < len(made):
        return "assignments: name each only once"
    return None


def _broken(asked: ask.Problem, made: Sequence[ask.Assignment]) -> list[str]:
    if unknown := _unknown(asked, made):
        return [unknown]
    return [
        f"{v.rule.value}: people {', '.join(map(str, v.people))}; "
        + ", ".join(f"{name} {value}" for name, value in v.explanation.items() if value is not None)
        for v in witness(asked, made)
    ]


def _untrue(asked: ask.Problem, told: answer.Roster) -> list[str]:
    """What the roster says of itself and the witness reckons otherwise."""
    if _unknown(asked, told.assignments):
        return []
    reached = terms(asked, told.assignments)
    claimed = {**told.terms, "objective": told.objective}
    true = {**reached, "objective": sum(reached.values())}
    return [
        f"{name}: the roster says {claimed.get(name)}, it is {value}"
        for name, value in true.items()
        if abs(claimed.get(name, 0.0) - value) > NEAR * max(1.0, abs(value))
    ]
