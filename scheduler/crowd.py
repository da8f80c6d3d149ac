"""Who stands where by numbers alone: what so many people, so many of them certified, make of places alike."""

from itertools import pairwise
from typing import NamedTuple

import numpy as np

from scheduler.calendar import Floats, Ints
from scheduler.columns import Frame
from scheduler.compiled import compiled
from scheduler.place import CERTIFIED_GUARD

IDLE = 1.0


class Crowd(NamedTuple):
    """By node its class and what the duty is by itself, and its steps in rows of sums; by class the groups of
    places alike it is open to and whether it is certified; by group what so many people and certified are
    worth there, and whether it is one place alone; by person the rows of sums.
    """

    cls: Ints
    alone: Floats
    open_first: Ints
    open_group: Ints
    open_worth: Floats
    certified: Ints
    value: Floats
    single: Ints
    step_first: Ints
    step_row: Ints
    step: Ints
    row_first: Ints
    row: Ints
    sums: Floats


def crowd_of(frame: Frame) -> Crowd:
    classes, alike = frame.classes, frame.alike
    kept = np.flatnonzero(np.isin(classes.place, alike.place))
    kept = kept[np.argsort(classes.group[kept], kind="stable")]
    people = len(frame.board.law.guard)
    rows = np.argsort(frame.owner, kind="stable")
    many = [len(row) for row, _ in frame.sums]
    none = np.zeros(0, dtype=np.int64)
    return Crowd(
        cls=classes.of,
        alone=classes.alone,
        open_first=np.searchsorted(classes.group[kept], np.arange(len(classes.rank) + 1)).astype(np.int64),
        open_group=alike.of[classes.place[kept]],
        open_worth=classes.worth[kept],
        certified=(classes.rank == CERTIFIED_GUARD).astype(np.int64),
        value=_values(frame),
        single=(alike.many == 1).astype(np.int64),
        step_first=np.cumsum([0, *many]).astype(np.int64),
        step_row=np.concatenate([none, *(row for row, _ in frame.sums)]),
        step=np.concatenate([none, *(step for _, step in frame.sums)]),
        row_first=np.searchsorted(frame.owner[rows], np.arange(people + 1)).astype(np.int64),
        row=rows.astype(np.int64),
        sums=frame.easy.sums.value,
    )


def _values(frame: Frame) -> Floats:
    """[group, people, certified]: the best that many can do, whoever is one too many idle."""
    staffs, alike = frame.staffs, frame.alike
    edges = np.searchsorted(staffs.place, [alike.place, alike.place + 1]).T.tolist()
    most = [int(n * staffs.people[a:b].max(initial=0)) for n, (a, b) in zip(alike.many, edges, strict=True)]
    size = 1 + min(len(frame.board.law.guard), max(most, default=0))
    table = np.zeros((len(alike.many), size, size))
    for group, (begin, end) in enumerate(edges):
        kinds = range(begin, end)
        offers = [(staffs.people[n], staffs.certified[n], staffs.worth[n]) for n in kinds]
        table[group] = best_numbers(int(alike.many[group]), offers, size)
    return table


def best_numbers(many: int, offers: list[tuple[int, int, float]], size: int) -> Floats:
    """Of so many places, each with one of these staffs or none: the best for [people, certified at least]."""
    best = np.full((size, size), -np.inf)
    best[0, 0] = 0.0
    for _ in range(many):
        before = best.copy()
        for people, papers, worth in offers:
            if people < size:
                there = before[: size - people, : size - papers] + worth
                best[people:, papers:] = np.maximum(best[people:, papers:], there)
    best = np.maximum.accumulate(best, axis=1)
    for one, other in pairwise(range(size)):
        best[other] = np.maximum(best[other], best[one] - IDLE)
    return best


@compiled
def worth_of(crowd: Crowd, group: int, people: int, papers: int) -> float:
    most = crowd.value.shape[1] - 1
    if people <= most:
        return float(crowd.value[group, people, min(papers, most)])
    return float(crowd.value[group, most, min(papers, most)] - IDLE * (people - most))


@compiled
def one_more(crowd: Crowd, group: int, there: Ints, papers: int, loose: bool) -> float:
    """What one more adds, or half of what that one adds with a certified other one to come."""
    people, had = there[group, 0], there[group, 1]
    now = worth_of(crowd, group, people, had)
    more = worth_of(crowd, group, people + 1, had + papers) - now
    if loose:
        more = max(more, (worth_of(crowd, group, people + 2, had + papers + 1) - now) / 2)
    return float(more)
