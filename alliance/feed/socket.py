"""The only WebSocket I/O: ordinary frames are read directly, everything else by websockets."""

import asyncio
import logging
import ssl
import time
import zlib
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from websockets.frames import Frame, Opcode
from websockets.http11 import Request
from websockets.protocol import State as WireState
from websockets.server import ServerProtocol
from websockets.typing import Subprotocol

from alliance.access.origin import same_origin
from alliance.feed import wire
from alliance.feed.deflating import Deflating, extension
from alliance.feed.framing import DEFLATED_TEXT, Shared, deflated_frame, inflated, text_frame
from alliance.feed.session import Session, State

try:
    from websockets.speedups import apply_mask
except ImportError:
    from websockets.utils import apply_mask

if TYPE_CHECKING:
    from alliance.feed.hub import Hub

PATH = "/feed"
LARGEST_MESSAGE = 256 * 1024
VERSION = "13"
TEXT = 0x81
PONG = 0x8A
MASKED = 0x80
LENGTH = 0x7F
# Lengths that stand for a longer field behind them.
WIDE = {126: 2, 127: 8}
LARGEST_FRAME = LARGEST_MESSAGE + 14
EMPTY_PING = b"\x89\x00"
# Beyond this much unsent, live frames are left out; beyond the other, the connection ends.
LAGGING_BYTES = 128 * 1024
TOO_MUCH_BYTES = 8 * 1024 * 1024
# Fixes, or what weighs as much, of one connection that may wait for their commit before its reading stops.
MOST_WAITING = 2_000
CLOSE_PATIENCE_S = 5.0
UNSUPPORTED = 1003
NOT_UTF8 = 1007
TOO_LARGE = 1009
DEFLATING = Deflating()

quiet = logging.getLogger("alliance.feed.websocket")
quiet.setLevel(logging.WARNING)


