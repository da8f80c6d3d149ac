"""Whether a problem is sound: every flaw by path, value and remedy, and what its pins contradict."""

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from zoneinfo import ZoneInfo

import msgspec

from scheduler.check import Rule, Violation, check
from scheduler.problem import Limits, Need, Person, Point, Problem, Span

LONGEST_SHIFT = 24 * 3_600_000
NO_LIMITS = Limits()
WIDEST = Limits(day_hours=12, week_hours=80, overtime_hours=36, rest_hours=11, run_days=6, nights=3)


class Flaw(msgspec.Struct, frozen=True, kw_only=True):
    """`path` as in the JSON form, such as people[17].leave[0]; `remedy` says what would be right."""

    path: str
    value: str
    remedy: str


class Unsound(Exception):
    """The problem contradicts itself; every flaw is listed."""

    def __init__(self, found: Sequence[Flaw]) -> None:
        super().__init__("; ".join(f"{f.path} = {f.value}: {f.remedy}" for f in found[:20]))
        self.flaws = tuple(found)


Flaws = Iterator[Flaw]


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
        yield _flaw("zone", problem.zone, "name an IANA time zone such as Asia/Shanghai")
    yield from _span("horizon", problem.horizon)
    for name in problem.weights.__struct_fields__:
        weight = getattr(problem.weights, name)
        if not (math.isfinite(weight) and weight >= 0):
            yield _flaw(f"weights.{name}", weight, "give a finite number ≥ 0")
    yield from _limits("limits", problem.limits)
    for n, organisation in enumerate(problem.organisations):
        yield from _limits(f"organisations[{n}].limits", organisation.limits)


def _identities(problem: Problem) -> Flaws:
    lists: dict[str, Iterable[object]] = {
        "organisations": (o.id for o in problem.organisations),
        "people": (p.id for p in problem.people),
        "shifts": (s.id for s in problem.shifts),
        "beats": (b.code for b in problem.beats),
        "posts": (p.id for p in problem.posts),
        "needs": ((n.post, n.shift) for n in problem.needs),
        "pinned": ((a.person, a.post, a.shift) for a in problem.pinned),
    }
    for name, ids in lists.items():
        seen: set[object] = set()
        for n, key in enumerate(ids):
            if key in seen:
                yield _flaw(f"{name}[{n}]", key, "name each only once")
            seen.add(key)


def _people(problem: Problem) -> Flaws:
    organisations = {o.id for o in problem.organisations}
    shifts = {s.id for s in problem.shifts}
    for n, person in enumerate(problem.people):
        path = f"people[{n}]"
        if person.organisation not in organisations:
            yield _flaw(f"{path}.organisation", person.organisation, "name an organisation of the problem")
        if person.travel_km is not None:
            yield from _journey(path, person)
        if person.home is not None:
            yield from _point(f"{path}.home", person.home)
        yield from _spans(path, person)
        if person.limits != NO_LIMITS:
            yield from _limits(f"{path}.limits", person.limits)
        if person.target_hours is not None and not 0 <= person.target_hours < math.inf:
            yield _flaw(f"{path}.target_hours", person.target_hours, "give hours ≥ 0 or null")
        for k, wish in enumerate(person.wishes):
            if wish.shift not in shifts:
                yield _flaw(f"{path}.wishes[{k}].shift", wish.shift, "name a shift of the problem")
            if not math.isfinite(wish.weight):
                yield _flaw(f"{path}.wishes[{k}].weight", wish.weight, "give a finite number")


def _spans(path: str, person: Person) -> Flaws:
    for name in ("availability", "leave", "history"):
        for k, span in enumerate(getattr(person, name)):
            if span.start >= span.end:
                yield from _span(f"{path}.{name}[{k}]", span)


def _journey(path: str, person: Person) -> Flaws:
    if person.home is None:
        yield _flaw(f"{path}.home", None, "give the home cell's centre, or set travel_km to null")
    if not (person.travel_km is None or 0 <= person.travel_km < math.inf):
        yield _flaw(f"{path}.travel_km", person.travel_km, "give kilometres ≥ 0 or null")


