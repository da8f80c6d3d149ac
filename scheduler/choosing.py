"""One way for each person out of the columns met: an integer program, and who then stands at which place."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

import highspy
import numpy as np

from scheduler.board import Board
from scheduler.calendar import Floats, Ints
from scheduler.columns import INF, Mixture

EASY = 0.01


class Effort(NamedTuple):
    """When to be content: so near the best of the columns, after so many branches or seconds."""

    near: float
    branches: int
    seconds: float


class Choice(NamedTuple):
    """The program's solution, by column; of the ways those taken; a post or −1 per node."""

    columns: Floats
    ways: list[int]
    post: Ints


def choose(made: Mixture, board: Board, effort: Effort, start: Choice | None) -> Choice | None:
    """The best of the columns, from the start on; nothing if none was found in time."""
    highs = made.highs
    with _whole_numbers(made):
        if start is not None:
            columns = np.zeros(highs.getNumCol())
            columns[: len(start.columns)] = start.columns
            now = highspy.HighsSolution()
            now.col_value = columns.tolist()
            highs.setSolution(now)
        limits = {"mip_rel_gap": effort.near, "time_limit": highs.getRunTime() + max(0.2, effort.seconds)}
        limits["mip_heuristic_effort"] = EASY
        for name, limit in {**limits, "mip_max_nodes": effort.branches}.items():
            highs.setOptionValue(name, limit)
        highs.run()
        if highs.getInfo().primal_solution_status != highspy.SolutionStatus.kSolutionStatusFeasible:
            return None
        value = np.asarray(highs.getSolution().col_value)
    taken = np.flatnonzero(value[made.fixed :] > 0.5).tolist()
    nodes = np.concatenate([np.zeros(0, dtype=np.int64), *(made.ways[n].nodes for n in taken)])
    many = value[made.stands : made.stands + len(made.classes.group)]
    return Choice(value, taken, _stood(made, board, nodes, many))


@contextmanager
def _whole_numbers(made: Mixture) -> Iterator[None]:
    """Ways by their true worth, whole, and the sums' rows without force; then as before."""
    highs, many = made.highs, len(made.ways)
    at = np.arange(made.fixed, made.fixed + many, dtype=np.int32)
    true = np.asarray([way.true for way in made.ways])
    barred = np.flatnonzero(np.isnan(true)).tolist()
    rows = range(made.first["sum"], highs.getNumRow())
    highs.changeColsCost(many, at, np.where(np.isnan(true), 0.0, true))
    for n in barred:
        highs.changeColBounds(made.fixed + n, 0.0, 0.0)
    for row in rows:
        highs.changeRowBounds(row, -INF, INF)
    highs.setOptionValue("solve_relaxation", False)
    yield
    highs.setOptionValue("solve_relaxation", True)
    highs.setOptionValue("time_limit", INF)
    highs.changeColsCost(many, at, np.asarray([way.relaxed for way in made.ways]))
    for n in barred:
        highs.changeColBounds(made.fixed + n, 0.0, 1.0)
    for row in rows:
        highs.changeRowBounds(row, 0.0, 0.0)


def _stood(made: Mixture, board: Board, nodes: Ints, many: Floats) -> Ints:
    """Fills the places of each class with those who take its duty, the bound to each other side by side."""
    choice = np.where(board.nodes.post >= 0, board.nodes.post, -1)
    friends = np.zeros(len(choice), dtype=np.int64)
    for k in nodes.tolist():
        mates = board.bonds.mate[board.bonds.first[k] : board.bonds.first[k + 1]]
        friends[k] = min([k, *mates.tolist()])
    for group in np.unique(made.classes.of[nodes]).tolist():
        mine = nodes[made.classes.of[nodes] == group]
        mine = mine[np.lexsort((mine, friends[mine]))]
        rows = np.flatnonzero(made.classes.group == group)
        places = np.repeat(made.classes.place[rows], np.round(many[rows]).astype(np.int64))
        choice[mine[: len(places)]] = board.places.post[places[: len(mine)]]
    return choice
