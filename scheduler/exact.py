"""Solves the model of a few people with HiGHS, from the present roster on."""

from collections.abc import Callable
from typing import Any, NamedTuple

import highspy
import numpy as np

from scheduler.board import Board
from scheduler.calendar import Floats, Ints
from scheduler.place import CERTIFIED, GUARDS, PEOPLE, stands
from scheduler.sheet import CELLS, COLUMNS, ROWS, Sheet
from scheduler.sweep import Stand, move

FINE, ASTRAY = 1e-9, 1e-5


class Found(NamedTuple):
    """The objective and the columns of the best found, and what no other can exceed."""

    value: float
    columns: Floats
    most: float


class Engine:
    """One model to solve; `near` is how far below its best it may stop, in the objective's own measure."""

    def __init__(
        self,
        sheet: Sheet,
        *,
        seconds: float,
        near: float,
        branches: int,
        stop: Callable[[], bool] | None = None,
    ) -> None:
        self._highs = highspy.Highs()  # type: ignore[no-untyped-call]
        self._highs.silent()
        limits = {"threads": 1, "time_limit": seconds, "mip_max_nodes": branches, "mip_abs_gap": near}
        for name, value in {**limits, "mip_rel_gap": 0.0, "primal_feasibility_tolerance": FINE}.items():
            self._highs.setOptionValue(name, value)
        self._highs.passModel(_program(sheet))
        self._branches = bool(sheet.whole[: sheet.size[COLUMNS]].any())
        self._cost = sheet.cost[: sheet.size[COLUMNS]].copy()
        self._start = highspy.HighsSolution()
        self._start.col_value = sheet.start[: sheet.size[COLUMNS]].tolist()
        if stop is not None:
            self._highs.cbMipInterrupt += _heeding(stop)

    def run(self) -> Found | None:
        """Nothing if no roster was found; other threads go on.

        The engine at times mistakes the worth of the start once it has reduced the model, and holds on to it
        as the best; then it begins again without reducing.
        """
        found = self._solved()
        if found is not None and abs(found.value - found.columns @ self._cost) > ASTRAY:
            self._highs.clearSolver()
            self._highs.setOptionValue("presolve", "off")
            found = self._solved()
        return found

    def _solved(self) -> Found | None:
        self._highs.setSolution(self._start)
        self._highs.run()
        reached = self._highs.getInfo()
        if reached.primal_solution_status != highspy.SolutionStatus.kSolutionStatusFeasible:
            return None
        columns, value = np.asarray(self._highs.getSolution().col_value), reached.objective_function_value
        return Found(value, columns, reached.mip_dual_bound if self._branches else self._cap(value))

    def _cap(self, value: float) -> float:
        """Of a model in which nothing is to be decided; the engine gives no bound for these."""
        solved = self._highs.getModelStatus() == highspy.HighsModelStatus.kOptimal
        return value if solved else highspy.kHighsInf


def _heeding(stop: Callable[[], bool]) -> Callable[[Any], None]:
    def heed(event: Any) -> None:
        if stop():
            event.interrupt()

    return heed


def taken_over(board: Board, sheet: Sheet, places: Ints, columns: Floats, stand: Stand) -> bool:
    """Moves everyone to where the columns have them; all back again if anyone then stood alone."""
    duties = np.flatnonzero(sheet.whole[: len(columns)] * (sheet.node[: len(columns)] >= 0))
    was, now = sheet.start[duties] > 0.5, columns[duties] > 0.5
    off, on = duties[was & ~now], duties[now & ~was]
    _shift(board, sheet, off, on, stand)
    counts = stand.counts
    if all(
        stands(board.places, p, counts[p, PEOPLE], counts[p, GUARDS], counts[p, CERTIFIED])
        for p in places.tolist()
    ):
        return True
    _shift(board, sheet, on, off, stand)
    return False


def _shift(board: Board, sheet: Sheet, off: Ints, on: Ints, stand: Stand) -> None:
    for columns, by in ((off, -1), (on, 1)):
        nodes = sheet.node[columns]
        who = np.searchsorted(board.nodes.first, nodes, side="right") - 1
        posts = board.places.post[sheet.place[columns]]
        for person, node, post in zip(who.tolist(), nodes.tolist(), posts.tolist(), strict=True):
            if by > 0:
                stand.choice[node] = post
            move(board, person, node, by, stand)
            if by < 0:
                stand.choice[node] = -1


def _program(sheet: Sheet) -> highspy.HighsLp:
    columns, rows, cells = (int(sheet.size[n]) for n in (COLUMNS, ROWS, CELLS))
    order = np.lexsort((sheet.row[:cells], sheet.column[:cells]))
    lp = highspy.HighsLp()
    lp.num_col_, lp.num_row_ = columns, rows
    lp.sense_ = highspy.ObjSense.kMaximize
    lp.col_cost_, lp.col_lower_, lp.col_upper_ = (
        sheet.cost[:columns],
        np.zeros(columns),
        sheet.upper[:columns],
    )
    lp.row_lower_, lp.row_upper_ = sheet.low[:rows], sheet.high[:rows]
    lp.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    lp.a_matrix_.start_ = np.searchsorted(sheet.column[:cells][order], np.arange(columns + 1)).astype(
        np.int32
    )
    lp.a_matrix_.index_ = sheet.row[:cells][order].astype(np.int32)
    lp.a_matrix_.value_ = sheet.factor[:cells][order]
    kinds = (highspy.HighsVarType.kContinuous, highspy.HighsVarType.kInteger)
    lp.integrality_ = [kinds[whole] for whole in sheet.whole[:columns].tolist()]
    return lp
