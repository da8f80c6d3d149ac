"""The only WebSocket I/O: ordinary frames are read directly, everything else by websockets."""

import asyncio
import logging
import ssl
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from websockets.frames import Frame, Opcode
from websockets.http11 import Request
from websockets.protocol import State as WireState
from websockets.server import ServerProtocol
from websockets.typing import Subprotocol

from alliance.access.origin import same_origin
from alliance.feed import wire
from alliance.feed.framing import text_frame
from alliance.feed.session import Session, State

try:
    from websockets.speedups import apply_mask
except ImportError:
    from websockets.utils import apply_mask

if TYPE_CHECKING:
    from alliance.feed.hub import Hub

PATH = "/feed"
LARGEST_MESSAGE = 256 * 1024
MASKED_TEXT = 0x81
MASKED = 0x80
# Beyond this much unsent, live frames are left out; beyond the other, the connection ends.
LAGGING_BYTES = 128 * 1024
TOO_MUCH_BYTES = 8 * 1024 * 1024
# Fixes of one connection that may wait for their commit before its reading stops.
MOST_WAITING = 2_000
CLOSE_PATIENCE_S = 5.0
UNSUPPORTED = 1003
NOT_UTF8 = 1007

quiet = logging.getLogger("alliance.feed.websocket")
quiet.setLevel(logging.WARNING)


