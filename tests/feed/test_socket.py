"""A proper WebSocket server: every cut of the bytes, fragments, control frames, limits, closing, cookies."""

import asyncio
import base64
import json
import os
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from websockets.exceptions import InvalidStatus
from websockets.frames import Frame, Opcode

from alliance.feed import wire
from alliance.feed.framing import text_frame
from tests.feed.conftest import START, Served


class Raw:
    """A client that says exactly these bytes."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    async def say(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    async def hear(self) -> tuple[int, bytes]:
        """Opcode and payload of the next frame."""
        async with asyncio.timeout(5):
            first, second = await self.reader.readexactly(2)
            length = second
            if length == 126:
                length = int.from_bytes(await self.reader.readexactly(2))
            elif length == 127:
                length = int.from_bytes(await self.reader.readexactly(8))
            return first & 0x0F, await self.reader.readexactly(length)

    async def hear_type(self, kind: str) -> dict[str, Any]:
        while True:
            opcode, payload = await self.hear()
            assert opcode == 1, (opcode, payload)
            message: dict[str, Any] = json.loads(payload)
            if message["type"] == kind:
                return message

    async def closed(self) -> int:
        """The code of the close frame that comes."""
        while True:
            opcode, payload = await self.hear()
            if opcode == 8:
                return int.from_bytes(payload[:2])


def frame(payload: bytes, opcode: int = 1, *, fin: bool = True, mask: bool = True) -> bytes:
    return bytes(Frame(Opcode(opcode), payload, fin).serialize(mask=mask))


PING = b'{"type":"ping"}'


@pytest.fixture
async def raw(served: Served) -> AsyncIterator[Raw]:
    address = urlsplit(served.url)
    reader, writer = await asyncio.open_connection(address.hostname, address.port)
    key = base64.b64encode(os.urandom(16)).decode()
    writer.write(
        f"GET /feed HTTP/1.1\r\nHost: {address.netloc}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
    )
    assert b" 101 " in await reader.readuntil(b"\r\n\r\n")
    found = Raw(reader, writer)
    hello = json.dumps({"type": "hello", "now": START, "token": served.world.tokens[0]})
    await found.say(frame(hello.encode()))
    await found.hear_type("welcome")
    yield found
    writer.close()


async def test_the_same_bytes_cut_anywhere_mean_the_same(raw: Raw) -> None:
    long = json.dumps({"type": "ping", "padding": "x" * 300}).encode()
    stream = frame(PING) + frame(b"hi", 9) + frame(long) + frame(PING, 10)
    stream += frame(PING[:5], fin=False) + frame(b"", 9) + frame(PING[5:], 0)
    for cut in [*range(1, 40), *range(len(stream) - 60, len(stream))]:
        await raw.say(stream[:cut])
        await asyncio.sleep(0)
        await raw.say(stream[cut:])
        heard = [await raw.hear() for _ in range(5)]
        assert sorted(opcode for opcode, _ in heard) == [1, 1, 1, 10, 10]
        assert (10, b"hi") in heard


async def test_one_byte_at_a_time(raw: Raw) -> None:
    for byte in frame(PING) + frame(PING):
        await raw.say(bytes([byte]))
        await asyncio.sleep(0.001)
    await raw.hear_type("pong")
    await raw.hear_type("pong")


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (frame(PING, mask=False), 1002),
        (frame(b"\xff\xfe{}"), 1007),
        (frame(b"{}", 2), 1003),
        (frame(b"x" * 300_000), 1009),
        (b"\xc1" + frame(PING)[1:], 1002),
        (frame(b"", 0), 1002),
        (frame(b"\x03\xe8bye", 8), 1000),
    ],
    ids=["unmasked", "not utf-8", "binary", "too large", "reserved bit", "nothing to continue", "close"],
)
async def test_what_is_wrong_closes_with_its_code(raw: Raw, data: bytes, code: int) -> None:
    await raw.say(data)
    assert await raw.closed() == code


async def test_too_many_messages_close(raw: Raw) -> None:
    await raw.say(frame(PING) * 400)
    assert await raw.closed() == wire.TOO_FAST


async def test_other_paths_are_refused(served: Served) -> None:
    served.url = served.url.replace("/feed", "/elsewhere")
    with pytest.raises(InvalidStatus) as caught:
        await served.silent()
    assert caught.value.response.status_code == 404


async def test_a_browser_s_cookie_counts_only_from_our_own_page(served: Served) -> None:
    async with served.pool.acquire() as conn:
        await conn.execute("update session set kind = 'cookie' where person = $1", served.world.people[0])
    cookie = {"Cookie": f"alliance_session={served.world.tokens[0]}"}
    host = urlsplit(served.url).netloc
    ours = await served.silent(origin=f"http://{host}", additional_headers=cookie)
    await ours.send(type="hello", now=START)
    assert (await ours.next("welcome"))["person"] == served.world.people[0]
    for origin in ("http://elsewhere.example", None):
        theirs = await served.silent(origin=origin, additional_headers=cookie)
        await theirs.send(type="hello", now=START)
        await theirs.connection.wait_closed()
        assert theirs.connection.close_code == 4401


async def test_a_cookie_s_text_is_no_token(served: Served) -> None:
    async with served.pool.acquire() as conn:
        await conn.execute("update session set kind = 'cookie' where person = $1", served.world.people[0])
    phone = await served.silent()
    await phone.send(type="hello", now=START, token=served.world.tokens[0])
    await phone.connection.wait_closed()
    assert phone.connection.close_code == 4401


async def test_a_stopping_service_says_restarting(served: Served, raw: Raw) -> None:
    for peer in list(served.hub._room_of):
        peer.shutdown()
    assert await raw.closed() == wire.RESTARTING


@given(st.binary(max_size=70_000))
def test_frames_are_what_the_library_makes(payload: bytes) -> None:
    assert text_frame(payload) == Frame(Opcode.TEXT, payload).serialize(mask=False)
