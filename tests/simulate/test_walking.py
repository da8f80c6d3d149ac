"""Where simulated patrols go, what they keep until it is acknowledged, how people are."""

import random

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alliance.feed.wire import CheckIn, CheckOut, Fix, Fixes, Incoming
from alliance.simulate import habits, office
from alliance.simulate.crowd import pairs
from alliance.simulate.ground import Ground, ground, worth
from alliance.simulate.outbox import BATCH, Outbox, encode
from alliance.simulate.walker import Duty
from alliance.simulate.way import FASTEST_MPS, Way
from geo import cell as hexes

START = 1_700_000_000_000
MIDDLE = hexes.at(23.29, 113.82)
INNER = {MIDDLE, *hexes.neighbours(MIDDLE, 3)}


def field() -> Ground:
    """Beat b1 of 37 cells inside b2 of 54."""
    cells = sorted({MIDDLE, *hexes.neighbours(MIDDLE, 5)})
    return ground(cells, [0 if cell in INNER else 1 for cell in cells], ["b1", "b2"], [1.0] * len(cells))


def fixes(outbox: Outbox, count: int) -> None:
    for n in range(count):
        outbox.take(Fix(at=START + n, lat=23.3, lon=113.8, accuracy=5))


def message(at: int = START) -> CheckIn:
    return CheckIn(key=f"k{at}", assignment=7, at=at)


def test_everything_is_kept_in_order_until_it_is_settled() -> None:
    outbox = Outbox(7)
    outbox.keep(message())
    fixes(outbox, 3)
    outbox.keep(CheckOut(key="out", assignment=7, at=START + 9))
    kept = outbox.everything()
    assert [type(one) for one in kept] == [CheckIn, Fixes, CheckOut]
    outbox.settled(key=message().key)
    outbox.settled(seq=1)
    assert [type(one) for one in outbox.everything()] == [CheckOut]
    outbox.settled(key="out")
    assert len(outbox) == 0


def test_after_hours_without_network_fixes_go_in_batches_of_new_numbers() -> None:
    outbox = Outbox(7)
    fixes(outbox, 1)
    assert [one.seq for one in outbox.fresh()] == [1]
    fixes(outbox, 2 * BATCH + 1)
    later = outbox.fresh()
    assert [(one.seq, len(one.fixes)) for one in later] == [(2, BATCH), (3, BATCH), (4, 1)]
    assert outbox.fresh() == []
    outbox.settled(seq=2)
    assert [one.seq for one in outbox.everything() if isinstance(one, Fixes)] == [3, 4]


def test_what_is_sent_is_what_the_feed_reads() -> None:
    sent = encode(message())
    assert msgspec.json.decode(sent, type=Incoming) == message()


@given(seed=st.integers(0, 10_000), speed=st.sampled_from([0.5, 1.0, 4.0, 20.0]))
def test_a_way_has_no_jumps_and_stays_about_its_beat(seed: int, speed: float) -> None:
    known = field()
    way = Way(known, "b1", random.Random(seed), start=START, speed=speed)
    last, inside = way.at(START), 0
    for n in range(1, 200):
        here = way.at(START + n * 15_000)
        assert hexes.distance_m(*last, *here) <= FASTEST_MPS * 15 + 1
        inside += hexes.at(*here) in INNER
        last = here
    assert inside > 150


def test_patrols_spread_over_their_beat() -> None:
    known = field()
    ways = [Way(known, "b1", random.Random(n), start=START, speed=1) for n in range(6)]
    seen = {hexes.at(*way.at(START + n * 20_000)) for n in range(360) for way in ways}
    assert len(seen & INNER) > 30


def test_a_cold_heavy_cell_asks_more_than_a_covered_one() -> None:
    known = field()
    place = known.hexes.place(int(MIDDLE, 16))
    here = hexes.centre(MIDDLE)
    candidates = np.array([place])
    cold = worth(known, candidates, here, START)[0]
    known.cover([(MIDDLE, START + 3_600_000), (hexes.at(0.0, 0.0), START)])
    assert worth(known, candidates, here, START)[0] < cold / 10


def test_an_order_leads_straight_to_its_place_until_released() -> None:
    known = field()
    way = Way(known, "b1", random.Random(3), start=START, speed=1)
    goal = hexes.centre(hexes.neighbours(MIDDLE, 4)[0])
    arrival = way.call_to(*goal, START + 60_000)
    assert way.at(arrival) == pytest.approx(goal)
    assert way.at(arrival + 600_000) == pytest.approx(goal)
    way.released()
    assert hexes.distance_m(*way.at(arrival + 1_800_000), *goal) > 1


def duty(number: int, post: int = 1) -> Duty:
    return Duty(id=number, person=number, post=post, shift=1, beat="b1", start=START, end=START + 1)


def test_people_go_by_twos_and_nobody_goes_alone_where_there_are_more() -> None:
    groups = pairs([duty(n) for n in range(1, 6)] + [duty(9, post=2)], seed=1)
    assert sorted(sorted(one.id for one in group) for group in groups) == [[1, 2], [3, 4, 5], [9]]
    assert [g[0].id for g in groups] == [
        g[0].id for g in pairs([duty(9, post=2), *(duty(n) for n in range(5, 0, -1))], seed=1)
    ]


@given(seed=st.integers(0, 1000), late=st.integers(-1800, 20_000))
def test_nobody_checks_in_before_it_is_allowed(seed: int, late: int) -> None:
    now = START + late * 1000
    found = habits.temper(random.Random(seed), START, START + 8 * 3_600_000, now)
    assert found.check_in_at >= START - 30 * 60_000
    assert found.check_in_at >= now


def test_habits_differ() -> None:
    rng = random.Random(1)
    found = [habits.temper(rng, START, START + 28_800_000, START - 1_800_000) for _ in range(2000)]
    missing, forgetting = (sum(not t.comes for t in found), sum(t.check_out_at is None for t in found))
    assert 20 < missing < 120
    assert 20 < forgetting < 120
    kinds = {habits.report(rng, (23.3, 113.8), key="k", at=START, others=[1]).kind for _ in range(500)}
    assert len(kinds) == 9


@pytest.mark.parametrize(
    ("state", "minutes", "step"),
    [
        ("open", 30, None),
        ("open", 36, "close"),
        ("on_scene", 50, "close"),
        ("closed", 50, None),
        ("closed", 61, "confirm"),
    ],
)
def test_the_officer_leaves_people_the_time_to_be_first(state: str, minutes: int, step: str | None) -> None:
    rng = random.Random(1)
    assert office.due({"state": state, "opened_at": START}, START + minutes * 60_000, rng) == step
