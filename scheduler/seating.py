"""Who stands at which place, once it is known who is on duty and how places are staffed."""

from collections import Counter
from typing import NamedTuple

import numpy as np

from scheduler.calendar import Floats, Ints
from scheduler.columns import Frame, Mixture
from scheduler.place import CERTIFIED_GUARD


def stood(made: Mixture, nodes: Ints, columns: Floats) -> Ints:
    """A post or −1 per node, when all these nodes are taken and places staffed as the program has it."""
    frame = made.frame
    choice = np.where(frame.board.nodes.post >= 0, frame.board.nodes.post, -1)
    goes = _grouped(made, nodes, columns[len(made.staff) : len(made.staff) + len(made.stand)])
    many = np.round(columns[: len(made.staff)]).astype(np.int64)
    groups = frame.alike.of[frame.staffs.place[made.staff]]
    for group in np.unique(groups[many > 0]).tolist():
        staffs = np.repeat(made.staff[groups == group], many[groups == group])
        places = np.flatnonzero(frame.alike.of == group)[: len(staffs)]
        mine = np.asarray(goes.get(group, []), dtype=np.int64)
        for k, place in _seated(frame, mine, staffs, places):
            choice[k] = frame.board.places.post[place]
    return choice


def _friends(frame: Frame, k: int) -> int:
    """The same number for all who are bonded to each other."""
    bonds = frame.board.bonds
    return int(bonds.mate[bonds.first[k] : bonds.first[k + 1]].min(initial=k))


def _grouped(made: Mixture, nodes: Ints, many: Floats) -> dict[int, list[int]]:
    """Who goes to which places alike, class by class; who is one too many goes nowhere."""
    frame, found = made.frame, dict[int, list[int]]()
    cls, counts = frame.classes.group[made.stand], np.round(many).astype(np.int64)
    groups = frame.alike.of[frame.classes.place[made.stand]]
    for group in np.unique(frame.classes.of[nodes]).tolist():
        mine = sorted(nodes[frame.classes.of[nodes] == group].tolist(), key=lambda k: (_friends(frame, k), k))
        goals = np.repeat(groups[cls == group], counts[cls == group]).tolist()
        for k, goal in zip(mine, goals, strict=False):
            found.setdefault(goal, []).append(k)
    return found


def _seated(frame: Frame, nodes: Ints, staffs: Ints, places: Ints) -> list[tuple[int, int]]:
    """Fills staffs: certified guards first where asked for, then all others, friends side by side."""
    order = sorted(nodes.tolist(), key=lambda k: (_friends(frame, k), k))
    able = [k for k in order if _certified(frame, k)]
    seat, seats = dict[int, int](), list[int]()
    asked = dict(zip(places.tolist(), frame.staffs.certified[staffs].tolist(), strict=True))
    for staff, place in zip(staffs.tolist(), places.tolist(), strict=True):
        seat |= dict.fromkeys(able[: asked[place]], place)
        seats += [place] * (int(frame.staffs.people[staff]) - asked[place])
        able = able[asked[place] :]
    seat |= dict(zip((k for k in order if k not in seat), seats, strict=False))
    _befriend(frame, seat, asked)
    return list(seat.items())


class _Wanted(NamedTuple):
    """Certified guards asked for by place; who is bonded to whom, and what that is worth."""

    asked: dict[int, int]
    pairs: list[tuple[int, int, float]]


def _befriend(frame: Frame, seat: dict[int, int], asked: dict[int, int]) -> None:
    """People change seats as long as that brings more of the bonded together, or apart."""
    bonds, wanted = frame.board.bonds, _Wanted(asked, [])
    for k in seat:
        for n in range(bonds.first[k], bonds.first[k + 1]):
            if (mate := int(bonds.mate[n])) in seat and k < mate:
                wanted.pairs.append((k, mate, float(bonds.weight[bonds.bond[n]])))
    better = bool(wanted.pairs)
    while better:
        before = _met(seat, wanted)
        moves = ((one, other) for pair in wanted.pairs for one in pair[:2] for other in seat)
        better = any(_swapped(frame, seat, wanted, move, before) for move in moves)


def _met(seat: dict[int, int], wanted: _Wanted) -> float:
    return sum(weight for one, other, weight in wanted.pairs if seat[one] == seat[other])


def _swapped(
    frame: Frame, seat: dict[int, int], wanted: _Wanted, move: tuple[int, int], before: float
) -> bool:
    """Whether the two changed seats, which they do if it is better and leaves certified guards enough."""
    one, other = move
    seat[one], seat[other] = seat[other], seat[one]
    papers = Counter(place for k, place in seat.items() if _certified(frame, k))
    enough = all(papers[place] >= wanted.asked[place] for place in seat.values())
    if enough and _met(seat, wanted) > before + 1e-9:
        return True
    seat[one], seat[other] = seat[other], seat[one]
    return False


def _certified(frame: Frame, k: int) -> bool:
    return bool(frame.classes.rank[frame.classes.of[k]] == CERTIFIED_GUARD)
