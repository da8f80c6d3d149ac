"""Contracts: one person's program with all clauses against all subsets of duties, and whole rosters."""

import itertools
from collections.abc import Sequence
from datetime import date
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scheduler.board import ELSEWHERE
from scheduler.check import Rule, check
from scheduler.contract import Contract, Least, Limits, Measure, Most, Per, Stretch, Succession
from scheduler.layout import lay_out
from scheduler.path import OPTIONAL, OUTSIDE, best_path, scratch
from scheduler.problem import BeatCode, Bond, PersonId, Post, PostId, Problem, Role, Span, Weights
from scheduler.regions import Effort
from scheduler.solve import Budget, solve
from scheduler.terms import terms
from scheduler.ways import best_of
from tests.scheduler.make import PAPER, at, guard, person, problem, put, span
from tests.scheduler.test_solve import optimum, small

KINDS = {6: "morning", 14: "afternoon", 22: "night", 19: "evening"}
HOURS = ((6, 14), (14, 22), (22, 6), (19, 23))
ALL_SHIFTS = [(day, *hours) for day in range(3, 13) for hours in HOURS]
OWN = ("hours", "nights", "weekends", "least", "working", "off")
NO_NIGHT_BEFORE = Succession(earlier="afternoon", later="morning")


def clause(draw: st.DrawFn) -> tuple[Measure, Per, tuple[str, ...]]:
    what, per = draw(st.sampled_from(Measure)), draw(st.sampled_from(Per))
    kinds = (
        ()
        if what is Measure.WEEKENDS
        else draw(st.sampled_from([(), (), ("morning",), ("night", "evening")]))
    )
    return what, per, kinds


@st.composite
def contracts(draw: st.DrawFn) -> Contract:
    least, most = {}, {}
    for _ in range(draw(st.integers(0, 3))):
        what, per, kinds = clause(draw)
        scale = 8 if what is Measure.HOURS else 1
        limit = draw(st.integers(0, 3))
        most[what, per, kinds] = Most(what=what, per=per, kinds=kinds, most=scale * limit)
    for _ in range(draw(st.integers(0, 3))):
        what, per, kinds = clause(draw)
        scale = 8 if what is Measure.HOURS else 1
        asked, weight = draw(st.integers(1, 4)), draw(st.sampled_from([0.5, 2.0])) / scale
        beyond = (what, per, kinds) in most and most[what, per, kinds].most < scale * asked
        if not beyond:
            least[what, per, kinds] = Least(
                what=what, per=per, kinds=kinds, least=scale * asked, weight=weight
            )
    shortest = draw(st.integers(1, 4))
    return Contract(
        code="c",
        limits=draw(st.sampled_from([Limits(), Limits(run_days=3)])),
        most=tuple(most.values()),
        never=draw(st.sampled_from([(), (NO_NIGHT_BEFORE, Succession(earlier="night", later="evening"))])),
        least=tuple(least.values()),
        working=Stretch(least=shortest, most=draw(st.sampled_from([None, shortest, 4])), weight=0.75),
        off=draw(
            st.sampled_from([Stretch(), Stretch(least=2, most=3, weight=0.75), Stretch(least=3, weight=2.0)])
        ),
    )


@st.composite
def one_person(draw: st.DrawFn) -> tuple[Problem, list[float]]:
    """With a past, now and then a duty elsewhere within the horizon, and up to nine duties on offer."""
    duties = draw(st.lists(st.sampled_from(ALL_SHIFTS), min_size=1, max_size=9, unique=True))
    past = [
        (day, *draw(st.sampled_from(HOURS[: 3 if day in (0, 2) else 2])))
        for day in range(-2, 3)
        if draw(st.booleans())
    ]
    past += draw(st.sampled_from([[], [], [(7, 14, 22)], [(13, 6, 14)]]))
    who = person(
        1,
        role=Role.GUARD,
        certificates=(PAPER,),
        born=date(1990, 1, 1),
        overtime_consent=draw(st.booleans()),
        target_hours=draw(st.sampled_from([None, 24.0])),
        history=tuple(Span(start=at(d, s), end=at(d, e if e > s else e + 24)) for d, s, e in past),
        history_kinds=tuple(KINDS[s] for _, s, _ in past),
        contract="c",
    )
    asked = problem(
        [who],
        duties,
        horizon=Span(start=at(3, 0), end=at(13, 0)),
        kinds=tuple(KINDS.values()),
        contracts=(draw(contracts()),),
        weights=Weights(hours=0.1, nights=0.2, weekends=0.1, working=2.0),
    )
    shifts = tuple(
        msgspec.structs.replace(shift, kind=KINDS[start])
        for shift, (_, start, _) in zip(asked.shifts, duties, strict=True)
    )
    gains = draw(st.lists(st.integers(-3, 6), min_size=len(duties), max_size=len(duties)))
    return msgspec.structs.replace(asked, shifts=shifts), [g / 2 for g in gains]


