"""One way for each person out of the columns met: an integer program."""

from typing import NamedTuple

import highspy
import numpy as np

from scheduler.calendar import Floats
from scheduler.columns import INF, Mixture

EASY, ASTRAY = 0.01, 100.0


class Effort(NamedTuple):
    """When to be content: so near the best of the columns, after so many branches or seconds."""

    near: float
    branches: int
    seconds: float


class Choice(NamedTuple):
    """The ways taken, their value by the program's reckoning, the branches it took, and its columns."""

    ways: list[int]
    value: float
    branches: int
    columns: Floats


def choose(made: Mixture, effort: Effort) -> Choice | None:
    """The best of the columns; nothing if none was found in time. The program is of no other use then."""
    highs, many = made.highs, len(made.ways)
    _truly(made)
    limits = {"mip_rel_gap": effort.near, "time_limit": highs.getRunTime() + max(0.2, effort.seconds)}
    limits |= {"mip_heuristic_effort": EASY, "mip_max_nodes": effort.branches, "solve_relaxation": False}
    for name, limit in limits.items():
        highs.setOptionValue(name, limit)
    highs.run()
    info = highs.getInfo()
    if info.primal_solution_status != highspy.SolutionStatus.kSolutionStatusFeasible:
        return None
    value = np.asarray(highs.getSolution().col_value)
    taken = np.flatnonzero(value[made.fixed : made.fixed + many] > 0.5).tolist()
    return Choice(taken, float(info.objective_function_value), int(info.mip_node_count), value)


def _truly(made: Mixture) -> None:
    """Ways by their true worth, the sums' rows without force, and nobody on duty at no place if it can be."""
    highs, true = made.highs, np.asarray([way.true for way in made.ways])
    barred, many = np.isnan(true), len(true)
    at = np.arange(made.fixed, made.fixed + many, dtype=np.int32)
    highs.changeColsCost(many, at, np.where(barred, 0.0, true))
    highs.changeColsBounds(many, at, np.zeros(many), np.where(barred, 0.0, 1.0))
    sums = np.arange(made.sum, made.mate, dtype=np.int32)
    highs.changeColsBounds(len(sums), sums, np.zeros(len(sums)), np.zeros(len(sums)))
    for row in range(made.row["sum"], made.row["mate"]):
        highs.changeRowBounds(row, -INF, INF)
    for row in range(made.row["class"], made.row["sum"]):
        there = highs.getRow(row)[1]
        highs.changeRowBounds(row, there, there)
        highs.addCol(-ASTRAY, 0.0, INF, 1, np.asarray([row], dtype=np.int32), np.asarray([-1.0]))
