"""The witness of what contracts forbid: maximums by week, month or horizon, and successions of shifts."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from zoneinfo import ZoneInfo

import numpy as np

from scheduler.contract import Least, Measure, Most, Per
from scheduler.duties import HOUR, Book, Ints, local_days
from scheduler.violation import Found, Rule, iso, of_person

CLOSE = 1e-9


def contract_hours(book: Book) -> Found:
    return _exceeded(book, Measure.HOURS, Rule.CONTRACT_HOURS)


def contract_duties(book: Book) -> Found:
    return _exceeded(book, Measure.DUTIES, Rule.CONTRACT_DUTIES)


def contract_nights(book: Book) -> Found:
    return _exceeded(book, Measure.NIGHTS, Rule.CONTRACT_NIGHTS)


def contract_weekends(book: Book) -> Found:
    return _exceeded(book, Measure.WEEKENDS, Rule.CONTRACT_WEEKENDS)


def succession(book: Book) -> Found:
    duties = book.duties
    close = (duties.person[1:] == duties.person[:-1]) & (duties.day[1:] - duties.day[:-1] <= 1)
    names = list(book.kinds)
    for n in np.flatnonzero(close):
        contract = book.contracts.get(book.people[duties.person[n]].contract)
        if contract is None:
            continue
        earlier, later = names[duties.kind[n]], names[duties.kind[n + 1]]
        if any((pair.earlier, pair.later) == (earlier, later) for pair in contract.never):
            rows = np.asarray([n, n + 1])
            yield from of_person(book, Rule.SUCCESSION, rows, earlier=earlier, later=later)


BY_CONTRACT: tuple[Callable[[Book], Found], ...] = (
    contract_hours, contract_duties, contract_nights, contract_weekends, succession,
)  # fmt: skip


def _exceeded(book: Book, what: Measure, rule: Rule) -> Found:
    for n, rows in rows_by_person(book):
        contract = book.contracts[book.people[n].contract]
        for clause in contract.most:
            if clause.what is not what:
                continue
            for window, (amount, mine) in amounts(book, rows, clause).items():
                if amount > clause.most + CLOSE:
                    told = {"per": clause.per.value, "window": window, "amount": amount, "most": clause.most}
                    yield from of_person(book, rule, mine, **told, kinds=", ".join(clause.kinds) or None)


def rows_by_person(book: Book) -> Iterator[tuple[int, Ints]]:
    """The duties of everyone with a contract, also of those with none."""
    person = book.duties.person
    for n, one in enumerate(book.people):
        if one.contract is not None:
            yield n, np.arange(np.searchsorted(person, n), np.searchsorted(person, n + 1))


def amounts(book: Book, rows: Ints, clause: Most | Least) -> dict[str, tuple[float, Ints]]:
    """Per week (its Monday), month or horizon: how much of what the clause counts, and by which duties."""
    duties, found = book.duties, defaultdict[str, list[int]](list)
    asked = {book.kinds.get(kind, -1) for kind in clause.kinds}
    first, last = horizon_days(book)
    for n in rows.tolist():
        if asked and int(duties.kind[n]) not in asked:
            continue
        if _weight(book, n, clause.what) == 0:
            continue
        window = window_of(int(duties.day[n]), clause, (first, last))
        if window is not None:
            found[window].append(n)
    return {window: (_total(book, mine, clause.what), np.asarray(mine)) for window, mine in found.items()}


def window_of(day: int, clause: Most | Least, horizon: tuple[int, int]) -> str | None:
    """Names the window a duty of that day counts in; none when it lies outside the horizon."""
    match clause.per:
        case Per.WEEK:
            return iso(day - (day + 3) % 7)
        case Per.MONTH:
            weekend = clause.what is Measure.WEEKENDS
            return iso(day - (day + 3) % 7 + 5 if weekend else day)[:7]
        case Per.HORIZON:
            return "horizon" if horizon[0] <= day <= horizon[1] else None


def horizon_days(book: Book) -> tuple[int, int]:
    span = np.asarray([book.problem.horizon.start, book.problem.horizon.end - 1])
    first, last = local_days(span, ZoneInfo(book.problem.zone)).tolist()
    return first, last


def _weight(book: Book, n: int, what: Measure) -> float:
    duties = book.duties
    match what:
        case Measure.HOURS:
            return float(duties.end[n] - duties.start[n]) / HOUR
        case Measure.DUTIES:
            return 1.0
        case Measure.NIGHTS:
            return float(duties.night[n])
        case Measure.WEEKENDS:
            return float((duties.day[n] + 3) % 7 >= 5)


def _total(book: Book, rows: list[int], what: Measure) -> float:
    if what is Measure.WEEKENDS:
        return float(len({(day + 2) // 7 for day in book.duties.day[rows].tolist()}))
    return sum(_weight(book, n, what) for n in rows)
