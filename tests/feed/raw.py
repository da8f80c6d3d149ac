"""A WebSocket client of its own, by RFC 6455 and RFC 7692 alone: it says exactly what a test wants said."""

import asyncio
import base64
import hashlib
import json
import os
import zlib
from typing import Any
from urllib.parse import urlsplit

GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
TAIL = b"\x00\x00\xff\xff"
CONT, TEXT, BINARY, CLOSE, PING, PONG = 0, 1, 2, 8, 9, 10
FIN, RSV1, RSV2, RSV3 = 0x80, 0x40, 0x20, 0x10


def frame(
    payload: bytes, opcode: int = TEXT, *, fin: bool = True, bits: int = 0, mask: bytes | None = None
) -> bytes:
    """One frame as a client sends it, masked at random unless told otherwise; b"" is no mask."""
    key = os.urandom(4) if mask is None else mask
    first = bytes([opcode | (FIN if fin else 0) | bits])
    length, masked = len(payload), FIN if key else 0
    if length < 126:
        head = bytes([masked | length])
    elif length < 1 << 16:
        head = bytes([masked | 126]) + length.to_bytes(2)
    else:
        head = bytes([masked | 127]) + length.to_bytes(8)
    body = bytes(byte ^ key[i % 4] for i, byte in enumerate(payload)) if key and any(key) else payload
    return first + head + key + body


def deflated(payload: bytes, bits: int = 15) -> bytes:
    deflate = zlib.compressobj(9, zlib.DEFLATED, -bits)
    return (deflate.compress(payload) + deflate.flush(zlib.Z_SYNC_FLUSH)).removesuffix(TAIL)


class Raw:
    """One TCP connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, host: str) -> None:
        self.reader, self.writer, self.host = reader, writer, host
        self.headers: dict[str, str] = {}
        self.compressed = 0

    @classmethod
    async def dial(cls, url: str) -> "Raw":
        address = urlsplit(url)
        reader, writer = await asyncio.open_connection(address.hostname, address.port)
        return cls(reader, writer, address.netloc)

    async def ask(self, path: str = "/feed", /, **changed: str | None) -> int:
        """Asks for the upgrade; the status. A header given as None is left out."""
        key = base64.b64encode(os.urandom(16)).decode()
        wanted: dict[str, str | None] = {
            "Host": self.host,
            "Upgrade": "websocket",
            "Connection": "Upgrade",
            "Sec-WebSocket-Key": key,
            "Sec-WebSocket-Version": "13",
            **{name.replace("_", "-"): value for name, value in changed.items()},
        }
        lines = [f"{name}: {value}\r\n" for name, value in wanted.items() if value is not None]
        await self.say(f"GET {path} HTTP/1.1\r\n{''.join(lines)}\r\n".encode())
        async with asyncio.timeout(5):
            head = (await self.reader.readuntil(b"\r\n\r\n")).decode()
        status, *rest = head.split("\r\n")
        self.headers = {
            name.lower(): value.strip() for name, _, value in (line.partition(":") for line in rest)
        }
        if " 101 " in status:
            accept = base64.b64encode(hashlib.sha1((key + GUID).encode()).digest()).decode()
            assert self.headers["sec-websocket-accept"] == accept
        return int(status.split()[1])

    async def say(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    async def send(self, **message: Any) -> None:
        await self.say(frame(json.dumps(message).encode()))

    async def hear(self) -> tuple[int, bytes]:
        """Opcode and payload of the next frame, which must be whole and not masked."""
        async with asyncio.timeout(5):
            first, length = await self.reader.readexactly(2)
            assert first & FIN
            assert not first & (RSV2 | RSV3)
            if length == 126:
                length = int.from_bytes(await self.reader.readexactly(2))
                assert length > 125
            elif length == 127:
                length = int.from_bytes(await self.reader.readexactly(8))
                assert length > 0xFFFF
            assert length < 1 << 40
            payload = await self.reader.readexactly(length)
        if first & RSV1:
            assert first & 0x0F == TEXT
            self.compressed += 1
            payload = zlib.decompressobj(-15).decompress(payload + TAIL)
        return first & 0x0F, payload

    async def hear_type(self, kind: str) -> dict[str, Any]:
        while True:
            opcode, payload = await self.hear()
            assert opcode == TEXT, (opcode, payload)
            message: dict[str, Any] = json.loads(payload)
            if message["type"] == kind:
                return message

    async def closed(self) -> int | None:
        """The code of the close frame that comes, None where it has none; then the line must end."""
        while True:
            opcode, payload = await self.hear()
            if opcode == CLOSE:
                break
        try:
            await self.say(frame(payload, CLOSE))
            async with asyncio.timeout(5):
                assert await self.reader.read() == b""
        except ConnectionError:
            pass  # the line has ended already
        return int.from_bytes(payload[:2]) if payload else None
