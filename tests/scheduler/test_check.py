"""Each hard rule by the contract's own example, then by its edges."""

from datetime import date
from typing import Any

import msgspec
import pytest

from scheduler.check import Rule, check
from scheduler.problem import (
    Assignment,
    BeatCode,
    Certificate,
    Limits,
    Organisation,
    OrganisationId,
    Person,
    Point,
    Post,
    PostId,
    Problem,
    Span,
)
from tests.scheduler.make import HOUR, PAPER, guard, problem, put, span, tightened, volunteer

Duties = list[tuple[int, float, float]]
NIGHT = (22, 6)


def broken(asked: Problem, assignments: list[Assignment]) -> set[Rule]:
    """Without not_alone, which has tests of its own."""
    return {v.rule for v in check(asked, assignments)} - {Rule.NOT_ALONE}


def of_one(person: Person, duties: Duties, **changes: Any) -> set[Rule]:
    """What the person breaks by serving all of these."""
    return broken(problem([person], duties, **changes), put(person.id, *range(1, len(duties) + 1)))


def test_one_place_leaves_touching_duties_to_rest() -> None:
    assert of_one(guard(overtime_consent=True), [(0, 6, 14), (0, 13, 15)]) == {Rule.ONE_PLACE}
    assert of_one(guard(), [(0, 6, 10), (0, 10, 14)]) == {Rule.REST}
    assert Rule.ONE_PLACE not in of_one(guard(), [(0, 6, 14), (0, 14, 22)])


def test_one_place_sees_a_long_duty_behind_a_short_one() -> None:
    asked = problem([volunteer()], [(0, 8, 12), (0, 9, 10), (0, 11, 12)])
    found = [v for v in check(asked, put(1, 1, 2, 3)) if v.rule is Rule.ONE_PLACE]
    assert [set(v.assignments) for v in found] == [set(put(1, 1, 2)), set(put(1, 1, 3))]


def test_available_joins_touching_spans_and_cuts_leave() -> None:
    morning, rest = span(0, 6, 10), span(0, 10, 14)
    assert of_one(guard(availability=(rest, morning)), [(0, 6, 14)]) == set()
    assert of_one(guard(availability=(morning, span(0, 10.5, 14))), [(0, 6, 14)]) == {Rule.AVAILABLE}
    assert of_one(guard(leave=(span(0, 13, 15),)), [(0, 6, 14)]) == {Rule.AVAILABLE}
    assert of_one(guard(leave=(span(0, 14, 15),)), [(0, 6, 14)]) == set()


def test_available_wants_person_and_organisation_active() -> None:
    assert of_one(guard(active=False), [(0, 6, 14)]) == {Rule.AVAILABLE}
    closed = (Organisation(id=OrganisationId(1), active=False),)
    assert of_one(guard(), [(0, 6, 14)], organisations=closed) == {Rule.AVAILABLE}


@pytest.mark.parametrize(
    ("person", "duty", "legal"),
    [
        (volunteer(), (0, 19, 23), True),
        (volunteer(), (0, 18, 23), False),
        (guard(), (0, 6, 14), True),
        (guard(), (0, 6, 15), False),
        (guard(overtime_consent=True), (0, 6, 17), True),
        (guard(overtime_consent=True), (0, 6, 17.5), False),
        (tightened(guard(), day_hours=7.0), (0, 6, 14), False),
    ],
)
def test_day_hours(person: Person, duty: tuple[int, float, float], legal: bool) -> None:
    assert of_one(person, [duty]) == (set() if legal else {Rule.DAY_HOURS})


def test_day_hours_with_a_permit_for_comprehensive_hours() -> None:
    permit = (Organisation(id=OrganisationId(1), permit=True),)
    assert of_one(guard(), [(0, 6, 18)], organisations=permit) == set()
    assert of_one(guard(), [(0, 6, 18.5)], organisations=permit) == {Rule.DAY_HOURS}


def test_day_hours_belong_to_the_day_of_the_start() -> None:
    assert of_one(volunteer(), [(0, 22, 2), (1, 14, 18)]) == set()


def test_week_hours_of_a_guard() -> None:
    six_days: Duties = [(day, 6, 14) for day in range(6)]
    assert of_one(guard(), six_days[:5]) == set()
    assert of_one(guard(), six_days) == {Rule.WEEK_HOURS}
    assert of_one(guard(overtime_consent=True), six_days) == set()


