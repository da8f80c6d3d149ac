"""Small problems drawn at random with every rule and goal mixed in; the same seed gives the same one."""

from datetime import date
from random import Random

import msgspec

from scheduler.problem import (
    Assignment,
    BeatCode,
    Certificate,
    Limits,
    Need,
    Organisation,
    OrganisationId,
    Person,
    Point,
    Post,
    PostId,
    Problem,
    Role,
    Shift,
    ShiftId,
    Span,
    Weights,
    Wish,
)
from scheduler.sound import flaws
from tests.scheduler.make import ALWAYS, PAPER, person, problem, span

BEAT = BeatCode("b1")
HOURS = ((6, 14), (14, 22), (22, 6), (19, 23), (6, 17), (8, 10), (10, 12))
FIRST_AID = Certificate(kind="first_aid", until=date(2026, 6, 3))
LIMITS = (Limits(), Limits(), Limits(run_days=2), Limits(nights=1, rest_hours=12.0), Limits(week_hours=16.0))
PASTS = (
    (),
    (),
    (span(-1, 14, 22),),
    (span(-2, 22, 6), span(-1, 22, 6)),
    tuple(span(day, 6, 14) for day in range(-4, 0)),
    (span(-1, 19, 23), span(2, 14, 18)),
)
WEIGHTS = (Weights(), Weights(unmet=0.5, certified=0.5, nights=1.0, stability=2.0), Weights(over=1.5))


def mixed(
    random: Random, people: int, days: int, shifts: int, *, chance: float = 1.0, first: int = 0
) -> Problem:
    """So many shifts of two posts within the days, the first counted from a Monday; each is on offer by each
    person with that chance."""
    every = [(day, *hours) for day in range(first, first + days) for hours in HOURS]
    duties = sorted(random.sample(every, min(shifts, len(every))))
    posts = (
        Post(
            id=PostId(1), beat=BEAT, solo=True, unit=1, certificate=random.choice((None, None, "first_aid"))
        ),
        Post(id=PostId(2), beat=BEAT, unit=random.choice((1, 2, 2))),
    )
    force = [_anyone(random, n + 1, len(duties)) for n in range(people)]
    asked = problem(
        force,
        duties,
        posts=posts,
        needs=[_need(random, post.id, n + 1) for post in posts for n in range(len(duties))],
        weights=random.choice(WEIGHTS),
        organisations=(Organisation(id=OrganisationId(1), permit=random.random() < 0.2),),
    )
    offering = tuple(_offering(random, one, asked.shifts, chance) for one in force)
    published = _any(random, asked, people)
    asked = msgspec.structs.replace(asked, people=offering, published=published)
    pinned = msgspec.structs.replace(asked, pinned=_any(random, asked, 1) if random.random() < 0.3 else ())
    return asked if flaws(pinned) else pinned


def _any(random: Random, asked: Problem, many: int) -> tuple[Assignment, ...]:
    return tuple(
        Assignment(
            person=random.choice(asked.people).id,
            post=random.choice(asked.posts).id,
            shift=random.choice(asked.shifts).id,
        )
        for _ in range(many)
    )


def _offering(random: Random, one: Person, shifts: tuple[Shift, ...], chance: float) -> Person:
    if chance >= 1:
        return one
    spans = tuple(s for s in one.availability if s != ALWAYS)
    spans += tuple(span_of(shift) for shift in shifts if random.random() < chance)
    return msgspec.structs.replace(one, availability=spans)


def span_of(shift: Shift) -> Span:
    return Span(start=shift.start, end=shift.end)


def _need(random: Random, post: PostId, shift: int) -> Need:
    minimum = random.choice((0, 0, 1, 2))
    return Need(
        post=post,
        shift=ShiftId(shift),
        worth=tuple(sorted((float(random.randint(0, 6)) for _ in range(random.randint(0, 3))), reverse=True)),
        minimum=minimum,
        certified=random.choice((0, 0, 1)),
        desired=random.choice((0, 2, 4)),
    )


def _anyone(random: Random, number: int, shifts: int) -> Person:
    wished = [Wish(shift=ShiftId(random.randint(1, shifts)), weight=random.choice((1.0, -2.0)))]
    return person(
        number,
        role=random.choice((Role.GUARD, Role.GUARD, Role.VOLUNTEER)),
        born=random.choice((date(1990, 6, 15), date(1990, 6, 15), date(1966, 6, 2))),
        night_consent=random.random() < 0.8,
        overtime_consent=random.random() < 0.4,
        certificates=random.choice(((), (PAPER,), (PAPER,), (PAPER, FIRST_AID))),
        target_hours=random.choice((None, 8.0, 14.0)),
        leave=random.choice(((), (), (span(1, 0, 12),))),
        history=random.choice(PASTS),
        limits=random.choice(LIMITS),
        home=Point(lat=23.29 + random.choice((0, 0.02, 0.02, 0.2)), lon=113.81),
        beats=random.choice(((), (BEAT,))),
        wishes=tuple(wished) if random.random() < 0.5 else (),
        active=random.random() < 0.95,
    )
