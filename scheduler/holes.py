"""What a hole in a roster is, and what a repair of it: the words of asking and answering."""

import enum
from collections import Counter
from collections.abc import Iterable, Sequence

import msgspec

from scheduler.narrow import Place, place_of
from scheduler.problem import Assignment, Need, Person, PersonId, PostId, Problem, ShiftId, Span


class Absence(msgspec.Struct, frozen=True, kw_only=True, tag="absence"):
    """Someone who can't serve in the span, be it illness, leave or a no-show: what was theirs falls away."""

    person: PersonId
    span: Span


class Opening(msgspec.Struct, frozen=True, kw_only=True, tag="opening"):
    """So many are looked for at a post and shift, of them so many certified; the need stays as it is."""

    post: PostId
    shift: ShiftId
    people: int = 1
    certified: int = 0


class Extra(msgspec.Struct, frozen=True, kw_only=True, tag="extra"):
    """A need grows by so many people, of them so many certified guards, or comes into being."""

    post: PostId
    shift: ShiftId
    people: int
    certified: int = 0


Hole = Absence | Opening | Extra


class Opened(msgspec.Struct, frozen=True, kw_only=True):
    """The problem with its holes in it: absence as leave, extra as need; the assignments still there, those
    fallen away, and the places short of people, each once."""

    problem: Problem
    assignments: tuple[Assignment, ...]
    fallen: tuple[Assignment, ...]
    openings: tuple[Opening, ...]


class Kind(enum.Enum):
    """One free comes; one comes from elsewhere; and another takes that one's place; or who would be alone
    there leaves too; two come together; or those left alone at the hole go home or elsewhere."""

    FILL = "fill"
    MOVE = "move"
    REFILL = "refill"
    RELEASE = "release"
    PAIR = "pair"
    STAND_DOWN = "stand_down"


class Move(msgspec.Struct, frozen=True, kw_only=True):
    """One person from a post and shift, or from nothing, to a post and shift, or home."""

    person: PersonId
    source: Place | None
    target: Place | None


class Repair(msgspec.Struct, frozen=True, kw_only=True):
    """`by_term` is the change in every term of the objective against leaving the hole as it is; `preference`
    is for those on standby; `value` is all of it. `touched` is everyone but the absent."""

    kind: Kind
    moves: tuple[Move, ...]
    by_term: dict[str, float]
    preference: float
    value: float
    touched: tuple[PersonId, ...]
    standby: bool


class Standby(msgspec.Struct, frozen=True, kw_only=True):
    """Who is on call in which shift, and how much it is preferred that they are the ones to come."""

    people: frozenset[tuple[PersonId, ShiftId]]
    worth: float = 1.0


def changes(repair: Repair) -> tuple[list[Assignment], list[Assignment]]:
    """The assignments that go and those that come."""
    moves = repair.moves
    gone = [Assignment(person=m.person, post=m.source[0], shift=m.source[1]) for m in moves if m.source]
    come = [Assignment(person=m.person, post=m.target[0], shift=m.target[1]) for m in moves if m.target]
    return gone, come


def open_up(problem: Problem, assignments: Sequence[Assignment], holes: Iterable[Hole]) -> Opened:
    """Holes at one place are one opening; openings stand in order of shift and post."""
    holes = tuple(holes)
    _known(problem, holes)
    away = _away(holes)
    shifts = {s.id: Span(start=s.start, end=s.end) for s in problem.shifts}
    fallen = tuple(a for a in assignments if _touches(shifts[a.shift], away.get(a.person, ())))
    people: Counter[Place] = Counter(map(place_of, fallen))
    papers: Counter[Place] = Counter()
    for hole in holes:
        if not isinstance(hole, Absence):
            people[hole.post, hole.shift] += hole.people
            papers[hole.post, hole.shift] += hole.certified
    gone = set(fallen)
    kept = tuple(a for a in assignments if a not in gone)
    return Opened(
        problem=msgspec.structs.replace(
            problem,
            people=tuple(_on_leave(p, away.get(p.id, ())) for p in problem.people),
            needs=_needs(problem, kept, holes, people),
            pinned=tuple(a for a in problem.pinned if a not in gone),
        ),
        assignments=kept,
        fallen=fallen,
        openings=tuple(
            Opening(post=place[0], shift=place[1], people=people[place], certified=papers[place])
            for place in sorted(people, key=lambda p: (p[1], p[0]))
        ),
    )


def _known(problem: Problem, holes: Iterable[Hole]) -> None:
    people, posts = {p.id for p in problem.people}, {p.id for p in problem.posts}
    shifts = {s.id for s in problem.shifts}
    for hole in holes:
        if isinstance(hole, Absence):
            if hole.person not in people:
                raise ValueError(f"person {hole.person}: name a person of the problem")
        elif hole.post not in posts or hole.shift not in shifts:
            raise ValueError(f"post {hole.post}, shift {hole.shift}: name a post and a shift of the problem")


def _away(holes: Iterable[Hole]) -> dict[PersonId, tuple[Span, ...]]:
    away: dict[PersonId, tuple[Span, ...]] = {}
    for hole in holes:
        if isinstance(hole, Absence):
            away[hole.person] = (*away.get(hole.person, ()), hole.span)
    return away


def _touches(shift: Span, spans: Iterable[Span]) -> bool:
    return any(span.start < shift.end and shift.start < span.end for span in spans)


def _on_leave(person: Person, spans: tuple[Span, ...]) -> Person:
    return msgspec.structs.replace(person, leave=(*person.leave, *spans)) if spans else person


def _needs(
    problem: Problem, kept: Iterable[Assignment], holes: Iterable[Hole], wanted: Iterable[Place]
) -> tuple[Need, ...]:
    """Grown by the extras, and one that asks for nothing wherever somebody stands or is wanted without."""
    needs = {(n.post, n.shift): n for n in problem.needs}
    for post, shift in (*map(place_of, kept), *wanted):
        needs.setdefault((post, shift), Need(post=post, shift=shift))
    for hole in holes:
        if isinstance(hole, Extra):
            old = needs[hole.post, hole.shift]
            needs[hole.post, hole.shift] = msgspec.structs.replace(
                old,
                minimum=old.minimum + hole.people,
                desired=max(old.desired, old.minimum) + hole.people if old.desired else 0,
                certified=old.certified + hole.certified,
            )
    return tuple(needs.values())
