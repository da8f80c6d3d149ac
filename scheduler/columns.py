"""Ways of people as columns of one linear program: the best mixture of them, and its prices."""

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import highspy
import msgspec
import numpy as np

from scheduler.alike import Alike, Classes, alike, classes_of
from scheduler.board import Board
from scheduler.calendar import Floats, Ints
from scheduler.mates import Mates, mates_of
from scheduler.place import CERTIFIED_GUARD
from scheduler.relaxed import Relaxed
from scheduler.staffs import Staffs, staffs_of

INF = highspy.kHighsInf


class Way(NamedTuple):
    """One person's choice of nodes; worth by the relaxed reckoning, and truly (NaN: against a hard rule)."""

    who: int
    nodes: Ints
    relaxed: float
    true: float


class Duals(NamedTuple):
    """Prices of places, of a step of each sum, and what each of a bond is charged for company."""

    people: Floats
    certified: Floats
    slope: Floats
    mate: Floats


class Frame(NamedTuple):
    """What all programs over a board share; `sums[k]` are node k's rows and steps among the sums."""

    board: Board
    easy: Relaxed
    classes: Classes
    alike: Alike
    staffs: Staffs
    mates: Mates
    owner: Ints
    sums: list[tuple[Ints, Ints]]


def frame_of(board: Board, easy: Relaxed) -> Frame:
    classes, sums = classes_of(easy.board), easy.sums
    who = np.repeat(np.arange(len(board.law.guard)), np.diff(board.nodes.first))
    owner = np.full(len(sums.value), -1, dtype=np.int64)
    owner[sums.row] = who[sums.node]
    order = np.argsort(sums.node, kind="stable")
    edges = np.searchsorted(sums.node[order], np.arange(len(board.nodes.duty) + 1)).tolist()
    by_node = [(sums.row[order[a:b]], sums.steps[order[a:b]]) for a, b in pairwise(edges)]
    return Frame(
        board, easy, classes, alike(board, classes), staffs_of(board), mates_of(board), owner, by_node
    )


class Mixture(msgspec.Struct, kw_only=True):
    """The program for some people, while others stay: rows of people, places alike, certified, classes, sums
    and mates; first the columns of staffs, then who stands where, sums and mates; ways come and come.

    `staff` and `stand` tell of the first columns which they are; `sum` is the first of sums, `mate` of mates,
    `fixed` of ways, and `held` holds
    what the caller calls the ways.
    """

    frame: Frame
    highs: highspy.Highs
    person: dict[int, int]
    sums: Ints
    mates: Ints
    row: dict[str, int]
    staff: Ints
    stand: Ints
    sum: int
    mate: int
    fixed: int
    ways: list[Way]
    held: set[int]


def mixture(frame: Frame, people: Ints, stay: Ints) -> Mixture:
    """Of these people, without any ways yet; `stay` are the nodes that all others keep."""
    here = np.zeros(len(frame.board.law.guard), dtype=np.bool_)
    here[people] = True
    classes, mates, groups = frame.classes, frame.mates, len(frame.alike.many)
    who = np.repeat(np.arange(len(here)), np.diff(frame.board.nodes.first))
    asked = np.unique(mates.group[here[who[mates.node]]])
    entries = np.flatnonzero(np.isin(mates.group, asked))
    owned = np.flatnonzero((frame.owner >= 0) & here[frame.owner])
    there = np.bincount(classes.of[stay][classes.of[stay] >= 0], minlength=len(classes.rank))
    present = np.zeros(len(who))
    present[stay] = 1.0
    sections = {
        "person": (np.full(len(people), -INF), np.ones(len(people))),
        "people": (np.zeros(groups), np.zeros(groups)),
        "certified": (np.zeros(groups), np.full(groups, INF)),
        "place": (np.full(groups, -INF), frame.alike.many.astype(np.float64)),
        "class": (-there.astype(np.float64), np.full(len(there), INF)),
        "sum": (np.zeros(len(owned)), np.zeros(len(owned))),
        "mate": (-mates.others(present)[entries], np.full(len(entries), INF)),
    }
    edges = np.cumsum([0, *(len(low) for low, _ in sections.values())]).tolist()
    made = Mixture(
        frame=frame,
        highs=_program(*(np.concatenate([part[n] for part in sections.values()]) for n in (0, 1))),
        person={who: n for n, who in enumerate(people.tolist())},
        sums=_numbered(owned, len(frame.owner)),
        mates=_numbered(entries, len(mates.node)),
        row=dict(zip(sections, edges[:-1], strict=True)),
        staff=np.flatnonzero(np.isin(frame.staffs.place, frame.alike.place)),
        stand=np.flatnonzero(np.isin(classes.place, frame.alike.place)),
        sum=0,
        mate=0,
        fixed=0,
        ways=[],
        held=set(),
    )
    _fill(made, owned, entries)
    return made


def _numbered(chosen: Ints, many: int) -> Ints:
    """The number of each among the chosen, or −1."""
    numbers = np.full(many, -1, dtype=np.int64)
    numbers[chosen] = np.arange(len(chosen))
    return numbers


def _program(low: Floats, high: Floats) -> highspy.Highs:
    highs = highspy.Highs()  # type: ignore[no-untyped-call]
    for name, value in (("output_flag", False), ("threads", 1), ("solve_relaxation", True)):
        highs.setOptionValue(name, value)
    highs.changeObjectiveSense(highspy.ObjSense.kMaximize)
    none, empty = np.zeros(0, dtype=np.int32), np.zeros(len(low), dtype=np.int32)
    highs.addRows(len(low), low, high, 0, empty, none, np.zeros(0))
    return highs


