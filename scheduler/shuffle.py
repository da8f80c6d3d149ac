"""Ruin and recreate among few people: some leave everything and take, one after the other, the best way."""

from typing import NamedTuple

import numpy as np

from scheduler.board import ELSEWHERE, FREE, Board
from scheduler.calendar import Floats, Ints
from scheduler.columns import Frame
from scheduler.compiled import compiled
from scheduler.crowd import Crowd, one_more, worth_of
from scheduler.path import FORCED, OPTIONAL, OUTSIDE, Scratch
from scheduler.relaxed import true_worths
from scheduler.ways import best_of

ROUNDS, BARRED, NOWHERE = 3, 4.0, -1


class Standing(NamedTuple):
    """The group of each node, or −1; people and certified of each group; each one's own worth; that of bonds;
    what a step of each row of sums is taken for."""

    group: Ints
    there: Ints
    own: Floats
    bonds: Floats
    slope: Floats


def copied(one: Standing) -> Standing:
    return Standing(one.group.copy(), one.there.copy(), one.own.copy(), one.bonds.copy(), one.slope.copy())


@compiled
def _copy(one: Standing, to: Standing) -> None:
    to.group[:] = one.group
    to.there[:] = one.there
    to.own[:] = one.own
    to.bonds[:] = one.bonds


@compiled
def value_of(crowd: Crowd, stand: Standing) -> float:
    total = stand.own.sum() + stand.bonds[0]
    for group in range(len(stand.there)):
        total += worth_of(crowd, group, stand.there[group, 0], stand.there[group, 1])
    return float(total)


@compiled
def join(board: Board, crowd: Crowd, stand: Standing, k: int, group: int) -> None:
    stand.bonds[0] += company(board, crowd, stand, k, group)
    stand.group[k] = group
    stand.there[group, 0] += 1
    stand.there[group, 1] += crowd.certified[crowd.cls[k]]


@compiled
def _leave(board: Board, crowd: Crowd, stand: Standing, who: int) -> None:
    for k in range(board.nodes.first[who], board.nodes.first[who + 1]):
        group = stand.group[k]
        if group != NOWHERE:
            stand.group[k] = NOWHERE
            stand.bonds[0] -= company(board, crowd, stand, k, group)
            stand.there[group, 0] -= 1
            stand.there[group, 1] -= crowd.certified[crowd.cls[k]]
    stand.own[who] = 0.0


@compiled
def company(board: Board, crowd: Crowd, stand: Standing, k: int, group: int) -> float:
    """Of those bonded who stand in the group; whoever is better kept apart can be, unless it is one place."""
    bonds, worth, met = board.bonds, 0.0, -1
    for n in range(bonds.first[k], bonds.first[k + 1]):
        if bonds.bond[n] != met and stand.group[bonds.mate[n]] == group:
            met = bonds.bond[n]
            if bonds.weight[met] > 0 or crowd.single[group] == 1:
                worth += bonds.weight[met]
    return worth


@compiled
def own_worth(board: Board, crowd: Crowd, who: int, taken: Ints, slope: Floats) -> float:
    """What a way makes of the sums, −inf beyond what is allowed; slopes become those at these sums."""
    worth, longest, first = 0.0, crowd.sums.shape[1] - 1, board.nodes.first[who]
    for n in range(crowd.row_first[who], crowd.row_first[who + 1]):
        row, steps = crowd.row[n], 0
        for k in range(first, board.nodes.first[who + 1]):
            if taken[k - first] == 1:
                for m in range(crowd.step_first[k], crowd.step_first[k + 1]):
                    steps += crowd.step[m] if crowd.step_row[m] == row else 0
        here = crowd.sums[row, min(steps, longest)]
        worth += here
        if here == -np.inf:
            slope[row] = min(0.0, slope[row]) - BARRED
            continue
        after = crowd.sums[row, min(steps + 1, longest)] - here
        before = here - crowd.sums[row, steps - 1] if steps > 0 else after
        slope[row] = before - BARRED if after == -np.inf else (before + after) / 2
    return worth


