"""A few people's part of a roster as an exact model: only ways and places that lose little at the prices."""

import numpy as np

from scheduler.board import FREE, Board, Places
from scheduler.bonds import bind
from scheduler.calendar import Ints
from scheduler.compiled import compiled
from scheduler.offers import rank
from scheduler.path import OPTIONAL, OUTSIDE, Scratch
from scheduler.place import CERTIFIED, CERTIFIED_GUARD, GUARDS, PEOPLE, VOLUNTEER, stands
from scheduler.prices import Prices, price
from scheduler.sheet import COLUMNS, FULL, Sheet, cell, new_column, new_row
from scheduler.sweep import Stand, move
from scheduler.ways import HOLD, PASS, best_way

SURE, WHOLE, MARGIN = 4, 1 << 30, 30_000


def model(
    board: Board,
    prices: Prices,
    people: Ints,
    stand: Stand,
    *,
    room: Scratch,
    sheet: Sheet,
    loss: float,
    sure: int = SURE,
) -> bool:
    """Writes the people's model on the sheet; false when it has no room.

    So many people at a place are trusted to stay at least two; with WHOLE nothing is taken for granted.
    """
    sheet.size[:] = 0
    others = stand._replace(counts=stand.counts.copy())
    _people(board, prices, people, others, room, sheet, loss)
    if sheet.size[FULL]:
        return False
    _company(board, others.counts, stand.counts, sheet, sure)
    bind(board, people, stand.choice, sheet)
    return not sheet.size[FULL]


@compiled
def _people(
    board: Board, prices: Prices, people: Ints, others: Stand, room: Scratch, sheet: Sheet, loss: float
) -> None:
    """Leaves in the others' counts only whom these people can't move."""
    for who in people:
        price(board, prices, who, room)
        for k in range(board.nodes.first[who], board.nodes.first[who + 1]):
            if board.nodes.post[k] == FREE and others.choice[k] >= 0:
                move(board, who, k, -1, others)
        if len(sheet.cost) < sheet.size[COLUMNS] + MARGIN:
            sheet.size[FULL] = 1
            return
        _person(board, prices, who, others.choice, room, sheet, loss)


@compiled
def _person(
    board: Board, prices: Prices, who: int, choice: Ints, room: Scratch, sheet: Sheet, loss: float
) -> None:
    ways, c, begin = board.ways, board.ways.of[who], board.nodes.first[who]
    low, high, states = ways.first[c], ways.first[c + 1], ways.states[c]
    slots = board.nodes.first[who + 1] - begin
    mine = _present(board, who, choice, room)
    ahead, behind = np.full(states, -np.inf), np.full(states, -np.inf)
    ahead[states - 1], behind[0] = 0.0, 0.0
    worth = np.zeros(high - low)
    for n in range(low, high):
        slot = ways.slot[n]
        paid = 0.0 if slot == PASS or room.kind[slot] == OUTSIDE else room.gain[slot]
        worth[n - low] = ways.worth[n] + paid
        behind[ways.head[n]] = max(behind[ways.head[n]], behind[ways.tail[n]] + worth[n - low])
    for n in range(high - 1, low - 1, -1):
        ahead[ways.tail[n]] = max(ahead[ways.tail[n]], worth[n - low] + ahead[ways.head[n]])
    through = np.full(slots, -np.inf)
    state_row, slot_row = np.full(states, -1), np.full(slots, -1)
    for n in range(low, high):
        value = behind[ways.tail[n]] + worth[n - low] + ahead[ways.head[n]]
        slot = ways.slot[n]
        if slot != PASS:
            through[slot] = max(through[slot], value)
        if value < ahead[0] - loss and mine[n - low] == 0:
            continue
        column = new_column(sheet, ways.worth[n], 1.0, 0, float(mine[n - low]))
        if ways.head[n] != states - 1:
            cell(sheet, _row(sheet, state_row, ways.head[n], 0.0), column, 1.0)
        cell(sheet, _row(sheet, state_row, ways.tail[n], -1.0 if ways.tail[n] == 0 else 0.0), column, -1.0)
        if slot != PASS and board.nodes.post[begin + slot] == FREE:
            cell(sheet, _row(sheet, slot_row, slot, 0.0), column, 1.0)
    for slot in range(slots):
        if slot_row[slot] >= 0:
            least = ahead[0] - loss - through[slot] + room.gain[slot]
            _duties(board, prices, begin + slot, choice, sheet, slot_row[slot], least)


@compiled
def _present(board: Board, who: int, choice: Ints, room: Scratch) -> Ints:
    """Marks the arcs of the way the person goes now; the gains are left as they were."""
    ways, c, begin = board.ways, board.ways.of[who], board.nodes.first[who]
    slots = board.nodes.first[who + 1] - begin
    kept = room.gain[:slots].copy()
    for slot in range(slots):
        if room.kind[slot] == OPTIONAL:
            room.gain[slot] = HOLD if choice[begin + slot] >= 0 else -np.inf
    best_way(board, who, room)
    room.gain[:slots] = kept
    mine = np.zeros(ways.first[c + 1] - ways.first[c], dtype=np.int64)
    at = ways.states[c] - 1
    while at > 0:
        n = room.active[at]
        mine[n - ways.first[c]] = 1
        at = ways.tail[n]
    return mine


