"""Solves the model of a few people with HiGHS, from the present roster on."""

import highspy
import numpy as np

from scheduler.calendar import Floats
from scheduler.core import CELLS, COLUMNS, ROWS, Sheet


class Engine:
    """One model to solve; `near` is how far below its best it may stop, in the objective's own measure."""

    def __init__(self, sheet: Sheet, *, seconds: float, near: float, branches: int) -> None:
        self._highs = highspy.Highs()  # type: ignore[no-untyped-call]
        self._highs.silent()
        limits = {"threads": 1, "time_limit": seconds, "mip_max_nodes": branches, "mip_abs_gap": near}
        for name, value in {**limits, "mip_rel_gap": 0.0}.items():
            self._highs.setOptionValue(name, value)
        self._highs.passModel(_program(sheet))
        now = highspy.HighsSolution()
        now.col_value = sheet.start[: sheet.size[COLUMNS]].tolist()
        self._highs.setSolution(now)

    def run(self) -> tuple[float, Floats] | None:
        """The objective and the columns of the best found, nothing if none was; other threads go on."""
        self._highs.run()
        reached = self._highs.getInfo()
        if reached.primal_solution_status != highspy.SolutionStatus.kSolutionStatusFeasible:
            return None
        return reached.objective_function_value, np.asarray(self._highs.getSolution().col_value)


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
