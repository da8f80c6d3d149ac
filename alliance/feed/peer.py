"""Who is at the other end of a session: a WebSocket, or an HTTP request that waits for its answer."""

from typing import Protocol

from alliance.feed.framing import Shared
from alliance.feed.session import Session


class Peer(Protocol):
    """`flush` sends what lies in the session; `write` sends a message that was built for many."""

    session: Session

    def flush(self) -> None: ...

    def write(self, message: Shared) -> None: ...

    def offer(self, message: Shared) -> bool:
        """Writes it unless so much is unsent that live frames are better left out for now."""
        ...
