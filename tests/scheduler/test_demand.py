"""Demand against a slow and plain second reading of the contract."""

import itertools
from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scheduler.demand import Calls, Override, Pattern, Staffing, needs, overridden, weights, worths
from scheduler.problem import BeatCode, Post, PostId, Role, Shift, ShiftId
from tests.scheduler.make import HOUR, MONDAY, at

ZONE = "Asia/Shanghai"
PATTERNS = (
    Pattern(code="morning", start=360, end=840),
    Pattern(code="afternoon", start=840, end=1320),
    Pattern(code="night", start=1320, end=1800),
    Pattern(code="evening", start=1140, end=1380),
)
NOBODY = [-1] * 6
Key = tuple[int, int, int]


@st.composite
def towns(draw: st.DrawFn) -> tuple[list[list[int]], list[tuple[int, int]]]:
    """Neighbours of a few cells, each pair both ways, and calls of the last half year."""
    cells = draw(st.integers(1, 6))
    near: list[list[int]] = [[] for _ in range(cells)]
    for a in range(cells):
        for b in range(a):
            if draw(st.booleans()):
                near[a].append(b)
                near[b].append(a)
    call = st.tuples(st.integers(0, cells - 1), st.integers(MONDAY - 180 * 24 * HOUR, MONDAY + HOUR))
    return near, draw(st.lists(call, max_size=12))


def slow(near: list[list[int]], calls: list[tuple[int, int]], now: int) -> dict[Key, float]:
    """Call by call, by the clock on the wall."""
    found: defaultdict[Key, float] = defaultdict(float)
    for cell, moment in calls:
        if moment > now:
            continue
        worth = 2.0 ** (-(now - moment) / (28 * 24 * HOUR))
        local = (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=moment)).astimezone(ZoneInfo(ZONE))
        for p, pattern in enumerate(PATTERNS):
            for back in (0, 1):
                duty_day = local.date() - timedelta(days=back)
                midnight = datetime(duty_day.year, duty_day.month, duty_day.day, tzinfo=ZoneInfo(ZONE))
                start = midnight + timedelta(minutes=pattern.start)
                if start <= local < midnight + timedelta(minutes=pattern.end):
                    found[cell, duty_day.weekday(), p] += worth * (0.75 if near[cell] else 1)
                    for other in near[cell]:
                        found[other, duty_day.weekday(), p] += worth / 4 / len(near[cell])
    mean = sum(found.values()) / (len(near) * 7 * len(PATTERNS))
    keys = [(c, d, p) for c in range(len(near)) for d in range(7) for p in range(len(PATTERNS))]
    return {key: found[key] + 0.2 * mean if mean else 1.0 for key in keys}


@settings(max_examples=80, deadline=None)
@given(towns())
def test_weights_equal_the_slow_reading(town: tuple[list[list[int]], list[tuple[int, int]]]) -> None:
    near, listed = town
    neighbours = np.asarray([(n + NOBODY)[:6] for n in near])
    cells, moments = (np.asarray([c[k] for c in listed], dtype=np.int64) for k in (0, 1))
    found = weights(Calls(cells, moments), neighbours, PATTERNS, zone=ZONE, now=MONDAY)
    for key, value in slow(near, listed, MONDAY).items():
        assert found[key] == pytest.approx(value, rel=1e-9)
    assert found.min() > 0, "no place is ever written off"


def test_a_call_after_midnight_belongs_to_the_night_before() -> None:
    calls = Calls(np.asarray([0]), np.asarray([at(1, 3) - 7 * 24 * HOUR]))
    found = weights(calls, np.asarray([NOBODY]), PATTERNS, zone=ZONE, now=MONDAY)
    assert np.argwhere(found == found.max()).tolist() == [[0, 0, 2]]


def test_overrides_end_after_their_day() -> None:
    weight = np.ones((3, 7, 4))
    festival = Override(cells=(1,), weekday=4, amount=5.0, until=date(2026, 6, 5), reason="festival")
    assert overridden(weight, [festival], date(2026, 6, 5))[1, 4].tolist() == [6.0] * 4
    assert overridden(weight, [festival], date(2026, 6, 5)).sum() == weight.sum() + 20
    assert (overridden(weight, [festival], date(2026, 6, 6)) == weight).all()


@given(st.lists(st.floats(0, 100), min_size=1, max_size=30), st.integers(1, 4))
def test_worth_never_rises_and_visits_everything(weight: list[float], cells: int) -> None:
    found = worths(np.asarray(weight), Staffing(cells=cells, most=1000))
    assert all(a >= b - 1e-9 for a, b in itertools.pairwise(found))
    assert sum(found) == pytest.approx(1.56 * sum(weight))


def test_needs_follow_the_weekday_and_the_shift() -> None:
    posts = tuple(Post(id=PostId(n), beat=BeatCode(f"b{n}")) for n in (1, 2))
    shifts = tuple(
        Shift(id=ShiftId(n), start=at(day, start), end=at(day, end), roles=(role,))
        for n, (day, start, end, role) in enumerate(
            [(0, 6, 14, Role.GUARD), (4, 22, 30, Role.GUARD), (4, 19, 23, Role.VOLUNTEER)]
        )
    )
    weight = np.ones((4, 7, 4))
    weight[0, 4, 2] = 9
    cells = {BeatCode("b1"): np.asarray([0, 1]), BeatCode("b2"): np.asarray([2, 3])}
    staffing = Staffing(unit=2, cells=1, minimum_share=0.6, certified=1)
    found = {
        (n.post, n.shift): n
        for n in needs(posts, shifts, cells, weight, patterns=PATTERNS, zone=ZONE, staffing=staffing)
    }
    scale = 4 * 28 / (4 * 28 + 8)
    assert found[PostId(1), ShiftId(1)].worth[:3] == pytest.approx((9 * scale, 3.6 * scale, 1.44 * scale))
    assert found[PostId(1), ShiftId(1)].minimum == 2, "one unit of two makes nine tenths"
    assert found[PostId(2), ShiftId(1)].minimum == 4
    assert found[PostId(1), ShiftId(0)].worth[:2] == pytest.approx((scale, scale))
    assert [found[PostId(1), ShiftId(n)].certified for n in range(3)] == [1, 1, 0]
