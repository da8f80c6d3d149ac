"""An exact model under way, written column by column, row by row and cell by cell before it is solved."""

from typing import NamedTuple

import numpy as np

from scheduler.calendar import Floats, Ints
from scheduler.compiled import compiled

COLUMNS, ROWS, CELLS, FULL = range(4)


class Sheet(NamedTuple):
    """The model under way; columns of a duty say its node and place, others −1."""

    cost: Floats
    upper: Floats
    start: Floats
    whole: Ints
    node: Ints
    place: Ints
    row: Ints
    column: Ints
    factor: Floats
    low: Floats
    high: Floats
    size: Ints


def blank(columns: int) -> Sheet:
    def reals(many: int) -> Floats:
        return np.zeros(many)

    def counts(many: int) -> Ints:
        return np.zeros(many, dtype=np.int64)

    return Sheet(
        cost=reals(columns),
        upper=reals(columns),
        start=reals(columns),
        whole=counts(columns),
        node=counts(columns),
        place=counts(columns),
        row=counts(4 * columns),
        column=counts(4 * columns),
        factor=reals(4 * columns),
        low=reals(columns),
        high=reals(columns),
        size=counts(4),
    )


@compiled
def new_column(sheet: Sheet, cost: float, upper: float, whole: int, start: float) -> int:
    n = sheet.size[COLUMNS]
    sheet.cost[n], sheet.upper[n], sheet.whole[n], sheet.start[n] = cost, upper, whole, start
    sheet.node[n], sheet.place[n] = -1, -1
    sheet.size[COLUMNS] += 1
    return int(n)


@compiled
def new_row(sheet: Sheet, low: float, high: float) -> int:
    n = sheet.size[ROWS]
    sheet.low[n], sheet.high[n] = low, high
    sheet.size[ROWS] += 1
    return int(n)


@compiled
def cell(sheet: Sheet, row: int, column: int, factor: float) -> None:
    n = sheet.size[CELLS]
    sheet.row[n], sheet.column[n], sheet.factor[n] = row, column, factor
    sheet.size[CELLS] += 1
