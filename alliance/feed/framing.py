"""WebSocket frames that are built once and written to many, and deflated once for those that take that."""

import struct
import zlib

TEXT = 0x81
DEFLATED_TEXT = 0xC1
SHORT = 126
MEDIUM = 1 << 16
# Shorter ones are sent as they are: deflating gains nothing.
WORTHWHILE = 256
LEVEL = 3
# What ends each deflated message and is left out of its frame (RFC 7692, 7.2.1).
TAIL = b"\x00\x00\xff\xff"


def text_frame(payload: bytes) -> bytes:
    """A whole text message from a server: not masked, not compressed."""
    return _head(TEXT, len(payload)) + payload


def deflated_frame(payload: bytes) -> bytes:
    """The same for a client with permessage-deflate; as it refers to no message before it, it serves all."""
    if len(payload) < WORTHWHILE:
        return text_frame(payload)
    deflate = zlib.compressobj(LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS)
    data = deflate.compress(payload) + deflate.flush(zlib.Z_SYNC_FLUSH)
    return _head(DEFLATED_TEXT, len(data) - len(TAIL)) + data[: -len(TAIL)]


def inflated(data: bytes, most: int) -> bytes | None:
    """The message in a deflated frame; None when it is larger than `most`. Raises zlib.error."""
    inflate = zlib.decompressobj(-zlib.MAX_WBITS)
    found = inflate.decompress(data + TAIL, most + 1)
    return found if len(found) <= most else None


def _head(first: int, length: int) -> bytes:
    if length < SHORT:
        return bytes((first, length))
    if length < MEDIUM:
        return struct.pack("!BBH", first, 126, length)
    return struct.pack("!BBQ", first, 127, length)


class Shared:
    """A message for many: framed once, and deflated once when the first asks for that."""

    __slots__ = ("_deflated", "_payload", "_plain")

    def __init__(self, payload: bytes) -> None:
        self._payload = payload
        self._plain: bytes | None = None
        self._deflated: bytes | None = None

    @property
    def plain(self) -> bytes:
        if self._plain is None:
            self._plain = text_frame(self._payload)
        return self._plain

    @property
    def deflated(self) -> bytes:
        if self._deflated is None:
            self._deflated = deflated_frame(self._payload)
        return self._deflated
