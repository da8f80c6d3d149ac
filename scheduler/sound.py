"""Whether a problem is sound: every flaw by path, value and remedy, and what its pins contradict."""

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from zoneinfo import ZoneInfo

from scheduler.check import Rule, Violation, check
from scheduler.flaw import Flaw as Flaw
from scheduler.flaw import Flaws, flaw_of, limits_of, point_of, span_of
from scheduler.problem import Limits, Need, Person, Problem, Span
from scheduler.sound_contracts import clauses

LONGEST_SHIFT = 24 * 3_600_000
NO_LIMITS = Limits()


class Unsound(Exception):
    """The problem contradicts itself; every flaw is listed."""

    def __init__(self, found: Sequence[Flaw]) -> None:
        super().__init__("; ".join(f"{f.path} = {f.value}: {f.remedy}" for f in found[:20]))
        self.flaws = tuple(found)


def flaws(problem: Problem) -> tuple[Flaw, ...]:
    """All of them together; pins are judged only once everything else is right."""
    found = [flaw for part in PARTS for flaw in part(problem)]
    return tuple(found) or tuple(_contradictions(problem))


def must_be_sound(problem: Problem) -> None:
    if found := flaws(problem):
        raise Unsound(found)


def _frame(problem: Problem) -> Flaws:
    try:
        ZoneInfo(problem.zone)
    except (KeyError, ValueError, OSError):
        yield flaw_of("zone", problem.zone, "name an IANA time zone such as Asia/Shanghai")
    yield from span_of("horizon", problem.horizon)
    for name in problem.weights.__struct_fields__:
        weight = getattr(problem.weights, name)
        if not (math.isfinite(weight) and weight >= 0):
            yield flaw_of(f"weights.{name}", weight, "give a finite number ≥ 0")
    yield from limits_of("limits", problem.limits)
    for n, organisation in enumerate(problem.organisations):
        yield from limits_of(f"organisations[{n}].limits", organisation.limits)


def _identities(problem: Problem) -> Flaws:
    lists: dict[str, Iterable[object]] = {
        "organisations": (o.id for o in problem.organisations),
        "people": (p.id for p in problem.people),
        "shifts": (s.id for s in problem.shifts),
        "beats": (b.code for b in problem.beats),
        "posts": (p.id for p in problem.posts),
        "needs": ((n.post, n.shift) for n in problem.needs),
        "kinds": problem.kinds,
        "contracts": (c.code for c in problem.contracts),
        "pinned": ((a.person, a.post, a.shift) for a in problem.pinned),
    }
    for name, ids in lists.items():
        seen: set[object] = set()
        for n, key in enumerate(ids):
            if key in seen:
                yield flaw_of(f"{name}[{n}]", key, "name each only once")
            seen.add(key)


def _people(problem: Problem) -> Flaws:
    organisations = {o.id for o in problem.organisations}
    shifts = {s.id for s in problem.shifts}
    for n, person in enumerate(problem.people):
        path = f"people[{n}]"
        if person.organisation not in organisations:
            yield flaw_of(f"{path}.organisation", person.organisation, "name an organisation of the problem")
        if person.travel_km is not None:
            yield from _journey(path, person)
        if person.home is not None:
            yield from point_of(f"{path}.home", person.home)
        yield from _spans(path, person)
        if person.limits != NO_LIMITS:
            yield from limits_of(f"{path}.limits", person.limits)
        if person.target_hours is not None and not 0 <= person.target_hours < math.inf:
            yield flaw_of(f"{path}.target_hours", person.target_hours, "give hours ≥ 0 or null")
        for k, wish in enumerate(person.wishes):
            if wish.shift not in shifts:
                yield flaw_of(f"{path}.wishes[{k}].shift", wish.shift, "name a shift of the problem")
            if not math.isfinite(wish.weight):
                yield flaw_of(f"{path}.wishes[{k}].weight", wish.weight, "give a finite number")


def _spans(path: str, person: Person) -> Flaws:
    for name in ("availability", "leave", "history"):
        for k, span in enumerate(getattr(person, name)):
            if span.start >= span.end:
                yield from span_of(f"{path}.{name}[{k}]", span)


