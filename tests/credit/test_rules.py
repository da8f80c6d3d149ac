"""What help is worth: multipliers, exact shares, proof grades, the month's cap."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alliance.actor import PersonId
from alliance.credit import rules
from alliance.credit.model import Grade
from alliance.credit.rules import FIRST, Rules, RuleSet
from alliance.incidents.model import Kind

ZONE = ZoneInfo("Asia/Shanghai")
START = datetime(2026, 11, 23, 6, tzinfo=UTC)
people = st.integers(1, 2**40).map(PersonId)


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


def after(minutes: float) -> datetime:
    return START + timedelta(minutes=minutes)


@given(st.integers(0, 10**9), st.dictionaries(people, st.integers(0, 50), min_size=1))
def test_shares_sum_exactly_and_are_within_one_of_fair(amount: int, weights: dict[PersonId, int]) -> None:
    whole = sum(weights.values())
    if whole == 0:
        with pytest.raises(ValueError):
            rules.shares(amount, weights)
        return
    parts = rules.shares(amount, weights)
    assert sum(parts.values()) == amount
    assert parts.keys() == weights.keys()
    for person, weight in weights.items():
        assert abs(parts[person] * whole - amount * weight) < whole


@given(st.integers(0, 10**6), st.sets(people, min_size=1, max_size=60))
def test_equal_shares_give_the_odd_hundredths_to_the_smallest_ids(
    amount: int, sharers: set[PersonId]
) -> None:
    parts = rules.shares(amount, dict.fromkeys(sharers, 1))
    each, odd = divmod(amount, len(sharers))
    assert parts == {person: each + (n < odd) for n, person in enumerate(sorted(sharers))}


def test_three_people_share_ten_points() -> None:
    assert rules.shares(1000, {PersonId(7): 1, PersonId(3): 1, PersonId(5): 1}) == {3: 334, 5: 333, 7: 333}


@pytest.mark.parametrize(
    ("at", "day", "expected"),
    [
        ("2026-11-23T21:59:59", date(2026, 11, 23), (100, "")),
        ("2026-11-23T22:00:00", date(2026, 11, 23), (150, "night")),
        ("2026-11-24T05:59:59", date(2026, 11, 23), (150, "night")),
        ("2026-11-24T06:00:00", date(2026, 11, 24), (100, "")),
        ("2026-10-01T12:00:00", date(2026, 10, 1), (200, "holiday")),
        ("2026-10-01T23:00:00", date(2026, 10, 1), (200, "holiday")),
        ("2026-10-04T02:00:00", date(2026, 10, 3), (200, "holiday")),
    ],
)
def test_the_larger_multiplier_applies(at: str, day: date, expected: tuple[int, str]) -> None:
    assert rules.percent(FIRST, local(at), day, ZONE) == expected


def test_the_multiplier_is_rounded_on_the_incident_not_on_the_share() -> None:
    odd = msgspec.structs.replace(FIRST, amounts={**FIRST.amounts, Kind.HAZARD: 101})
    got = rules.worth(odd, [Kind.HAZARD], local("2026-11-23T23:00"), date(2026, 11, 23), ZONE)
    assert got.amount == 152  # 151.5 half up; per head of two it would have been 2 x 75 or 2 x 76
    assert sum(rules.shares(got.amount, {PersonId(1): 1, PersonId(2): 1, PersonId(3): 1}).values()) == 152


def test_linked_reports_of_two_kinds_are_worth_the_better_kind_once() -> None:
    kinds = [Kind.INCIDENT, Kind.ARREST, Kind.ARREST]
    got = rules.worth(FIRST, kinds, local("2026-11-23T12:00"), date(2026, 11, 23), ZONE)
    assert (got.kind, got.amount) == (Kind.ARREST, 1000)


def test_an_old_day_keeps_its_own_rules() -> None:
    old = RuleSet(version=1, starts_on=date(2026, 1, 1), rules=FIRST)
    new = RuleSet(version=2, starts_on=date(2026, 11, 1), rules=FIRST)
    sets = [new, old]
    assert [rules.in_force(sets, day).version for day in (date(2026, 10, 31), date(2026, 11, 1))] == [1, 2]
    assert rules.in_force(sets, date(2025, 6, 1)).version == 1


def test_a_rule_set_names_every_kind() -> None:
    given_rules = msgspec.to_builtins(FIRST)
    del given_rules["amounts"]["fire"]
    with pytest.raises(msgspec.ValidationError, match="fire is missing"):
        msgspec.convert(given_rules, Rules)


def test_rules_survive_their_json() -> None:
    assert msgspec.json.decode(msgspec.json.encode(FIRST), type=Rules) == FIRST


@pytest.mark.parametrize(
    ("visits", "expected"),
    [
        ([(0, 480)], Grade.TRACKED),
        ([(0, 384)], Grade.TRACKED),
        ([(0, 383.9)], None),
        ([(2, 200), (202, 400)], Grade.TRACKED),
        ([(0, 190), (290, 480)], None),
        ([], None),
        ([(-60, 0)], None),
        ([(n * 2, n * 2) for n in range(240)], Grade.TRACKED),
        ([(n * 2.1, n * 2.1) for n in range(229)], None),
    ],
)
def test_tracked_needs_visits_over_four_fifths_of_the_span(
    visits: list[tuple[float, float]], expected: Grade | None
) -> None:
    spans = [(after(0), after(480))]
    assert rules.grade(spans, [(after(a), after(b)) for a, b in visits]) == expected


def test_someone_elses_word_counts_where_the_track_is_thin() -> None:
    spans = [(after(0), after(60))]
    assert rules.grade(spans, [], attested=True, granted=True) == Grade.ATTESTED
    assert rules.grade(spans, [], granted=True) == Grade.GRANTED
    assert rules.grade(spans, [(after(0), after(60))], attested=True) == Grade.TRACKED
    assert rules.grade([], [], attested=False) is None


def known_by_the_second(visits: list[tuple[int, int]], length: int) -> int:
    """Seconds of [0, length) inside a visit or in a gap of at most 120 s between visits and edges."""
    merged = sorted((max(0, a), min(length, b)) for a, b in visits if a <= length and b >= 0)
    if not merged:
        return 0
    lit = [False] * length
    edge = 0
    for a, b in merged:
        if a - edge <= 120:
            lit[edge:a] = [True] * max(0, a - edge)
        lit[a:b] = [True] * (b - a)
        edge = max(edge, b)
    if length - edge <= 120:
        lit[edge:] = [True] * (length - edge)
    return sum(lit)


@given(
    st.integers(1, 1500),
    st.lists(
        st.tuples(st.integers(-200, 1600), st.integers(0, 400)).map(lambda v: (v[0], v[0] + v[1])), max_size=8
    ),
)
def test_the_tracked_part_equals_a_count_by_the_second(length: int, visits: list[tuple[int, int]]) -> None:
    span = (START, START + timedelta(seconds=length))
    placed = [(START + timedelta(seconds=a), START + timedelta(seconds=b)) for a, b in visits]
    expected = known_by_the_second(visits, length) * 100 >= length * 80
    assert (rules.grade([span], placed) == Grade.TRACKED) == expected


def test_hours_are_paid_by_grade_and_rounded_once() -> None:
    spans = [(after(0), after(90)), (after(100), after(130))]
    assert rules.duty_amount(FIRST, spans, Grade.TRACKED) == 200
    assert rules.duty_amount(FIRST, spans, Grade.ATTESTED) == 160
    assert rules.duty_amount(FIRST, [(after(0), after(0.3))], Grade.TRACKED) == 1  # half of a hundredth, up
    assert rules.duty_amount(FIRST, [(after(0), after(0.29))], Grade.TRACKED) == 0


def test_the_cap_takes_only_what_lies_above() -> None:
    assert rules.over_cap(FIRST, 20_000) == 0
    assert rules.over_cap(FIRST, 20_001) == -1
    assert rules.over_cap(msgspec.structs.replace(FIRST, month_cap=None), 10**9) == 0
