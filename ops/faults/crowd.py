"""Phones that keep what isn't acknowledged and send it again after each loss of the line."""

import asyncio
import json
import random
import time
from collections.abc import Coroutine
from typing import Any

from ops.benches.mini import Mini
from ops.faults.line import Line

BATCH = 5
# Their time passes this much faster than ours.
HASTE = 5
WINDOW = 20
TURN_S = 0.05
SLICE = 50
# From the duty's start, which lies before now: all times are of the past.
FIRST_MS = 1000
# Long enough in one place that it counts, however short the run.
FIRST_STEP_MS = 4000
AGAIN_S = 0.2


class Phone:
    """`clock_ms` is what its own clock is off; it corrects that by the welcome when it `corrects`."""

    def __init__(self, crowd: "Crowd", n: int, *, clock_ms: int = 0, corrects: bool = True) -> None:
        self.crowd = crowd
        self.token, self.assignment = crowd.world.tokens[n], crowd.world.assignments[n]
        self.at = crowd.world.start + FIRST_MS
        self.seq = 0
        self.unacknowledged: dict[int, list[int]] = {}
        self.acknowledged: list[int] = []
        self.refused: dict[int, set[str]] = {}
        self.welcomes = 0
        self.codes: list[int | None] = []
        self._clock_ms, self._corrects = clock_ms, corrects
        self._off_ms = clock_ms
        self._line: Line | None = None
        self._welcomed = False

    @property
    def here(self) -> bool:
        return self._welcomed

    async def join(self) -> None:
        """Until it is connected or the crowd has gone home."""
        while not self.crowd.over:
            try:
                self._line = await Line.dial("127.0.0.1", self.crowd.port, self._said, self._lost)
            except (OSError, TimeoutError):
                await asyncio.sleep(AGAIN_S * (1 + random.random()))
                continue
            now = int(time.time() * 1000) + self._clock_ms
            self._line.send(json.dumps({"type": "hello", "now": now, "token": self.token}).encode())
            return

    def cut(self) -> None:
        if self._line is not None:
            self._line.cut()

    def _lost(self, code: int | None) -> None:
        self._line, self._welcomed = None, False
        self.codes.append(code)
        self.crowd.keep(self._join_later())

    async def _join_later(self) -> None:
        await asyncio.sleep(self.crowd.pause_s * random.random())
        await self.join()

    def _said(self, raw: bytes) -> None:
        message = json.loads(raw)
        match message["type"]:
            case "welcome":
                self._welcomed = True
                self.welcomes += 1
                if self._corrects:
                    self._off_ms = 0
                for seq in sorted(self.unacknowledged):
                    self._send(seq)
            case "ack":
                for seq in [one for one in self.unacknowledged if one <= message["seq"]]:
                    times = self.unacknowledged.pop(seq)
                    if seq not in self.refused:
                        self.acknowledged += times
            case "refused":
                self.refused.setdefault(message["seq"], set()).add(message["code"])

    def measure(self) -> None:
        """Five more fixes, if not too many wait."""
        if len(self.unacknowledged) >= WINDOW or not self._welcomed:
            return
        self.seq += 1
        step = FIRST_STEP_MS if self.seq == 1 else self.crowd.step_ms
        self.unacknowledged[self.seq] = [self.at + self._off_ms + step * n for n in range(BATCH)]
        self.at += step * BATCH
        self._send(self.seq)

    def _send(self, seq: int) -> None:
        if self._line is None:
            return
        fixes = [[at, 23.29 + (at % 300_000) * 1e-8, 113.81, 10] for at in self.unacknowledged[seq]]
        message = {"type": "fixes", "seq": seq, "assignment": self.assignment, "fixes": fixes}
        self._line.send(json.dumps(message).encode())


class Crowd:
    """Everyone of a district on duty, to a service whose port may change."""

    def __init__(self, world: Mini, *, pause_s: float = 0.3, turn_s: float = TURN_S) -> None:
        """Each measures once in `turn_s`; who was cut off comes again within `pause_s`."""
        self.world = world
        self.turn_s = turn_s
        self.step_ms = round(turn_s * 1000 * HASTE / BATCH)
        self.port = 0
        self.over = False
        self.pause_s = pause_s
        self.phones = [Phone(self, n) for n in range(len(world.tokens))]
        self._tasks: set[asyncio.Task[None]] = set()
        self._measuring: asyncio.Task[None] | None = None

    def keep(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def come(self, port: int) -> None:
        """All of them connect to that port; returns when they are welcomed."""
        self.port = port
        for phone in self.phones:
            self.keep(phone.join())
        await self.all_here()

    async def all_here(self, seconds: float = 120) -> None:
        async with asyncio.timeout(seconds):
            while not all(phone.here for phone in self.phones):  # noqa: ASYNC110
                await asyncio.sleep(0.02)

    def measure(self) -> None:
        """From now on they send."""
        self._measuring = asyncio.get_running_loop().create_task(self._measure())

    async def _measure(self) -> None:
        slices = [self.phones[i : i + SLICE] for i in range(0, len(self.phones), SLICE)]
        while True:
            for some in slices:
                for phone in some:
                    phone.measure()
                await asyncio.sleep(self.turn_s / len(slices))

    async def settle(self, seconds: float = 120) -> None:
        """They measure no more, and all they have is acknowledged."""
        if self._measuring is not None:
            self._measuring.cancel()
            self._measuring = None
        async with asyncio.timeout(seconds):
            while any(phone.unacknowledged for phone in self.phones):  # noqa: ASYNC110
                await asyncio.sleep(0.02)

    async def go(self) -> None:
        self.over = True
        if self._measuring is not None:
            self._measuring.cancel()
        for phone in self.phones:
            phone.cut()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def acknowledged(self) -> int:
        return sum(len(phone.acknowledged) for phone in self.phones)

    async def more(self, count: int, seconds: float = 120) -> None:
        """Until so many more are acknowledged."""
        wanted = self.acknowledged() + count
        async with asyncio.timeout(seconds):
            while self.acknowledged() < wanted:  # noqa: ASYNC110
                await asyncio.sleep(0.02)
