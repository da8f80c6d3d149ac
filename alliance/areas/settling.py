"""How a district wants its published rosters mended."""

from datetime import datetime

import msgspec

from alliance.actor import Actor, Role
from alliance.areas import actions, store
from alliance.areas.model import Changes, District
from alliance.events import Event, Tx
from alliance.rest import must_match


async def set_changes(tx: Tx, actor: Actor, given: Changes, *, version: int, now: datetime) -> District:
    """Holds from now on, also for call-outs that are under way."""
    actor.must(Role.ADMINISTRATOR)
    have = await actions.district(tx.conn, tx.district)
    must_match(have.version, version)
    if not await store.set_changes(tx.conn, tx.district, msgspec.to_builtins(given), version):
        must_match((await actions.district(tx.conn, tx.district)).version, version)
    tx.record(
        Event(
            kind="district_changed", at=now, actor=actor.person, data={"changes": msgspec.to_builtins(given)}
        )
    )
    return await actions.district(tx.conn, tx.district)
