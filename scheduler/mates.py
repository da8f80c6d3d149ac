"""What it is worth that people bonded to each other serve together, shared out among them by prices.

Of people who are paid the bond's weight less a charge each, as many as are there get at least what the bond
is worth to them, as long as all charges of a shift are ≥ 0 and together at most the weight.
"""

from typing import NamedTuple

import numpy as np

from scheduler.board import ELSEWHERE, Board
from scheduler.calendar import Floats, Ints


class Mates(NamedTuple):
    """Per bond to be kept together and duty a group: who could be there, by node, and the weight.

    `of[node]` are the entries of all others in its groups.
    """

    group: Ints
    node: Ints
    weight: Floats
    of: dict[int, list[int]]

    def others(self, present: Floats) -> Floats:
        """Per entry how many of the group's others are present, by node."""
        here = present[self.node]
        total = np.bincount(self.group, weights=here, minlength=len(self.weight))
        found: Floats = total[self.group] - here
        return found

    def even(self) -> Floats:
        """The same charge for each of a group."""
        found: Floats = (self.weight / np.bincount(self.group, minlength=len(self.weight)))[self.group]
        return found

    def paid(self, charges: Floats, nodes: int) -> Floats:
        """Per node what its person gets, at charges made to fit."""
        charges = np.maximum(charges, 0.0)
        total = np.bincount(self.group, weights=charges, minlength=len(self.weight))
        fit = np.minimum(1.0, self.weight / np.maximum(total, 1e-300))
        paid = self.weight[self.group] - charges * fit[self.group]
        found: Floats = np.bincount(self.node, weights=paid, minlength=nodes).astype(np.float64)
        return found


def mates_of(board: Board) -> Mates:
    bonds, duty = board.bonds, board.nodes.duty
    known: dict[tuple[int, int], set[int]] = {}
    for k in np.flatnonzero(np.diff(bonds.first) > 0).tolist():
        for n in range(bonds.first[k], bonds.first[k + 1]):
            if bonds.weight[bonds.bond[n]] > 0 and board.nodes.post[k] != ELSEWHERE:
                known.setdefault((int(bonds.bond[n]), int(duty[k])), set()).update((k, int(bonds.mate[n])))
    group, node, of = list[int](), list[int](), dict[int, list[int]]()
    for number, nodes in enumerate(known.values()):
        entries = range(len(node), len(node) + len(nodes))
        node += sorted(nodes)
        group += [number] * len(nodes)
        for entry in entries:
            of.setdefault(node[entry], []).extend(e for e in entries if e != entry)
    weight = np.asarray([bonds.weight[bond] for bond, _ in known], dtype=np.float64)
    return Mates(np.asarray(group, dtype=np.int64), np.asarray(node, dtype=np.int64), weight, of)
