"""What contracts ask for softly: enough hours, duties, nights, weekends; runs neither short nor long."""

from itertools import pairwise

from scheduler.check_contracts import amounts, horizon_days, rows_by_person, window_of
from scheduler.contract import Least, Measure, Per, Stretch
from scheduler.duties import Book
from scheduler.violation import date_of


def contract_terms(book: Book) -> dict[str, float]:
    """Each a sum of what is missing or too much, times the clause's own weight."""
    found = {"least": 0.0, "working": 0.0, "off": 0.0}
    first, last = horizon_days(book)
    for n, rows in rows_by_person(book):
        contract = book.contracts[book.people[n].contract]
        for clause in contract.least:
            reached = amounts(book, rows, clause)
            for window in judged(clause, first, last):
                amount = reached[window][0] if window in reached else 0.0
                found["least"] -= clause.weight * max(0.0, clause.least - amount)
        days = sorted({day for day in book.duties.day[rows].tolist() if day <= last})
        found["working"] -= _working(days, first, last, contract.working)
        found["off"] -= _off(days, first, last, contract.off)
    return found


def judged(clause: Least, first: int, last: int) -> list[str]:
    """The windows that end within the horizon."""
    if clause.per is Per.HORIZON:
        return ["horizon"]
    found = []
    for day in range(first, last + 1):
        sunday = (day + 3) % 7 == 6
        tomorrow = date_of(day + 1)
        monthly = tomorrow.day == 1
        if clause.what is Measure.WEEKENDS and clause.per is Per.MONTH:
            # The month's last weekend ends on the Sunday after its last Saturday.
            monthly = sunday and date_of(day - 1).month != date_of(day + 6).month
        if sunday if clause.per is Per.WEEK else monthly:
            window = window_of(day, clause, (first, last))
            found += [window] if window is not None else []
    return found


def _working(days: list[int], first: int, last: int, asked: Stretch) -> float:
    """Runs of duty days that end in the horizon or reach its end; of these only their excess counts."""
    cost = 0.0
    for begin, end in runs(days):
        if end < first - 1:
            continue
        short = max(0, asked.least - (end - begin + 1)) if end < last else 0
        cost += asked.weight * (short + _excess(end - begin + 1, asked))
    return cost


def _off(days: list[int], first: int, last: int, asked: Stretch) -> float:
    """Days off between duty days, and up to the horizon's edges; there nobody knows whether they are few."""
    cost, inner = 0.0, [(a + 1, b) for a, b in pairwise(days) if b > a + 1 and b >= first]
    for begin, until in inner:
        cost += asked.weight * (max(0, asked.least - (until - begin)) + _excess(until - begin, asked))
    if not days:
        return asked.weight * _excess(last + 1 - first, asked)
    if days[0] > first:
        cost += asked.weight * _excess(days[0] - first, asked)
    if days[-1] < last:
        cost += asked.weight * _excess(last - days[-1], asked)
    return cost


def _excess(length: int, asked: Stretch) -> int:
    return 0 if asked.most is None else max(0, length - asked.most)


def runs(days: list[int]) -> list[tuple[int, int]]:
    """First and last days of what follows day after day."""
    found: list[tuple[int, int]] = []
    for day in days:
        if found and found[-1][1] == day - 1:
            found[-1] = (found[-1][0], day)
        else:
            found.append((day, day))
    return found
