"""The witness: one function per hard rule, telling who breaks it where; it shares nothing with the solver."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from datetime import date

import numpy as np
from numpy.typing import NDArray

from scheduler.check_contracts import BY_CONTRACT
from scheduler.duties import (
    HOUR,
    Book,
    Ints,
    day_limit,
    groups,
    latest_end,
    night_limit,
    open_book,
    overtime_limit,
    rest_limit,
    run_limit,
    week_limit,
)
from scheduler.problem import (
    Assignment,
    BeatCode,
    Person,
    Point,
    PostId,
    Problem,
    Role,
    ShiftId,
    Span,
)
from scheduler.violation import Found, date_of, iso, of_person, violation_of
from scheduler.violation import Rule as Rule
from scheduler.violation import Violation as Violation

EARTH_KM = 6371.007180918475


Floats = NDArray[np.float64]


def check(problem: Problem, assignments: Sequence[Assignment]) -> tuple[Violation, ...]:
    """Every violation with at least one of these assignments in it; history alone is nobody's fault here."""
    return broken(open_book(problem, assignments))


def broken(book: Book) -> tuple[Violation, ...]:
    """The same of a book that is open."""
    return tuple(violation for rule in RULES for violation in rule(book))


def one_place(book: Book) -> Found:
    duties = book.duties
    before = np.roll(latest_end(duties), 1)
    same = duties.person == np.roll(duties.person, 1)
    for n in np.flatnonzero((same & (duties.start < before))[1:]) + 1:
        others = np.flatnonzero((duties.person == duties.person[n]) & (duties.end > duties.start[n]))
        clash = np.asarray([*others[others < n], n], dtype=np.int64)
        yield from of_person(book, Rule.ONE_PLACE, clash, at=int(duties.start[n]))


def available(book: Book) -> Found:
    people = {person.id: person for person in book.people}
    shifts = {shift.id: shift for shift in book.problem.shifts}
    for assignment in book.assignments:
        person, shift = people[assignment.person], shifts[assignment.shift]
        organisation = book.organisations.get(person.organisation)
        if not person.active or organisation is None or not organisation.active:
            reason = "inactive"
        elif any(leave.start < shift.end and shift.start < leave.end for leave in person.leave):
            reason = "leave"
        elif not _inside(person.availability, shift.start, shift.end):
            reason = "not_offered"
        else:
            continue
        yield violation_of(Rule.AVAILABLE, [assignment], reason=reason, start=shift.start, end=shift.end)


def day_hours(book: Book) -> Found:
    duties = book.duties
    first = groups(duties.person, duties.day)
    for begin, end, hours in _sums(book, first):
        limit = day_limit(book, book.people[duties.person[begin]])
        if hours > limit:
            yield from of_person(
                book,
                Rule.DAY_HOURS,
                np.arange(begin, end),
                day=iso(duties.day[begin]),
                hours=hours,
                limit=limit,
            )


def week_hours(book: Book) -> Found:
    duties = book.duties
    overtime: defaultdict[tuple[int, int], list[tuple[float, Ints]]] = defaultdict(list)
    for begin, end, hours in _sums(book, groups(duties.person, duties.week)):
        person = book.people[duties.person[begin]]
        limit, rows = week_limit(book, person), np.arange(begin, end)
        if hours > limit:
            monday = iso(duties.week[begin])
            yield from of_person(book, Rule.WEEK_HOURS, rows, week=monday, hours=hours, limit=limit)
        elif hours > 44 and person.role is Role.GUARD:
            overtime[int(duties.person[begin]), int(duties.month[begin])].append((hours - 44, rows))
    for (who, month), weeks in overtime.items():
        total, limit = sum(hours for hours, _ in weeks), overtime_limit(book, book.people[who])
        if total > limit:
            rows = np.concatenate([rows for _, rows in weeks])
            named = f"{1970 + month // 12}-{month % 12 + 1:02}"
            yield from of_person(book, Rule.WEEK_HOURS, rows, month=named, overtime=total, limit=limit)