@compiled
def _duties(board: Board, prices: Prices, k: int, choice: Ints, sheet: Sheet, row: int, least: float) -> None:
    """A column for each place of node k worth the least or more, and for the present one."""
    for n in range(board.offers.first[k], board.offers.first[k + 1]):
        place = board.offers.place[n]
        now = choice[k] == board.places.post[place]
        worth = board.offers.worth[n] + prices.people[place]
        worth += board.bonds.credit[k]
        worth += prices.certified[place] if board.offers.certified[k] == 1 else 0.0
        if now or worth >= least:
            column = new_column(sheet, board.offers.worth[n], 1.0, 1, 1.0 if now else 0.0)
            sheet.node[column], sheet.place[column] = k, place
            cell(sheet, row, column, -1.0)


@compiled
def _row(sheet: Sheet, known: Ints, at: int, side: float) -> int:
    """The row of a state or slot, new where it has none; both sides equal."""
    if known[at] < 0:
        known[at] = new_row(sheet, side, side)
    return int(known[at])


@compiled
def _company(board: Board, others: Ints, now: Ints, sheet: Sheet, sure: int) -> None:
    """Counts at each place touched: what they are worth, and who may stand there with whom."""
    duties, total = sheet.size[COLUMNS], np.zeros((len(board.places.post), 3), dtype=np.int64)
    column = np.full((len(total), 3), -1)
    for n in range(duties):
        if sheet.place[n] >= 0:
            total[sheet.place[n], PEOPLE] += 1
    for n in range(duties):
        place, k = sheet.place[n], sheet.node[n]
        if place < 0:
            continue
        if len(sheet.cost) < sheet.size[COLUMNS] + MARGIN // 10:
            sheet.size[FULL] = 1
            return
        if column[place, PEOPLE] < 0:
            for kind in range(3):
                start = now[place, kind] - others[place, kind]
                column[place, kind] = new_column(sheet, 0.0, float(total[place, PEOPLE]), 0, float(start))
                total[place, kind] = new_row(sheet, 0.0, 0.0) if kind else total[place, PEOPLE]
            _together(board.places, place, others, now, column[place], sheet, sure)
            most = total[place, PEOPLE]
            total[place, PEOPLE] = new_row(sheet, 0.0, 0.0)
            for kind in range(3):
                cell(sheet, total[place, kind], column[place, kind], -1.0)
            _worth(board.places, place, others, now, most, sheet, column[place])
        counted = rank(board, np.searchsorted(board.nodes.first, k, side="right") - 1, board.nodes.duty[k])
        cell(sheet, total[place, PEOPLE], n, 1.0)
        if counted != VOLUNTEER:
            cell(sheet, total[place, GUARDS], n, 1.0)
        if counted == CERTIFIED_GUARD:
            cell(sheet, total[place, CERTIFIED], n, 1.0)


@compiled
def _worth(
    places: Places, place: int, others: Ints, now: Ints, most: int, sheet: Sheet, column: Ints
) -> None:
    """Pieces of equal gain add up to the people; those certified that fill the need to the missing."""
    row, last, here = new_row(sheet, 0.0, 0.0), places.gain.shape[1] - 1, others[place, PEOPLE]
    cell(sheet, row, column[PEOPLE], 1.0)
    begin = 0
    while begin < most:
        gain, end = places.gain[place, min(here + begin, last)], begin + 1
        while end < most and places.gain[place, min(here + end, last)] == gain:
            end += 1
        filled = min(max(now[place, PEOPLE] - here - begin, 0), end - begin)
        cell(sheet, row, new_column(sheet, gain, float(end - begin), 0, float(filled)), -1.0)
        begin = end
    lacking = places.certified[place] - others[place, CERTIFIED]
    if lacking > 0:
        row = new_row(sheet, -np.inf, 0.0)
        filled = min(lacking, now[place, CERTIFIED] - others[place, CERTIFIED])
        cell(sheet, row, new_column(sheet, places.missing, float(lacking), 0, float(filled)), 1.0)
        cell(sheet, row, column[CERTIFIED], -1.0)


@compiled
def _together(
    places: Places, place: int, others: Ints, now: Ints, column: Ints, sheet: Sheet, sure: int
) -> None:
    """The rule not_alone: two at least, at a solo post by day or one guard; by night one certified."""
    here, guards, papers = others[place, PEOPLE], others[place, GUARDS], others[place, CERTIFIED]
    solo = places.solo[place] == 1 and places.night[place] == 0
    asked = 2 - here - (guards if solo else 0)
    paper = 1 - papers if places.night[place] == 1 else 0
    if asked <= 0 and paper <= 0:
        return
    sound = stands(places, place, now[place, PEOPLE], now[place, GUARDS], now[place, CERTIFIED])
    if sure < WHOLE and not sound:
        return
    open_ = new_column(sheet, 0.0, 1.0, 1, 1.0 if now[place, PEOPLE] > 0 else 0.0)
    least = 1.0 if here > 0 or now[place, PEOPLE] >= sure else 0.0
    cell(sheet, new_row(sheet, least, 1.0), open_, 1.0)
    row = new_row(sheet, -np.inf, 0.0)
    cell(sheet, row, column[PEOPLE], 1.0)
    cell(sheet, row, open_, -sheet.upper[column[PEOPLE]])
    if asked > 0:
        row = new_row(sheet, 0.0, np.inf)
        cell(sheet, row, column[PEOPLE], 1.0)
        if solo:
            cell(sheet, row, column[GUARDS], 1.0)
        cell(sheet, row, open_, -float(asked))
    if paper > 0:
        row = new_row(sheet, 0.0, np.inf)
        cell(sheet, row, column[CERTIFIED], 1.0)
        cell(sheet, row, open_, -float(paper))
