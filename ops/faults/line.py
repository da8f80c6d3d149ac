"""A phone's connection to the feed: a plain WebSocket client, cheap enough for thousands."""

import asyncio
import base64
import os
from collections.abc import Callable
from typing import Any

TEXT, CLOSE, PING, PONG = 0x1, 0x8, 0x9, 0xA
FINAL = 0x80
MASKED = 0x80
NO_MASK = b"\0\0\0\0"
WIDE = {126: 2, 127: 8}


class Line(asyncio.Protocol):
    """`said` gets each text message, `over` the close code, None where there was none."""

    def __init__(
        self, host: str, port: int, said: Callable[[bytes], None], over: Callable[[int | None], None]
    ) -> None:
        self.host, self.port = host, port
        self.transport: Any = None
        self._said, self._over = said, over
        self._rest = b""
        self._code: int | None = None
        self._open = asyncio.get_running_loop().create_future()

    @classmethod
    async def dial(
        cls, host: str, port: int, said: Callable[[bytes], None], over: Callable[[int | None], None]
    ) -> "Line":
        """Returns when the connection is upgraded; raises OSError or TimeoutError."""
        loop = asyncio.get_running_loop()
        async with asyncio.timeout(30):
            _, line = await loop.create_connection(lambda: cls(host, port, said, over), host, port)
            await line._open
        return line

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport
        key = base64.b64encode(os.urandom(16)).decode()
        self.transport.write(
            f"GET /feed HTTP/1.1\r\nHost: {self.host}:{self.port}\r\nUpgrade: websocket\r\n"
            f"Connection: Upgrade\r\nSec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n"
            "Sec-WebSocket-Protocol: lian.v1\r\n\r\n".encode()
        )

    def data_received(self, data: bytes) -> None:
        data = self._rest + data if self._rest else data
        if not self._open.done():
            head, found, data = data.partition(b"\r\n\r\n")
            if not found:
                self._rest = head
                return
            if b" 101 " not in head.split(b"\r\n")[0]:
                self.transport.abort()
                return
            self._open.set_result(None)
        self._rest = self._frames(data)

    def _frames(self, data: bytes) -> bytes:
        start, end = 0, len(data)
        while end - start >= 2:
            length, head = data[start + 1] & 0x7F, start + 2
            wide = WIDE.get(length, 0)
            if wide:
                length, head = int.from_bytes(data[head : head + wide]), head + wide
            if head + length > end:
                break
            self._frame(data[start] & 0xF, data[head : head + length])
            start = head + length
        return data[start:]

    def _frame(self, opcode: int, payload: bytes) -> None:
        if opcode == TEXT:
            self._said(payload)
        elif opcode == PING:
            self._write(PONG, payload)
        elif opcode == CLOSE:
            self._code = int.from_bytes(payload[:2]) if payload else None
            self._write(CLOSE, payload[:2])

    def connection_lost(self, exc: Exception | None) -> None:
        if self._open.done():
            self._over(self._code)
        else:
            self._open.set_exception(ConnectionError("closed before the upgrade"))

    def send(self, payload: bytes) -> None:
        self._write(TEXT, payload)

    def _write(self, opcode: int, payload: bytes) -> None:
        self.transport.write(frame(opcode, payload))

    def cut(self) -> None:
        """As when the network goes: no word."""
        self.transport.abort()


def frame(opcode: int, payload: bytes) -> bytes:
    """As a client sends it, masked with nought."""
    length = len(payload)
    if length < 126:
        head = bytes((FINAL | opcode, MASKED | length))
    elif length < 65_536:
        head = bytes((FINAL | opcode, MASKED | 126)) + length.to_bytes(2)
    else:
        head = bytes((FINAL | opcode, MASKED | 127)) + length.to_bytes(8)
    return head + NO_MASK + payload
