"""Why, why not, and what it would take: by the checker's rules and the terms, and told in both languages."""

import itertools
from statistics import fmean

import msgspec
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from scheduler.candidates import candidates
from scheduler.check import Rule, check
from scheduler.fairness import Load, compare, loads, spreads
from scheduler.holes import Kind, open_up
from scheduler.instance import instance
from scheduler.narrow import place_of
from scheduler.problem import Assignment, BeatCode, Need, Point, Post, PostId, Problem, Role, ShiftId, Span
from scheduler.reasons import because, burden, remedies
from scheduler.roster import Lack, Reason, Roster
from scheduler.solve import Budget, solve
from scheduler.standing import Standing
from scheduler.terms import NAMES, terms
from scheduler.told import Names, assignment, comparison, repair, shortfall, spread, unable
from scheduler.told import burden as told_burden
from scheduler.words import KINDS, LOADS, REASONS, ROLES, RULES, TERMS
from tests.scheduler.make import guard, problem, put, tightened, volunteer
from tests.scheduler.test_solve import small

DISTRICT = instance(300, 7, 4, full=True)


@pytest.fixture(scope="module")
def made() -> Roster:
    return solve(DISTRICT, Budget())


def standing_of(asked: Problem, assignments: tuple[Assignment, ...]) -> Standing:
    return Standing(open_up(asked, assignments, ()).problem, assignments)


@settings(max_examples=30, deadline=None)
@given(small(6, 4), st.data())
def test_everyone_is_able_or_told_every_rule_in_the_way(asked: Problem, data: st.DataObject) -> None:
    made = solve(asked, Budget()).assignments
    place = data.draw(st.sampled_from([(n.post, n.shift) for n in asked.needs]))
    found = candidates(standing_of(asked, made), *place, people=[p.id for p in asked.people])
    there = {a.person for a in made if place_of(a) == place}
    able, others = {r.moves[0].person for r in found.able}, {u.person for u in found.unable}
    assert not able & others
    assert {p.id for p in asked.people} - there == able | others
    for one in found.unable:
        come = Assignment(person=one.person, post=place[0], shift=place[1])
        broken = check(asked, (*made, come))
        assert {v.rule for v in broken} == {v.rule for v in one.violations} != set()
    for one_able in found.able:
        assert one_able.value == pytest.approx(sum(one_able.by_term.values()))
        if one_able.kind is Kind.FILL:
            come = Assignment(person=one_able.moves[0].person, post=place[0], shift=place[1])
            assert check(asked, (*made, come)) == ()


@settings(max_examples=20, deadline=None)
@given(small(6, 4), st.data())
def test_an_assignment_is_worth_what_the_terms_lose_without_it(asked: Problem, data: st.DataObject) -> None:
    made = solve(asked, Budget()).assignments
    assume(made)
    one = data.draw(st.sampled_from(made))
    standing = standing_of(asked, made)
    found = because(standing, one)
    rest = tuple(a for a in made if a != one)
    now, without = terms(asked, made), terms(asked, rest)
    assert found.by_term == pytest.approx({name: now[name] - without[name] for name in now})
    assert found.lone == any(v.rule is Rule.NOT_ALONE for v in check(asked, rest))
    if found.instead is not None and found.behind is not None:
        assert found.instead.moves[0].person != one.person
        assert found.behind == pytest.approx(found.value - found.instead.value)
    assert sorted(standing.register.assignments()) == sorted(made), "asking changes nothing"


