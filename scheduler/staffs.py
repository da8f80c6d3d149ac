"""Who may stand together at a place by the rule not_alone, and what they are worth there."""

from typing import NamedTuple

import numpy as np

from scheduler.board import Board
from scheduler.calendar import Floats, Ints


class Staffs(NamedTuple):
    """All numbers of people and of certified guards that may stand at each place, and their worth there."""

    place: Ints
    people: Ints
    certified: Ints
    worth: Floats

    def bought(self, people: Floats, certified: Floats, places: int) -> float:
        """What places make of the staff that is best at these prices."""
        left = self.worth - people[self.place] * self.people - certified[self.place] * self.certified
        best = np.zeros(places)
        np.maximum.at(best, self.place, left)
        return float(best.sum())


def staffs_of(board: Board) -> Staffs:
    """By the rule not_alone: two at least, or one guard at a solo post by day; by night one certified."""
    places, rows = board.places, []
    for n, gains in enumerate(places.gain):
        solo, dark = places.solo[n] == 1 and places.night[n] == 0, places.night[n] == 1
        most = max(2, int((gains > 0).sum())) + int(places.pinned[n])
        worth = np.cumsum(np.append(gains, np.full(most, gains[-1])))
        for people in range(1 if solo else 2, most + 1):
            for papers in range(int(dark), min(people, max(int(dark), int(places.certified[n]))) + 1):
                filled = places.missing * min(papers, int(places.certified[n]))
                rows.append((n, people, papers, float(worth[people - 1]) + filled))
    place, people_, papers_, worth_ = zip(*rows, strict=True) if rows else ((), (), (), ())
    ints = [np.asarray(column, dtype=np.int64) for column in (place, people_, papers_)]
    return Staffs(ints[0], ints[1], ints[2], np.asarray(worth_, dtype=np.float64))
