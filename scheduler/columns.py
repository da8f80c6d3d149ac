"""Ways of people as columns of one linear program: the best mixture of them, and its prices."""

from collections.abc import Sequence
from typing import NamedTuple

import highspy
import msgspec
import numpy as np

from scheduler.board import ELSEWHERE, Board
from scheduler.calendar import Floats, Ints
from scheduler.offers import rank
from scheduler.place import CERTIFIED_GUARD
from scheduler.relaxed import Relaxed

INF = highspy.kHighsInf


class Classes(NamedTuple):
    """Nodes whose people are the same to all places: `of[node]` or −1, what the duty is to the person by
    itself, and per class and place what the place is beside it; `rank` is what they count as."""

    of: Ints
    alone: Floats
    group: Ints
    place: Ints
    worth: Floats
    rank: Ints


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


class Way(NamedTuple):
    """One person's choice of nodes; worth by the relaxed reckoning, and truly (NaN: against a hard rule)."""

    who: int
    nodes: Ints
    relaxed: float
    true: float


class Duals(NamedTuple):
    people: Floats
    certified: Floats
    slope: Floats


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


class Mixture(msgspec.Struct, kw_only=True):
    """The program: rows of people, places, certified, classes and sums; columns of ways come and come.

    The first columns are the staffs; `stands` is the first of a class at a place, `fixed` the first way.
    """

    highs: highspy.Highs
    classes: Classes
    staffs: Staffs
    ways: list[Way]
    first: dict[str, int]
    stands: int
    fixed: int


def mixture(easy: Relaxed, classes: Classes) -> Mixture:
    """Without any ways yet: what places gain, who stands where, and what sums are worth."""
    board, sums = easy.board, easy.sums
    highs = highspy.Highs()  # type: ignore[no-untyped-call]
    highs.setOptionValue("output_flag", False)
    highs.setOptionValue("threads", 1)
    highs.setOptionValue("solve_relaxation", True)
    highs.changeObjectiveSense(highspy.ObjSense.kMaximize)
    people, places = len(board.law.guard), len(board.places.post)
    sizes = {"person": people, "people": places, "certified": places, "place": places}
    sizes |= {"class": len(classes.rank), "sum": len(sums.value)}
    first, many = {}, 0
    for name, size in sizes.items():
        first[name], many = many, many + size
    for name, low, high in (
        ("person", -INF, 1.0), ("people", 0.0, 0.0), ("certified", 0.0, INF), ("place", -INF, 1.0),
        ("class", 0.0, INF), ("sum", 0.0, 0.0),
    ):  # fmt: skip
        for _ in range(sizes[name]):
            highs.addRow(low, high, 0, [], [])
    made = Mixture(
        highs=highs, classes=classes, staffs=staffs_of(board), ways=[], first=first, stands=0, fixed=0
    )
    for place, count, papers, worth in zip(*made.staffs, strict=True):
        rows = [first["people"] + place, first["certified"] + place, first["place"] + place]
        _column(made, float(worth), 1.0, rows, [-float(count), -float(papers), 1.0])
    made.stands = highs.getNumCol()
    _whole(made, 0)
    for group, place, worth in zip(classes.group, classes.place, classes.worth, strict=True):
        rows, factors = [first["class"] + group, first["people"] + place], [-1.0, 1.0]
        if classes.rank[group] == CERTIFIED_GUARD:
            rows.append(first["certified"] + place)
            factors.append(1.0)
        _column(made, float(worth), INF, rows, factors)
    for n, value in enumerate(sums.value):
        steps = np.diff(value[np.isfinite(value)])
        for gain, length in zip(*_runs(steps), strict=True):
            _column(made, gain, length, [first["sum"] + n], [-1.0])
    made.fixed = highs.getNumCol()
    return made


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


def _runs(gains: Floats) -> tuple[list[float], list[float]]:
    """Equal gains in a row as one, with their number."""
    if not len(gains):
        return [], []
    begins = np.flatnonzero(np.append(True, np.abs(np.diff(gains)) > 1e-12))
    return gains[begins].tolist(), np.diff(np.append(begins, len(gains))).astype(float).tolist()


def _column(made: Mixture, cost: float, upper: float, rows: list[int], factors: list[float]) -> None:
    made.highs.addCol(cost, 0.0, upper, len(rows), np.asarray(rows, dtype=np.int32), np.asarray(factors))


def _whole(made: Mixture, begin: int) -> None:
    """Columns from there on are to be whole once one way each is chosen."""
    for column in range(begin, made.highs.getNumCol()):
        made.highs.changeColIntegrality(column, highspy.HighsVarType.kInteger)


def add(made: Mixture, easy: Relaxed, way: Way) -> None:
    """A way, never twice the same."""
    made.ways.append(way)
    taken = np.zeros(len(made.classes.of))
    taken[way.nodes] = 1.0
    sums = np.bincount(
        easy.sums.row, weights=easy.sums.steps * taken[easy.sums.node], minlength=len(easy.sums.value)
    )
    touched = np.flatnonzero(sums)
    rows = [made.first["person"] + way.who]
    rows += (made.first["class"] + made.classes.of[way.nodes]).tolist()
    rows += (made.first["sum"] + touched).tolist()
    factors = [1.0] * (1 + len(way.nodes)) + sums[touched].tolist()
    _column(made, way.relaxed, 1.0, rows, factors)
    _whole(made, made.highs.getNumCol() - 1)


def hold(made: Mixture, ways: Sequence[int], low: float = 1.0) -> None:
    """Keeps these ways in, or frees them with a low of 0."""
    for n in ways:
        made.highs.changeColBounds(made.fixed + n, low, 1.0)


def solved(made: Mixture) -> tuple[float, Duals, Floats]:
    """The best mixture's value, its prices in the board's own sense, and how much of each way is in it."""
    made.highs.run()
    solution = made.highs.getSolution()
    dual, at = np.asarray(solution.row_dual), made.first
    prices = Duals(
        people=-dual[at["people"] : at["certified"]],
        certified=-dual[at["certified"] : at["place"]],
        slope=-dual[at["sum"] :],
    )
    share = np.asarray(solution.col_value)[made.fixed :]
    return float(made.highs.getInfo().objective_function_value), prices, share
