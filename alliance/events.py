"""Durable numbered facts: `transaction` opens one, `record` adds a fact, the number is taken last before commit."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

import asyncpg
import msgspec

from alliance.actor import Code, DistrictId, OrganisationId, PersonId

CHANNEL = "alliance_event"


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """A fact; `areas`, `people` and `organisation` say whom it concerns and so who may see it."""

    kind: str
    at: datetime
    actor: PersonId | None
    areas: tuple[Code, ...] = ()
    people: tuple[PersonId, ...] = ()
    organisation: OrganisationId | None = None
    data: dict[str, Any] = {}


class Numbered(Event, frozen=True, kw_only=True):
    id: int


class Tx:
    """One transaction in one district: `conn` runs its SQL, `record` collects its facts until the commit."""

    __slots__ = ("_facts", "conn", "district")

    def __init__(self, conn: asyncpg.Connection, district: DistrictId) -> None:
        self.conn = conn
        self.district = district
        self._facts: list[Event] = []

    def record(self, event: Event) -> None:
        self._facts.append(event)

    async def flush(self) -> None:
        """Number and write the facts; must be the transaction's last statement, as it holds the district's counter."""
        if not self._facts:
            return
        facts, self._facts = self._facts, []
        await self.conn.execute(
            """
            with taken as (
                update event_counter set last = last + $2 where district_id = $1 returning last - $2 as before
            ), facts as (
                insert into event (district_id, id, kind, at, actor, areas, people, organisation, data)
                select $1, taken.before + (f.value->>'n')::bigint, f.value->>'kind',
                       (f.value->>'at')::timestamptz, (f.value->>'actor')::bigint,
                       array(select jsonb_array_elements_text(f.value->'areas')),
                       array(select jsonb_array_elements_text(f.value->'people')::bigint),
                       (f.value->>'organisation')::bigint, f.value->'data'
                from taken, jsonb_array_elements($3::jsonb) f
            )
            select pg_notify($4, ($1::integer)::text) from taken
            """,
            self.district,
            len(facts),
            [{"n": n, **msgspec.to_builtins(fact)} for n, fact in enumerate(facts, 1)],
            CHANNEL,
        )


@asynccontextmanager
async def transaction(pool: asyncpg.Pool, district: DistrictId) -> AsyncIterator[Tx]:
    async with pool.acquire() as conn, conn.transaction():
        tx = Tx(conn, district)
        yield tx
        await tx.flush()


def record(tx: Tx, event: Event) -> None:
    tx.record(event)


async def since(conn: asyncpg.Connection, district: DistrictId, event: int, limit: int) -> list[Numbered]:
    records = await conn.fetch(
        """
        select id, kind, at, actor, areas, people, organisation, data
        from event where district_id = $1 and id > $2 order by id limit $3
        """,
        district,
        event,
        limit,
    )
    return msgspec.convert([dict(record) for record in records], list[Numbered])


async def latest(conn: asyncpg.Connection, district: DistrictId) -> int:
    """The number of the newest committed fact."""
    number = await conn.fetchval("select last from event_counter where district_id = $1", district)
    return int(number or 0)
