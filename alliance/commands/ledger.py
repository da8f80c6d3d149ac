"""alliance ledger: walk the chain of credits, or write it out for an outsider to walk."""

import asyncio
import os
import sys

import click
import msgspec

from alliance.actor import DistrictId
from alliance.config import Unusable, read
from alliance.credit import chain, ledger
from alliance.credit.model import Head
from alliance.db.pool import connect
from alliance.db.reach import reach

DISTRICT = click.option("--district", type=click.IntRange(min=1), help="Only this district.")


@click.group()
def command() -> None:
    """The chain of credits."""


class HeadText(click.ParamType[Head, str]):
    """N:HASH as `GET /ledger/head` and a bulletin give it."""

    name = "N:HASH"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> Head:
        number, _, text = value.partition(":")
        try:
            head = Head(n=int(number), hash=bytes.fromhex(text))
        except ValueError:
            self.fail(f"{value!r} is no head; write it like 12:9f86d0…", param, ctx)
        if head.n < 1 or len(head.hash) != len(chain.GENESIS):
            self.fail(f"{value!r} is no head: a position from 1 and 64 hex digits", param, ctx)
        return head


@command.command()
@DISTRICT
@click.option("--head", type=HeadText(), help="A head published earlier.")
def verify(district: int | None, head: Head | None) -> None:
    """Walk every entry up to the head; exit 1 and name the first that isn't as it was."""
    with reach(read(os.environ)) as dsn:
        intact = asyncio.run(_verify(dsn, district, head))
    sys.exit(0 if intact else 1)


async def _verify(dsn: str, district: int | None, published: Head | None) -> bool:
    conn = await connect(dsn)
    try:
        districts = await ledger.districts(conn) if district is None else [DistrictId(district)]
        if published and len(districts) > 1:
            raise Unusable("A head belongs to one district: name it with --district.")
        intact = True
        for one in districts:
            verdict = await ledger.verify(conn, one, published)
            intact = intact and verdict.broken is None
            click.echo(_line(one, verdict))
        if not districts:
            click.echo("no ledger yet")
        return intact
    finally:
        await conn.close()


def _line(district: int, verdict: ledger.Verdict) -> str:
    if verdict.broken is not None:
        return f"district {district}: BROKEN: entry {verdict.broken} {verdict.what}"
    head = verdict.head
    return f"district {district}: intact: {verdict.entries} entries, head {head.n}:{head.hash.hex()}"


@command.command()
@DISTRICT
def export(district: int | None) -> None:
    """Write every entry as one line of JSON, as docs/ledger.md describes."""
    with reach(read(os.environ)) as dsn:
        asyncio.run(_export(dsn, district))


async def _export(dsn: str, district: int | None) -> None:
    conn = await connect(dsn)
    try:
        async with conn.transaction(isolation="repeatable_read", readonly=True):
            for one in await ledger.districts(conn) if district is None else [DistrictId(district)]:
                async for entry in ledger.walk(conn, one):
                    content = msgspec.Raw(chain.canonical(entry))
                    click.echo(msgspec.json.encode({"entry": content, "hash": entry.hash.hex()}))
    finally:
        await conn.close()