def test_week_hours_of_a_volunteer() -> None:
    evenings: Duties = [(day, 19, 23) for day in range(4)]
    assert of_one(volunteer(), evenings[:3]) == set()
    assert of_one(volunteer(), evenings) == {Rule.WEEK_HOURS}
    assert of_one(volunteer(), [(6, 19, 23), *((day, 19, 23) for day in range(7, 10))]) == set()


def test_week_hours_hold_the_month_to_36_hours_of_overtime() -> None:
    ten: Duties = [(7 * week + day, 6, 16) for week in range(4) for day in (0, 1, 2, 4, 5)]
    consenting = guard(overtime_consent=True)
    assert of_one(consenting, ten) == set(), "24 h in June"
    eleven: Duties = [(7 * week + day, 6, 17) for week in range(4) for day in (0, 1, 2, 4, 5)]
    assert of_one(consenting, eleven) == {Rule.WEEK_HOURS}, "44 h in June"
    assert of_one(consenting, eleven[:15]) == set(), "33 h"
    july: Duties = [(day - 7, *hours) for day, *hours in eleven]  # type: ignore[misc]
    assert of_one(consenting, july) == set(), "the first week's Thursday is in May"


def test_rest_of_a_guard() -> None:
    assert of_one(guard(), [(0, 6, 14), (1, 6, 14)]) == set()
    assert of_one(guard(), [(0, 14, 22), (1, 6, 14)]) == {Rule.REST}
    assert of_one(guard(), [(0, 14, 19), (1, 6, 14)]) == set()
    assert of_one(tightened(guard(), rest_hours=12.0), [(0, 14, 19), (1, 6, 14)]) == {Rule.REST}


def test_rest_of_a_volunteer_is_asked_between_days_only() -> None:
    assert of_one(volunteer(), [(0, 8, 10), (0, 10, 12)]) == set()
    assert of_one(volunteer(), [(0, 21, 23), (1, 8, 10)]) == {Rule.REST}


def test_run_counts_history_without_blaming_it() -> None:
    short: Duties = [(day, 8, 10) for day in range(7)]
    assert of_one(guard(), short[:6]) == set()
    assert of_one(guard(), short) == {Rule.RUN}
    before = tuple(span(day, 8, 10) for day in range(-6, 0))
    assert of_one(guard(history=before), [(0, 8, 10)]) == {Rule.RUN}
    assert of_one(guard(history=(span(-7, 8, 10), *before)), [(1, 8, 10)]) == set()


def test_nights_at_most_three_in_a_row() -> None:
    nights: Duties = [(day, *NIGHT) for day in range(4)]
    assert of_one(guard(), nights[:3]) == set()
    assert of_one(guard(), nights) == {Rule.NIGHTS}
    assert of_one(guard(), [(day, 19, 23) for day in range(4)]) == set(), "one hour of night is no night"
    assert of_one(guard(history=(span(-1, *NIGHT),)), nights[:3]) == {Rule.NIGHTS}


def test_nights_three_are_followed_by_48_hours() -> None:
    nights: Duties = [(day, *NIGHT) for day in range(3)]
    assert of_one(guard(), [*nights, (5, 6, 14)]) == set()
    assert of_one(guard(), [*nights, (5, 5.5, 13)]) == {Rule.NIGHTS}
    assert of_one(guard(), [*nights[:2], (4, 6, 14)]) == set()


def test_night_begins_with_three_hours_between_ten_and_six() -> None:
    assert of_one(guard(night_consent=False), [(0, 17, 24.99)]) == set()
    assert of_one(guard(night_consent=False), [(0, 18, 25)]) == {Rule.NIGHT_CONSENT}
    assert of_one(guard(night_consent=False), [(0, 3, 9)]) == {Rule.NIGHT_CONSENT}
    assert of_one(guard(night_consent=False), [(0, 3.1, 9)]) == set()


@pytest.mark.parametrize(
    ("born", "legal"),
    [
        (date(2008, 6, 1), True),
        (date(2008, 6, 2), False),
        (date(1966, 6, 2), True),
        (date(1966, 6, 1), False),
        (None, False),
    ],
)
def test_night_consent_by_age_on_the_day(born: date | None, legal: bool) -> None:
    assert of_one(guard(born=born), [(0, *NIGHT)]) == (set() if legal else {Rule.NIGHT_CONSENT})