def rest(book: Book) -> Found:
    """Overlaps are left to one_place."""
    duties = book.duties
    gap = duties.start[1:] - latest_end(duties)[:-1]
    least = np.asarray([rest_limit(book, person) for person in book.people])[duties.person[1:]] * HOUR
    volunteer = np.asarray([person.role is Role.VOLUNTEER for person in book.people], dtype=np.bool_)
    least[volunteer[duties.person[1:]] & (duties.day[1:] == duties.day[:-1])] = 0
    same = duties.person[1:] == duties.person[:-1]
    for n in np.flatnonzero(same & (gap >= 0) & (gap < least)):
        rows, limit = np.asarray([n, n + 1]), float(least[n]) / HOUR
        yield from of_person(book, Rule.REST, rows, hours=float(gap[n]) / HOUR, limit=limit)


def run(book: Book) -> Found:
    duties = book.duties
    for begin, end in _streaks(duties.person, duties.day):
        days = int(duties.day[end - 1] - duties.day[begin]) + 1
        limit = run_limit(book, book.people[duties.person[begin]])
        if days > limit:
            first = iso(duties.day[begin])
            yield from of_person(book, Rule.RUN, np.arange(begin, end), first=first, days=days, limit=limit)


def nights(book: Book) -> Found:
    duties = book.duties
    dark = np.flatnonzero(duties.night)
    ends = latest_end(duties)
    for begin, end in _streaks(duties.person[dark], duties.day[dark]):
        rows, limit = dark[begin:end], night_limit(book, book.people[duties.person[dark[begin]]])
        count = int(duties.day[rows[-1]] - duties.day[rows[0]]) + 1
        if count > limit:
            yield from of_person(book, Rule.NIGHTS, rows, nights=count, limit=limit)
        following = rows[-1] + 1
        if count < 3 or following >= len(duties.person) or duties.person[following] != duties.person[rows[0]]:
            continue
        pause = float(duties.start[following] - ends[rows[-1]]) / HOUR
        if pause < 48:
            yield from of_person(book, Rule.NIGHTS, np.append(rows, following), nights=count, pause=pause)


def night_consent(book: Book) -> Found:
    duties = book.duties
    for n in np.flatnonzero(duties.night & (duties.assignment >= 0)):
        person, day = book.people[duties.person[n]], date_of(duties.day[n])
        age = _age(person, day)
        if not person.night_consent or age is None or not 18 <= age <= 59:
            agreed = "yes" if person.night_consent else "no"
            yield from of_person(book, Rule.NIGHT_CONSENT, np.asarray([n]), consent=agreed, age=age)


def certificate(book: Book) -> Found:
    duties = book.duties
    asked = {post.id: post.certificate for post in book.problem.posts if post.certificate is not None}
    for n in np.flatnonzero(duties.assignment >= 0) if asked else ():
        kind = asked.get(book.assignments[duties.assignment[n]].post)
        if kind and not _holds(book.people[duties.person[n]], kind, date_of(duties.day[n])):
            yield from of_person(book, Rule.CERTIFICATE, np.asarray([n]), kind=kind, day=iso(duties.day[n]))


def travel(book: Book) -> Found:
    centres = {beat.code: beat.centres for beat in book.problem.beats}
    beats = {post.id: post.beat for post in book.problem.posts}
    people = {person.id: person for person in book.people}
    at_beat: defaultdict[BeatCode, list[Assignment]] = defaultdict(list)
    for assignment in book.assignments:
        if people[assignment.person].travel_km is not None:
            at_beat[beats[assignment.post]].append(assignment)
    for beat, assignments in at_beat.items():
        homes = [people[a.person].home for a in assignments]
        distances = nearest_km([home or Point(lat=90.0, lon=0.0) for home in homes], centres[beat])
        for assignment, home, distance in zip(assignments, homes, distances, strict=True):
            limit = people[assignment.person].travel_km
            if home is None or (limit is not None and distance > limit):
                known = None if home is None else float(distance)
                yield violation_of(Rule.TRAVEL, [assignment], km=known, limit=limit, beat=beat)


