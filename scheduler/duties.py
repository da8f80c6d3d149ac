"""The checker's own reading of time: every duty of a person with its local day, week, month and night."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from scheduler.problem import Assignment, Contract, Limits, Organisation, Person, Problem, Role

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
HOUR = 3_600_000
DAY = 24 * HOUR
QUARTER = 900_000
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Duties(NamedTuple):
    """Parallel columns ordered by person, then start; `assignment` is −1 for history, `kind` an index of
    the book's kinds, 0 for none.

    `week` is the day number of its Monday, `month` counts the months of the week's Thursday.
    """

    person: Ints
    start: Ints
    end: Ints
    day: Ints
    week: Ints
    month: Ints
    night: Flags
    assignment: Ints
    kind: Ints


class Book(NamedTuple):
    """The problem by id, and the duties of everyone who has an assignment or a contract."""

    problem: Problem
    assignments: Sequence[Assignment]
    people: list[Person]
    organisations: dict[int, Organisation]
    contracts: dict[str | None, Contract]
    kinds: dict[str, int]
    duties: Duties


def local_days(moments: Ints, zone: ZoneInfo) -> Ints:
    """Days since 1970 of the local dates; offsets change on quarter hours only."""
    quarters, where = np.unique(moments // QUARTER, return_inverse=True)
    days = [(_local(int(q) * QUARTER, zone).date() - EPOCH.date()).days for q in quarters]
    return np.asarray(days, dtype=np.int64)[where]


def is_night(start: Ints, end: Ints, day: Ints, zone: ZoneInfo) -> Flags:
    """At least 3 h of the duty lie between 22:00 and 06:00 local time."""
    inside = np.zeros(len(start), dtype=np.int64)
    for shift in (-1, 0, 1):
        evenings, where = np.unique(day + shift, return_inverse=True)
        opens = np.asarray([_instant(int(e), 22, zone) for e in evenings], dtype=np.int64)[where]
        closes = np.asarray([_instant(int(e) + 1, 6, zone) for e in evenings], dtype=np.int64)[where]
        inside += np.maximum(0, np.minimum(end, closes) - np.maximum(start, opens))
    return inside >= 3 * HOUR


def open_book(problem: Problem, assignments: Sequence[Assignment]) -> Book:
    by_id = {person.id: person for person in problem.people}
    shifts = {shift.id: shift for shift in problem.shifts}
    agreed = {person.id for person in problem.people if person.contract is not None}
    busy = sorted({a.person for a in assignments} | agreed)
    people = [by_id[i] for i in busy]
    place = {i: n for n, i in enumerate(busy)}
    kinds = {name: n for n, name in enumerate(("", *problem.kinds))}
    rows = []
    for n, a in enumerate(assignments):
        shift = shifts[a.shift]
        rows.append((place[a.person], shift.start, shift.end, n, kinds[shift.kind]))
    for n, person in enumerate(people):
        of = (*(kinds[k] for k in person.history_kinds), *([0] * len(person.history)))
        rows += [(n, s.start, s.end, -1, k) for s, k in zip(person.history, of, strict=False)]
    table = np.asarray(rows, dtype=np.int64).reshape(-1, 5)
    table = table[np.lexsort((table[:, 3], table[:, 2], table[:, 1], table[:, 0]))]
    organisations: dict[int, Organisation] = {o.id: o for o in problem.organisations}
    contracts: dict[str | None, Contract] = {c.code: c for c in problem.contracts}
    duties = _columns(table, ZoneInfo(problem.zone))
    return Book(problem, assignments, people, organisations, contracts, kinds, duties)


def _columns(table: Ints, zone: ZoneInfo) -> Duties:
    person, start, end, assignment, kind = (np.ascontiguousarray(table[:, k]) for k in range(5))
    day = local_days(start, zone)
    week = day - (day + 3) % 7
    month = months(week + 3)
    night = is_night(start, end, day, zone)
    return Duties(person, start, end, day, week, month, night, assignment, kind)


def months(day: Ints) -> Ints:
    """Months since 1970 of these days."""
    return day.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)


def groups(*keys: Ints) -> Ints:
    """Where a new run of equal keys begins."""
    if not len(keys[0]):
        return np.zeros(0, dtype=np.int64)
    fresh = np.zeros(len(keys[0]), dtype=np.bool_)
    fresh[0] = True
    for key in keys:
        fresh[1:] |= key[1:] != key[:-1]
    return np.flatnonzero(fresh)


def latest_end(duties: Duties) -> Ints:
    """Per duty, the latest end among the person's duties up to and including it."""
    if not len(duties.end):
        return duties.end
    low = duties.start.min()
    stride = duties.end.max() - low + 1
    latest = np.maximum.accumulate(duties.end - low + duties.person * stride)
    ends: Ints = latest - duties.person * stride + low
    return ends


def limits_of(book: Book, person: Person) -> list[Limits]:
    limits = [book.problem.limits, person.limits]
    parties = (book.organisations.get(person.organisation), book.contracts.get(person.contract))
    return [*limits, *(party.limits for party in parties if party is not None)]


def day_limit(book: Book, person: Person) -> float:
    organisation = book.organisations.get(person.organisation)
    if person.role is Role.VOLUNTEER:
        own = 4.0
    elif organisation and organisation.permit:
        own = 12.0
    else:
        own = 11.0 if person.overtime_consent else 8.0
    return min([own, *(x.day_hours for x in limits_of(book, person) if x.day_hours is not None)])


def week_limit(book: Book, person: Person) -> float:
    """Infinite for a guard with overtime consent, whom only the month's overtime holds."""
    free = float("inf") if person.overtime_consent else 44.0
    own = 12.0 if person.role is Role.VOLUNTEER else free
    return min([own, *(x.week_hours for x in limits_of(book, person) if x.week_hours is not None)])


def overtime_limit(book: Book, person: Person) -> float:
    return min([36.0, *(x.overtime_hours for x in limits_of(book, person) if x.overtime_hours is not None)])


def rest_limit(book: Book, person: Person) -> float:
    return max([11.0, *(x.rest_hours for x in limits_of(book, person) if x.rest_hours is not None)])


def run_limit(book: Book, person: Person) -> int:
    return min([6, *(x.run_days for x in limits_of(book, person) if x.run_days is not None)])


def night_limit(book: Book, person: Person) -> int:
    return min([3, *(x.nights for x in limits_of(book, person) if x.nights is not None)])


@lru_cache(maxsize=4096)
def _local(moment: int, zone: ZoneInfo) -> datetime:
    return (EPOCH + timedelta(milliseconds=moment)).astimezone(zone)


@lru_cache(maxsize=4096)
def _instant(day: int, hour: int, zone: ZoneInfo) -> int:
    date = EPOCH.date() + timedelta(days=day)
    local = datetime(date.year, date.month, date.day, hour, tzinfo=zone)
    return int(local.timestamp()) * 1000
