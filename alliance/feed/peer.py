"""Who is at the other end of a session: a WebSocket, or an HTTP request that waits for its answer."""

from typing import Protocol

from alliance.feed.session import Session


class Peer(Protocol):
    """`flush` sends what lies in the session; `write` sends a frame that was built for many."""

    session: Session

    def flush(self) -> None: ...

    def write(self, framed: bytes) -> None: ...

    def lags(self) -> bool:
        """Whether so much is unsent that live frames are better left out for now."""
        ...
