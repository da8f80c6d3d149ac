"""What a change is worth: its difference in every term, the rules it breaks, what it leaves short. Pure."""

from collections.abc import Collection, Iterable, Sequence

import msgspec

from scheduler.check import Violation, broken, certified_on
from scheduler.duties import Book, open_book
from scheduler.problem import Assignment, PostId, Problem, ShiftId
from scheduler.terms import terms_of

Spot = tuple[PostId, ShiftId]


class Short(msgspec.Struct, frozen=True, kw_only=True):
    """How many are missing from a need before and after; `kind`: `minimum` or `certified`."""

    post: PostId
    shift: ShiftId
    kind: str
    before: int
    after: int


class Scored(msgspec.Struct, frozen=True, kw_only=True):
    """`change` by term; `broken` are the violations that the change brings, `mended` those it ends.

    `violations` is by how many there are more.
    """

    change: dict[str, float]
    violations: int
    broken: tuple[Violation, ...]
    mended: tuple[Violation, ...]
    short: tuple[Short, ...]

    @property
    def value(self) -> float:
        """By how much the objective rises."""
        return sum(self.change.values())


def score(
    problem: Problem,
    before: Sequence[Assignment],
    after: Sequence[Assignment],
    *,
    then: Problem | None = None,
) -> Scored:
    """`then` is the problem as it is after the change, where it differs: other pins."""
    first, second = open_book(problem, before), open_book(then or problem, after)
    earlier, later = broken(first), broken(second)
    old, new = terms_of(first), terms_of(second)
    spots = sorted({(one.post, one.shift) for one in set(before) ^ set(after)})
    return Scored(
        change={name: new[name] - old[name] for name in new},
        violations=len(later) - len(earlier),
        broken=tuple(beyond(later, earlier)),
        mended=tuple(beyond(earlier, later)),
        short=tuple(_shorts(first, second, spots)),
    )


def changed(
    before: Sequence[Assignment], *, drop: Collection[Assignment], add: Iterable[Assignment]
) -> tuple[Assignment, ...]:
    return (*(one for one in before if one not in drop), *add)


def beyond(found: Sequence[Violation], known: Sequence[Violation]) -> Iterable[Violation]:
    """Those that are no more than what is left of a known one."""
    for one in found:
        left = (
            set(one.assignments) <= set(other.assignments)
            for other in known
            if other.rule is one.rule and other.people == one.people
        )
        if one not in known and not any(left):
            yield one


def _shorts(first: Book, second: Book, spots: Iterable[Spot]) -> Iterable[Short]:
    needs = {(need.post, need.shift): need for need in first.problem.needs}
    counts = [_counts(book) for book in (first, second)]
    for spot in spots:
        need = needs.get(spot)
        if need is None:
            continue
        for kind, wanted in (("minimum", need.minimum), ("certified", need.certified)):
            was, now = (max(0, wanted - count.get((*spot, kind), 0)) for count in counts)
            if was != now:
                yield Short(post=spot[0], shift=spot[1], kind=kind, before=was, after=now)


def _counts(book: Book) -> dict[tuple[PostId, ShiftId, str], int]:
    found = dict[tuple[PostId, ShiftId, str], int]()
    people = {person.id: person for person in book.people}
    for day, n in zip(book.duties.day.tolist(), book.duties.assignment.tolist(), strict=True):
        if n < 0:
            continue
        one = book.assignments[n]
        for kind in ("minimum", "certified"):
            if kind == "minimum" or certified_on(book.problem, people[one.person], day):
                key = (one.post, one.shift, kind)
                found[key] = found.get(key, 0) + 1
    return found
