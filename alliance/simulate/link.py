"""One simulated phone's connection to the feed: resumed after every break, resending what isn't settled."""

import asyncio
import random
import ssl
import time
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException
from websockets.typing import Subprotocol

from alliance.feed.wire import SUBPROTOCOL, Hello

Heard = Callable[[dict[str, Any]], None]
Token = Callable[[], str]
Opened = Callable[["Link"], Awaitable[None]]

LONGEST_WAIT_S = 20.0
UNUSABLE = OSError, WebSocketException, TimeoutError, asyncio.IncompleteReadError


def clock_ms() -> int:
    return time.time_ns() // 1_000_000


class Feed(msgspec.Struct, frozen=True, kw_only=True):
    """Where the feed is; `trust` is set for an address with TLS."""

    url: str
    trust: ssl.SSLContext | None = None


class Link:
    """`heard` gets every message, `opened` runs after each welcome; `run` ends when cancelled."""

    def __init__(self, feed: Feed, token: Token, rng: random.Random, *, heard: Heard, opened: Opened) -> None:
        self._feed = feed
        self._token = token
        self._rng = rng
        self._heard = heard
        self._opened = opened
        self._socket: ClientConnection | None = None
        self._allowed = asyncio.Event()
        self._allowed.set()
        self.offset_ms = 0

    @property
    def up(self) -> bool:
        return self._socket is not None

    def now(self) -> int:
        """The service's clock, as far as this phone has learnt it."""
        return clock_ms() + self.offset_ms

    async def send(self, text: str) -> None:
        """Nothing happens without a connection: what matters is sent again after the next welcome."""
        if self._socket is not None:
            try:
                await self._socket.send(text)
            except UNUSABLE:
                self._socket = None

    async def lose(self) -> None:
        """The network goes away until `find`."""
        self._allowed.clear()
        if self._socket is not None:
            self._socket.transport.abort()

    def find(self) -> None:
        self._allowed.set()

    async def run(self) -> None:
        wait = 0.5
        while True:
            await self._allowed.wait()
            try:
                if await self._once():
                    wait = 0.5
            except UNUSABLE:
                pass
            finally:
                self._socket = None
            await asyncio.sleep(wait * self._rng.uniform(0.5, 1.5))
            wait = min(wait * 2, LONGEST_WAIT_S)

    async def _once(self) -> bool:
        """One connection to its end; True when it was welcomed."""
        welcomed = False
        async with connect(
            self._feed.url,
            ssl=self._feed.trust,
            subprotocols=[Subprotocol(SUBPROTOCOL)],
            compression=None,
            proxy=None,
            ping_interval=60,
            ping_timeout=60,
            open_timeout=30,
            close_timeout=2,
            max_queue=64,
        ) as socket:
            asked = clock_ms()
            await socket.send(msgspec.json.encode(Hello(now=asked, token=self._token())).decode())
            async for text in socket:
                message = msgspec.json.decode(text)
                if message.get("type") == "welcome":
                    heard = clock_ms()
                    self.offset_ms = int(message["now"]) - (asked + heard) // 2
                    self._socket, welcomed = socket, True
                    await self._opened(self)
                self._heard(message)
        return welcomed
