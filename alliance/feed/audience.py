"""Watchers with the same scope: each frame is built once for all of them."""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from alliance.actor import PersonId
from alliance.areas.places import Places
from alliance.feed import wire
from alliance.feed.framing import Shared
from alliance.feed.live import Seen
from alliance.feed.peer import Peer
from alliance.feed.scope import Scope
from alliance.feed.session import encode
from alliance.patrol.duties import Shown
from geo.cell import Ints

Layer = wire.Layer


class Audience:
    """`shown` are the people its members know of; `members` maps each peer to its layers.

    A member that lags is left out and gets a whole snapshot once it has caught up.
    """

    def __init__(self, scope: Scope, places: Places) -> None:
        self.scope = scope
        self.members: dict[Peer, frozenset[str]] = {}
        self.shown: set[PersonId] = set()
        self._behind: set[tuple[Peer, str]] = set()
        numbers = [i for i, beat in enumerate(places.beats) if beat in scope.beats]
        self.cells: Ints = np.flatnonzero(np.isin(places.beat, np.array(numbers, dtype=np.int64)))
        self._mask = np.zeros(len(places), dtype=np.bool_)
        self._mask[self.cells] = True
        self._text = places.cell_text

    def watches(self, layer: str) -> bool:
        return any(layer in layers for layers in self.members.values())

    def join(self, peer: Peer, layers: Iterable[str], people: Mapping[PersonId, Seen]) -> None:
        """The peer has been sent the snapshots of its layers as of the last ticks."""
        if not self.watches("positions"):
            self.shown = {person for person, seen in people.items() if self.scope.shows(seen)}
        self.members[peer] = frozenset(layers)

    def leave(self, peer: Peer) -> None:
        self.members.pop(peer, None)
        self._behind = {(other, layer) for other, layer in self._behind if other is not peer}

    # Coverage

    def coverage_snapshot(self, covered: Ints, at: int, event: int) -> wire.Snapshot:
        chosen = self.cells[covered[self.cells] > 0]
        return wire.Snapshot(
            layer="coverage", event=event, data={"at": at, "cells": self._pairs(chosen, covered)}
        )

    def coverage_delta(self, changed: Ints, covered: Ints, at: int) -> Shared | None:
        chosen = changed[self._mask[changed]]
        if not len(chosen):
            return None
        return Shared(encode(wire.Coverage(at=at, cells=self._pairs(chosen, covered))))

    def _pairs(self, chosen: Ints, covered: Ints) -> list[tuple[str, int]]:
        text = self._text
        return [(text[i], until) for i, until in zip(chosen.tolist(), covered[chosen].tolist(), strict=True)]

    # Positions

    def positions_snapshot(self, people: Mapping[PersonId, Seen], at: int, event: int) -> wire.Snapshot:
        found = [seen.position for seen in people.values() if self.scope.shows(seen)]
        return wire.Snapshot(layer="positions", event=event, data={"at": at, "people": found})

    def positions_delta(
        self, moved: Iterable[PersonId], people: Mapping[PersonId, Seen], at: int
    ) -> Shared | None:
        """`people` are as of this tick; those that moved since the last one are looked at."""
        here: list[wire.Position] = []
        gone: list[int] = []
        for person in moved:
            seen = people.get(person)
            if seen is not None and self.scope.shows(seen):
                here.append(seen.position)
                self.shown.add(person)
            elif person in self.shown:
                gone.append(person)
                self.shown.discard(person)
        if not here and not gone:
            return None
        return Shared(encode(wire.Positions(at=at, people=here, gone=gone)))

    # Staffing

    def staffing_snapshot(self, found: Iterable[Shown], at: int, event: int) -> wire.Snapshot:
        beats = [
            (one.beat, one.present, one.needed, one.planned)
            for one in found
            if one.beat in self.scope.people_in
        ]
        return wire.Snapshot(layer="staffing", event=event, data={"at": at, "beats": beats})

    # Sending

    def send(self, layer: str, delta: Shared | None, snapshot: Any) -> int:
        """Writes what changed to all that watch the layer, the whole `snapshot()` to those that lagged.

        Returns how many were written to.
        """
        if delta is None and not self._behind:
            return 0
        written = 0
        whole: Shared | None = None
        for peer, layers in self.members.items():
            if layer not in layers:
                continue
            message = delta
            if self._behind and (peer, layer) in self._behind:
                whole = message = whole or Shared(encode(snapshot()))
            if message is None:
                continue
            if not peer.offer(message):
                self._behind.add((peer, layer))
                continue
            written += 1
            if message is whole:
                self._behind.discard((peer, layer))
        return written


class Audiences:
    """All audiences of a district, by scope."""

    def __init__(self, places: Places) -> None:
        self.places = places
        self._by_scope: dict[Scope, Audience] = {}
        self._of: dict[Peer, Audience] = {}

    def __iter__(self) -> Any:
        return iter(list(self._by_scope.values()))

    def of(self, peer: Peer) -> Audience | None:
        return self._of.get(peer)

    def place(self, peer: Peer, scope: Scope) -> Audience:
        """The audience for a scope, new or known; the peer leaves its former one."""
        self.leave(peer)
        found = self._by_scope.get(scope)
        if found is None:
            found = self._by_scope[scope] = Audience(scope, self.places)
        self._of[peer] = found
        return found

    def leave(self, peer: Peer) -> None:
        former = self._of.pop(peer, None)
        if former is None:
            return
        former.leave(peer)
        if not former.members:
            self._by_scope.pop(former.scope, None)

    def watch(self, layer: str) -> bool:
        """Whether anyone watches the layer."""
        return any(audience.watches(layer) for audience in self)
