"""Improves a roster exactly, a few neighbours at a time, two or more such models at once."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import NamedTuple

import msgspec
import numpy as np

from scheduler.board import Board
from scheduler.bonds import bonded
from scheduler.calendar import Flags, Floats, Ints
from scheduler.core import model
from scheduler.exact import Engine, Found, taken_over
from scheduler.path import Scratch
from scheduler.prices import Prices
from scheduler.problem import Problem
from scheduler.sheet import COLUMNS, Sheet, blank
from scheduler.sweep import Stand

SHEET = 120_000
AHEAD = 6
TURN = 0.7


class Effort(msgspec.Struct, frozen=True, kw_only=True):
    """How hard to try: people per model, the loss at which a way is left out, and when a model may stop."""

    people: int = 60
    loss: float = 0.03
    near: float = 0.005
    branches: int = 1
    seconds: float = 60.0
    at_once: int = 2


class Part(NamedTuple):
    """One model with the engine that solves it, and the places it may change."""

    people: Ints
    places: Ints
    sheet: Sheet
    engine: Engine


def areas(problem: Problem, board: Board, size: int, turn: int) -> list[Ints]:
    """People near each other, guards and volunteers apart, cut another way each turn."""
    lat = np.asarray([p.home.lat if p.home else np.nan for p in problem.people])
    lon = np.asarray([p.home.lon if p.home else np.nan for p in problem.people])
    at = np.stack([lat, lon * np.cos(np.radians(np.nanmean(lat) if np.isfinite(lat).any() else 0.0))], axis=1)
    at = np.where(np.isfinite(at), at, np.nanmean(at, axis=0) if np.isfinite(lat).any() else 0.0)
    cos, sin = np.cos(TURN * turn), np.sin(TURN * turn)
    at = at @ np.asarray([[cos, -sin], [sin, cos]])
    able = (np.diff(board.nodes.first) > 0) & (board.ways.of >= 0) & ~bonded(board)
    found = []
    for guard, many in ((1, size), (0, 4 * size)):
        people = np.flatnonzero(able & (board.law.guard == guard))
        found.append(list(_halves(at, people, many, 0.5 if turn % 2 == 0 else 0.37)))
    guards, others = found
    both = [part for n in range(max(map(len, found))) for part in (guards[n : n + 1] + others[n : n + 1])]
    return [part for part in both if len(part)]


def _halves(at: Floats, people: Ints, most: int, share: float) -> Iterator[Ints]:
    if len(people) <= most:
        yield people
        return
    side = int(np.argmax(np.ptp(at[people], axis=0)))
    ordered = people[np.argsort(at[people, side], kind="stable")]
    cut = max(1, int(len(people) * share))
    yield from _halves(at, np.sort(ordered[:cut]), most, 0.5)
    yield from _halves(at, np.sort(ordered[cut:]), most, 0.5)


class Improver:
    """Solves part after part; parts that share no place are solved at the same time."""

    def __init__(self, board: Board, prices: Prices, effort: Effort, room: Scratch) -> None:
        self._board, self._prices, self._effort, self._room = board, prices, effort, room
        self._blank = [blank(SHEET) for _ in range(effort.at_once)]

    def turn(
        self,
        areas: Sequence[Ints],
        stand: Stand,
        *,
        left: Callable[[], float],
        done: Callable[[float], None],
    ) -> None:
        """Every area once; `left` gives the seconds that remain, `done` hears what each batch gained."""
        waiting = list(areas)
        with ThreadPoolExecutor(self._effort.at_once) as pool:
            while waiting and left() > 0:
                batch = self._batch(waiting, stand, left())
                futures = [(part, pool.submit(part.engine.run)) for part in batch]
                done(sum(self._apply(part, future, stand) for part, future in futures))

    def _batch(self, waiting: list[Ints], stand: Stand, seconds: float) -> list[Part]:
        """Takes from the waiting the first, and of those following what touches none of its places."""
        batch: list[Part] = []
        held: Flags = np.zeros(len(self._board.places.post), dtype=np.bool_)
        for people in list(waiting[:AHEAD]):
            if len(batch) == self._effort.at_once:
                break
            sheet = self._blank[len(batch)]
            fits = model(
                self._board, self._prices, people, stand, room=self._room, sheet=sheet, loss=self._effort.loss
            )
            if not fits:
                _drop(waiting, people)
                if len(people) > 1:
                    waiting.extend(np.array_split(people, 2))
                continue
            places = np.unique(sheet.place[: sheet.size[COLUMNS]])
            places = places[places >= 0]
            if held[places].any():
                continue
            held[places] = True
            _drop(waiting, people)
            effort = self._effort
            limit = min(effort.seconds, seconds)
            engine = Engine(sheet, seconds=limit, near=effort.near, branches=effort.branches)
            batch.append(Part(people, places, sheet, engine))
        return batch

    def _apply(self, part: Part, future: Future[Found | None], stand: Stand) -> float:
        """Takes over what is better and legal; returns the gain."""
        columns = part.sheet.size[COLUMNS]
        found, before = future.result(), float(part.sheet.start[:columns] @ part.sheet.cost[:columns])
        if found is None or found.value <= before + 1e-7:
            return 0.0
        legal = taken_over(self._board, part.sheet, part.places, found.columns, stand)
        return found.value - before if legal else 0.0


def _drop(waiting: list[Ints], people: Ints) -> None:
    waiting[:] = [one for one in waiting if one is not people]
