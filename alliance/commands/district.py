"""alliance district: make a real district from its files."""

import asyncio
import os
from datetime import UTC, datetime
from pathlib import Path

import click

from alliance.actor import DistrictId
from alliance.areas import making, reading
from alliance.areas.laying import Sketch
from alliance.areas.making import Plan
from alliance.areas.model import PATTERNS, AreaKind, Settings, Targets
from alliance.commands.migrate import run as migrate
from alliance.config import read
from alliance.db.pool import open_pool
from alliance.db.reach import reach
from alliance.events import transaction

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group()
def command() -> None:
    """Make a district."""


@command.command()
@click.option("--boundary", required=True, type=FILE, help="GeoJSON Polygon or MultiPolygon, WGS-84")
@click.option("--id", "number", required=True, type=click.IntRange(1, 999_999_999), help="its official code")
@click.option("--name", required=True, help="in its own language")
@click.option("--name-en", default="", help="in English")
@click.option("--zone", default="Asia/Shanghai", show_default=True, help="IANA time zone")
@click.option("--source", default="", help="where the boundary is from: shown on the map")
@click.option("--towns", type=FILE, help="GeoJSON polygons, or a table with code, name, lat, lon; so below")
@click.option("--stations", type=FILE, help="police stations")
@click.option("--beats", type=FILE, help="police beats")
@click.option("--grids", type=FILE, help="base grids")
@click.option("--patterns", type=FILE, help="shift patterns, a JSON list; else 06-14-22 and 19-23")
@click.option("--tiers", type=FILE, help="table with code (area or cell) and tier: high, medium, low")
@click.option("--targets", nargs=3, type=click.IntRange(1, 10_080), default=(15, 60, 240), show_default=True,
              help="minutes between visits: high, medium, low")  # fmt: skip
def create(number: int, boundary: Path, **given: object) -> None:
    """Cover a boundary with cells and lay its areas out; what is not given is made up and marked so."""
    plan = _plan(number, boundary, given)
    with reach(read(os.environ), report=click.echo) as dsn:
        asyncio.run(migrate(dsn))
        asyncio.run(_make(dsn, plan))
    made_up = [kind.value + "s" for kind in AreaKind if not plan.sketch.given.get(kind)]
    click.echo(
        f"District {number} {plan.name} is made." + (f" Made up: {', '.join(made_up)}." if made_up else "")
    )
    click.echo("Now make its first administrator: alliance admin create")


def _plan(number: int, boundary: Path, given: dict[str, object]) -> Plan:
    files = {kind: given[f"{kind}s"] for kind in AreaKind}
    high, medium, low = given["targets"] if isinstance(given["targets"], tuple) else (15, 60, 240)
    patterns, tiers = given["patterns"], given["tiers"]
    return Plan(
        number=DistrictId(number),
        name=str(given["name"]),
        name_en=str(given["name_en"]),
        time_zone=str(given["zone"]),
        boundary=reading.geojson(boundary),
        settings=Settings(targets=Targets(high=high, medium=medium, low=low), source=str(given["source"])),
        patterns=reading.patterns(patterns) if isinstance(patterns, Path) else PATTERNS,
        sketch=Sketch(
            given={kind: reading.areas(f, kind) for kind, f in files.items() if isinstance(f, Path)},
            tiers=reading.tiers(tiers) if isinstance(tiers, Path) else {},
        ),
    )


async def _make(dsn: str, plan: Plan) -> None:
    pool = await open_pool(dsn, size=2)
    try:
        async with transaction(pool, plan.number) as tx:
            await making.make(tx, plan, datetime.now(UTC))
    finally:
        await pool.close()
