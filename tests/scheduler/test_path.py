"""One person's program against all subsets of duties, judged by the checker."""

import itertools
from collections.abc import Sequence
from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scheduler.board import ELSEWHERE
from scheduler.check import Rule, check
from scheduler.layout import lay_out
from scheduler.path import FORCED, OPTIONAL, OUTSIDE, best_path, scratch
from scheduler.problem import Limits, Organisation, OrganisationId, Problem, Role, Span, Weights
from scheduler.terms import terms
from tests.scheduler.make import PAPER, at, person, problem, put

Duty = tuple[int, float, float]
ALL_SHIFTS: list[Duty] = [
    (day, start, end)
    for day in range(9)
    for start, end in ((6, 14), (14, 22), (22, 6), (19, 23), (7, 18), (8, 10), (10, 12), (23, 2), (14, 16))
]
OWN = Weights(hours=0.3, nights=0.4, weekends=0.2)


@st.composite
def one_person(draw: st.DrawFn) -> tuple[Problem, list[float]]:
    """A person with a past, up to eight duties on offer, and what each is worth."""
    duties = draw(st.lists(st.sampled_from(ALL_SHIFTS), min_size=1, max_size=8, unique=True))
    who = person(
        1,
        role=draw(st.sampled_from(Role)),
        certificates=(PAPER,),
        born=draw(st.sampled_from([date(1990, 1, 1), date(1966, 6, 5), date(2008, 6, 4)])),
        night_consent=draw(st.sampled_from([True, True, False])),
        overtime_consent=draw(st.booleans()),
        target_hours=draw(st.sampled_from([None, 8.0, 40.0])),
        history=draw(histories()),
        limits=draw(st.sampled_from([Limits(), Limits(run_days=3), Limits(nights=1, rest_hours=12)])),
        leave=draw(st.sampled_from([(), (Span(start=at(3, 0), end=at(4, 12)),)])),
    )
    permit = (Organisation(id=OrganisationId(1), permit=draw(st.booleans())),)
    gains = draw(st.lists(st.integers(-2, 8), min_size=len(duties), max_size=len(duties)))
    return problem([who], duties, organisations=permit, weights=OWN), [g / 2 for g in gains]


@st.composite
def histories(draw: st.DrawFn) -> tuple[Span, ...]:
    """Some before the horizon; now and then one within it that the service decided already."""
    many = draw(st.integers(0, 8))
    start, end = draw(st.sampled_from([(6, 14), (14, 22), (22, 30), (19, 23)]))
    last = draw(st.integers(-3, -1))
    past = [Span(start=at(last - n, start), end=at(last - n, end)) for n in range(many)]
    later = draw(st.sampled_from([[], [], [Span(start=at(4, 19), end=at(4, 23))]]))
    return (*past, *later)


@settings(max_examples=40, deadline=None)
@given(one_person())
def test_best_path_is_the_best_legal_subset(case: tuple[Problem, list[float]]) -> None:
    asked, gains = case
    assert program(asked, gains) == pytest.approx(enumeration(asked, gains), abs=1e-9)


def program(asked: Problem, gains: Sequence[float]) -> float:
    board = lay_out(asked)
    room = scratch(len(board.nodes.duty))
    for k, d in enumerate(board.nodes.duty):
        outside = board.nodes.post[k] == ELSEWHERE
        room.kind[k] = OUTSIDE if outside else OPTIONAL
        room.gain[k] = 0.0 if outside else gains[d]
    return max(0.0, best_path(board, 0, board.nodes.duty, room))


def enumeration(asked: Problem, gains: Sequence[float]) -> float:
    shifts = range(1, len(asked.shifts) + 1)
    subsets = itertools.chain.from_iterable(itertools.combinations(shifts, n) for n in range(len(shifts) + 1))
    nothing, best = own(asked, ()), 0.0
    for chosen in subsets:
        if not [v for v in check(asked, put(1, *chosen)) if v.rule is not Rule.NOT_ALONE]:
            best = max(best, sum(gains[s - 1] for s in chosen) + own(asked, chosen) - nothing)
    return best


def own(asked: Problem, chosen: Sequence[int]) -> float:
    found = terms(asked, put(1, *chosen))
    return found["hours"] + found["nights"] + found["weekends"]


def test_forced_duties_stay_and_others_give_way() -> None:
    asked = problem(
        [person(1, role=Role.GUARD, certificates=(PAPER,))], [(0, 14, 22), (1, 6, 14), (1, 14, 22)]
    )
    board = lay_out(asked)
    room = scratch(3)
    room.kind[:] = [OPTIONAL, FORCED, OPTIONAL]
    room.gain[:] = [5.0, 0.0, 5.0]
    best_path(board, 0, board.nodes.duty, room)
    assert room.taken.tolist() == [0, 1, 0]


def test_history_that_broke_a_limit_does_not_bar_what_is_legal_now() -> None:
    worn = tuple(Span(start=at(day, 6), end=at(day, 14)) for day in range(-9, -1))
    asked = problem(
        [person(1, role=Role.GUARD, certificates=(PAPER,), history=worn)], [(0, 6, 14), (1, 6, 14)]
    )
    assert program(asked, [1.0, 1.0]) == 2.0


def test_a_whole_month_of_nights_and_days_stays_exact() -> None:
    duties = [(day, *hours) for day in range(28) for hours in ((6, 14), (14, 22), (22, 6))]
    asked = problem([person(1, role=Role.GUARD, certificates=(PAPER,), overtime_consent=True)], duties)
    board = lay_out(asked)
    room = scratch(len(duties))
    gains = np.random.default_rng(3).uniform(0, 5, len(duties))
    room.kind[:], room.gain[:] = OPTIONAL, gains
    best_path(board, 0, board.nodes.duty, room)
    chosen = [int(s) + 1 for s in board.nodes.duty[room.taken == 1]]
    assert room.exact[0] == 1
    assert len(chosen) > 20
    assert {v.rule for v in check(asked, put(1, *chosen))} <= {Rule.NOT_ALONE}