@settings(max_examples=60, deadline=None)
@given(one_person())
def test_one_persons_best_way_is_the_best_legal_subset(case: tuple[Problem, list[float]]) -> None:
    asked, gains = case
    best = enumeration(asked, gains)
    assert program(asked, gains, by_graph=False) == pytest.approx(best, abs=1e-7)
    assert program(asked, gains, by_graph=True) == pytest.approx(best, abs=1e-7)


def program(asked: Problem, gains: Sequence[float], *, by_graph: bool) -> float:
    board = lay_out(asked)
    room = scratch(max(1, len(board.nodes.duty)))
    for k, d in enumerate(board.nodes.duty):
        outside = board.nodes.post[k] == ELSEWHERE
        room.kind[k] = OUTSIDE if outside else OPTIONAL
        room.gain[k] = 0.0 if outside else gains[d]
    best = best_of(board, 0, room) if by_graph else best_path(board, 0, board.nodes.duty, room)
    return max(0.0, best)


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
    return sum(found[name] for name in OWN)


def broken(contract: Contract, duties: Sequence[tuple[int, float, float]], **past: Any) -> set[Rule]:
    asked = problem(
        [guard(contract="c", overtime_consent=True, **past)],
        duties,
        contracts=(contract,),
        kinds=tuple(KINDS.values()),
    )
    shifts = tuple(
        msgspec.structs.replace(shift, kind=KINDS[int(start)])
        for shift, (_, start, _) in zip(asked.shifts, duties, strict=True)
    )
    asked = msgspec.structs.replace(asked, shifts=shifts)
    return {v.rule for v in check(asked, put(1, *range(1, len(duties) + 1)))} - {Rule.NOT_ALONE}


def most(what: Measure, per: Per, amount: float, *kinds: str) -> Contract:
    return Contract(code="c", most=(Most(what=what, per=per, most=amount, kinds=kinds),))


def test_hours_count_by_iso_week_with_history() -> None:
    week = [(day, 6, 14) for day in (0, 1, 2)]
    assert broken(most(Measure.HOURS, Per.WEEK, 24), week) == set()
    assert broken(most(Measure.HOURS, Per.WEEK, 24), week, history=(span(3, 6, 14),)) == {Rule.CONTRACT_HOURS}
    assert broken(most(Measure.HOURS, Per.WEEK, 24), [*week, (7, 6, 14)]) == set()
    assert broken(most(Measure.HOURS, Per.HORIZON, 24), [*week, (7, 6, 14)]) == {Rule.CONTRACT_HOURS}


def test_duties_count_by_kind_and_calendar_month() -> None:
    two = [(0, 6, 14), (1, 14, 22)]
    assert broken(most(Measure.DUTIES, Per.MONTH, 1), two) == {Rule.CONTRACT_DUTIES}
    assert broken(most(Measure.DUTIES, Per.MONTH, 1, "morning", "night"), two) == set()
    assert broken(most(Measure.DUTIES, Per.MONTH, 1), [(-1, 6, 14), (0, 6, 14)]) == set()


def test_nights_and_weekends() -> None:
    dark = [(0, 22, 6), (1, 22, 6)]
    assert broken(most(Measure.NIGHTS, Per.HORIZON, 1), dark) == {Rule.CONTRACT_NIGHTS}
    assert broken(most(Measure.NIGHTS, Per.HORIZON, 1), [(0, 19, 23), (1, 22, 6)]) == set()
    both_days = [(5, 6, 14), (6, 6, 14)]
    assert broken(most(Measure.WEEKENDS, Per.HORIZON, 1), both_days) == set()
    assert broken(most(Measure.WEEKENDS, Per.HORIZON, 1), [*both_days, (13, 6, 14)]) == {
        Rule.CONTRACT_WEEKENDS
    }


def test_successions_bind_the_next_day_only() -> None:
    never = Contract(code="c", never=(Succession(earlier="night", later="afternoon"),))
    assert broken(never, [(0, 22, 6), (1, 18, 22)][:1]) == set()
    late = Succession(earlier="morning", later="afternoon")
    never = Contract(code="c", never=(late,))
    assert broken(never, [(0, 6, 14), (1, 14, 22)]) == {Rule.SUCCESSION}
    assert broken(never, [(0, 6, 14), (2, 14, 22)]) == set()
    assert broken(never, [(0, 6, 14), (1, 6, 14), (2, 14, 22)]) == {Rule.SUCCESSION}
    past = {"history": (span(0, 6, 14),), "history_kinds": ("morning",)}
    assert broken(never, [(1, 14, 22)], **past) == {Rule.SUCCESSION}


