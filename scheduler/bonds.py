"""What the bonds of people are worth in a roster and in an exact model, and who has any."""

from collections import defaultdict

import numpy as np

from scheduler.board import FREE, Board, Bonds
from scheduler.calendar import Flags, Ints
from scheduler.compiled import compiled
from scheduler.sheet import CELLS, COLUMNS, FULL, ROWS, Sheet, cell, new_column, new_row


def bonded(board: Board) -> Flags:
    """Who is to be together with, or apart from, others who could have one of the same duties."""
    found = np.zeros(len(board.law.guard), dtype=np.bool_)
    nodes = np.flatnonzero(np.diff(board.bonds.first) > 0)
    found[np.searchsorted(board.nodes.first, nodes, side="right") - 1] = True
    return found


@compiled
def kept(bonds: Bonds, choice: Ints) -> float:
    """What all bonds are worth now: everyone at a place with an earlier one of the bond gains its weight."""
    total = 0.0
    for k in range(len(choice)):
        met = -1
        for n in range(bonds.first[k], bonds.first[k + 1]):
            mate, bond = bonds.mate[n], bonds.bond[n]
            if bond != met and mate < k and choice[k] >= 0 and choice[mate] == choice[k]:
                met = bond
                total += bonds.weight[bond]
    return float(total)


def bind(board: Board, people: Ints, choice: Ints, sheet: Sheet) -> None:
    """Each of a bond who is at a place gains the weight, but for the first; their duties are columns,
    all others stay where the choice has them."""
    members, fixed = _met(board, people, choice, sheet)
    many = sum(map(len, members.values()))
    room = (len(sheet.cost) - sheet.size[COLUMNS], len(sheet.low) - sheet.size[ROWS])
    if min(room) < many or len(sheet.row) - sheet.size[CELLS] < 2 * many:
        sheet.size[FULL] = 1
        return
    for (bond, place), columns in members.items():
        weight = float(board.bonds.weight[bond])
        alone = (bond, place) not in fixed
        if alone and len(columns) < 2:
            continue
        sheet.cost[columns] += weight
        if alone:
            _first(sheet, columns, weight)


Met = tuple[int, int]


def _met(board: Board, people: Ints, choice: Ints, sheet: Sheet) -> tuple[dict[Met, list[int]], set[Met]]:
    """By bond and place the columns of those who may be there, and where one is who is not moved."""
    bonds, nodes = board.bonds, board.nodes
    members, fixed = defaultdict[Met, list[int]](list), set[Met]()
    if not len(bonds.mate):
        return members, fixed
    owner = np.zeros(len(board.law.guard), dtype=np.bool_)
    owner[people] = True
    moved = np.repeat(owner, np.diff(nodes.first)) & (nodes.post == FREE)
    duties = np.flatnonzero(sheet.place[: sheet.size[COLUMNS]] >= 0)
    duties = duties[np.diff(bonds.first)[sheet.node[duties]] > 0]
    for column in duties.tolist():
        k, place = int(sheet.node[column]), int(sheet.place[column])
        mine = slice(bonds.first[k], bonds.first[k + 1])
        mates, of = bonds.mate[mine], bonds.bond[mine]
        there = ~moved[mates] & (choice[mates] == board.places.post[place])
        fixed.update((bond, place) for bond in of[there].tolist())
        for bond in np.unique(of).tolist():
            members[bond, place].append(column)
    return members, fixed


def _first(sheet: Sheet, columns: list[int], weight: float) -> None:
    """Whoever comes first gains nothing: a column up to 1, pressed down by a gain and up by a loss."""
    there = float(sheet.start[columns].max() > 0.5)
    first = new_column(sheet, -weight, 1.0, 0, there)
    groups = [[column] for column in columns] if weight > 0 else [columns]
    for group in groups:
        row = new_row(sheet, 0.0, np.inf) if weight > 0 else new_row(sheet, -np.inf, 0.0)
        cell(sheet, row, first, 1.0)
        for column in group:
            cell(sheet, row, column, -1.0)