def _places(problem: Problem) -> Flaws:
    for n, shift in enumerate(problem.shifts):
        yield from _span(f"shifts[{n}]", Span(start=shift.start, end=shift.end))
        if shift.end - shift.start > LONGEST_SHIFT:
            yield _flaw(f"shifts[{n}].end", shift.end, "split a shift longer than 24 h")
        if not problem.horizon.start <= shift.start < problem.horizon.end:
            yield _flaw(f"shifts[{n}].start", shift.start, "let every shift start within the horizon")
    for n, beat in enumerate(problem.beats):
        if not beat.centres:
            yield _flaw(f"beats[{n}].centres", "[]", "give the centre of at least one planning cell")
        for k, point in enumerate(beat.centres):
            yield from _point(f"beats[{n}].centres[{k}]", point)
    beats = {beat.code for beat in problem.beats}
    for n, post in enumerate(problem.posts):
        if post.beat not in beats:
            yield _flaw(f"posts[{n}].beat", post.beat, "name a beat of the problem")
        if post.unit < 1:
            yield _flaw(f"posts[{n}].unit", post.unit, "give at least 1 person")


def _needs(problem: Problem) -> Flaws:
    posts, shifts = {post.id for post in problem.posts}, {shift.id for shift in problem.shifts}
    for n, need in enumerate(problem.needs):
        if need.post not in posts:
            yield _flaw(f"needs[{n}].post", need.post, "name a post of the problem")
        if need.shift not in shifts:
            yield _flaw(f"needs[{n}].shift", need.shift, "name a shift of the problem")
        yield from _counts(f"needs[{n}]", need)
    people, needs = {p.id for p in problem.people}, {(n.post, n.shift) for n in problem.needs}
    for n, pin in enumerate(problem.pinned):
        if pin.person not in people:
            yield _flaw(f"pinned[{n}].person", pin.person, "name a person of the problem")
        if (pin.post, pin.shift) not in needs:
            yield _flaw(f"pinned[{n}]", (pin.post, pin.shift), "pin to a post and shift listed in needs")


def _counts(path: str, need: Need) -> Flaws:
    for name, count in (("minimum", need.minimum), ("desired", need.desired), ("certified", need.certified)):
        if count < 0:
            yield _flaw(f"{path}.{name}", count, "give a count ≥ 0")
    if need.desired and need.desired < need.minimum:
        yield _flaw(f"{path}.desired", need.desired, f"desire at least the minimum of {need.minimum}, or 0")
    falling = all(a >= b for a, b in zip(need.worth, need.worth[1:], strict=False))
    if not falling or not all(0 <= w < math.inf for w in need.worth):
        yield _flaw(f"{path}.worth", list(need.worth), "give finite numbers ≥ 0 that never rise")


PARTS: tuple[Callable[[Problem], Flaws], ...] = (_frame, _identities, _people, _places, _needs)


def _contradictions(problem: Problem) -> Iterator[Flaw]:
    """Rules that the pinned assignments break by themselves; company is still to be found for the lone."""
    where = {pin: n for n, pin in enumerate(problem.pinned)}
    for violation in check(problem, problem.pinned):
        if violation.rule is not Rule.NOT_ALONE:
            path = ", ".join(f"pinned[{where[a]}]" for a in violation.assignments)
            yield _flaw(path, violation.rule.value, f"unpin or change it: {_told(violation)}")


def _told(violation: Violation) -> str:
    return ", ".join(f"{name} {value}" for name, value in violation.explanation.items())


def _limits(path: str, limits: Limits) -> Flaws:
    """Only tighter than the table: rest longer, everything else shorter."""
    for name in Limits.__struct_fields__:
        value, widest = getattr(limits, name), getattr(WIDEST, name)
        if value is None:
            continue
        if name == "rest_hours" and not widest <= value < math.inf:
            yield _flaw(f"{path}.{name}", value, f"give at least {widest} h, or null")
        elif name != "rest_hours" and not 0 <= value <= widest:
            yield _flaw(f"{path}.{name}", value, f"give 0 to {widest}, or null")


def _span(path: str, span: Span) -> Flaws:
    if span.start >= span.end:
        yield _flaw(path, [span.start, span.end], "let the start lie before the end")


def _point(path: str, point: Point) -> Flaws:
    if not (-90 <= point.lat <= 90 and -180 <= point.lon <= 180):
        yield _flaw(path, [point.lat, point.lon], "give WGS-84 degrees [lat, lon]")


def _flaw(path: str, value: object, remedy: str) -> Flaw:
    return Flaw(path=path, value=str(value), remedy=remedy)
