"""Raw WebSocket clients, many in one process by epoll alone: they must cost less than what they measure."""

import base64
import errno
import os
import resource
import select
import socket
from collections.abc import Callable, Iterable, Iterator

TEXT = 0x81
PING = 0x89
PONG = b"\x8a\x80\0\0\0\0"
COMPRESSED = 0x40
MASKED = 0x80
NO_MASK = b"\0\0\0\0"
# Each loopback address has its own 28,000 ports.
ADDRESSES = 8
BIND_WITHOUT_PORT = 24
AT_ONCE = 4096
READ = 1 << 18


def raise_file_limit() -> None:
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def frame(payload: bytes) -> bytes:
    """A text frame of a client, masked with nought."""
    length = len(payload)
    if length < 126:
        return bytes((TEXT, MASKED | length)) + NO_MASK + payload
    if length < 65_536:
        return bytes((TEXT, MASKED | 126)) + length.to_bytes(2) + NO_MASK + payload
    return bytes((TEXT, MASKED | 127)) + length.to_bytes(8) + NO_MASK + payload


class Line:
    """One connection; `upgraded` once the server has switched, `heard` counts the bytes that came."""

    __slots__ = ("heard", "rest", "sock", "unsent", "upgraded")

    def __init__(self, port: int, number: int) -> None:
        self.sock = socket.socket()
        self.sock.setblocking(False)
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.sock.setsockopt(socket.SOL_IP, BIND_WITHOUT_PORT, 1)
        self.sock.bind((f"127.0.0.{2 + number % ADDRESSES}", 0))
        self.rest = b""
        self.unsent = b""
        self.upgraded = False
        self.heard = 0
        if self.sock.connect_ex(("127.0.0.1", port)) not in (0, errno.EINPROGRESS):
            raise ConnectionError("there is nobody at the port")

    def ask(self, *, deflate: bool) -> None:
        """Asks for the upgrade."""
        key = base64.b64encode(os.urandom(16)).decode()
        offer = "Sec-WebSocket-Extensions: permessage-deflate\r\n" if deflate else ""
        self.write(
            "GET /feed HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n"
            f"Sec-WebSocket-Protocol: lian.v1\r\n{offer}\r\n".encode()
        )

    def write(self, data: bytes) -> None:
        if self.unsent:
            self.unsent += data
            return
        try:
            sent = self.sock.send(data)
        except BlockingIOError:
            sent = 0
        self.unsent = data[sent:]

    def drain(self) -> None:
        """The socket takes more."""
        data, self.unsent = self.unsent, b""
        if data:
            self.write(data)

    def frames(self) -> Iterator[tuple[int, bytes]]:
        """First byte and payload of the frames that lie ready; ConnectionError at the end."""
        try:
            data = self.sock.recv(READ)
        except BlockingIOError:
            return
        if not data:
            raise ConnectionError("closed")
        self.heard += len(data)
        data = self.rest + data if self.rest else data
        if not self.upgraded:
            head, found, data = data.partition(b"\r\n\r\n")
            if not found:
                self.rest = head
                return
            if not head.startswith(b"HTTP/1.1 101"):
                raise ConnectionError(head.decode())
            self.upgraded = True
        start, end = 0, len(data)
        while end - start >= 2:
            length, at = data[start + 1], start + 2
            if length == 126:
                length, at = int.from_bytes(data[at : at + 2]), at + 2
            elif length == 127:
                length, at = int.from_bytes(data[at : at + 8]), at + 8
            if at + length > end:
                break
            if data[start] == PING:
                self.write(PONG)
            else:
                yield data[start], data[at : at + length]
            start = at + length
        self.rest = data[start:]


class Switchboard:
    """Waits for all lines at once."""

    def __init__(self, heard: Callable[[Line], None], lost: Callable[[Line], None]) -> None:
        self._epoll = select.epoll()
        self._lines: dict[int, Line] = {}
        self._blocked: set[int] = set()
        self._heard = heard
        self._lost = lost

    def add(self, line: Line) -> None:
        fd = line.sock.fileno()
        self._lines[fd] = line
        self._blocked.add(fd)
        self._epoll.register(fd, select.EPOLLIN | select.EPOLLOUT)

    def turn(self, seconds: float) -> None:
        """Hands over what came within that time, or sooner."""
        for fd, mask in self._epoll.poll(seconds, AT_ONCE):
            line = self._lines.get(fd)
            if line is None:
                continue
            try:
                if mask & select.EPOLLOUT:
                    line.drain()
                    if not line.unsent:
                        self._blocked.discard(fd)
                        self._epoll.modify(fd, select.EPOLLIN)
                if mask & ~select.EPOLLOUT:
                    self._heard(line)
            except OSError:
                self.drop([line])
                self._lost(line)

    def mind(self, line: Line) -> None:
        """Looks after what the line could not send at once."""
        fd = line.sock.fileno()
        if line.unsent and fd not in self._blocked:
            self._blocked.add(fd)
            self._epoll.modify(fd, select.EPOLLIN | select.EPOLLOUT)

    def drop(self, lines: Iterable[Line]) -> None:
        for line in lines:
            fd = line.sock.fileno()
            if self._lines.pop(fd, None) is not None:
                self._blocked.discard(fd)
                self._epoll.unregister(fd)
                line.sock.close()
