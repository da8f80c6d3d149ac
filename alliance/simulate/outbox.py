"""What a simulated phone keeps until the service has acknowledged it, in the order it came about."""

from collections.abc import Iterator

import msgspec

from alliance.feed.wire import Answer, CheckIn, CheckOut, Fix, Fixes, Report, Sos

Keyed = CheckIn | CheckOut | Report | Sos | Answer
BATCH = 200


class Outbox:
    """`seq` goes on counting over reconnections, so that an acknowledgement never means an older message."""

    def __init__(self, assignment: int) -> None:
        self._assignment = assignment
        self._seq = 0
        self._kept: list[Keyed | Fixes] = []
        self._loose: list[Fix] = []

    def __len__(self) -> int:
        return len(self._kept) + len(self._loose)

    def keep(self, message: Keyed) -> None:
        """Behind the fixes taken before it."""
        list(self._bundle())
        self._kept.append(message)

    def take(self, fix: Fix) -> None:
        self._loose.append(fix)

    def everything(self) -> list[Keyed | Fixes]:
        """All that isn't acknowledged, for a new connection."""
        list(self._bundle())
        return list(self._kept)

    def fresh(self) -> list[Fixes]:
        """The fixes not sent yet, now bundled."""
        return list(self._bundle())

    def _bundle(self) -> Iterator[Fixes]:
        while self._loose:
            part, self._loose = self._loose[:BATCH], self._loose[BATCH:]
            self._seq += 1
            message = Fixes(seq=self._seq, assignment=self._assignment, fixes=part)
            self._kept.append(message)
            yield message

    def settled(self, *, seq: int | None = None, key: str | None = None) -> None:
        """Acknowledged or refused: every `fixes` up to `seq`, or what has the key."""
        self._kept = [
            message
            for message in self._kept
            if not (
                (isinstance(message, Fixes) and seq is not None and message.seq <= seq)
                or (not isinstance(message, Fixes) and message.key == key)
            )
        ]


def encode(message: Keyed | Fixes) -> str:
    return msgspec.json.encode(message).decode()