def test_certificate_lasts_through_its_last_day() -> None:
    posts = (Post(id=PostId(1), beat=BeatCode("b1"), solo=True, certificate="first_aid"),)
    until = Certificate(kind="first_aid", until=date(2026, 6, 2))
    trained = guard(certificates=(PAPER, until))
    assert of_one(trained, [(1, 6, 14)], posts=posts) == set()
    assert of_one(trained, [(2, 6, 14)], posts=posts) == {Rule.CERTIFICATE}
    assert of_one(guard(), [(1, 6, 14)], posts=posts) == {Rule.CERTIFICATE}


def test_travel_to_the_nearest_planning_cell() -> None:
    away = Point(lat=23.29 + 5 / 111.194927, lon=113.81)
    assert of_one(guard(home=away, travel_km=5.001), [(0, 6, 14)]) == set()
    assert of_one(guard(home=away, travel_km=4.999), [(0, 6, 14)]) == {Rule.TRAVEL}
    assert of_one(guard(home=None, travel_km=None), [(0, 6, 14)]) == set()


def company(*people: Person, duty: tuple[int, float, float], solo: bool = False) -> bool:
    """Whether these may stand together."""
    posts = (Post(id=PostId(1), beat=BeatCode("b1"), solo=solo),)
    asked = problem(people, [duty], posts=posts)
    return not [v for v in check(asked, [put(p.id, 1)[0] for p in people]) if v.rule is Rule.NOT_ALONE]


def test_not_alone() -> None:
    assert company(volunteer(1), volunteer(2), duty=(0, 19, 23))
    assert not company(guard(1), duty=(0, 6, 14))
    assert not company(volunteer(1), volunteer(2), duty=(0, *NIGHT))
    assert company(volunteer(1), guard(2), duty=(0, *NIGHT))
    assert not company(volunteer(1), guard_without_paper(2), duty=(0, *NIGHT))


def guard_without_paper(number: int) -> Person:
    return msgspec.structs.replace(guard(number), certificates=())


def test_not_alone_but_for_a_guard_at_a_solo_post_by_day() -> None:
    assert company(guard(1), duty=(0, 6, 14), solo=True)
    assert not company(volunteer(1), duty=(0, 19, 23), solo=True)
    assert not company(guard(1), duty=(0, *NIGHT), solo=True)


def test_pinned_stays() -> None:
    asked = problem([guard()], [(0, 6, 14), (1, 6, 14)], pinned=tuple(put(1, 1)))
    assert broken(asked, put(1, 1, 2)) == set()
    assert broken(asked, put(1, 2)) == {Rule.PINNED}


def test_limits_of_district_and_organisation_count_too() -> None:
    strict = Limits(run_days=2)
    three: Duties = [(day, 8, 10) for day in range(3)]
    assert of_one(guard(), three, limits=strict) == {Rule.RUN}
    organisations = (Organisation(id=OrganisationId(1), limits=strict),)
    assert of_one(guard(), three, organisations=organisations) == {Rule.RUN}


def test_a_violation_tells_its_figures() -> None:
    asked = problem([guard()], [(0, 14, 22), (1, 6, 14)])
    (found,) = [v for v in check(asked, put(1, 1, 2)) if v.rule is Rule.REST]
    assert found.people == (1,)
    assert set(found.assignments) == set(put(1, 1, 2))
    assert found.explanation == {"hours": 8.0, "limit": 11.0}


def test_night_is_by_real_hours_when_clocks_change() -> None:
    """In Berlin 02:00 to 03:00 is left out on 28 March 2027: two hours after midnight it is 03:00."""
    midnight = 1_806_188_400_000
    horizon = Span(start=midnight, end=midnight + 99 * HOUR)
    person = guard(night_consent=False, availability=(horizon,))
    asked = problem([person], [(0, 6, 14)], zone="Europe/Berlin", horizon=horizon)
    for hours, night in ((2, True), (2.5, False)):
        start = midnight + round(hours * HOUR)
        shift = msgspec.structs.replace(asked.shifts[0], start=start, end=start + 6 * HOUR)
        moved = msgspec.structs.replace(asked, shifts=(shift,))
        assert broken(moved, put(1, 1)) == ({Rule.NIGHT_CONSENT} if night else set())
