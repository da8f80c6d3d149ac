"""Made-up rosters of one organisation: few people, some weeks, contracts, runs, weekends, requests, pairs."""

from datetime import date, timedelta

import numpy as np

from scheduler.calendar import DAY, HOUR
from scheduler.contract import Contract, Least, Limits, Measure, Most, Per, Stretch, Succession
from scheduler.problem import (
    Beat,
    BeatCode,
    Bond,
    Certificate,
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
    TimeWish,
    Weights,
    Wish,
)

MONDAY = (date(2026, 6, 1) - date(1970, 1, 1)).days
TIMES = (("morning", 6, 14), ("afternoon", 14, 22), ("night", 22, 30))
GATE = Point(lat=23.29, lon=113.81)
PER_POST = 10
NEVER = (
    Succession(earlier="night", later="morning"),
    Succession(earlier="night", later="afternoon"),
    Succession(earlier="afternoon", later="morning"),
)
NIGHT = Most(what=Measure.NIGHTS, per=Per.HORIZON, most=8)


def company(people: int, weeks: int, seed: int) -> Problem:
    """One post for every ten people, three shifts a day; a fifth of the people work half the hours."""
    random = np.random.default_rng(seed)
    posts = tuple(
        Post(id=PostId(n + 1), beat=BeatCode("gate"), unit=1) for n in range(max(1, people // PER_POST))
    )
    shifts = tuple(_shift(n, *TIMES[n % 3]) for n in range(21 * weeks))
    return Problem(
        zone="Asia/Shanghai",
        horizon=Span(start=_at(0, 0), end=_at(7 * weeks, 0)),
        organisations=(Organisation(id=OrganisationId(1)),),
        people=tuple(_person(random, n, weeks) for n in range(people)),
        shifts=shifts,
        beats=(Beat(code=BeatCode("gate"), centres=(GATE,)),),
        posts=posts,
        needs=tuple(_need(random, post, shift) for post in posts for shift in shifts),
        weights=Weights(unmet=10.0, certified=5.0, over=1.0, hours=0.05, nights=0.02, weekends=0.05),
        kinds=tuple(name for name, _, _ in TIMES),
        contracts=(_contract("full", weeks, 5), _contract("half", weeks, 3)),
        bonds=tuple(_bond(random, people) for _ in range(people // PER_POST)),
    )


def _at(day: int, hour: float) -> int:
    return (MONDAY + day) * DAY + int(hour * HOUR) - 8 * HOUR


def _shift(n: int, kind: str, start: int, end: int) -> Shift:
    return Shift(id=ShiftId(n + 1), start=_at(n // 3, start), end=_at(n // 3, end), kind=kind)


def _contract(code: str, weeks: int, days: int) -> Contract:
    return Contract(
        code=code,
        limits=Limits(run_days=min(5, days + 1)),
        most=(
            Most(what=Measure.DUTIES, per=Per.WEEK, most=days),
            Most(what=Measure.WEEKENDS, per=Per.HORIZON, most=max(1, weeks // 2)),
            Most(what=Measure.DUTIES, per=Per.HORIZON, most=3 * weeks, kinds=("night",)),
        ),
        never=NEVER,
        least=(Least(what=Measure.HOURS, per=Per.HORIZON, least=8.0 * days * weeks - 8, weight=0.1),),
        working=Stretch(least=2, weight=0.5),
        off=Stretch(least=2, weight=0.5),
    )


def _need(random: np.random.Generator, post: Post, shift: Shift) -> Need:
    """Two at least, one of them certified by night; by day a third is welcome, now and then more."""
    dark = shift.kind == "night"
    minimum = 2 + int(not dark and random.random() < 0.15)
    worth = (4.0, 4.0, *([1.0] if not dark else []))
    return Need(post=post.id, shift=shift.id, minimum=minimum, desired=minimum + 1, certified=1, worth=worth)


def _person(random: np.random.Generator, n: int, weeks: int) -> Person:
    half, days = random.random() < 0.2, 7 * weeks
    asked = random.choice(21 * weeks, size=3 * weeks, replace=False).tolist()
    weight = random.choice([-3.0, -2.0, -1.0, 1.0, 2.0], size=len(asked)).tolist()
    away = int(random.integers(0, days))
    sunday = 7 * int(random.integers(0, weeks)) + 5
    worked = range(-1 - int(random.integers(0, 4)), -int(random.integers(0, 2)))
    name, start, end = TIMES[n % 3]
    return Person(
        id=PersonId(n + 1),
        role=Role.GUARD,
        organisation=OrganisationId(1),
        born=date(1970 + n % 30, 1 + n % 12, 1),
        night_consent=random.random() < 0.85,
        certificates=_papers(random),
        availability=(Span(start=_at(0, 0), end=_at(days + 1, 12)),),
        leave=(Span(start=_at(away, 0), end=_at(away + 1 + n % 3, 0)),) if random.random() < 0.5 else (),
        home=GATE,
        target_hours=(24.0 if half else 40.0) * weeks,
        wishes=tuple(Wish(shift=ShiftId(s + 1), weight=w) for s, w in zip(asked, weight, strict=True)),
        time_wishes=(TimeWish(span=Span(start=_at(sunday, 6), end=_at(sunday + 2, 6)), weight=-2.0),),
        history=tuple(Span(start=_at(day, start), end=_at(day, end)) for day in worked),
        history_kinds=(name,) * len(worked),
        contract="half" if half else "full",
    )


def _papers(random: np.random.Generator) -> tuple[Certificate, ...]:
    if random.random() < 0.3:
        return ()
    return (Certificate(kind="guard", until=date(2026, 6, 1) + timedelta(days=int(random.integers(5, 400)))),)


def _bond(random: np.random.Generator, people: int) -> Bond:
    """Most are pairs to be kept together, some to be kept apart."""
    one, other = (PersonId(int(n) + 1) for n in random.choice(people, size=2, replace=False))
    return Bond(people=(one, other), weight=1.0 if random.random() < 0.7 else -2.0)
