"""Two rosters beside each other: what each is worth, how even it is, what differs; or one by itself."""

import asyncio

import msgspec

from alliance.actor import Actor, Role
from alliance.areas import actions as areas
from alliance.db.pool import Connection
from alliance.roster import actions, compare_store
from alliance.roster.compare import Differing, Fairness, fairness
from alliance.roster.compare_store import Difference
from alliance.roster.model import RosterId

# Longest list of single differences.
MOST = 500


class Compared(msgspec.Struct, frozen=True, kw_only=True):
    """How even each of two rosters is, and by beat what the second has and the first has not."""

    before: Fairness
    after: Fairness
    beats: list[Differing]


async def even(conn: Connection, actor: Actor, number: RosterId) -> Fairness:
    await actions.roster(conn, actor, number)
    zone = areas.zone_of(await areas.district(conn, actor.district))
    loads = await compare_store.loads(conn, actor.district, number)
    peers = await compare_store.peers(conn, actor.district)
    return await asyncio.to_thread(fairness, loads, peers, zone)


async def compared(conn: Connection, actor: Actor, before: RosterId, after: RosterId) -> Compared:
    """Drafts are command's."""
    actor.must(Role.ADMINISTRATOR, Role.COMMANDER)
    return Compared(
        before=await even(conn, actor, before),
        after=await even(conn, actor, after),
        beats=await compare_store.by_beat(conn, actor.district, before, after),
    )


async def differences(
    conn: Connection, actor: Actor, before: RosterId, after: RosterId, beat: str
) -> list[Difference]:
    actor.must(Role.ADMINISTRATOR, Role.COMMANDER)
    return await compare_store.differences(conn, actor.district, before, after, beat=beat, limit=MOST)
