"""Who is likely to be there, against the same said duty by duty, and on what one would expect."""

import random
from datetime import UTC, date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alliance.actor import AssignmentId, Code, OrganisationId, PersonId
from alliance.forecast import shows
from alliance.forecast.learning import attended
from alliance.forecast.model import (
    COMING,
    GONE,
    HOUR_MS,
    PRESENT,
    STEPS,
    Attendance,
    Habits,
    Rostered,
    no_rounds,
)
from alliance.forecast.outlook import instants
from alliance.patrol.model import Duty, Mark, Span, StampKind

NOW = 1_780_000_000_000
MINUTE = 60_000


def habits(attendance: list[Attendance], late: list[int], early: list[int]) -> Habits:
    return Habits(
        days=1,
        attendance=attendance,
        late=np.array(late + [0] * (STEPS - len(late))),
        early=np.array(early + [0] * (STEPS - len(early))),
        present_h=np.zeros(1),
        rounds=no_rounds(1),
    )


def past(organisation: int, hour: int, planned: int, came: int) -> Attendance:
    return Attendance(organisation=OrganisationId(organisation), hour=hour, planned=planned, came=came)


def rostered(*duties: tuple[int, int, int, int, int]) -> Rostered:
    """(beat, organisation, start and end in minutes from now, state)"""
    columns = np.array(duties, dtype=np.int64).reshape(-1, 5).T
    beat, organisation, start, end, state = columns
    return Rostered(
        beat=beat,
        organisation=organisation,
        hour=np.full(len(beat), 6),
        start=NOW + start * MINUTE,
        end=NOW + end * MINUTE,
        state=state,
    )


def share_within(counts: list[int], ms: float) -> float:
    """The share of people within so long, straight between the steps' ends."""
    sums = np.cumsum([counts[0] + 1, *counts[1:]]) / (sum(counts) + 1)
    step = min(max(ms, 0) / 300_000, STEPS - 1)
    low = min(int(step), STEPS - 2)
    return float(sums[low] + (sums[low + 1] - sums[low]) * (step - low))


@settings(max_examples=100, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_presence_is_what_one_duty_after_the_other_gives(seed: int) -> None:
    chance = random.Random(seed)
    late = [chance.randrange(20) for _ in range(STEPS)]
    early = [chance.randrange(20) for _ in range(STEPS)]
    learnt = habits([past(1, 6, 100, 80), past(2, 6, 3, 3)], late, early)
    found = []
    for _ in range(8):
        start = chance.randrange(-300, 300)
        end = start + chance.choice([240, 480])
        found.append((0, chance.choice([1, 2, 9]), start, end, chance.choice([COMING, PRESENT, GONE])))
    duties, times = rostered(*found), instants(NOW, 6)
    probability = shows.presence(duties, learnt, times)
    rates = shows.Rates(learnt.attendance).of(duties.organisation, duties.hour)
    for n, (_, _, start, end, state) in enumerate(found):
        overdue = share_within(late, -start * MINUTE) if start <= 0 else 0.0
        for k, t in enumerate(((times - NOW) / MINUTE).tolist()):
            if state == GONE or t >= end:
                expected = 0.0
            elif state == PRESENT:
                left_now = share_within(early, end * MINUTE - 1) if end > 0 else 0.0
                expected = share_within(early, (end - t) * MINUTE - 1) / max(left_now, 1e-9)
            elif t < start:
                expected = 0.0
            else:
                come = share_within(late, (t - start) * MINUTE)
                comes_yet = rates[n] * max(come - overdue, 0) / max(1 - rates[n] * overdue, 1e-9)
                expected = comes_yet * share_within(early, (end - t) * MINUTE - 1)
            assert probability[n, k] == pytest.approx(min(expected, 1.0), abs=1e-9)


def test_a_rate_is_drawn_to_the_usual_one_the_less_was_seen() -> None:
    seen = [past(1, 6, 1000, 700), past(2, 6, 4, 0), past(3, 6, 1000, 990), past(3, 22, 1000, 900)]
    rates = shows.Rates(seen)

    def of(organisation: int, hour: int) -> float:
        return float(rates.of(np.array([organisation]), np.array([hour]))[0])

    assert of(1, 6) == pytest.approx(0.70, abs=0.01)
    assert of(3, 6) == pytest.approx(0.99, abs=0.01)
    # Four no-shows don't make an organisation that never comes.
    assert 0.5 < of(2, 6) < rates.overall
    # Whoever was never seen is like the others at that hour; at night an unreliable one is worse still.
    assert of(9, 22) < of(9, 7)
    assert of(1, 22) < of(1, 6)
    assert shows.Rates([]).overall == pytest.approx(0.95)


def test_who_is_overdue_is_ever_less_likely_to_come() -> None:
    learnt = habits([past(1, 6, 1000, 900)], [80, 10, 5, 5], [1])
    times = instants(NOW, 1)
    chances = [
        float(shows.presence(rostered((0, 1, -late, 400, COMING)), learnt, times)[0, -1])
        for late in (0, 5, 10, 15, 60)
    ]
    assert chances == sorted(chances, reverse=True)
    assert chances[0] > 0.3
    assert chances[-1] == 0
    present = shows.staffing(rostered((0, 1, -60, 400, PRESENT), (1, 1, 30, 400, COMING)), learnt, times, 2)
    assert present.expected[0].tolist() == pytest.approx([1.0] * 5)
    assert present.planned[1].tolist() == [0, 0, 1, 1, 1]


def test_a_day_is_learnt_from_its_check_ins_and_check_outs() -> None:
    start = 1_780_000_000_000 // HOUR_MS * HOUR_MS
    end = start + 8 * HOUR_MS

    def duty(organisation: int, *spans: tuple[int, int | None]) -> Duty:
        return Duty(
            id=AssignmentId(1),
            person=PersonId(1),
            organisation=OrganisationId(organisation),
            post="",
            beat=Code("B0"),
            cell=None,
            duty_day=date(2026, 5, 28),
            start=start,
            end=end,
            consented=True,
            marks=tuple(Mark(StampKind.IN, start + a * MINUTE) for a, _ in spans),
            spans=tuple(
                Span(from_at=start + a * MINUTE, to_at=None if b is None else start + b * MINUTE)
                for a, b in spans
            ),
        )

    found = [duty(1, (-10, 480)), duty(1, (7, 200), (230, 468)), duty(1), duty(2, (0, None))]
    day = attended(found, date(2026, 5, 28), UTC)  # type: ignore[arg-type]
    hour = start // HOUR_MS % 24
    assert [(one.organisation, one.hour, one.planned, one.came) for one in day.attendance] == [
        (1, hour, 3, 2),
        (2, hour, 1, 1),
    ]
    assert attended([duty(1)], date(2026, 5, 28), UTC).attendance == []  # type: ignore[arg-type]
    assert (day.late[0], day.late[2], sum(day.late)) == (2, 1, 3)
    assert (day.early[0], day.early[3], sum(day.early)) == (2, 1, 3)
    assert day.presence == {"B0": pytest.approx((490 + 193 + 238 + 480) / 60, abs=0.001)}