def test_fairness_figures_are_those_of_the_definition(made: Roster) -> None:
    carried = loads(DISTRICT, made.assignments)
    shifts = {s.id: s for s in DISTRICT.shifts}
    hours = dict.fromkeys(carried, 0.0)
    for a in made.assignments:
        hours[a.person] += (shifts[a.shift].end - shifts[a.shift].start) / 3_600_000
    assert {p: c[Load.HOURS] for p, c in carried.items()} == pytest.approx(hours)
    nights = sum((a.shift - 1) % 4 == 2 for a in made.assignments)
    weekends = sum((a.shift - 1) // 4 >= 5 for a in made.assignments)
    assert sum(c[Load.NIGHTS] for c in carried.values()) == nights > 0
    assert sum(c[Load.WEEKENDS] for c in carried.values()) == weekends > 0
    for one in spreads(DISTRICT, carried):
        values = [c[one.load] for p, c in carried.items() if DISTRICT.people[p - 1].role is one.role]
        mean = fmean(values)
        apart = fmean(abs(a - b) for a, b in itertools.product(values, values))
        assert one.gini == pytest.approx(apart / (2 * mean) if mean else 0.0)
        assert (one.least, one.most, one.mean) == pytest.approx((min(values), max(values), mean))
        assert [v for _, v in one.heaviest] == sorted(values, reverse=True)[:5]
        assert one.least <= one.lower <= one.median <= one.upper <= one.most


def test_two_rosters_are_compared_term_by_term_and_duty_by_duty(made: Roster) -> None:
    same = compare((DISTRICT, made.assignments), (DISTRICT, made.assignments))
    assert (same.added, same.dropped, same.people_changed) == (0, 0, 0)
    assert same.kept == len(made.assignments)
    other = solve(DISTRICT, Budget(seed=3))
    found = compare((DISTRICT, made.assignments), (DISTRICT, other.assignments))
    assert found.objective == pytest.approx((made.objective, other.objective))
    assert found.terms["travel"] == pytest.approx((made.terms["travel"], other.terms["travel"]))
    shared = set(made.assignments) & set(other.assignments)
    assert found.kept == len(shared)
    assert (found.dropped, found.added) == (
        len(made.assignments) - len(shared),
        len(other.assignments) - len(shared),
    )
    assert found.changes[0].hours[0] != found.changes[0].hours[1]
    later = msgspec.structs.replace(
        DISTRICT,
        horizon=shifted(DISTRICT.horizon),
        shifts=tuple(
            msgspec.structs.replace(s, start=s.start + WEEK, end=s.end + WEEK) for s in DISTRICT.shifts
        ),
    )
    assert compare((DISTRICT, made.assignments), (later, made.assignments)).people_changed == 0


WEEK = 7 * 86_400_000


def shifted(span: Span) -> Span:
    return msgspec.structs.replace(span, start=span.start + WEEK, end=span.end + WEEK)


def test_a_shortfall_says_who_is_nearest_and_what_stands_in_the_way() -> None:
    far = guard(3, home=Point(lat=23.40, lon=113.81))
    tired = tightened(guard(4), day_hours=4)
    away = guard(5, home=Point(lat=23.30, lon=113.81), leave=(guard().availability[0],))
    people = [guard(1), guard(2, certificates=()), far, tired, away, volunteer(6)]
    night = [(0, 22, 6)]
    post = Post(id=PostId(1), beat=BeatCode("b1"))
    need = Need(post=PostId(1), shift=ShiftId(1), minimum=2, certified=2, worth=(2.0,))
    asked = problem(people, night, posts=(post,), needs=(need,))
    asked = msgspec.structs.replace(asked, people=(*people[:5], tightened(people[5], run_days=0)))
    made = solve(asked, Budget())
    assert sorted(made.assignments) == put(1, 1) + put(2, 1)
    [short] = made.shortfalls
    assert (short.lack, short.missing) == (Lack.CERTIFIED, 1)
    [found] = remedies(standing_of(asked, made.assignments), made.shortfalls)
    assert (found.role, found.within_km, found.spare) == (Role.GUARD, 5.0, None)
    assert [(u.person, [v.rule for v in u.violations]) for u in found.nearest.unable] == [
        (4, [Rule.DAY_HOURS]),
        (5, [Rule.AVAILABLE]),
        (3, [Rule.TRAVEL]),
    ]
    text = shortfall(
        found, Names(asked, people={p.id: f"P{p.id}" for p in people}, posts={PostId(1): "东门"})
    )
    assert "6月1日 22:00–06:00 东门 缺 1 名持证保安员" in text.zh
    assert "P4（0.0 公里）：超过每日工时 (8 / 4)" in text.zh
    assert "certified guards short: 1; all who are available live too far away" in text.en
    assert "within 5 km" in text.en
    assert "P3 (12.2 km): beyond the person's travel limit (12.23 / 5)" in text.en


def test_one_who_could_come_at_a_price_is_named_with_it() -> None:
    people = [volunteer(n) for n in range(1, 5)]
    posts = tuple(Post(id=PostId(n), beat=BeatCode("b1")) for n in (1, 2))
    needs = (
        Need(post=PostId(1), shift=ShiftId(1), minimum=3, worth=(9.0, 9.0)),
        Need(post=PostId(2), shift=ShiftId(1), minimum=2, worth=(2.0,)),
    )
    asked = problem(people, [(0, 19, 23)], posts=posts, needs=needs)
    made = put(1, 1) + put(2, 1) + put(3, 1, post=2) + put(4, 1, post=2)
    standing = standing_of(asked, tuple(made))
    found = candidates(standing, PostId(1), ShiftId(1), people=[p.id for p in people])
    assert [r.kind for r in found.able] == [Kind.RELEASE] * 2, "whoever comes leaves the other one alone"
    assert found.able[0].by_term["unmet"] == pytest.approx(30 - 60)
    assert found.able[0].touched == (3, 4)


def test_every_word_is_there_in_both_languages() -> None:
    assert {rule.value for rule in Rule} <= set(RULES)
    assert set(NAMES) <= set(TERMS)
    for enum, words in ((Kind, KINDS), (Load, LOADS), (Reason, REASONS), (Role, ROLES)):
        assert set(enum) == set(words)
    every = [told for words in (RULES, TERMS, KINDS, LOADS, REASONS, ROLES) for told in words.values()]
    assert all(told.zh and told.en for told in every)


def test_a_whole_roster_is_told(made: Roster) -> None:
    standing, names = standing_of(DISTRICT, made.assignments), Names(DISTRICT)
    night = next(a for a in made.assignments if (a.shift - 1) % 4 == 2)
    told = told_burden(burden(standing, night.person), names)
    assert f"#{night.person}：" in told.zh
    assert "nights, as many as or more than" in told.en
    one = because(standing, night)
    assert ("Nobody else could" in assignment(one, names).en) == (one.instead is None)
    open_ = remedies(standing, made.shortfalls[:2])
    assert [f"{r.shortfall.missing} " in shortfall(r, names).zh for r in open_] == [True] * len(open_)
    for figures in spreads(DISTRICT, loads(DISTRICT, made.assignments)):
        assert f"Gini {figures.gini:.2f}" in spread(figures, names).en
    other = compare((DISTRICT, ()), (DISTRICT, made.assignments))
    assert f"{len(made.assignments)} added, 0 dropped" in comparison(other).en
    found = candidates(standing, night.post, night.shift, most=3)
    assert all("→" in repair(r, names).zh for r in found.able)
    assert all("：" in unable(u, names).zh for u in found.unable)
    assert found.unable
