"""WebSocket frames that are built once and written to many."""

import struct

TEXT = 0x81
SHORT = 126
MEDIUM = 1 << 16


def text_frame(payload: bytes) -> bytes:
    """A whole text message from a server: not masked, not compressed."""
    length = len(payload)
    if length < SHORT:
        return bytes((TEXT, length)) + payload
    if length < MEDIUM:
        return struct.pack("!BBH", TEXT, 126, length) + payload
    return struct.pack("!BBQ", TEXT, 127, length) + payload