class FeedSocket(asyncio.Protocol):
    """What uvicorn hands an upgraded connection to; it gets every path, and refuses all but the feed's."""

    __slots__ = (
        "_config",
        "_connections",
        "_direct",
        "_fragments",
        "_hub",
        "_paused",
        "_protocol",
        "_transport",
        "cookie",
        "heard_at",
        "pinged",
        "session",
    )

    def __init__(self, hub: "Hub", *, server_state: Any, **_: Any) -> None:
        self._hub = hub
        self._connections: set[Any] = server_state.connections
        self._transport: Any = None
        self._protocol = ServerProtocol(
            subprotocols=[Subprotocol(wire.SUBPROTOCOL)],
            select_subprotocol=_subprotocol,
            max_size=LARGEST_MESSAGE,
            logger=quiet,
        )
        self._direct = False
        self._paused = False
        self._fragments: list[bytes] | None = None
        self.cookie: str | None = None
        self.heard_at = time.monotonic()
        self.pinged = False
        self.session = Session(hub.now_ms())

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport
        self._connections.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self._connections.discard(self)
        self.session.state = State.CLOSED
        self._hub.lost(self)

    # Reading

    def data_received(self, data: bytes) -> None:
        self.heard_at = time.monotonic()
        if self._direct:
            data = self._read_directly(data)
            if not data:
                self._after_reading()
                return
        self._read_by_protocol(data)
        self._after_reading()

    def _read_directly(self, data: bytes) -> bytes:
        """Handles whole, masked, unfragmented text frames of up to 64 KB; returns what is anything else."""
        start, end = 0, len(data)
        while end - start >= 6 and data[start] == MASKED_TEXT and data[start + 1] & MASKED:
            length = data[start + 1] & 0x7F
            head = start + 2
            if length == 126:
                length = data[head] << 8 | data[head + 1]
                head += 2
            elif length == 127:
                break
            stop = head + 4 + length
            if stop > end:
                break
            self._text(apply_mask(data[head + 4 : stop], data[head : head + 4]))
            start = stop
            if self.session.state is State.CLOSED:
                return b""
        return data[start:] if start else data

    def _read_by_protocol(self, data: bytes) -> None:
        self._direct = False
        protocol = self._protocol
        protocol.receive_data(data)
        for event in protocol.events_received():
            if isinstance(event, Request):
                self._handshake(event)
            elif isinstance(event, Frame):
                self._frame(event)
        self._send_protocol()
        # Between frames, with nothing half read, the direct way is the same as the long one.
        self._direct = (
            protocol.state is WireState.OPEN and self._fragments is None and not protocol.reader.buffer
        )

    def _after_reading(self) -> None:
        session = self.session
        if session.out or session.closing:
            self.flush()
        waiting = session.inflight + session.queued
        if not self._paused and (waiting > MOST_WAITING or (session.inflight and self._hub.crowded())):
            self._pause()

    def _pause(self) -> None:
        self._paused = True
        self._transport.pause_reading()

    def eof_received(self) -> None:
        self._protocol.receive_eof()
        self._send_protocol()

    def _handshake(self, request: Request) -> None:
        protocol = self._protocol
        if urlsplit(request.path).path != PATH:
            protocol.send_response(protocol.reject(404, "The feed is at /feed.\n"))
            return
        if self._hub.stopping:
            protocol.send_response(protocol.reject(503, "Restarting; try again.\n"))
            return
        response = protocol.accept(request)
        if response.status_code == 101:
            origin = request.headers.get("Origin")
            if origin is not None and self._is_ours(request, origin):
                self.cookie = request.headers.get("Cookie")
            self._hub.greeting.add(self)
        protocol.send_response(response)

    def _is_ours(self, request: Request, origin: str) -> bool:
        """Whether a page of ours opened it; only then does the browser's cookie count."""
        config = self._hub.config
        secure = isinstance(self._transport.get_extra_info("ssl_object"), ssl.SSLObject) or config.tls
        peer = self._transport.get_extra_info("peername")
        if peer and peer[0] in config.trusted_proxies:
            secure = request.headers.get("X-Forwarded-Proto", "") == "https"
        host = request.headers.get("Host", "")
        return same_origin(origin, secure=secure, host=host, allowed=config.origins)

    def _frame(self, frame: Frame) -> None:
        if frame.opcode is Opcode.PONG:
            self.pinged = False
        elif frame.opcode is Opcode.TEXT:
            if frame.fin:
                self._text(frame.data)
            else:
                self._fragments = [frame.data]  # type: ignore[list-item]
        elif frame.opcode is Opcode.CONT and self._fragments is not None:
            self._fragments.append(frame.data)  # type: ignore[arg-type]
            if frame.fin:
                whole, self._fragments = b"".join(self._fragments), None
                self._text(whole)
        elif frame.opcode is Opcode.BINARY:
            self.session.close(UNSUPPORTED, "text only")

    def _text(self, raw: Any) -> None:
        try:
            str(raw, "utf-8")
        except UnicodeDecodeError:
            self.session.close(NOT_UTF8, "not UTF-8")
            return
        needs = self.session.receive(raw, self._hub.now_ms())
        if needs:
            self._hub.carry_out(self, needs)

    # Writing

    def flush(self) -> None:
        """Sends what lies in the session, and closes when it wants to."""
        session = self.session
        if session.out:
            messages, session.out = session.out, []
            self.write(b"".join([text_frame(message) for message in messages]))
        if session.closing is not None:
            code, reason = session.closing
            session.closing = None
            self.close(code, reason)
        if self._paused and session.inflight + session.queued < MOST_WAITING // 2:
            self._paused = False
            if not self._transport.is_closing():
                self._transport.resume_reading()

    def write(self, framed: bytes) -> None:
        if self._protocol.state is not WireState.OPEN or self._transport.is_closing():
            return
        if self._transport.get_write_buffer_size() > TOO_MUCH_BYTES:
            self.session.close(wire.TOO_SLOW, "too much unsent")
            self._transport.abort()
            return
        self._transport.write(framed)

    def lags(self) -> bool:
        return bool(self._transport.get_write_buffer_size() > LAGGING_BYTES)

    def close(self, code: int, reason: str) -> None:
        self.session.state = State.CLOSED
        self._direct = False
        if self._protocol.state is WireState.OPEN:
            self._protocol.send_close(code, reason)
            self._send_protocol()
            asyncio.get_running_loop().call_later(CLOSE_PATIENCE_S, self._end)
        elif self._protocol.state is WireState.CONNECTING:
            self._transport.close()
        if self._paused and not self._transport.is_closing():
            # The other side's close frame is still to be read.
            self._paused = False
            self._transport.resume_reading()

    def _end(self) -> None:
        if not self._transport.is_closing():
            self._transport.abort()

    def ping(self) -> None:
        if self._protocol.state is WireState.OPEN:
            self.pinged = True
            self._protocol.send_ping(b"")
            self._send_protocol()

    def abort(self) -> None:
        """Nobody is there any more."""
        self._transport.abort()

    def _send_protocol(self) -> None:
        for data in self._protocol.data_to_send():
            if data:
                self._transport.write(data)
            else:
                self._transport.close()

    def shutdown(self) -> None:
        """uvicorn stops."""
        if self._protocol.state is WireState.OPEN:
            self.close(wire.RESTARTING, "restarting")
        else:
            self._transport.close()


def _subprotocol(protocol: ServerProtocol, offered: Any) -> Subprotocol | None:
    """Ours when it is offered; a client that names none is taken too."""
    if wire.SUBPROTOCOL in offered:
        return Subprotocol(wire.SUBPROTOCOL)
    return None
