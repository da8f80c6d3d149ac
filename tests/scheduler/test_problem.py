"""The problem's JSON form, and that every flaw is named by path, value and remedy."""

from typing import Any

import msgspec
import pytest

from scheduler.contract import Contract, Least, Measure, Most, Per, Stretch, Succession
from scheduler.instance import instance
from scheduler.problem import (
    Bond,
    Limits,
    Need,
    OrganisationId,
    PersonId,
    Point,
    PostId,
    ShiftId,
    Span,
    TimeWish,
    Weights,
    Wish,
    from_json,
    to_json,
)
from scheduler.sound import Flaw, flaws
from tests.scheduler.make import MONDAY, guard, problem, put, span, tightened

HOURS = Most(what=Measure.HOURS, per=Per.WEEK, most=40.0)
DAYS = [(0, 6, 14), (1, 6, 14), (1, 14, 22)]


def test_json_goes_round() -> None:
    asked = instance(60, 7, 1, full=True)
    assert from_json(to_json(asked)) == asked


def test_json_is_plain() -> None:
    plain = msgspec.json.decode(to_json(problem([guard()], [(0, 6, 14)])))
    assert plain["people"][0]["role"] == "guard"
    assert plain["people"][0]["home"] == [23.29, 113.81]
    assert plain["people"][0]["certificates"] == [{"kind": "guard", "until": "2030-01-01"}]
    assert plain["shifts"][0] == {
        "id": 1,
        "start": MONDAY + 21_600_000,
        "end": MONDAY + 50_400_000,
        "roles": [],
        "kind": "",
    }


def test_the_made_up_districts_are_sound() -> None:
    assert flaws(instance(300, 7, 2, full=True)) == ()


def only(**changes: Any) -> Flaw:
    (found,) = flaws(problem(**{"people": [guard()], "duties": DAYS, **changes}))
    return found


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"zone": "Asia/Nowhere"}, "zone"),
        ({"weights": Weights(travel=-1)}, "weights.travel"),
        ({"weights": Weights(travel=float("nan"))}, "weights.travel"),
        ({"limits": Limits(rest_hours=10)}, "limits.rest_hours"),
        ({"limits": Limits(nights=4)}, "limits.nights"),
        ({"people": [guard(), guard()]}, "people[1]"),
        ({"people": [guard(organisation=OrganisationId(9))]}, "people[0].organisation"),
        ({"people": [guard(home=None)]}, "people[0].home"),
        ({"people": [guard(home=Point(lat=113.8, lon=23.3))]}, "people[0].home"),
        ({"people": [guard(travel_km=-1.0)]}, "people[0].travel_km"),
        ({"people": [guard(leave=(Span(start=2, end=2),))]}, "people[0].leave[0]"),
        ({"people": [guard(target_hours=-1.0)]}, "people[0].target_hours"),
        ({"people": [guard(wishes=(Wish(shift=ShiftId(4), weight=1.0),))]}, "people[0].wishes[0].shift"),
        ({"people": [tightened(guard(), week_hours=100.0)]}, "people[0].limits.week_hours"),
        ({"duties": [(0, 6, 14), (40, 6, 14)]}, "shifts[1].start"),
        ({"duties": [(0, 6, 31)]}, "shifts[0].end"),
        ({"beats": ()}, "posts[0].beat"),
        ({"needs": (Need(post=PostId(2), shift=ShiftId(1)),)}, "needs[0].post"),
        ({"needs": (Need(post=PostId(1), shift=ShiftId(1)),) * 2}, "needs[1]"),
        ({"needs": (Need(post=PostId(1), shift=ShiftId(1), worth=(1.0, 2.0)),)}, "needs[0].worth"),
        ({"needs": (Need(post=PostId(1), shift=ShiftId(1), minimum=3, desired=2),)}, "needs[0].desired"),
        ({"needs": (Need(post=PostId(1), shift=ShiftId(1), certified=-1),)}, "needs[0].certified"),
        ({"people": [guard(contract="c")]}, "people[0].contract"),
        ({"people": [guard(history_kinds=("night",))], "kinds": ("night",)}, "people[0].history_kinds"),
        (
            {"people": [guard(time_wishes=(TimeWish(span=Span(start=2, end=1), weight=1.0),))]},
            "people[0].time_wishes[0].span",
        ),
        ({"contracts": (Contract(code="c"),) * 2}, "contracts[1]"),
        ({"contracts": (Contract(code="c", limits=Limits(run_days=7)),)}, "contracts[0].limits.run_days"),
        (
            {
                "contracts": (Contract(code="c", never=(Succession(earlier="n", later="n"),)),),
                "kinds": ("m", "n", "n"),
            },
            "kinds[2]",
        ),
        ({"contracts": (Contract(code="c", most=(HOURS, HOURS)),)}, "contracts[0].most[1]"),
        (
            {
                "contracts": (
                    Contract(
                        code="c", most=(HOURS,), least=(Least(what=Measure.HOURS, per=Per.WEEK, least=41.0),)
                    ),
                )
            },
            "contracts[0].least[0]",
        ),
        (
            {
                "contracts": (
                    Contract(
                        code="c", most=(Most(what=Measure.DUTIES, per=Per.WEEK, most=1, kinds=("nigth",)),)
                    ),
                )
            },
            "contracts[0].most[0].kinds[0]",
        ),
        (
            {
                "contracts": (
                    Contract(
                        code="c", most=(Most(what=Measure.WEEKENDS, per=Per.MONTH, most=1, kinds=("night",)),)
                    ),
                ),
                "kinds": ("night",),
            },
            "contracts[0].most[0].kinds",
        ),
        ({"contracts": (Contract(code="c", off=Stretch(least=3, most=2)),)}, "contracts[0].off.most"),
        ({"contracts": (Contract(code="c", working=Stretch(weight=-1.0)),)}, "contracts[0].working.weight"),
        ({"bonds": (Bond(people=(PersonId(1),)),)}, "bonds[0].people"),
        ({"bonds": (Bond(people=(PersonId(1), PersonId(2))),)}, "bonds[0].people[1]"),
        ({"needs": (Need(post=PostId(1), shift=ShiftId(1), over=-1.0),)}, "needs[0].over"),
        ({"pinned": tuple(put(2, 1))}, "pinned[0].person"),
        ({"pinned": tuple(put(1, 1, post=2))}, "pinned[0]"),
    ],
)
def test_each_flaw_is_named(changes: dict[str, Any], path: str) -> None:
    found = only(**changes)
    assert found.path == path
    assert found.remedy


def test_contradictions_among_pins_are_told_together() -> None:
    away = guard(leave=(span(0, 0, 24),))
    asked = problem([away, guard(2)], [*DAYS, (2, 6, 14)], pinned=tuple(put(1, 1) + put(2, 3, 4)))
    found = {flaw.value: flaw.path for flaw in flaws(asked)}
    assert found == {"available": "pinned[0]", "rest": "pinned[1], pinned[2]"}


def test_pins_beyond_a_contract_are_a_contradiction() -> None:
    few = Contract(code="few", most=(Most(what=Measure.DUTIES, per=Per.WEEK, most=1),))
    asked = problem([guard(contract="few")], DAYS, contracts=(few,), pinned=tuple(put(1, 1, 2)))
    (found,) = flaws(asked)
    assert (found.path, found.value) == ("pinned[0], pinned[1]", "contract_duties")
    assert "most 1" in found.remedy


def test_a_lone_pin_is_no_contradiction() -> None:
    assert flaws(problem([guard()], [(0, 22, 6)], pinned=tuple(put(1, 1)))) == ()