def _fill(made: Mixture, owned: Ints, entries: Ints) -> None:
    """What places gain, who stands where, what sums and company are worth."""
    frame, at = made.frame, made.row
    staffs, classes, of = frame.staffs, frame.classes, frame.alike.of
    columns = _Columns()
    for n in made.staff.tolist():
        group, many = int(of[staffs.place[n]]), float(frame.alike.many[of[staffs.place[n]]])
        rows = [at["people"] + group, at["certified"] + group, at["place"] + group]
        columns.add(staffs.worth[n], many, rows, [-float(staffs.people[n]), -float(staffs.certified[n]), 1.0])
    for n in made.stand.tolist():
        group, cls = int(of[classes.place[n]]), int(classes.group[n])
        rows, factors = [at["class"] + cls, at["people"] + group], [-1.0, 1.0]
        if classes.rank[cls] == CERTIFIED_GUARD:
            rows, factors = [*rows, at["certified"] + group], [*factors, 1.0]
        columns.add(classes.worth[n], INF, rows, factors)
    made.sum = whole = len(columns.cost)
    for n, value in enumerate(frame.easy.sums.value[owned]):
        for gain, length in zip(*_runs(np.diff(value[np.isfinite(value)])), strict=True):
            columns.add(gain, length, [at["sum"] + n], [-1.0])
    made.mate = len(columns.cost)
    for group in np.unique(frame.mates.group[entries]).tolist():
        rows = (at["mate"] + np.flatnonzero(frame.mates.group[entries] == group)).tolist()
        columns.add(frame.mates.weight[group], INF, rows, [-1.0] * len(rows))
    columns.into(made.highs)
    made.highs.changeColsIntegrality(
        whole, np.arange(whole, dtype=np.int32), np.full(whole, 1, dtype=np.uint8)
    )
    made.fixed = made.highs.getNumCol()


class _Columns:
    """Columns gathered, to come all at once."""

    def __init__(self) -> None:
        self.cost: list[float] = []
        self._upper: list[float] = []
        self._start: list[int] = []
        self._rows: list[int] = []
        self._factors: list[float] = []

    def add(self, cost: float, upper: float, rows: Sequence[int], factors: Sequence[float]) -> None:
        self._start.append(len(self._rows))
        self.cost.append(float(cost))
        self._upper.append(upper)
        self._rows += rows
        self._factors += factors

    def into(self, highs: highspy.Highs) -> None:
        many, rows = len(self.cost), np.asarray(self._rows, dtype=np.int32)
        start, low = np.asarray(self._start, dtype=np.int32), np.zeros(many)
        factors = np.asarray(self._factors, dtype=np.float64)
        cost, upper = np.asarray(self.cost), np.asarray(self._upper)
        highs.addCols(many, cost, low, upper, len(rows), start, rows, factors)


def _runs(gains: Floats) -> tuple[list[float], list[float]]:
    """Equal gains in a row as one, with their number."""
    if not len(gains):
        return [], []
    begins = np.flatnonzero(np.append(True, np.abs(np.diff(gains)) > 1e-12))
    return gains[begins].tolist(), np.diff(np.append(begins, len(gains))).astype(float).tolist()


def add(made: Mixture, ways: Sequence[Way]) -> None:
    """More ways, none of them known yet."""
    columns, many = _Columns(), len(made.ways)
    for way in ways:
        columns.add(way.relaxed, 1.0, *_way(made, way))
    columns.into(made.highs)
    new = np.arange(made.fixed + many, made.fixed + many + len(ways), dtype=np.int32)
    made.highs.changeColsIntegrality(len(new), new, np.full(len(new), 1, dtype=np.uint8))
    made.ways += ways


def _way(made: Mixture, way: Way) -> tuple[list[int], list[float]]:
    frame, at = made.frame, made.row
    found: dict[int, float] = {at["person"] + made.person[way.who]: 1.0}
    for k in way.nodes.tolist():
        steps = [(at["class"] + int(frame.classes.of[k]), 1.0)]
        steps += [(at["sum"] + int(made.sums[r]), float(s)) for r, s in zip(*frame.sums[k], strict=True) if s]
        steps += [(at["mate"] + int(made.mates[e]), 1.0) for e in frame.mates.of.get(k, ())]
        for row, factor in steps:
            found[row] = found.get(row, 0.0) + factor
    return list(found), list(found.values())


def hold(made: Mixture, ways: Sequence[int], low: float = 1.0) -> None:
    """Keeps these ways in, or frees them with a low of 0."""
    for n in ways:
        made.highs.changeColBounds(made.fixed + n, low, 1.0)


def solved(made: Mixture) -> tuple[float, Duals, Floats]:
    """The best mixture's value, its prices in the board's own sense, and how much of each way is in it."""
    made.highs.run()
    solution = made.highs.getSolution()
    dual, at, of = -np.asarray(solution.row_dual), made.row, made.frame.alike.of
    slope, mate = np.zeros(len(made.sums)), np.zeros(len(made.mates))
    slope[made.sums >= 0] = dual[at["sum"] : at["mate"]]
    mate[made.mates >= 0] = dual[at["mate"] :]
    duals = Duals(dual[at["people"] + of], dual[at["certified"] + of], slope, mate)
    share = np.asarray(solution.col_value)[made.fixed :]
    return float(made.highs.getInfo().objective_function_value), duals, share
