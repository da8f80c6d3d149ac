"""How many messages a connection may send, and how many it may get wrong."""

BURST = 300.0
PER_SECOND = 50.0
FORGIVEN = 5
WINDOW_MS = 60_000


class Pace:
    """A budget that fills with time, for all but fixes, which are held back by acknowledgements instead."""

    __slots__ = ("_at", "_budget", "_wrong")

    def __init__(self, now: int) -> None:
        self._at = now
        self._budget = BURST
        self._wrong: list[int] = []

    def allows(self, now: int) -> bool:
        """Spends one message."""
        self._budget = min(BURST, self._budget + (now - self._at) * PER_SECOND / 1000)
        self._at = now
        self._budget -= 1
        return self._budget >= 0

    def forgives(self, now: int) -> bool:
        """Counts a message that can't be read; the fifth within a minute is one too many."""
        self._wrong = [at for at in self._wrong if at > now - WINDOW_MS]
        self._wrong.append(now)
        return len(self._wrong) < FORGIVEN
