"""The rules against a slow, obvious second implementation, on anything at all."""

import random
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alliance.actor import AssignmentId, Code, OrganisationId, PersonId
from alliance.attention import judging
from alliance.attention.book import Book
from alliance.attention.judging import Call, Scene
from alliance.attention.model import MINUTE_MS, Key, Kind, Standing, Thresholds
from alliance.attention.roll import ROW, Roll
from alliance.patrol.model import Duty, Mark, Span, StampKind
from alliance.patrol.tracks import Heard
from geo.cell import Cell, Ints
from geo.track import Flag
from tests.attention import slow

NOW = 1_780_000_000_000
BEATS = (Code("B0"), Code("B1"), Code("B2"))
SOME = 30


def about_now(chance: random.Random, minutes: int = 90) -> int:
    """On the minute more often than not, so that every bound is met exactly now and then."""
    return NOW - chance.randrange(-5, minutes) * MINUTE_MS - chance.choice([0, 0, 0, 1, -1])


def sometimes(chance: random.Random, count: int) -> Ints:
    return np.array([chance.choice([0, about_now(chance)]) for _ in range(count)])


def scene(chance: random.Random) -> Scene:
    rows = np.zeros(SOME, dtype=ROW)
    for n, row in enumerate(rows):
        row["assignment"], row["person"], row["organisation"] = 100 + n, n, n % 3
        row["beat"], row["here"] = chance.randrange(-1, 3), chance.randrange(-1, 3)
        row["battery"] = chance.randrange(-1, 30)
        row["at"], row["heard"] = about_now(chance), about_now(chance)
        for name in ("start", "end", "open_until"):
            row[name] = about_now(chance) + chance.randrange(3) * 30 * MINUTE_MS
        row["open_from"], row["still_since"], row["outside_since"] = sometimes(chance, 3)
        for name in ("arrived", "tracked", "roving"):
            row[name] = chance.random() < 0.6
    who = {"person": PersonId(1), "organisation": OrganisationId(1)}
    call = Call(id=7, at=NOW - 5, assignment=None, beat=None, **who)  # type: ignore[arg-type]
    return Scene(
        rows=rows,
        ordered=np.array([1, 5, 8]),
        beats=BEATS,
        needed=np.array([chance.randrange(3) for _ in BEATS]),
        began=sometimes(chance, 3),
        empty_since=sometimes(chance, 3),
        cells=[Cell(f"c{n}") for n in range(6)],
        cell_beat=np.array([0, 0, 1, 1, 2, 2]),
        target=np.array([15, 15, 20, 20, 60, 15]) * MINUTE_MS,
        cold_since=sometimes(chance, 6),
        calls=(call,) if chance.random() < 0.5 else (),
    )


def thresholds(chance: random.Random) -> Thresholds:
    """Often off, often met to the minute."""
    names = ("not_arrived", "left_beat", "still", "silent", "unstaffed")
    return Thresholds(
        **{name: chance.choice([0, 1, 5, 10, 15, 45]) for name in names},
        battery=chance.choice([0, 10, 15]),
        cold=chance.choice([0, 1.0, 1.5, 2.0]),
    )


def standing(number: int, key: Key) -> Standing:
    kind, subject = key
    return Standing(id=number, kind=kind, subject=subject, since=0)


