"""The part of a problem that a change touches, small enough to be judged in a millisecond by the checker.

A change touches some people and some places, a place being a post and a shift. What decides whether it is
legal, and what it is worth, is all duties of those people and everyone who stands at those places: this is
the narrowed problem. Others at the places are bystanders, shown with their duties there alone and never
judged.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence

import msgspec

from scheduler.check import Rule, Violation, check, not_alone
from scheduler.duties import open_book
from scheduler.problem import Assignment, PersonId, PostId, Problem, ShiftId
from scheduler.terms import terms

Place = tuple[PostId, ShiftId]


def place_of(assignment: Assignment) -> Place:
    return assignment.post, assignment.shift


def narrowed(
    problem: Problem,
    assignments: Iterable[Assignment],
    people: Collection[PersonId],
    places: Collection[Place],
) -> tuple[Problem, tuple[Assignment, ...]]:
    """The people and places with everything that bears on them; a `Register` does it again and again."""
    register = Register(problem, assignments)
    kept = register.around(people, places)
    return register.narrowed(people, places, kept), kept


def violations(
    problem: Problem,
    assignments: Iterable[Assignment],
    people: Collection[PersonId],
    places: Collection[Place],
) -> tuple[Violation, ...]:
    """Rules broken by these people or at these places, as `check` of the whole would find them."""
    part, kept = narrowed(problem, assignments, people, places)
    return tuple(v for v in check(part, kept) if concerns(v, people, places))


def concerns(violation: Violation, people: Collection[PersonId], places: Collection[Place]) -> bool:
    if violation.rule is Rule.NOT_ALONE:
        return any(place_of(a) in places for a in violation.assignments)
    return any(person in people for person in violation.people)


class Register:
    """A problem and a roster by id, kept up to date, from which parts are cut without reading the whole."""

    def __init__(self, problem: Problem, assignments: Iterable[Assignment]) -> None:
        self.problem = problem
        self.people = {p.id: p for p in problem.people}
        self.shifts = {s.id: s for s in problem.shifts}
        self.posts = {p.id: p for p in problem.posts}
        self.beats = {b.code: b for b in problem.beats}
        self._needs = {(n.post, n.shift): n for n in problem.needs}
        self._pinned, self._published = _by_person(problem.pinned), _by_person(problem.published)
        self.of: defaultdict[PersonId, list[Assignment]] = _by_person(assignments)
        self.at: defaultdict[Place, list[Assignment]] = defaultdict(list)
        for mine in self.of.values():
            for assignment in mine:
                self.at[place_of(assignment)].append(assignment)

    def assignments(self) -> tuple[Assignment, ...]:
        return tuple(sorted(a for mine in self.of.values() for a in mine))

    def change(self, gone: Iterable[Assignment], come: Iterable[Assignment]) -> None:
        for assignment in gone:
            self.of[assignment.person].remove(assignment)
            self.at[place_of(assignment)].remove(assignment)
        for assignment in come:
            self.of[assignment.person].append(assignment)
            self.at[place_of(assignment)].append(assignment)

    def around(self, people: Collection[PersonId], places: Collection[Place]) -> tuple[Assignment, ...]:
        """All duties of the people, and whoever else stands at the places."""
        mine = [a for person in people for a in self.of.get(person, ())]
        return (*mine, *(a for p in places for a in self.at.get(p, ()) if a.person not in people))

    def narrowed(
        self, people: Collection[PersonId], places: Collection[Place], kept: Sequence[Assignment]
    ) -> Problem:
        """With everything else left out; `kept` names whatever assignments are to be judged within it."""
        used = {*places, *map(place_of, kept)}
        posts = [self.posts[post] for post in sorted({post for post, _ in used})]
        everyone = sorted({*people, *(a.person for a in kept)})
        return msgspec.structs.replace(
            self.problem,
            people=tuple(self.people[person] for person in everyone),
            shifts=tuple(self.shifts[shift] for shift in sorted({shift for _, shift in used})),
            beats=tuple(self.beats[code] for code in sorted({post.beat for post in posts})),
            posts=tuple(posts),
            needs=tuple(self._needs[place] for place in sorted(used) if place in self._needs),
            pinned=tuple(a for person in people for a in self._pinned.get(person, ())),
            published=tuple(a for person in everyone for a in self._published.get(person, ())),
        )

    def judge(
        self, gone: Collection[Assignment], come: Collection[Assignment]
    ) -> tuple[tuple[Violation, ...], dict[str, float]]:
        """What the change breaks, as the checker has it, and the change in every term of the objective."""
        changed = (*gone, *come)
        people, places = {a.person for a in changed}, {place_of(a) for a in changed}
        before = self.around(people, places)
        after = (*(a for a in before if a not in gone), *come)
        part = self.narrowed(people, places, (*before, *come))
        was, now = terms(part, before), terms(part, after)
        return self._broken(part, people, places, after), {name: now[name] - was[name] for name in now}

    def _broken(
        self,
        part: Problem,
        people: Collection[PersonId],
        places: Collection[Place],
        after: Collection[Assignment],
    ) -> tuple[Violation, ...]:
        """The people by every rule, the places by company alone: bystanders needn't be gone through."""
        mine = tuple(a for a in after if a.person in people)
        there = tuple(a for a in after if place_of(a) in places)
        alone = not_alone(open_book(part, there))
        own = check(self.narrowed(people, (), mine), mine)
        return (*(v for v in own if v.rule is not Rule.NOT_ALONE), *alone)


def _by_person(assignments: Iterable[Assignment]) -> defaultdict[PersonId, list[Assignment]]:
    found: defaultdict[PersonId, list[Assignment]] = defaultdict(list)
    for assignment in assignments:
        found[assignment.person].append(assignment)
    return found
