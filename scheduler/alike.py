"""Places that are the same to everyone: one stands for all of them, so that nothing is tried twice."""

from typing import NamedTuple

import numpy as np

from scheduler.board import ELSEWHERE, Board
from scheduler.calendar import Floats, Ints
from scheduler.offers import rank


class Classes(NamedTuple):
    """Nodes whose people are the same to all places: `of[node]` or −1, what the duty is to the person by
    itself, and per class and place what the place is beside it; `rank` is what they count as."""

    of: Ints
    alone: Floats
    group: Ints
    place: Ints
    worth: Floats
    rank: Ints


class Alike(NamedTuple):
    """`of[place]` is its group; per group one place of it, and how many there are."""

    of: Ints
    place: Ints
    many: Ints


def classes_of(board: Board) -> Classes:
    known: dict[tuple[int, bytes, bytes], int] = {}
    of, alone = np.full(len(board.nodes.duty), -1, dtype=np.int64), np.zeros(len(board.nodes.duty))
    group, place, worth, ranks = [], [], [], []
    for who in range(len(board.law.guard)):
        for k in range(board.nodes.first[who], board.nodes.first[who + 1]):
            begin, end = board.offers.first[k], board.offers.first[k + 1]
            if begin == end or board.nodes.post[k] == ELSEWHERE:
                continue
            places, offered = board.offers.place[begin:end], board.offers.worth[begin:end]
            counted, beside = rank(board, who, board.nodes.duty[k]), np.round(offered - offered[0], 9)
            key = (counted, places.tobytes(), beside.tobytes())
            if key not in known:
                known[key] = len(known)
                group += [known[key]] * len(places)
                place += places.tolist()
                worth += beside.tolist()
                ranks.append(counted)
            of[k], alone[k] = known[key], offered[0]
    ints = (np.asarray(x, dtype=np.int64) for x in (group, place, ranks))
    groups, at, counts = ints
    return Classes(of, alone, groups, at, np.asarray(worth, dtype=np.float64), counts)


def alike(board: Board, classes: Classes) -> Alike:
    """Of one shift, with the same gains and rules, open to the same classes and worth the same to them."""
    places = board.places
    guests: list[list[tuple[int, float]]] = [[] for _ in places.post]
    for group, place, worth in zip(classes.group, classes.place, classes.worth, strict=True):
        guests[place].append((int(group), float(worth)))
    rules = np.stack([places.shift, places.certified, places.solo, places.night, places.pinned], axis=1)
    known: dict[tuple[bytes, bytes, tuple[tuple[int, float], ...]], int] = {}
    of = np.zeros(len(places.post), dtype=np.int64)
    for n in range(len(of)):
        key = (rules[n].tobytes(), places.gain[n].tobytes(), tuple(sorted(guests[n])))
        of[n] = known.setdefault(key, len(known))
    many = np.bincount(of, minlength=len(known))
    return Alike(of, np.unique(of, return_index=True)[1].astype(np.int64), many)