def not_alone(book: Book) -> Found:
    people = {person.id: person for person in book.people}
    posts = {post.id: post for post in book.problem.posts}
    together: defaultdict[tuple[PostId, ShiftId], list[Assignment]] = defaultdict(list)
    dark: dict[ShiftId, bool] = {}
    days: dict[ShiftId, int] = {}
    duties = book.duties
    for n in np.flatnonzero(duties.assignment >= 0):
        assignment = book.assignments[duties.assignment[n]]
        together[assignment.post, assignment.shift].append(assignment)
        dark[assignment.shift], days[assignment.shift] = bool(duties.night[n]), int(duties.day[n])
    for (post, shift), there in together.items():
        present = [people[i] for i in dict.fromkeys(a.person for a in there)]
        guards = [person for person in present if person.role is Role.GUARD]
        if len(present) == 1 and not (posts[post].solo and guards and not dark[shift]):
            yield violation_of(Rule.NOT_ALONE, there, people=1, reason="alone")
        elif dark[shift] and not any(certified_on(book.problem, guard, days[shift]) for guard in guards):
            yield violation_of(Rule.NOT_ALONE, there, people=len(present), reason="no_certified_guard")


def pinned(book: Book) -> Found:
    kept = set(book.assignments)
    for assignment in book.problem.pinned:
        if assignment not in kept:
            yield violation_of(Rule.PINNED, [assignment], post=assignment.post, shift=assignment.shift)


RULES: tuple[Callable[[Book], Found], ...] = (
    one_place, available, day_hours, week_hours, rest, run, nights, night_consent, certificate, travel,
    not_alone, pinned, *BY_CONTRACT,
)  # fmt: skip


def _sums(book: Book, first: Ints) -> Iterator[tuple[int, int, float]]:
    if not len(first):
        return
    duties = book.duties
    hours = np.add.reduceat(duties.end - duties.start, first) / HOUR
    ends = np.append(first[1:], len(duties.person))
    yield from zip(first.tolist(), ends.tolist(), hours.tolist(), strict=True)


def _streaks(person: Ints, day: Ints) -> Iterator[tuple[int, int]]:
    """Runs of rows of one person whose days follow one another without a gap."""
    if not len(person):
        return
    broken = (person[1:] != person[:-1]) | (day[1:] > day[:-1] + 1)
    first = np.append(0, np.flatnonzero(broken) + 1)
    yield from zip(first.tolist(), np.append(first[1:], len(person)).tolist(), strict=True)


def _inside(spans: Sequence[Span], start: int, end: int) -> bool:
    """Touching and overlapping spans count as one."""
    reached = start
    for span in sorted(spans, key=lambda s: s.start):
        if span.start <= reached < span.end:
            reached = span.end
    return reached >= end


def _holds(person: Person, kind: str, day: date) -> bool:
    return any(c.kind == kind and c.until >= day for c in person.certificates)


def _age(person: Person, day: date) -> int | None:
    if person.born is None:
        return None
    return day.year - person.born.year - ((day.month, day.day) < (person.born.month, person.born.day))


def _radians(points: Sequence[Point]) -> Floats:
    return np.radians(np.asarray([(p.lat, p.lon) for p in points], dtype=np.float64).reshape(-1, 2))


def nearest_km(homes: Sequence[Point], centres: Sequence[Point]) -> list[float]:
    """Great-circle kilometres from each home to its nearest centre, by the haversine formula."""
    here, there = _radians(homes)[:, None, :], _radians(centres)[None]
    half = np.sin((here - there) / 2) ** 2
    arc = half[..., 0] + np.cos(here[..., 0]) * np.cos(there[..., 0]) * half[..., 1]
    kilometres: list[float] = (2 * EARTH_KM * np.arcsin(np.sqrt(arc.min(axis=1)))).tolist()
    return kilometres


def certified_on(problem: Problem, person: Person, day: int) -> bool:
    """A guard whose guard certificate is valid on that day, counted from 1970."""
    return person.role is Role.GUARD and _holds(person, problem.guard_certificate, date_of(day))