def test_soft_clauses_cost_what_is_missing() -> None:
    contract = Contract(
        code="c",
        least=(Least(what=Measure.HOURS, per=Per.WEEK, least=20.0, weight=0.5),),
        working=Stretch(least=3, weight=2.0),
        off=Stretch(least=2, most=4, weight=10.0),
    )
    days = [(0, 6, 14), (2, 6, 14), (3, 6, 14), (4, 6, 14)]
    fortnight = Span(start=at(0, 0), end=at(14, 0))
    asked = problem([guard(contract="c")], days, contracts=(contract,), horizon=fortnight)
    found = terms(asked, put(1, 1, 2, 3, 4))
    assert found["least"] == -0.5 * 20  # 32 h in the first week, none in the second
    assert found["working"] == -2.0 * 2  # one day alone
    assert found["off"] == -10.0 * (1 + 5)  # one day off in between, nine at the end


@st.composite
def companies(draw: st.DrawFn) -> Problem:
    """Small problems with every rule, some people under a contract, some bound to each other."""
    asked = draw(small(6, 10))
    both = draw(st.booleans())
    people = tuple(msgspec.structs.replace(p, contract="c") if both or p.id % 2 else p for p in asked.people)
    shifts = tuple(msgspec.structs.replace(s, kind=list(KINDS.values())[s.id % 4]) for s in asked.shifts)
    bonds: tuple[Bond, ...] = ()
    if len(people) > 2:
        pair, trio = tuple(p.id for p in people[:2]), tuple(p.id for p in people[:3])
        weight = draw(st.sampled_from([-2.0, 3.0]))
        bonds = (Bond(people=pair, weight=weight), Bond(people=trio, weight=1.0))
    return msgspec.structs.replace(
        asked,
        people=people,
        shifts=shifts,
        bonds=bonds,
        kinds=tuple(KINDS.values()),
        contracts=(draw(contracts()),),
        horizon=Span(start=at(0, 0), end=at(3, 0)),
    )


@settings(max_examples=20, deadline=None)
@given(companies(), st.integers(0, 3))
def test_rosters_keep_every_contract_and_their_bound(asked: Problem, seed: int) -> None:
    effort = Effort(loss=1e6, near=0.0, branches=50)
    found = solve(asked, Budget(bound_steps=2, guided=True, exact_turns=1, effort=effort, seed=seed))
    assert check(asked, found.assignments) == ()
    assert found.objective == pytest.approx(sum(terms(asked, found.assignments).values()))
    assert found.bound is not None
    assert found.objective <= found.bound + 1e-9


@settings(max_examples=10, deadline=None)
@given(st.data())
def test_the_bound_holds_against_trying_everything(data: st.DataObject) -> None:
    asked = data.draw(small(3, 2))
    people = tuple(msgspec.structs.replace(p, contract="c") for p in asked.people)
    bonds: tuple[Bond, ...] = ()
    if len(people) > 1:
        bonds = (Bond(people=tuple(p.id for p in people), weight=data.draw(st.sampled_from([-2.0, 3.0]))),)
    changes = {
        "people": people,
        "bonds": bonds,
        "kinds": tuple(KINDS.values()),
        "contracts": (data.draw(contracts()),),
    }
    asked = msgspec.structs.replace(asked, **changes, horizon=Span(start=at(0, 0), end=at(3, 0)))
    found, best = solve(asked, Budget(bound_steps=4)), optimum(asked)
    assert found.bound is not None
    assert found.objective <= best + 1e-9 <= found.bound + 2e-9


def test_a_pair_is_kept_together_and_another_apart() -> None:
    posts = tuple(Post(id=PostId(n), beat=BeatCode("b1")) for n in (1, 2))
    people = [guard(n) for n in (1, 2, 3, 4)]
    for weight, together in ((5.0, True), (-5.0, False)):
        bonds = (Bond(people=(PersonId(1), PersonId(4)), weight=weight),)
        found = solve(problem(people, [(0, 6, 14)], posts=posts, bonds=bonds), Budget())
        posts_of = {a.person: a.post for a in found.assignments}
        assert len(posts_of) == 4
        assert (posts_of[PersonId(1)] == posts_of[PersonId(4)]) == together
        assert found.terms["together" if together else "apart"] == (1.5 if together else 0.0)


def test_someone_joins_or_avoids_who_is_pinned_and_that_is_proved() -> None:
    posts = tuple(Post(id=PostId(n), beat=BeatCode("b1")) for n in (1, 2))
    people, pinned = [guard(n) for n in (1, 2, 3, 4, 5)], (*put(1, 1), *put(3, 1))
    for weight, post in ((5.0, 1), (-5.0, 2)):
        bonds = (Bond(people=(PersonId(1), PersonId(2), PersonId(3)), weight=weight),)
        asked = problem(people, [(0, 6, 14)], posts=posts, bonds=bonds, pinned=pinned)
        found = solve(asked, Budget(bound_steps=1, exact_turns=1))
        assert {a.post for a in found.assignments if a.person == 2} == {post}
        assert found.bound == pytest.approx(found.objective)
