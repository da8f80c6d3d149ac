"""Sharpens the bound where one person alone would go: they are charged what it takes to bring another along.

Whoever stands where nobody may stand alone has company there. So any price ≥ 0 on "this one, but no other"
may be taken from the one and given to all the others without lowering the bound below a legal roster.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from scheduler.board import Board
from scheduler.calendar import Flags, Floats, Ints
from scheduler.compiled import compiled
from scheduler.path import OPTIONAL, Scratch
from scheduler.prices import Prices, best_responses, price
from scheduler.ways import HOLD, best_of

LEAST, ROUNDS = 1e-6, 4


class Company(NamedTuple):
    """Who, by node, is charged how much for going to which place."""

    node: Ints
    place: Ints
    price: Floats


def no_company() -> Company:
    none = np.zeros(0, dtype=np.int64)
    return Company(none, none, np.zeros(0))


class _Guests(NamedTuple):
    """The offers of each place: `row[first[place] : first[place + 1]]` with node and person of every row."""

    first: Ints
    row: Ints
    node: Ints
    person: Ints


def _guests(board: Board) -> _Guests:
    row = np.argsort(board.offers.place, kind="stable")
    first = np.searchsorted(board.offers.place[row], np.arange(len(board.places.post) + 1))
    node = np.repeat(np.arange(len(board.nodes.duty)), np.diff(board.offers.first))[row]
    person = np.repeat(np.arange(len(board.law.guard)), np.diff(board.nodes.first))[node]
    return _Guests(first, row, node, person)


def charged(board: Board, company: Company) -> Board:
    """The board on which everyone's terms hold what is taken and given."""
    if not len(company.node):
        return board
    guests, worth = _guests(board), board.offers.worth.copy()
    for node, place, paid in zip(*(column.tolist() for column in company), strict=True):
        here = slice(guests.first[place], guests.first[place + 1])
        _charge(worth, guests.row[here], guests.node[here] == node, _able(board, guests, place, node), paid)
    return board._replace(offers=board.offers._replace(worth=worth))


def _charge(worth: Floats, rows: Ints, own: Flags, others: Flags, paid: float) -> None:
    worth[rows[own]] -= paid
    worth[rows[others]] += paid


def _able(board: Board, guests: _Guests, place: int, node: int) -> Flags:
    """Of a place's guests those who are company enough: by night a certified guard for who is none."""
    there = guests.node[guests.first[place] : guests.first[place + 1]]
    others: Flags = there != node
    if board.places.night[place] == 1 and board.offers.certified[node] == 0:
        others &= board.offers.certified[there] == 1
    return others


def more_company(
    board: Board, prices: Prices, room: Scratch, company: Company, stop: Callable[[], bool]
) -> Company:
    """Adds charges where, at these prices, people would go who find no company there."""
    guests = _guests(board)
    now = charged(board, company)
    worth = now.offers.worth.copy()
    now = now._replace(offers=now.offers._replace(worth=worth))
    wanted = np.zeros((len(board.places.post), 2))
    best_responses(now, prices, np.arange(len(board.law.guard)), wanted, room)
    lonely = (wanted[:, 0] == 1) | ((wanted[:, 0] > 0) & (wanted[:, 1] == 0) & (board.places.night == 1))
    found: list[tuple[int, int, float]] = []
    for place in np.flatnonzero(lonely & (board.places.pinned == 0)).tolist():
        if stop():
            break
        here = slice(guests.first[place], guests.first[place + 1])
        lead = advantages(now, prices, guests.person[here], guests.node[here], place, room)
        for node, paid in _charges(board, guests, place, lead):
            own = guests.node[here] == node
            _charge(worth, guests.row[here], own, _able(board, guests, place, node), paid)
            found.append((node, place, paid))
    rows = [np.asarray(column) for column in zip(*found, strict=True)] if found else list(no_company())
    return Company(
        np.concatenate([company.node, rows[0]]).astype(np.int64),
        np.concatenate([company.place, rows[1]]).astype(np.int64),
        np.concatenate([company.price, rows[2]]),
    )


def _charges(board: Board, guests: _Guests, place: int, lead: Floats) -> list[tuple[int, float]]:
    """The most eager pays until going is no better than staying, or until another would come along."""
    there = guests.node[guests.first[place] : guests.first[place + 1]]
    guard = board.law.guard[guests.person[guests.first[place] : guests.first[place + 1]]]
    alone_allowed = (board.places.solo[place] == 1) & (board.places.night[place] == 0) & (guard == 1)
    found, lead = [], lead.copy()
    for _ in range(ROUNDS):
        eager = np.where(alone_allowed, -np.inf, lead)
        if not len(eager) or eager.max() <= LEAST:
            break
        most = int(np.argmax(eager))
        others = _able(board, guests, place, int(there[most]))
        missing = -float(lead[others].max(initial=-HOLD))
        paid = min(float(lead[most]), missing)
        if paid <= LEAST:
            break
        found.append((int(there[most]), paid))
        lead[most] -= paid
        lead[others] += paid
    return found


@compiled
def advantages(board: Board, prices: Prices, people: Ints, nodes: Ints, place: int, room: Scratch) -> Floats:
    """How much better than any other way each one's best way through the place is."""
    offers, lead = board.offers, np.zeros(len(people))
    for n in range(len(people)):
        who, k = people[n], nodes[n]
        price(board, prices, who, room)
        slot, here, other = k - board.nodes.first[who], -np.inf, -np.inf
        if room.kind[slot] != OPTIONAL:
            lead[n] = HOLD
            continue
        for m in range(offers.first[k], offers.first[k + 1]):
            worth = prices.people[offers.place[m]] + offers.worth[m] + board.bonds.credit[k]
            if offers.certified[k] == 1:
                worth += prices.certified[offers.place[m]]
            if offers.place[m] == place:
                here = worth
            else:
                other = max(other, worth)
        room.gain[slot] = other
        without = best_of(board, who, room)
        room.gain[slot] = here + HOLD
        lead[n] = best_of(board, who, room) - HOLD - without if without > -np.inf else -HOLD
    return lead