@settings(max_examples=150, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_the_rules_say_what_one_reads_them_to_say(seed: int) -> None:
    """Raised is what is met and doesn't stand yet; resolved what stands and isn't met any more."""
    chance = random.Random(seed)
    here, limits, low = scene(chance), thresholds(chance), set(chance.sample(range(100, 130), 10))
    met = slow.judged(here, limits, NOW, low)
    others = [key for key in sorted(met) if key[0] is not Kind.BATTERY and chance.random() < 0.5]
    others += [(kind, str(number)) for kind in Kind if kind is not Kind.BATTERY for number in (7, 999)]
    stood = {(Kind.BATTERY, str(number)) for number in low} | set(others)
    book = Book(standing(n, key) for n, key in enumerate(sorted(stood)))
    raised, over = judging.news(here, limits, NOW, book)
    assert {cause.key: cause.since for cause in raised} == {k: v for k, v in met.items() if k not in stood}
    assert {one.key for one in over} == stood - set(met)
    assert len({cause.key for cause in raised}) == len(raised)
    assert len({one.key for one in over}) == len(over)
    book.put(standing(0, cause.key) for cause in raised)
    book.drop(over)
    assert {one.key for one in book} == set(met)


class Ground:
    """As much of a district as the roll asks for: place n lies in beat n % 3."""

    beat = np.arange(30) % 3
    beats = BEATS


def duty(n: int, beat: Code, **more: Any) -> Duty:
    known = {
        "id": AssignmentId(n),
        "person": PersonId(n),
        "organisation": OrganisationId(1),
        "post": "",
        "beat": beat,
        "cell": None,
        "duty_day": None,
        "start": NOW,
        "end": NOW + 480 * MINUTE_MS,
        "consented": True,
        "marks": (Mark(StampKind.IN, NOW),),
        "spans": (Span(from_at=NOW),),
    }
    return Duty(**{**known, **more})


def told(
    chance: random.Random, people: int, count: int
) -> list[tuple[int, int, float, float, int, int, int]]:
    """(person, at, lat, lon, place, battery, flags), times at random, also twice and out of order."""
    return [
        (
            chance.randrange(people),
            NOW + chance.randrange(60) * 10_000,
            23.29 + chance.choice([0, 0.0002, 0.0004, 0.0009]),
            113.81,
            chance.randrange(-1, 30),
            chance.randrange(-1, 100),
            chance.choice([0, 0, 0, Flag.COARSE, Flag.MOCK, Flag.OUTSIDE]),
        )
        for _ in range(count)
    ]


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_the_roll_knows_of_each_what_following_one_person_tells(seed: int) -> None:
    chance = random.Random(seed)
    roll = Roll(Ground())  # type: ignore[arg-type]
    roll.put(duty(n, BEATS[n % 3]) for n in range(5))
    people = [slow.Follower(n % 3) for n in range(5)]
    for _ in range(4):
        fixes = told(chance, 7, chance.randrange(1, 40))
        columns = [np.array(column) for column in zip(*fixes, strict=True)]
        names = ("assignment", "at", "lat", "lon", "place", "battery", "flags")
        roll.fold(Heard(**dict(zip(names, columns, strict=True))))
        for n, at, lat, lon, place, battery, flags in sorted(fixes, key=lambda fix: fix[1]):
            if n < 5:
                beat = -1 if place < 0 else place % 3
                people[n].take(at, lat, lon, beat, battery, not flags & (Flag.COARSE | Flag.MOCK))
    for row, one in zip(roll.rows, people, strict=True):
        seen = [
            row[name].item() for name in ("heard", "at", "here", "battery", "still_since", "outside_since")
        ]
        assert seen == [one.heard, one.at, one.here, one.battery, one.still_since, one.outside_since]
    roll.keep([3, 1, 99])
    kept = {row["assignment"].item(): row["heard"].item() for row in roll.rows}
    assert kept == {n: people[n].heard for n in (1, 3)}


def test_a_beat_is_empty_when_nobody_is_seen_in_it_nor_trusted_to_be() -> None:
    roll = Roll(Ground())  # type: ignore[arg-type]
    roll.put([duty(0, BEATS[0]), duty(1, BEATS[1]), duty(2, BEATS[2], marks=(), spans=())])
    later = NOW + 5 * MINUTE_MS
    # The first is seen in the second's beat; the second has sent nothing and stands for the own beat.
    one = {"assignment": 0, "at": later, "lat": 23.0, "lon": 113.0, "place": 1, "battery": -1, "flags": 0}
    roll.fold(Heard(**{name: np.array([value]) for name, value in one.items()}))
    somebody = judging.occupied(roll.rows, 3, 10 * MINUTE_MS, later)
    assert somebody.tolist() == [False, True, False]
    since = judging.emptied(np.zeros(3, dtype=np.int64), somebody, later)
    assert since.tolist() == [later, 0, later]
    assert judging.emptied(since, somebody, later + 1).tolist() == [later, 0, later]
    # Long unseen, the first stands for the own beat again.
    assert judging.occupied(roll.rows, 3, 10 * MINUTE_MS, later + 11 * MINUTE_MS).tolist() == [
        True,
        True,
        False,
    ]


def test_a_cell_is_cold_from_the_end_of_its_covering() -> None:
    nothing = np.zeros(3, dtype=np.int64)
    covered = np.array([NOW + 60_000, 0, NOW + 1])
    since = judging.cooled(nothing, nothing, covered, NOW)
    assert since.tolist() == [0, NOW, 0]
    later = judging.cooled(since, covered, np.array([NOW + 60_000, 0, 0]), NOW + 5_000)
    assert later.tolist() == [0, NOW, NOW + 1]


@pytest.mark.parametrize(
    ("battery", "was_low", "met"),
    [(15, False, True), (16, False, False), (19, True, True), (20, True, False)],
)
def test_a_battery_must_rise_before_it_is_well_again(battery: int, was_low: bool, met: bool) -> None:
    here = scene(random.Random(1))
    rows = np.zeros(1, dtype=ROW)
    rows["assignment"], rows["battery"], rows["open_from"], rows["open_until"] = 5, battery, NOW - 1, NOW + 1
    rows["heard"] = rows["open_from"]
    one = Scene(**{**{name: getattr(here, name) for name in Scene.__struct_fields__}, "rows": rows})
    book = Book([standing(1, (Kind.BATTERY, "5"))] if was_low else [])
    raised, over = judging.news(one, Thresholds(), NOW, book)
    assert any(cause.kind is Kind.BATTERY for cause in raised) is (met and not was_low)
    assert bool(over) is (was_low and not met)
