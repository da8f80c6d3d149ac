"""A small problem as one exact model that keeps every way: the best roster, and what no roster exceeds."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from scheduler.board import Board
from scheduler.calendar import Ints
from scheduler.core import MARGIN, WHOLE, model
from scheduler.exact import Engine, taken_over
from scheduler.path import Scratch
from scheduler.prices import Prices
from scheduler.sheet import COLUMNS, blank
from scheduler.sweep import Stand

FEW, MOST_OF_FEW, MOST = 600, 20_000, 12_000
EVERY_WAY, BRANCHES = 1e12, 100_000


class Asked(NamedTuple):
    """When to be content: so near below the best, or after so many seconds, or once told to stop."""

    near: float
    seconds: float
    stop: Callable[[], bool]


def is_small(board: Board) -> bool:
    """Whether everyone able has a graph, and all of it fits one model."""
    of = board.ways.of[_able(board)]
    if (of < 0).any():
        return False
    most = MOST_OF_FEW if len(board.nodes.duty) <= FEW else MOST
    return bool(np.diff(board.ways.first)[of].sum() + len(board.offers.place) <= most)


def best_whole(board: Board, stand: Stand, room: Scratch, asked: Asked) -> float | None:
    """Takes the best roster over; returns by how much any other could still exceed it."""
    sheet = blank(MOST_OF_FEW + 2 * MARGIN)
    nothing = np.zeros(len(board.places.post))
    prices = Prices(nothing, nothing)
    fits = model(board, prices, _able(board), stand, room=room, sheet=sheet, loss=EVERY_WAY, sure=WHOLE)
    if not fits:
        return None
    engine = Engine(sheet, seconds=asked.seconds, near=asked.near, branches=BRANCHES, stop=asked.stop)
    found = engine.run()
    places = np.unique(sheet.place[: sheet.size[COLUMNS]])
    if found is None or not taken_over(board, sheet, places[places >= 0], found.columns, stand):
        return None
    return max(0.0, found.most - found.value)


def _able(board: Board) -> Ints:
    return np.flatnonzero(np.diff(board.nodes.first) > 0)
