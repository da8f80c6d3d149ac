"""HTTP connections that are ended when their request doesn't arrive, or its answer is never read."""

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol


class Patient(HttpToolsProtocol):
    """uvicorn's own, which waits for ever for the rest of a request and for a reader of what it wrote.

    Looked at once in `patience_s`: what began before the last look and isn't there yet ends the connection.
    """

    def __init__(self, *, patience_s: float, **given: Any) -> None:
        super().__init__(**given)
        self._patience_s = patience_s
        self._asked_since: float | None = None
        self._unsent = 0
        self._cycles: list[Any] = []
        self._next_look: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._asked_since = self.loop.time()
        self._look_later()

    def connection_lost(self, exc: Exception | None) -> None:
        if self._next_look is not None:
            self._next_look.cancel()
        # Of requests sent one behind the other uvicorn tells only the last that nobody is there any more.
        for cycle in self._cycles:
            cycle.disconnected = True
            cycle.message_event.set()
        # They know this connection and it knows them: nothing of it should wait for a collection of garbage.
        self._cycles.clear()
        self.pipeline.clear()
        super().connection_lost(exc)
        self.cycle = None  # type: ignore[assignment]

    def handle_websocket_upgrade(self) -> None:
        # The feed has a care of its own; a timer, or the parser with its callbacks, would keep this here.
        if self._next_look is not None:
            self._next_look.cancel()
        super().handle_websocket_upgrade()
        self.parser = None  # type: ignore[assignment]

    def on_message_begin(self) -> None:
        self._asked_since = self.loop.time()
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        super().on_headers_complete()
        if self.cycle is not None:
            self._cycles.append(self.cycle)

    def on_response_complete(self) -> None:
        self._cycles = [cycle for cycle in self._cycles if not cycle.response_complete]
        super().on_response_complete()

    def on_message_complete(self) -> None:
        self._asked_since = None
        super().on_message_complete()

    def _look_later(self) -> None:
        self._next_look = self.loop.call_later(self._patience_s, self._look)

    def _look(self) -> None:
        before, self._unsent = self._unsent, self.transport.get_write_buffer_size()
        late = self._asked_since is not None and self.loop.time() - self._asked_since >= self._patience_s
        if late or (self._unsent and self._unsent == before):
            self.transport.abort()
        else:
            self._look_later()
