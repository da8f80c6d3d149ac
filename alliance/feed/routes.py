"""The feed's `fixes` over HTTP, for clients without a socket: answered after the commit."""

import asyncio
from datetime import datetime
from typing import Annotated

import msgspec
from litestar import post
from litestar.datastructures import State as AppState
from msgspec import Meta

from alliance.actor import Actor
from alliance.errors import Refused
from alliance.feed import wire
from alliance.feed.framing import Shared
from alliance.feed.hub import Hub
from alliance.feed.session import Session
from alliance.times import to_ms
from geo.datum import Datum

PATIENCE_S = 20.0


class FixesBody(msgspec.Struct, frozen=True, kw_only=True):
    assignment: wire.Id
    fixes: Annotated[list[wire.Fix], Meta(min_length=1, max_length=500)]
    seq: wire.Id = 0
    datum: wire.DatumName = "wgs84"


class RefusedFixes(msgspec.Struct, frozen=True, kw_only=True):
    """`indexes`: which fixes; null means all."""

    code: str
    detail: str
    indexes: list[int] | None


class FixesAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What isn't refused is durable."""

    seq: int
    refused: list[RefusedFixes]


class Request:
    """A peer that sends one `fixes` and waits for its ack."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.answered = asyncio.Event()

    def flush(self) -> None:
        if any(b'"type":"ack"' in message for message in self.session.out) or self.session.closing:
            self.answered.set()

    def write(self, message: Shared) -> None:
        """Nobody watches here."""

    def offer(self, message: Shared) -> bool:
        return True


@post("/fixes", status_code=200)
async def fixes(actor: Actor, state: AppState, now: datetime, data: FixesBody) -> FixesAnswer:
    """Positions on duty; a repeat is stored once."""
    message = wire.Fixes(seq=data.seq, assignment=data.assignment, fixes=data.fixes)
    refused = await submit(state.hub, actor, message, now, datum=Datum(data.datum))
    return FixesAnswer(seq=data.seq, refused=refused)


async def submit(
    hub: Hub, actor: Actor, message: wire.Fixes, now: datetime, *, datum: Datum = Datum.WGS84
) -> list[RefusedFixes]:
    """Through the feed's intake; returns after the commit, with what was refused."""
    room = await hub.room(actor.district)
    peer = Request(Session(to_ms(now)))
    async with asyncio.timeout(PATIENCE_S):
        await room.admit(peer, actor, datum)
        room.carry_out(peer, peer.session.take(message, to_ms(now)))
        peer.flush()
        await peer.answered.wait()
    if peer.session.closing is not None:
        raise Refused("unavailable", "the fixes can't be stored at the moment; send them again")
    return _refused(peer.session.out)


def _refused(out: list[bytes]) -> list[RefusedFixes]:
    found = [msgspec.json.decode(message) for message in out]
    return [
        RefusedFixes(code=one["code"], detail=one["detail"], indexes=one.get("indexes"))
        for one in found
        if one["type"] == "refused"
    ]


ROUTES = [fixes]
