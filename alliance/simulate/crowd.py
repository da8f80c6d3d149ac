"""Who of the roster is out now: sends each pair on its way when its duty comes, up to a number of people."""

import asyncio
import contextlib
import logging
import random
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import msgspec

from alliance.config import Unusable
from alliance.simulate import habits
from alliance.simulate.absences import Absences
from alliance.simulate.desk import Declined, Desk, Login
from alliance.simulate.ground import Ground
from alliance.simulate.link import Link, clock_ms
from alliance.simulate.office import Office
from alliance.simulate.walker import Duty, Walker
from alliance.simulate.way import Way

AHEAD_MS = 30 * 60_000
LOOK_S = 60.0
PATIENCE_S = 5.0
TOKEN_HOURS = 14
PAIR = 2
SIGNED_OUT = 401

log = logging.getLogger(__name__)


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """How many at once, how much quicker than life they move, the seed of all chances, who is left out."""

    people: int = 1200
    speed: float = 1.0
    seed: int = 1
    without: frozenset[int] = frozenset()


class Crowd:
    """`run` goes on until cancelled; whoever was sent once is not sent again."""

    def __init__(self, desk: Desk, login: Login, wanted: Wanted) -> None:
        self._desk = desk
        self._login = login
        self._wanted = wanted
        self._rng = random.Random(wanted.seed)
        self._sent: set[int] = set()
        self._absences = Absences(desk, random.Random(wanted.seed), wanted.without)
        self._out: dict[int, asyncio.Task[None]] = {}

    def __len__(self) -> int:
        return len(self._out)

    async def run(self) -> None:
        ground = await self._begin()
        office = Office(self._desk, random.Random(self._wanted.seed))
        beside = [
            asyncio.create_task(work) for work in (self._watch(ground), office.run(), self._absences.run())
        ]
        try:
            while True:
                try:
                    await self._look(ground)
                except Declined as answer:
                    log.warning("the roster can't be read: %s", answer)
                    if answer.status == SIGNED_OUT:
                        await self._sign_in_again()
                except OSError as error:
                    log.info("the service can't be reached: %s", error)
                await asyncio.sleep(LOOK_S)
        finally:
            out = [*beside, *self._out.values()]
            for task in out:
                task.cancel()
            await asyncio.wait(out, timeout=PATIENCE_S)

    async def _begin(self) -> Ground:
        """Log in and read the ground; a service still starting gets a minute."""
        for _ in range(60):
            try:
                await asyncio.to_thread(self._desk.log_in, self._login)
                return await asyncio.to_thread(self._desk.ground)
            except Declined as answer:
                if answer.status < 500:
                    raise
            except OSError:
                pass
            await asyncio.sleep(1)
        raise Unusable("The service does not answer: start it with ops/run or alliance serve.")

    async def _sign_in_again(self) -> None:
        """Sessions end some day, simulations don't."""
        with contextlib.suppress(OSError, Declined):
            await asyncio.to_thread(self._desk.log_in, self._login)

    async def _watch(self, ground: Ground) -> None:
        """Follow the coverage as the command desk does."""

        def hear(message: dict[str, Any]) -> None:
            match message:
                case {"type": "coverage", "cells": cells}:
                    ground.cover(cells)
                case {"type": "snapshot", "layer": "coverage", "data": {"cells": cells}}:
                    ground.covered_until[:] = 0
                    ground.cover(cells)

        async def ask(link: Link) -> None:
            await link.send('{"type":"watch","areas":[],"layers":["coverage"]}')

        await Link(self._desk.feed, lambda: self._desk.token, self._rng, heard=hear, opened=ask).run()

    async def _look(self, ground: Ground) -> None:
        """Send those whose duty is on or near, whole pairs, as long as there is room."""
        now = clock_ms()
        today = datetime.fromtimestamp(now / 1000, UTC).date()
        days = [(today + timedelta(days=n)).isoformat() for n in (-1, 0, 1)]
        duties = await asyncio.to_thread(self._desk.duties, days)
        due = [
            d
            for d in (*duties, *self._absences.taken)
            if d.start - AHEAD_MS <= now < d.end - 60_000
            and d.id not in self._sent
            and d.person not in self._wanted.without
        ]
        room = self._wanted.people - len(self._out)
        chosen: list[list[Duty]] = []
        for pair in pairs(due, self._wanted.seed):
            if room < len(pair):
                break
            room -= len(pair)
            chosen.append(pair)
        people = [duty.person for pair in chosen for duty in pair]
        if not people:
            return
        tokens = await asyncio.to_thread(self._desk.tokens, people, TOKEN_HOURS)
        for pair in chosen:
            self._send(ground, pair, tokens, now)

    def _send(self, ground: Ground, pair: list[Duty], tokens: dict[int, str], now: int) -> None:
        first = pair[0]
        if first.beat not in ground.cells_of:
            return
        rng = random.Random(f"{self._wanted.seed} {first.id}")
        speed = self._wanted.speed
        way = Way(ground, first.beat, rng, start=now, speed=speed)
        for duty in pair:
            self._sent.add(duty.id)
            own = random.Random(f"{self._wanted.seed} {duty.id} {duty.person}")
            temper = habits.temper(own, duty.start, duty.end, now)
            if not temper.comes:
                self._absences.missed(duty)
                continue
            if duty.person not in tokens:
                continue
            walker = Walker(
                duty,
                way=way,
                others=[other.person for other in pair if other is not duty],
                feed=self._desk.feed,
                token=tokens[duty.person],
                rng=own,
                speed=speed,
                whereabouts=self._desk.whereabouts,
            )
            task = asyncio.create_task(walker.run(temper))
            self._out[duty.id] = task
            task.add_done_callback(partial(self._back, duty.id))

    def _back(self, duty: int, task: asyncio.Task[None]) -> None:
        self._out.pop(duty, None)
        if not task.cancelled() and task.exception() is not None:
            log.error("a simulated duty ended early", exc_info=task.exception())


def pairs(due: list[Duty], seed: int) -> list[list[Duty]]:
    """Those of one post and shift by twos, the last three together; in an order drawn by the seed."""
    together: dict[tuple[int, int], list[Duty]] = defaultdict(list)
    for duty in sorted(due, key=lambda duty: duty.id):
        together[duty.post, duty.shift].append(duty)
    found = []
    for group in together.values():
        cut = len(group) - 3 if len(group) % PAIR and len(group) > 1 else len(group) - len(group) % PAIR
        found += [group[i : i + PAIR] for i in range(0, cut, PAIR)]
        if cut < len(group):
            found.append(group[cut:])
    found.sort(key=lambda pair: pair[0].id)
    random.Random(seed).shuffle(found)
    return found
