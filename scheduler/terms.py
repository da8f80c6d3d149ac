"""The soft goals of some assignments, each weighted, reckoned from the problem and not from the search."""

from collections import Counter, defaultdict
from collections.abc import Sequence

import numpy as np

from scheduler.check import certified_on, nearest_km
from scheduler.duties import HOUR, Book, open_book
from scheduler.problem import Assignment, Need, Person, Problem, Shift, TimeWish
from scheduler.terms_contracts import contract_terms

NAMES = (
    "staffing", "unmet", "certified", "under", "over", "travel", "hours", "nights", "weekends",
    "wish", "team", "stability", "together", "apart", "least", "working", "off",
)  # fmt: skip


def terms(problem: Problem, assignments: Sequence[Assignment]) -> dict[str, float]:
    """Each already times its weight; their sum is the objective, more is better."""
    return terms_of(open_book(problem, assignments))


def terms_of(book: Book) -> dict[str, float]:
    """The same of a book that is open."""
    found = {**_places(book), **_sums(book), **_single(book), **_bonds(book), **contract_terms(book)}
    weights = book.problem.weights
    weighed = {"unmet", "under", "over"}
    return {name: float(found[name] * (1.0 if name in weighed else getattr(weights, name))) for name in NAMES}


def _places(book: Book) -> dict[str, float]:
    people = {person.id: person for person in book.people}
    units = {post.id: post.unit for post in book.problem.posts}
    count: Counter[tuple[int, int]] = Counter()
    papers: Counter[tuple[int, int]] = Counter()
    for n in np.flatnonzero(book.duties.assignment >= 0):
        assignment = book.assignments[book.duties.assignment[n]]
        count[assignment.post, assignment.shift] += 1
        if certified_on(book.problem, people[assignment.person], int(book.duties.day[n])):
            papers[assignment.post, assignment.shift] += 1
    weights = book.problem.weights
    found = dict.fromkeys(("staffing", "unmet", "certified", "under", "over"), 0.0)
    for need in book.problem.needs:
        there = count[need.post, need.shift]
        found["staffing"] += worth(need, units[need.post], there)
        found["unmet"] -= max(0, need.minimum - there) * own(need.unmet, weights.unmet)
        found["certified"] -= max(0, need.certified - papers[need.post, need.shift])
        if need.desired:
            found["under"] -= max(0, need.desired - there) * own(need.under, weights.under)
            found["over"] -= max(0, there - need.desired) * own(need.over, weights.over)
    return found


def own(weight: float | None, usual: float) -> float:
    return usual if weight is None else weight


def worth(need: Need, unit: int, people: int) -> float:
    """The full units, and the next one by the share of it that is there."""
    full, rest = divmod(people, unit)
    return sum(need.worth[:full]) + (need.worth[full] * rest / unit if full < len(need.worth) else 0.0)


def _sums(book: Book) -> dict[str, float]:
    """Deviation from target hours, for all people; nights and weekends beyond what history brought along."""
    duties, rows = book.duties, len(book.people)
    mine = duties.assignment >= 0
    hours = np.bincount(duties.person[mine], (duties.end - duties.start)[mine] / HOUR, rows)
    served = {person.id: float(h) for person, h in zip(book.people, hours, strict=True)}
    found = {"hours": -sum(_deviation(person, served.get(person.id, 0.0)) for person in book.problem.people)}
    for name, flag in (("nights", duties.night), ("weekends", (duties.day + 3) % 7 >= 5)):
        before = np.bincount(duties.person[flag & ~mine], minlength=rows)
        after = before + np.bincount(duties.person[flag & mine], minlength=rows)
        found[name] = -float((after**2 - before**2).sum())
    return found


def _deviation(person: Person, hours: float) -> float:
    return 0.0 if person.target_hours is None else ((hours - person.target_hours) / 8) ** 2


def _single(book: Book) -> dict[str, float]:
    """What belongs to one assignment alone."""
    people, problem = {person.id: person for person in book.people}, book.problem
    beat = {post.id: post.beat for post in problem.posts}
    centres = {b.code: b.centres for b in problem.beats}
    homes = defaultdict(list)
    for assignment in book.assignments:
        if (home := people[assignment.person].home) is not None:
            homes[beat[assignment.post]].append(home)
    wishes = {(p.id, wish.shift): 0.0 for p in book.people for wish in p.wishes}
    for person in book.people:
        for wish in person.wishes:
            wishes[person.id, wish.shift] += wish.weight
    timed = {p.id: p.time_wishes for p in book.people if p.time_wishes}
    shifts = {shift.id: shift for shift in problem.shifts}
    published = set(problem.published)
    return {
        "travel": -sum(sum(nearest_km(there, centres[code])) for code, there in homes.items()),
        "wish": sum(wishes.get((a.person, a.shift), 0.0) for a in book.assignments)
        + sum(_timed(timed[a.person], shifts[a.shift]) for a in book.assignments if a.person in timed),
        "team": float(sum(beat[a.post] in people[a.person].beats for a in book.assignments)),
        "stability": float(sum(a in published for a in book.assignments)),
    }


def _timed(wishes: Sequence[TimeWish], shift: Shift) -> float:
    return sum(w.weight for w in wishes if w.span.start < shift.end and shift.start < w.span.end)


def _bonds(book: Book) -> dict[str, float]:
    """At each post and shift, those of a pair or unit who are there beyond the first."""
    found = {"together": 0.0, "apart": 0.0}
    served: defaultdict[int, set[tuple[int, int]]] = defaultdict(set)
    for assignment in book.assignments:
        served[assignment.person].add((assignment.post, assignment.shift))
    for bond in book.problem.bonds:
        there = Counter(place for person in bond.people for place in served.get(person, ()))
        beyond = sum(many - 1 for many in there.values())
        found["together" if bond.weight > 0 else "apart"] += bond.weight * beyond
    return found
