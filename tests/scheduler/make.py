"""Small problems in Zengcheng's time: one beat, posts as asked, shifts by day and hour."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import msgspec

from scheduler.problem import (
    Assignment,
    Beat,
    BeatCode,
    Certificate,
    Limits,
    Need,
    Organisation,
    OrganisationId,
    Person,
    PersonId,
    Point,
    Post,
    PostId,
    Problem,
    Role,
    Shift,
    ShiftId,
    Span,
)

HOUR = 3_600_000
MONDAY = 1_780_243_200_000
HOME = Point(lat=23.29, lon=113.81)
ALWAYS = Span(start=MONDAY - 60 * 24 * HOUR, end=MONDAY + 60 * 24 * HOUR)
PAPER = Certificate(kind="guard", until=date(2030, 1, 1))


def at(day: int, hour: float) -> int:
    """Local time, from Monday 1 June 2026, Asia/Shanghai."""
    return MONDAY + round((24 * day + hour) * HOUR)


def span(day: int, start: float, end: float) -> Span:
    return Span(start=at(day, start), end=at(day, end if end > start else end + 24))


def guard(number: int = 1, **changes: Any) -> Person:
    return person(number, **{"role": Role.GUARD, "certificates": (PAPER,), **changes})


def volunteer(number: int = 1, **changes: Any) -> Person:
    return person(number, role=Role.VOLUNTEER, **changes)


def person(number: int, **changes: Any) -> Person:
    usual: dict[str, Any] = {
        "id": PersonId(number),
        "organisation": OrganisationId(1),
        "born": date(1990, 6, 15),
        "night_consent": True,
        "availability": (ALWAYS,),
        "home": HOME,
        "travel_km": 5.0,
    }
    return Person(**{**usual, **changes})


def problem(
    people: Sequence[Person],
    duties: Sequence[tuple[int, float, float]],
    *,
    posts: Sequence[Post] = (Post(id=PostId(1), beat=BeatCode("b1"), solo=True),),
    **changes: Any,
) -> Problem:
    """`duties` are day, start and end hour; shift n is the n-th of them, counted from 1."""
    spans = [span(*duty) for duty in duties]
    shifts = tuple(Shift(id=ShiftId(n + 1), start=s.start, end=s.end) for n, s in enumerate(spans))
    needs = tuple(Need(post=p.id, shift=s.id, worth=(2.0, 1.0)) for p in posts for s in shifts)
    usual: dict[str, Any] = {
        "zone": "Asia/Shanghai",
        "horizon": Span(start=at(-1, 0), end=at(28, 0)),
        "organisations": (Organisation(id=OrganisationId(1)),),
        "people": tuple(people),
        "shifts": shifts,
        "beats": (Beat(code=BeatCode("b1"), centres=(HOME,)),),
        "posts": tuple(posts),
        "needs": needs,
    }
    return Problem(**{**usual, **changes})


def put(number: int, *shifts: int, post: int = 1) -> list[Assignment]:
    return [Assignment(person=PersonId(number), post=PostId(post), shift=ShiftId(s)) for s in shifts]


def tightened(one: Person, **limits: Any) -> Person:
    return msgspec.structs.replace(one, limits=msgspec.structs.replace(Limits(), **limits))
