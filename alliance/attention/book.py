"""What stands of a district, by rule and subject, kept between two looks."""

from collections import defaultdict
from collections.abc import Iterable, Iterator

import numpy as np

from alliance.attention.model import Key, Kind, Standing
from geo.cell import Ints


class Book:
    """Of rules about duties it also knows the assignments as an array, so that thousands cost little."""

    def __init__(self, found: Iterable[Standing] = ()) -> None:
        self._of: defaultdict[Kind, dict[str, Standing]] = defaultdict(dict)
        self._numbers: dict[Kind, Ints] = {}
        self.put(found)

    def __iter__(self) -> Iterator[Standing]:
        for some in self._of.values():
            yield from some.values()

    def __contains__(self, key: Key) -> bool:
        kind, subject = key
        return subject in self._of[kind]

    def of(self, kind: Kind) -> Iterable[Standing]:
        return self._of[kind].values()

    def about(self, kind: Kind, assignment: int) -> Standing:
        return self._of[kind][str(assignment)]

    def numbers(self, kind: Kind) -> Ints:
        """The assignments that a rule about duties stands for, ascending."""
        known = self._numbers.get(kind)
        if known is None:
            subjects = sorted(int(subject) for subject in self._of[kind])
            known = self._numbers[kind] = np.array(subjects, dtype=np.int64)
        return known

    def put(self, found: Iterable[Standing]) -> None:
        for one in found:
            self._of[one.kind][one.subject] = one
            self._numbers.pop(one.kind, None)

    def drop(self, gone: Iterable[Standing]) -> None:
        for one in gone:
            del self._of[one.kind][one.subject]
            self._numbers.pop(one.kind, None)
