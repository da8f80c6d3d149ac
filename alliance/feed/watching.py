"""What a district's watchers are shown: snapshots when they look, then only what changed."""

from collections.abc import Sequence
from datetime import datetime

import numpy as np

from alliance.actor import Actor, Code, PersonId
from alliance.db.pool import Connection
from alliance.feed import wire
from alliance.feed.audience import Audience, Audiences
from alliance.feed.framing import Shared
from alliance.feed.live import Live, Seen
from alliance.feed.peer import Peer
from alliance.feed.scope import Scope, scope_of
from alliance.feed.session import encode
from alliance.incidents import actions as incidents
from alliance.incidents import shapes
from alliance.incidents.model import State as Stage
from alliance.incidents.model import Wanted
from alliance.patrol import duties, sos
from alliance.patrol.duties import Shown
from alliance.patrol.shapes import sos_row
from alliance.times import from_ms

MOST_INCIDENTS = 500
OPEN_STAGES = [Stage.OPEN, Stage.DISPATCHED, Stage.ON_SCENE, Stage.CLOSED]


class Watching:
    """`seen` and `covered` are as of the last tick: what all that watch have been told."""

    def __init__(self, live: Live) -> None:
        self.live = live
        self.audiences = Audiences(live.places)
        self.watches: dict[Peer, wire.Watch] = {}
        self._seen: dict[PersonId, Seen] = {}
        self._covered = live.covered.copy()
        self._covered_at = 0
        self._seen_at = 0
        self._staffing: list[Shown] = []

    async def scope(self, conn: Connection, actor: Actor, now: datetime) -> Scope:
        """All that the actor may see."""
        unit = await duties.unit_of(conn, actor.district, actor.person)
        own = await duties.of_people(conn, actor.district, [actor.person], now)
        beats = frozenset(duty.beat for duty in own)
        return scope_of(actor, self.live.places, unit=unit, duty_beats=beats)

    async def look(self, conn: Connection, peer: Peer, watch: wire.Watch, now: datetime, event: int) -> Scope:
        """Sends the snapshots of the layers and joins their audience; returns the scope it is."""
        actor = peer.session.actor
        assert actor is not None
        full = await self.scope(conn, actor, now)
        areas = [Code(area) for area in watch.areas]
        scope = full.narrowed(areas, self.live.places) if areas else full
        layers, denied = _allowed(watch.layers, full)
        beyond = [area for area in areas if not self.live.places.beats_of(area) & _all_beats(full)]
        happening = await self._incidents(conn, actor, event) if "incidents" in layers else None
        if "staffing" in layers and not self._staffing:
            self._staffing = duties.by_beat(await duties.staffing(conn, actor.district, now))
        # From here to the joining nothing is awaited, so that no frame falls between snapshot and deltas.
        for layer in denied:
            peer.session.refuse("forbidden", f"layers: {layer} is not yours to see")
        if beyond:
            peer.session.refuse("forbidden", f"areas: {beyond[0]} is not yours to see")
        audience = self.audiences.place(peer, scope)
        audience.join(peer, layers, self._seen)
        self.watches[peer] = watch
        for layer in layers:
            found = happening if layer == "incidents" else self._snapshot(audience, layer, event)
            if found is not None:
                peer.session.send(found)
        peer.flush()
        return scope

    def leave(self, peer: Peer) -> None:
        self.audiences.leave(peer)
        self.watches.pop(peer, None)

    def _snapshot(self, audience: Audience, layer: str, event: int) -> wire.Snapshot | None:
        match layer:
            case "coverage":
                return audience.coverage_snapshot(self._covered, self._covered_at, event)
            case "positions":
                return audience.positions_snapshot(self._seen, self._seen_at, event)
            case "staffing":
                return audience.staffing_snapshot(self._staffing, self._seen_at, event)
        return None

    async def _incidents(self, conn: Connection, actor: Actor, event: int) -> wire.Snapshot:
        wanted = Wanted(states=OPEN_STAGES, limit=MOST_INCIDENTS)
        found = await incidents.listed(conn, actor, wanted)
        calls = await sos.listed(conn, actor, open_only=True)
        data = {"incidents": [shapes.item(one) for one in found], "sos": [sos_row(one) for one in calls]}
        return wire.Snapshot(layer="incidents", event=event, data=data)

    # Ticks

    def positions(self, now: int, event: int) -> int:
        """Tells who moved since the last tick, who came and who is gone; how many were told."""
        told = 0
        live = self.live
        moved, live.moved = live.moved, set()
        self._seen = dict(live.people)
        self._seen_at = now
        for audience in self.audiences:
            if not audience.watches("positions"):
                continue
            delta = audience.positions_delta(moved, self._seen, now) if moved else None
            whole = lambda a=audience: a.positions_snapshot(self._seen, now, event)  # noqa: E731
            told += audience.send("positions", delta, whole)
        return told

    def coverage(self, now: int, event: int) -> None:
        """Tells which cells' time changed; those that went cold by the clock need no telling."""
        before, self._covered = self._covered, self.live.covered
        self._covered_at = now
        retold = (self._covered != before) & ((self._covered > 0) | (before > now))
        changed = np.flatnonzero(retold)
        for audience in self.audiences:
            delta = audience.coverage_delta(changed, self._covered, now) if len(changed) else None
            whole = lambda a=audience: a.coverage_snapshot(self._covered, now, event)  # noqa: E731
            audience.send("coverage", delta, whole)

    async def staffing(self, conn: Connection, now: int, event: int) -> None:
        """Tells the whole staffing again when it changed."""
        if not self.audiences.watch("staffing"):
            return
        found = duties.by_beat(await duties.staffing(conn, self.live.district, from_ms(now)))
        if found == self._staffing:
            return
        self._staffing = found
        for audience in self.audiences:
            if audience.watches("staffing"):
                whole = audience.staffing_snapshot(found, now, event)
                audience.send("staffing", Shared(encode(whole)), lambda w=whole: w)


def _all_beats(scope: Scope) -> frozenset[Code]:
    return scope.beats | scope.people_in


def _allowed(wanted: Sequence[str], scope: Scope) -> tuple[list[str], list[str]]:
    """The layers that may show something, and those that never can."""
    people = bool(scope.people_in or scope.organisations or scope.people)
    may = {
        "coverage": bool(scope.beats),
        "positions": people,
        "incidents": people,
        "staffing": bool(scope.people_in),
    }
    wanted = list(dict.fromkeys(wanted))
    return [layer for layer in wanted if may[layer]], [layer for layer in wanted if not may[layer]]
