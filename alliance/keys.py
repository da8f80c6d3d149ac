"""The one idempotency mechanism: a key is used once per person, and its repeat gets the first result."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar

import msgspec

from alliance.actor import Actor, PersonId
from alliance.db.pool import Pool
from alliance.errors import Refused
from alliance.events import Tx, transaction

LONGEST = 100
Result = TypeVar("Result")


async def answer(
    pool: Pool,
    actor: Actor,
    key: str | None,
    now: datetime,
    *,
    work: Callable[[Tx], Awaitable[Result]],
    kind: type[Result],
) -> Result:
    """Do the work in a transaction of its own; a repeat of the key gets the first result of it."""
    async with transaction(pool, actor.district) as tx:
        first = await once(tx, actor.person, key, now)
        if first is not None:
            return msgspec.convert(first, kind)
        result = await work(tx)
        await remember(tx, actor.person, key, now, msgspec.to_builtins(result))
    return result


async def once(tx: Tx, person: PersonId, key: str | None, now: datetime) -> dict[str, Any] | None:
    """The first result of the key, or None for a new one, which stays locked until the transaction ends."""
    if key is None:
        return None
    if not 1 <= len(key) <= LONGEST:
        raise Refused("bad_request", f"the key must have 1 to {LONGEST} characters")
    await tx.conn.execute(
        "select pg_advisory_xact_lock(hashtextextended($1, 0))", f"{tx.district}/{person}/{key}"
    )
    result: dict[str, Any] | None = await tx.conn.fetchval(
        "select result from request_key where district_id = $1 and person = $2 and key = $3",
        tx.district,
        person,
        key,
    )
    return result


async def remember(tx: Tx, person: PersonId, key: str | None, now: datetime, result: dict[str, Any]) -> None:
    """Keep the result for the key's repeats, in the transaction that `once` locked it in."""
    if key is None:
        return
    await tx.conn.execute(
        "insert into request_key (district_id, person, key, at, result) values ($1, $2, $3, $4, $5)",
        tx.district,
        person,
        key,
        now,
        result,
    )


async def forget(tx: Tx, before: datetime) -> None:
    """Drop the keys used before that instant."""
    await tx.conn.execute("delete from request_key where district_id = $1 and at < $2", tx.district, before)


async def once_many(
    tx: Tx, names: Sequence[tuple[PersonId, str]]
) -> dict[tuple[PersonId, str], dict[str, Any]]:
    """The first results of those keys that were used before; all are locked until the transaction ends."""
    if not names:
        return {}
    people, keys = [person for person, _ in names], [key for _, key in names]
    await tx.conn.execute(
        """
        select pg_advisory_xact_lock(hashtextextended(name, 0))
        from (select distinct $1 || '/' || person || '/' || key as name
              from unnest($2::bigint[], $3::text[]) as n (person, key) order by 1) sorted
        """,
        str(tx.district),
        people,
        keys,
    )
    records = await tx.conn.fetch(
        """
        select r.person, r.key, r.result from unnest($2::bigint[], $3::text[]) as n (person, key)
        join request_key r on r.district_id = $1 and r.person = n.person and r.key = n.key
        """,
        tx.district,
        people,
        keys,
    )
    return {(PersonId(record["person"]), record["key"]): record["result"] for record in records}


async def remember_many(
    tx: Tx, results: Mapping[tuple[PersonId, str], dict[str, Any]], now: datetime
) -> None:
    """As `remember`, for many."""
    if not results:
        return
    await tx.conn.execute(
        """
        insert into request_key (district_id, person, key, at, result)
        select $1, n.person, n.key, $2, n.result from unnest($3::bigint[], $4::text[], $5::jsonb[])
             as n (person, key, result)
        """,
        tx.district,
        now,
        [person for person, _ in results],
        [key for _, key in results],
        list(results.values()),
    )
