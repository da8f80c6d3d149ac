"""alliance import: people by spreadsheet, with an error file by row."""

import asyncio
import os
from datetime import UTC, datetime
from pathlib import Path

import click

from alliance.access import actions as access
from alliance.config import Config, Unusable, read
from alliance.db.pool import open_pool
from alliance.db.reach import reach
from alliance.errors import Refused
from alliance.events import transaction
from alliance.people import actions as people
from alliance.people import intake, sheet
from alliance.people.intake import Outcome
from alliance.people.sealed import open_seal
from geo.datum import Datum

COLUMNS = ", ".join(sheet.COLUMNS)


@click.command(epilog=f"Columns, in any order: {COLUMNS}. Headings may be Chinese.")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--district", type=click.IntRange(1), help="Number of the district; needed where there are several."
)
@click.option(
    "--errors",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Where rows that are not taken go, with the reason.  [default: FILE with .errors before its suffix]",
)
@click.option(
    "--datum",
    type=click.Choice([one.value for one in Datum]),
    default=Datum.WGS84.value,
    show_default=True,
    help="Of the columns lat and lon.",
)
@click.option("--check", is_flag=True, help="Only say what would be taken.")
def command(file: Path, district: int | None, errors: Path | None, datum: str, check: bool) -> None:
    """Take people in from a CSV or XLSX file.

    Rows that are right are taken; the others are written, as they stand and with the reason, into an error
    file that can be corrected and imported again. Exits 1 when there is one.
    """
    given = sheet.read(file)
    errors = errors or file.with_name(f"{file.stem}.errors{file.suffix}")
    config = read(os.environ)
    with reach(config, report=click.echo) as dsn:
        found = asyncio.run(_import(dsn, config, district, given, datum=Datum(datum), check=check))
    verb = "would be taken" if check else "taken in"
    click.echo(f"{len(found.taken)} of {len(given.lines)} people {verb}.")
    if found.wrong:
        sheet.write(errors, given.heading, found.wrong)
        line, why = found.wrong[0]
        raise Unusable(
            f"{len(found.wrong)} of them were not and stand in {errors}; the first is row {line.row}: {why}"
        )


class Checked(Exception):
    """Ends the transaction of a trial."""


async def _import(
    dsn: str, config: Config, district: int | None, given: sheet.Sheet, *, datum: Datum, check: bool
) -> Outcome:
    pool = await open_pool(dsn, size=2)
    found = Outcome(taken=[], wrong=[])
    try:
        async with pool.acquire() as conn:
            number = await access.the_district(conn, district)
            seal = open_seal(config.key, make=not await people.numbers_kept(conn))
        async with transaction(pool, number) as tx:
            found = await intake.take_in(tx, given, seal, datetime.now(UTC), datum=datum)
            if check:
                raise Checked
    except Checked:
        pass
    except Refused as refused:
        raise Unusable(refused.detail) from refused
    finally:
        await pool.close()
    return found
