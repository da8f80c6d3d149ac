"""Looking at the ledger: lists, sums, an incident's page, contests; each as far as the actor may see."""

from alliance.actor import Actor
from alliance.credit import contest_store, store, total_store
from alliance.credit.model import Contest, Dimension, Entry, Head, Noted, Period, Total
from alliance.credit.scope import Scope, scope_of
from alliance.credit.total_store import Wanted
from alliance.db.pool import Connection
from alliance.incidents import actions as incidents
from alliance.incidents.actions import Detail


async def entries(
    conn: Connection, actor: Actor, wanted: Wanted, *, before: int | None, limit: int
) -> list[Noted]:
    """The newest first."""
    return await total_store.entries(
        conn, actor.district, scope_of(actor), wanted, before=before, limit=limit
    )


async def own(conn: Connection, actor: Actor, *, before: int | None, limit: int) -> tuple[int, list[Noted]]:
    """The actor's total, and the own entries, newest first."""
    me = Scope(everything=False, beats=frozenset(), organisations=frozenset(), person=actor.person)
    found = await total_store.entries(conn, actor.district, me, Wanted(), before=before, limit=limit)
    return await total_store.total(conn, actor.district, actor.person), found


async def totals(
    conn: Connection, actor: Actor, by: Dimension, *, per: Period | None, wanted: Wanted
) -> list[Total]:
    return await total_store.totals(conn, actor.district, scope_of(actor), by, per=per, wanted=wanted)


async def head(conn: Connection, actor: Actor) -> tuple[Head, Entry | None]:
    """The end of the chain and its last entry; everyone may publish it."""
    found = await store.head(conn, actor.district)
    return found, await store.entry(conn, actor.district, found.n)


async def incident(conn: Connection, actor: Actor, number: int) -> tuple[Detail, list[Entry]]:
    """An incident with the entries it brought."""
    detail = await incidents.detail(conn, actor, number)
    mine = scope_of(actor)
    found = await store.of_incident(conn, actor.district, number)
    return detail, [entry for entry in found if mine.holds(entry)]


async def contests(
    conn: Connection, actor: Actor, *, only_open: bool, after: int, limit: int
) -> list[Contest]:
    return await contest_store.contests(
        conn, actor.district, scope_of(actor), only_open=only_open, after=after, limit=limit
    )