@compiled
def _offer(board: Board, crowd: Crowd, stand: Standing, who: int, loose: bool, room: Scratch) -> None:
    """What each node adds as things stand, sums left out; its group in `room.post`."""
    first = board.nodes.first[who]
    for k in range(first, board.nodes.first[who + 1]):
        slot, pin, cls = k - first, board.nodes.post[k], crowd.cls[k]
        room.kind[slot] = OPTIONAL if pin == FREE else OUTSIDE if pin == ELSEWHERE else FORCED
        room.gain[slot], room.post[slot] = -np.inf, NOWHERE
        if cls < 0:
            continue
        for n in range(crowd.open_first[cls], crowd.open_first[cls + 1]):
            group = crowd.open_group[n]
            worth = crowd.open_worth[n] + one_more(crowd, group, stand.there, crowd.certified[cls], loose)
            worth += crowd.alone[k] + company(board, crowd, stand, k, group)
            if worth > room.gain[slot]:
                room.gain[slot], room.post[slot] = worth, group


@compiled
def _respond(
    board: Board, crowd: Crowd, stand: Standing, who: int, loose: bool, room: Scratch, way: Ints
) -> bool:
    """The best legal way met in a few rounds of slopes; false if there was none."""
    first, many = board.nodes.first[who], board.nodes.first[who + 1] - board.nodes.first[who]
    _offer(board, crowd, stand, who, loose, room)
    gain, best, own = room.gain[:many].copy(), -np.inf, 0.0
    for _ in range(ROUNDS):
        paid = 0.0
        for slot in range(many):
            room.gain[slot] = gain[slot]
            for m in range(crowd.step_first[first + slot], crowd.step_first[first + slot + 1]):
                room.gain[slot] += stand.slope[crowd.step_row[m]] * crowd.step[m]
        value = best_of(board, who, room)
        for slot in range(many):
            if room.kind[slot] == OUTSIDE:
                room.taken[slot] = 0
            elif room.taken[slot] == 1:
                value -= room.gain[slot]
                paid += gain[slot]
        value += own_worth(board, crowd, who, room.taken, stand.slope)
        if value + paid > best:
            best, own = value + paid, value
            way[:many] = room.taken[:many]
    if best == -np.inf:
        return False
    for slot in range(many):
        if way[slot] == 1:
            own += crowd.alone[first + slot] + _beside(crowd, crowd.cls[first + slot], room.post[slot])
            join(board, crowd, stand, first + slot, room.post[slot])
    stand.own[who] = own
    return True


@compiled
def _beside(crowd: Crowd, cls: int, group: int) -> float:
    """What the place is to the class beside the duty itself."""
    for n in range(crowd.open_first[cls], crowd.open_first[cls + 1]):
        if crowd.open_group[n] == group:
            return float(crowd.open_worth[n])
    return -np.inf


@compiled
def shuffle(
    board: Board,
    crowd: Crowd,
    now: Standing,
    best: Standing,
    old: Standing,
    picks: Ints,
    luck: Floats,
    room: Scratch,
) -> None:
    """Turn after turn the picked leave all and come again; what costs more than luck allows is taken back."""
    value, most, way = value_of(crowd, now), value_of(crowd, best), np.zeros(len(room.taken), dtype=np.int64)
    for turn in range(len(picks)):
        _copy(now, old)
        for who in picks[turn]:
            if who >= 0:
                _leave(board, crowd, now, who)
        fine, left = True, picks.shape[1]
        for who in picks[turn]:
            left -= 1
            if who >= 0:
                fine = fine and _respond(board, crowd, now, who, left > 0, room, way)
        reached = value_of(crowd, now)
        if not fine or reached < value - luck[turn]:
            _copy(old, now)
            continue
        value = reached
        if value > most + 1e-9:
            most = value
            _copy(now, best)


def standing(board: Board, frame: Frame, crowd: Crowd, choice: Ints, slope: Floats) -> Standing:
    """As a choice has it."""
    of, places = frame.alike.of, board.places
    nodes, people = len(choice), len(board.law.guard)
    taken = (choice >= 0) & (board.nodes.post != ELSEWHERE)
    stand = Standing(
        np.full(nodes, NOWHERE),
        np.zeros((len(frame.alike.many), 2), dtype=np.int64),
        np.zeros(people),
        np.zeros(1),
        slope.copy(),
    )
    by_itself = frame.classes.alone.copy()
    for k in np.flatnonzero(taken).tolist():
        group = int(of[places.at[choice[k], board.nodes.duty[k]]])
        join(board, crowd, stand, k, group)
        by_itself[k] += _beside(crowd, crowd.cls[k], group)
    true_worths(board, np.arange(people), taken.astype(np.int64), by_itself, stand.own)
    return stand
