"""The direct way of reading frames against websockets' own parser: however cut, it means the same."""

import asyncio
import itertools
import zlib
from types import SimpleNamespace
from typing import Any, cast

from hypothesis import example, given, settings
from hypothesis import strategies as st
from websockets.extensions.permessage_deflate import PerMessageDeflate
from websockets.frames import Frame, Opcode
from websockets.protocol import State as WireState
from websockets.server import ServerProtocol

from alliance.feed.session import State
from alliance.feed.socket import LARGEST_MESSAGE, FeedSocket

HANDSHAKE = (
    b"GET /feed HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
)
OFFER = b"Sec-WebSocket-Extensions: permessage-deflate\r\n"
# Around every length at which a frame's head or what is allowed changes.
EDGES = (0, 1, 125, 126, 127, 65_535, 65_536, LARGEST_MESSAGE, LARGEST_MESSAGE + 1)
MASK = b"\x11\xa7\x03\xf0"
NOT_UTF8 = b"\xff\xfe"


class Transport:
    """Keeps what is written; whether it was told to close."""

    def __init__(self) -> None:
        self.written = bytearray()
        self.closing = False

    def write(self, data: bytes) -> None:
        if not self.closing:
            self.written += data

    def close(self) -> None:
        self.closing = True

    abort = close

    def is_closing(self) -> bool:
        return self.closing

    def get_write_buffer_size(self) -> int:
        return 0

    def set_write_buffer_limits(self, high: int) -> None:
        """Nothing waits here."""


class Listener:
    """Stands for the session: notes the messages, until it is closed."""

    def __init__(self) -> None:
        self.heard: list[bytes] = []
        self.out: list[bytes] = []
        self.closing: tuple[int, str] | None = None
        self.inflight = self.waiting = 0
        self.state = State.OPEN

    def receive(self, raw: Any, _: int) -> list[Any]:
        if self.state is State.OPEN:
            self.heard.append(bytes(raw))
        return []

    def close(self, code: int, reason: str) -> None:
        self.state, self.closing = State.CLOSED, (code, reason)


def deflated(payload: bytes) -> bytes:
    deflate = zlib.compressobj(wbits=-15)
    return (deflate.compress(payload) + deflate.flush(zlib.Z_SYNC_FLUSH)).removesuffix(b"\x00\x00\xff\xff")