class FeedSocket(asyncio.Protocol):
    """What uvicorn hands an upgraded connection to; it gets every path, and refuses all but the feed's."""

    __slots__ = (
        "_config",
        "_connections",
        "_deflates",
        "_direct",
        "_fragments",
        "_hub",
        "_lagging",
        "_open",
        "_paused",
        "_protocol",
        "_rest",
        "_transport",
        "_wanted",
        "cookie",
        "heard_at",
        "session",
    )

    def __init__(self, hub: "Hub", *, server_state: Any, **_: Any) -> None:
        self._hub = hub
        self._connections: set[Any] = server_state.connections
        self._transport: Any = None
        self._protocol: ServerProtocol | None = ServerProtocol(
            subprotocols=[Subprotocol(wire.SUBPROTOCOL)],
            select_subprotocol=_subprotocol,
            extensions=[DEFLATING],
            max_size=LARGEST_MESSAGE,
            logger=quiet,
        )
        self._deflates = False
        self._direct = False
        self._open = False
        self._paused = False
        self._lagging = False
        self._fragments: list[bytes] | None = None
        self._rest: bytearray | None = None
        self._wanted = 0
        self.cookie: str | None = None
        self.heard_at = time.monotonic()
        self.session = Session(hub.now_ms())

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport
        self._transport.set_write_buffer_limits(LAGGING_BYTES)
        self._connections.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self._open = False
        self._connections.discard(self)
        self.session.state = State.CLOSED
        self._hub.lost(self)

    # Reading

    def data_received(self, data: bytes) -> None:
        self.heard_at = time.monotonic()
        if not self._direct:
            self._by_protocol(data)
        elif self._rest is None:
            self._read(data)
        else:
            self._rest += data
            if len(self._rest) >= self._wanted:
                data, self._rest = bytes(self._rest), None
                self._read(data)
        self._after_reading()

    def _read(self, data: bytes) -> None:
        """Takes frames as whole pieces: ordinary text is read here, everything else by the library."""
        start, end = 0, len(data)
        while start < end and self._direct:
            stop = start + frame_size(data, start, end)
            if stop - start > LARGEST_FRAME:
                self._by_protocol(data[start:])
                return
            if stop > end:
                self._rest, self._wanted = bytearray(data[start:]), stop - start
                return
            first, second = data[start], data[start + 1]
            if (first == TEXT or (first == DEFLATED_TEXT and self._deflates)) and (
                second & MASKED and self._fragments is None
            ):
                head = start + 6 + WIDE.get(second & LENGTH, 0)
                payload = apply_mask(data[head:stop], data[head - 4 : head])
                if first == TEXT:
                    self._text(payload)
                else:
                    self._inflate(payload)
            elif first != PONG or second != MASKED:
                self._by_protocol(data[start:stop])
            start = stop

    def _by_protocol(self, data: bytes) -> None:
        protocol = self._by_the_book()
        protocol.receive_data(data)
        for event in protocol.events_received():
            if isinstance(event, Request):
                self._handshake(event)
            elif isinstance(event, Frame):
                self._frame(event)
        self._send_protocol()
        self._open = self._direct = protocol.state is WireState.OPEN
        if self._open and self._fragments is None:
            self._protocol = None

    def _by_the_book(self) -> ServerProtocol:
        """The library's protocol, made anew for whatever is not ordinary: most connections rarely need it."""
        if self._protocol is None:
            self._protocol = ServerProtocol(state=WireState.OPEN, max_size=LARGEST_MESSAGE, logger=quiet)
            if self._deflates:
                self._protocol.extensions = [extension()]
        return self._protocol

    def _after_reading(self) -> None:
        session = self.session
        if session.out or session.closing:
            self.flush()
        if not self._paused and (
            session.waiting > MOST_WAITING or (session.inflight and self._hub.crowded())
        ):
            self._pause()

    def _pause(self) -> None:
        self._paused = True
        self._transport.pause_reading()

    def eof_received(self) -> None:
        self._open = False
        if self._protocol is None:
            self._transport.close()
            return
        self._protocol.receive_eof()
        self._send_protocol()

    def _handshake(self, request: Request) -> None:
        protocol = self._by_the_book()
        if urlsplit(request.path).path != PATH:
            protocol.send_response(protocol.reject(404, "The feed is at /feed.\n"))
            return
        if self._hub.stopping:
            protocol.send_response(protocol.reject(503, "Restarting; try again.\n"))
            return
        if request.headers.get("Sec-WebSocket-Version", VERSION) != VERSION:
            response = protocol.reject(426, "This is version 13 of the protocol.\n")
            response.headers["Sec-WebSocket-Version"] = VERSION
            protocol.send_response(response)
            return
        response = protocol.accept(request)
        if response.status_code == 101:
            origin = request.headers.get("Origin")
            if origin is not None and self._is_ours(request, origin):
                self.cookie = request.headers.get("Cookie")
            self._deflates = bool(protocol.extensions)
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
        if frame.opcode is Opcode.TEXT:
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

    def _inflate(self, payload: bytes) -> None:
        try:
            whole = inflated(payload, LARGEST_MESSAGE)
        except zlib.error:
            self.session.close(NOT_UTF8, "not deflated")
            return
        if whole is None:
            self.session.close(TOO_LARGE, "larger than 256 KB")
        else:
            self._text(whole)

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
            framed = deflated_frame if self._deflates else text_frame
            self._put(b"".join([framed(message) for message in messages]))
        if session.closing is not None:
            code, reason = session.closing
            session.closing = None
            self.close(code, reason)
        if self._paused and session.waiting < MOST_WAITING // 2:
            self._paused = False
            if not self._transport.is_closing():
                self._transport.resume_reading()

    def write(self, message: Shared) -> None:
        self._put(message.deflated if self._deflates else message.plain)

    def pause_writing(self) -> None:
        """Told by the transport, so that nobody has to ask it for each frame."""
        self._lagging = True

    def resume_writing(self) -> None:
        self._lagging = False

    def offer(self, message: Shared) -> bool:
        if self._lagging:
            return False
        if self._open:
            self._transport.write(message.deflated if self._deflates else message.plain)
        return True

    def _put(self, framed: bytes) -> None:
        if not self._open or self._transport.is_closing():
            return
        if self._transport.get_write_buffer_size() > TOO_MUCH_BYTES:
            self.session.close(wire.TOO_SLOW, "too much unsent")
            self._transport.abort()
            return
        self._transport.write(framed)

    def unsent(self) -> int:
        """Bytes that wait in this process."""
        return int(self._transport.get_write_buffer_size())

    def close(self, code: int, reason: str) -> None:
        self.session.state = State.CLOSED
        if self._open:
            protocol = self._by_the_book()
            if protocol.state is WireState.OPEN:
                protocol.send_close(code, reason)
            self._open = self._direct = False
            self._send_protocol()
            asyncio.get_running_loop().call_later(CLOSE_PATIENCE_S, self._end)
        elif self._protocol is not None and self._protocol.state is WireState.CONNECTING:
            self._transport.close()
        if self._paused and not self._transport.is_closing():
            # The other side's close frame is still to be read.
            self._paused = False
            self._transport.resume_reading()

    def _end(self) -> None:
        if not self._transport.is_closing():
            self._transport.abort()

    def ping(self) -> None:
        if self._open:
            self._transport.write(EMPTY_PING)

    def abort(self) -> None:
        """Nobody is there any more."""
        self._transport.abort()

    def _send_protocol(self) -> None:
        if self.unsent() > TOO_MUCH_BYTES:
            # Pongs that nobody reads; whatever it still wants to say would not be read either.
            self.abort()
            return
        for data in self._by_the_book().data_to_send():
            if data:
                self._transport.write(data)
            else:
                self._transport.close()

    def shutdown(self) -> None:
        """uvicorn stops."""
        if self._open:
            self.close(wire.RESTARTING, "restarting")
        else:
            self._transport.close()


def frame_size(data: bytes, start: int, end: int) -> int:
    """Of the frame that begins at `start`, with its head; of half a head what is needed to go on."""
    if end - start < 2:
        return 2
    length, mask = data[start + 1] & LENGTH, 4 if data[start + 1] & MASKED else 0
    wide = WIDE.get(length, 0)
    if not wide:
        return 2 + mask + length
    if end - start < 2 + wide:
        return 2 + wide
    return 2 + wide + mask + int.from_bytes(data[start + 2 : start + 2 + wide])


def _subprotocol(protocol: ServerProtocol, offered: Any) -> Subprotocol | None:
    """Ours when it is offered; a client that names none is taken too."""
    if wire.SUBPROTOCOL in offered:
        return Subprotocol(wire.SUBPROTOCOL)
    return None