def _journey(path: str, person: Person) -> Flaws:
    if person.home is None:
        yield flaw_of(f"{path}.home", None, "give the home cell's centre, or set travel_km to null")
    if not (person.travel_km is None or 0 <= person.travel_km < math.inf):
        yield flaw_of(f"{path}.travel_km", person.travel_km, "give kilometres ≥ 0 or null")


def _places(problem: Problem) -> Flaws:
    for n, shift in enumerate(problem.shifts):
        yield from span_of(f"shifts[{n}]", Span(start=shift.start, end=shift.end))
        if shift.end - shift.start > LONGEST_SHIFT:
            yield flaw_of(f"shifts[{n}].end", shift.end, "split a shift longer than 24 h")
        if not problem.horizon.start <= shift.start < problem.horizon.end:
            yield flaw_of(f"shifts[{n}].start", shift.start, "let every shift start within the horizon")
    for n, beat in enumerate(problem.beats):
        if not beat.centres:
            yield flaw_of(f"beats[{n}].centres", "[]", "give the centre of at least one planning cell")
        for k, point in enumerate(beat.centres):
            yield from point_of(f"beats[{n}].centres[{k}]", point)
    beats = {beat.code for beat in problem.beats}
    for n, post in enumerate(problem.posts):
        if post.beat not in beats:
            yield flaw_of(f"posts[{n}].beat", post.beat, "name a beat of the problem")
        if post.unit < 1:
            yield flaw_of(f"posts[{n}].unit", post.unit, "give at least 1 person")


def _needs(problem: Problem) -> Flaws:
    posts, shifts = {post.id for post in problem.posts}, {shift.id for shift in problem.shifts}
    for n, need in enumerate(problem.needs):
        if need.post not in posts:
            yield flaw_of(f"needs[{n}].post", need.post, "name a post of the problem")
        if need.shift not in shifts:
            yield flaw_of(f"needs[{n}].shift", need.shift, "name a shift of the problem")
        yield from _counts(f"needs[{n}]", need)
    people, needs = {p.id for p in problem.people}, {(n.post, n.shift) for n in problem.needs}
    for n, pin in enumerate(problem.pinned):
        if pin.person not in people:
            yield flaw_of(f"pinned[{n}].person", pin.person, "name a person of the problem")
        if (pin.post, pin.shift) not in needs:
            yield flaw_of(f"pinned[{n}]", (pin.post, pin.shift), "pin to a post and shift listed in needs")


def _counts(path: str, need: Need) -> Flaws:
    for name, count in (("minimum", need.minimum), ("desired", need.desired), ("certified", need.certified)):
        if count < 0:
            yield flaw_of(f"{path}.{name}", count, "give a count ≥ 0")
    for name in ("unmet", "under", "over"):
        weight = getattr(need, name)
        if weight is not None and not 0 <= weight < math.inf:
            yield flaw_of(f"{path}.{name}", weight, "give a finite number ≥ 0, or null")
    if need.desired and need.desired < need.minimum:
        yield flaw_of(f"{path}.desired", need.desired, f"desire at least the minimum of {need.minimum}, or 0")
    falling = all(a >= b for a, b in zip(need.worth, need.worth[1:], strict=False))
    if not falling or not all(0 <= w < math.inf for w in need.worth):
        yield flaw_of(f"{path}.worth", list(need.worth), "give finite numbers ≥ 0 that never rise")


PARTS: tuple[Callable[[Problem], Flaws], ...] = (_frame, _identities, _people, _places, _needs, clauses)


def _contradictions(problem: Problem) -> Iterator[Flaw]:
    """Rules that the pinned assignments break by themselves; company is still to be found for the lone."""
    where = {pin: n for n, pin in enumerate(problem.pinned)}
    for violation in check(problem, problem.pinned):
        if violation.rule is not Rule.NOT_ALONE:
            path = ", ".join(f"pinned[{where[a]}]" for a in violation.assignments)
            yield flaw_of(path, violation.rule.value, f"unpin or change it: {_told(violation)}")


def _told(violation: Violation) -> str:
    return ", ".join(f"{name} {value}" for name, value in violation.explanation.items())