def masked(first: int, payload: bytes, *, mask: bool = True) -> bytes:
    """One frame with this first byte, as a client sends it."""
    length = len(payload)
    if length < 126:
        head = bytes((first, length | 0x80 * mask))
    elif length < 65_536:
        head = bytes((first, 126 | 0x80 * mask)) + length.to_bytes(2)
    else:
        head = bytes((first, 127 | 0x80 * mask)) + length.to_bytes(8)
    if not mask:
        return head + payload
    key = int.from_bytes((MASK * (length // 4 + 1))[:length])
    return head + MASK + (int.from_bytes(payload) ^ key).to_bytes(length)


def short_way(data: bytes, cuts: list[int], offer: bytes = b"") -> tuple[list[bytes], bytes]:
    """What the feed's socket hears and answers when the bytes arrive in these pieces."""

    async def run() -> tuple[list[bytes], bytes]:
        hub = SimpleNamespace(now_ms=lambda: 0, stopping=False, greeting=set(), crowded=lambda: False)
        socket = FeedSocket(cast(Any, hub), server_state=SimpleNamespace(connections=set()))
        transport, listener = Transport(), Listener()
        socket.connection_made(cast(Any, transport))
        socket.data_received(HANDSHAKE + offer + b"\r\n")
        assert transport.written.startswith(b"HTTP/1.1 101 ")
        transport.written.clear()
        socket.session = cast(Any, listener)
        for start, stop in itertools.pairwise([0, *sorted(cuts), len(data)]):
            if stop > start and not transport.closing:
                socket.data_received(data[start:stop])
        return listener.heard, bytes(transport.written)

    return asyncio.run(run())


def by_the_book(data: bytes, *, deflate: bool = False) -> tuple[list[bytes], bytes]:
    """The same from the library's parser alone, given all at once."""
    protocol = ServerProtocol(state=WireState.OPEN, max_size=LARGEST_MESSAGE)
    if deflate:
        protocol.extensions = [PerMessageDeflate(True, True, 15, 15)]
    protocol.receive_data(data)
    heard: list[bytes] = []
    parts: list[bytes] = []
    for frame in protocol.events_received():
        assert isinstance(frame, Frame)
        if frame.opcode in (Opcode.TEXT, Opcode.CONT):
            parts.append(bytes(frame.data))
            if frame.fin:
                whole, parts = b"".join(parts), []
                if b"\xff" in whole:
                    protocol.send_close(1007, "not UTF-8")
                else:
                    heard.append(whole)
        elif frame.opcode is Opcode.BINARY:
            protocol.send_close(1003, "text only")
    return heard, b"".join(protocol.data_to_send())


lengths = st.one_of(st.integers(0, 300), st.sampled_from(EDGES[:7]))
texts = lengths.map(lambda n: masked(0x81, b"x" * n))
controls = st.sampled_from(
    [masked(0x89, b""), masked(0x89, b"p" * 125), masked(0x8A, b""), masked(0x8A, b"late")]
)


@st.composite
def in_fragments(draw: st.DrawFn) -> bytes:
    """One message in several frames, with control frames in between."""
    whole = "荔安" * draw(st.integers(1, 40))
    raw = whole.encode()
    cuts = sorted(draw(st.lists(st.integers(0, len(raw)), min_size=1, max_size=3)))
    parts = [raw[a:b] for a, b in itertools.pairwise([0, *cuts, len(raw)])]
    found = masked(0x01, parts[0])
    for part in parts[1:-1]:
        found += draw(controls) + masked(0x00, part)
    return found + draw(controls) + masked(0x80, parts[-1])


LAST = (
    masked(0x88, b""),
    masked(0x88, (1000).to_bytes(2) + b"bye"),
    masked(0x88, (1005).to_bytes(2)),
    masked(0x88, b"\x03"),
    masked(0x81, NOT_UTF8),
    masked(0x82, b"binary"),
    masked(0xC1, b"reserved"),
    masked(0x83, b"no such opcode"),
    masked(0x80, b"goes on from nothing"),
    masked(0x01, b"begun") + masked(0x81, b"begun again"),
    masked(0x89, b"q" * 126),
    masked(0x09, b"a ping in parts"),
    masked(0x81, b"bare", mask=False),
    masked(0x81, b"x" * (LARGEST_MESSAGE + 1)),
    masked(0x01, b"x" * LARGEST_MESSAGE) + masked(0x80, b"y"),
)
streams = st.tuples(
    st.lists(st.one_of(texts, controls, in_fragments()), max_size=6).map(b"".join),
    st.one_of(st.just(b""), st.sampled_from(LAST)),
).map(b"".join)


@settings(max_examples=400, deadline=None)
@given(data=streams, draw=st.data())
@example(data=masked(0x81, b"x" * LARGEST_MESSAGE) + LAST[1], draw=None)
def test_cut_anywhere_it_means_what_the_library_reads(data: bytes, draw: Any) -> None:
    places = st.lists(st.integers(0, len(data)), max_size=8)
    cuts = [] if draw is None else draw.draw(places)
    assert short_way(data, cuts) == by_the_book(data)


packed = lengths.map(lambda n: masked(0xC1, deflated(b"x" * n)))
mixed = st.tuples(
    st.lists(st.one_of(texts, packed, controls, in_fragments()), max_size=6).map(b"".join),
    st.one_of(
        st.just(b""),
        st.sampled_from(
            (
                masked(0xC1, deflated(NOT_UTF8)),
                masked(0xC9, b""),
                masked(0xE1, b"another reserved bit"),
                masked(0xC1, deflated(b"x" * (LARGEST_MESSAGE + 1))),
                masked(0x41, deflated(b"in parts")[:3]) + masked(0x80, deflated(b"in parts")[3:]),
                LAST[1],
            )
        ),
    ),
).map(b"".join)


@settings(max_examples=200, deadline=None)
@given(data=mixed, draw=st.data())
def test_deflated_frames_mean_what_the_library_reads(data: bytes, draw: Any) -> None:
    cuts = draw.draw(st.lists(st.integers(0, len(data)), max_size=8))
    heard, answered = short_way(data, cuts, OFFER)
    expected, closed = by_the_book(data, deflate=True)
    assert heard == expected
    assert codes(answered) == codes(closed)


def codes(written: bytes) -> list[tuple[int, bytes]]:
    """The frames a server wrote: opcode and payload, of a close frame its code without the words."""
    found, at = [], 0
    while at < len(written):
        opcode, length = written[at] & 0x0F, written[at + 1]
        payload = written[at + 2 : at + 2 + length]
        found.append((opcode, payload[:2] if opcode == 8 else payload))
        at += 2 + length
    return found


def test_every_single_cut_and_byte_by_byte() -> None:
    usual = masked(0x81, b"one") + masked(0x89, b"p") + masked(0x01, b"a") + masked(0x8A, b"")
    usual += masked(0x80, b"b") + masked(0x81, b"x" * 130) + masked(0x81, b"end")
    for last in LAST[:-2]:
        data = usual + last
        expected = by_the_book(data)
        assert expected[0][:4] == [b"one", b"ab", b"x" * 130, b"end"]
        assert short_way(data, list(range(1, len(data)))) == expected
        for cut in range(len(data)):
            assert short_way(data, [cut]) == expected
