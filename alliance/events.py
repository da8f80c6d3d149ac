"""Durable numbered facts: `record` adds one to a `transaction`, numbered just before the commit."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

import asyncpg
import msgspec

from alliance.actor import Actor, Code, DistrictId, OrganisationId, PersonId, Role

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
        """Number and write the facts: the transaction's last statement, for it holds the counter."""
        if not self._facts:
            return
        facts, self._facts = self._facts, []
        await self.conn.execute(
            """
            with taken as (
                insert into event_counter as counter (district_id, last) values ($1, $2)
                on conflict (district_id) do update set last = counter.last + $2
                returning last - $2 as before
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


# How many facts one request looks through, seen or not.
LONGEST_SCAN = 5000
# Roles that see what happens in their beats.
BEAT_ROLES = (Role.CHIEF, Role.OFFICER, Role.LEAD)


def may_see(actor: Actor, event: Event) -> bool:
    """Command sees every fact; others those about themselves, their organisation or in their beats."""
    if actor.is_command() or actor.person in event.people:
        return True
    for grant in actor.grants:
        if grant.role is Role.MANAGER and event.organisation is not None:
            if grant.organisation == event.organisation:
                return True
        elif grant.role in BEAT_ROLES and any(
            area == grant.area or area in grant.beats for area in event.areas
        ):
            return True
    return False


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """Facts an actor may see, and up to which number they were looked through."""

    facts: list[Numbered]
    read_to: int


async def seen_since(conn: asyncpg.Connection, actor: Actor, event: int, limit: int) -> Seen:
    """Up to `limit` facts above a number that the actor may see: the same as `may_see` says."""
    in_beats = [grant for grant in actor.grants if grant.role in BEAT_ROLES]
    records = await conn.fetch(
        """
        select id, kind, at, actor, areas, people, organisation, data from event
        where district_id = $1 and id > $2 and id <= $3
          and ($4 or $5 = any(people) or organisation = any($6::bigint[]) or areas && $7::text[])
        order by id limit $8
        """,
        actor.district,
        event,
        event + LONGEST_SCAN,
        actor.is_command(),
        actor.person,
        [grant.organisation for grant in actor.grants if grant.role is Role.MANAGER and grant.organisation],
        list({grant.area for grant in in_beats if grant.area}.union(*(grant.beats for grant in in_beats))),
        limit,
    )
    facts = msgspec.convert([dict(record) for record in records], list[Numbered])
    return Seen(facts=facts, read_to=facts[-1].id if len(facts) == limit else event + LONGEST_SCAN)


async def latest(conn: asyncpg.Connection, district: DistrictId) -> int:
    """The number of the newest committed fact."""
    number = await conn.fetchval("select last from event_counter where district_id = $1", district)
    return int(number or 0)
