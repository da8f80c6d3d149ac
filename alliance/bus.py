"""What the processes that serve the same districts tell each other, by way of NATS."""

import asyncio
import contextlib
import logging
import secrets
import struct
from collections import Counter
from typing import Any, Protocol

from nats import errors
from nats.aio.client import Client
from nats.aio.msg import Msg

from alliance.actor import DistrictId

log = logging.getLogger(__name__)

SUBJECT = "alliance.district.{}"
# Who says it, and which of its messages to that district it is; a beat repeats the last number.
HEAD = struct.Struct("!8sQ")
BEAT_S = 1.0
AGAIN_S = 1.0
FIRST_S = 2.0
CONNECT_S = 2
PING_S = 5
MOST_WAITING = 2_000


class Ear(Protocol):
    """A district's part of this process; `missed` says that something was told that it didn't hear."""

    def heard(self, message: bytes) -> None: ...

    def missed(self) -> None: ...


class Bus:
    """`joined` while NATS is there. What is told while it isn't is lost: it lies in the database.

    Without a URL there is nobody to tell.
    """

    def __init__(self, url: str | None) -> None:
        self.url = url
        self.joined = False
        self._name = secrets.token_bytes(8)
        self._ears: dict[DistrictId, Ear] = {}
        self._told: Counter[DistrictId] = Counter()
        self._last: dict[tuple[DistrictId, bytes], int] = {}
        self._waiting: asyncio.Queue[tuple[DistrictId, bytes]] = asyncio.Queue(MOST_WAITING)
        self._client: Client | None = None
        self._first = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    @property
    def state(self) -> str:
        """alone (by the settings), joined or away."""
        return "alone" if self.url is None else "joined" if self.joined else "away"

    async def start(self) -> None:
        """Waits a little for NATS, but goes on without it."""
        if self.url is None:
            return
        self._task = asyncio.get_running_loop().create_task(self._run(self.url))
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(FIRST_S):
                await self._first.wait()

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def enter(self, district: DistrictId, ear: Ear) -> None:
        """From now on the district is listened to; what was told before lies in the database."""
        self._ears[district] = ear
        if self._client is not None:
            with contextlib.suppress(errors.Error, OSError):
                await self._listen(self._client, district)

    def tell(self, district: DistrictId, message: bytes) -> None:
        """Everyone else, once, if they can be reached: the numbers tell them what they missed."""
        if self.url is None:
            return
        self._told[district] += 1
        if self.joined and not self._waiting.full():
            head = HEAD.pack(self._name, self._told[district])
            self._waiting.put_nowait((district, head + message))

    async def _run(self, url: str) -> None:
        silent = False
        while True:
            try:
                await self._stay(url)
                silent = False
            except (errors.Error, OSError, TimeoutError, ValueError) as error:
                if not silent:
                    log.warning("bus: NATS is away (%s); going on alone", type(error).__name__)
                silent = True
            finally:
                self.joined = False
                self._client = None
            await asyncio.sleep(AGAIN_S)

    async def _stay(self, url: str) -> None:
        """Connects and sends until the connection is lost; the next one begins anew, with nothing kept."""
        client = Client()
        await client.connect(
            url,
            name="alliance",
            error_cb=_shrug,
            allow_reconnect=False,
            no_echo=True,
            connect_timeout=CONNECT_S,
            ping_interval=PING_S,
        )
        try:
            self._last.clear()
            self._waiting = asyncio.Queue(MOST_WAITING)
            for district in self._ears:
                await self._listen(client, district)
            await client.flush(timeout=CONNECT_S)
            self._client, self.joined = client, True
            log.warning("bus: joined by NATS")
            for ear in self._ears.values():
                ear.missed()
            self._first.set()
            while client.is_connected:
                await self._send(client)
            log.warning("bus: NATS is gone; going on alone")
        finally:
            self.joined = False
            with contextlib.suppress(errors.Error, OSError):
                await client.close()

    async def _send(self, client: Client) -> None:
        try:
            async with asyncio.timeout(BEAT_S):
                district, message = await self._waiting.get()
        except TimeoutError:
            for district in self._ears:
                head = HEAD.pack(self._name, self._told[district])
                await client.publish(SUBJECT.format(district), head)
        else:
            await client.publish(SUBJECT.format(district), message)

    async def _listen(self, client: Client, district: DistrictId) -> None:
        async def heard(message: Msg) -> None:
            self._heard(district, message.data)

        await client.subscribe(SUBJECT.format(district), cb=heard)

    def _heard(self, district: DistrictId, data: bytes) -> None:
        sender, number = HEAD.unpack_from(data)
        ear, body = self._ears[district], data[HEAD.size :]
        last = self._last.get((district, sender))
        self._last[district, sender] = number
        if last is not None and number != last + (1 if body else 0):
            ear.missed()
        if body:
            ear.heard(body)


async def reachable(url: str) -> None:
    """Raises OSError or TimeoutError when there is no NATS."""
    client = Client()
    try:
        await client.connect(url, error_cb=_shrug, allow_reconnect=False, connect_timeout=CONNECT_S)
        await client.close()
    except errors.Error as error:
        raise ConnectionError(str(error) or type(error).__name__) from error


async def _shrug(error: Any) -> None:
    """What it means shows in the connection."""
