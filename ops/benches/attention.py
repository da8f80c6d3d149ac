"""What the rules of attention cost each time they are judged, with everybody on duty at once."""

import argparse
import statistics
import time
from collections import defaultdict
from datetime import date
from typing import Any

import msgspec
import numpy as np

from alliance.actor import AssignmentId, Code, OrganisationId, PersonId
from alliance.attention import judging
from alliance.attention.book import Book
from alliance.attention.judging import Scene
from alliance.attention.model import Standing, Thresholds
from alliance.attention.roll import Roll
from alliance.patrol.model import Duty, Mark, Span, StampKind
from alliance.patrol.tracks import Heard
from geo.cell import Cell, Ints

NOW = 1_780_000_000_000
BEATS = 104
CELLS = 16_254
HIGH = CELLS // 10
LOOK_MS = 5_000
LOOKS = 60
Clock = dict[str, list[float]]


class Ground:
    """As much of a district as the roll asks for."""

    beat: Ints = np.arange(CELLS) % BEATS
    beats = tuple(Code(f"B{n:03}") for n in range(BEATS))


def run(argv: list[str]) -> dict[str, Any]:
    parser = argparse.ArgumentParser(prog="ops/bench attention")
    parser.add_argument("--people", type=int, default=12_000)
    parser.add_argument("--runs", type=int, default=3)
    args = parser.parse_args(argv)
    clock: Clock = defaultdict(list)
    for _ in range(args.runs):
        causes = _once(args.people, clock)
    medians = {f"{name}_cpu_ms": round(statistics.median(taken) * 1e3, 2) for name, taken in clock.items()}
    return {
        "people": args.people,
        "cells_of_high_demand": HIGH,
        "causes": causes,
        "runs": args.runs,
    } | medians


def _once(people: int, clock: Clock) -> int:
    rng = np.random.default_rng(1)
    roll = Roll(Ground())  # type: ignore[arg-type]
    _timed(clock, "put_all", lambda: roll.put(_duty(n) for n in range(people)))
    book = Book()
    for look in range(LOOKS):
        now = NOW + look * LOOK_MS
        heard = _heard(rng, people, now)
        _timed(clock, "fold", lambda heard=heard: roll.fold(heard))
        scene = _scene(roll, rng, now)
        new, gone = _timed(clock, "judge", lambda s=scene, t=now: judging.news(s, Thresholds(), t, book))
        book.put(Standing(id=look, **msgspec.structs.asdict(cause)) for cause in new)
        book.drop(gone)
    return sum(1 for _ in book)


def _timed(clock: Clock, name: str, work: Any) -> Any:
    began = time.process_time()
    result = work()
    clock[name].append(time.process_time() - began)
    return result


def _duty(n: int) -> Duty:
    """One in twenty has not come."""
    came = n % 20 > 0
    start = NOW - 3_600_000
    return Duty(
        id=AssignmentId(n),
        person=PersonId(n),
        organisation=OrganisationId(n % 40),
        post="",
        beat=Ground.beats[n % BEATS],
        cell=None,
        duty_day=date(2026, 5, 28),
        start=start,
        end=NOW + 7 * 3_600_000,
        consented=True,
        marks=(Mark(StampKind.IN, start),) if came else (),
        spans=(Span(from_at=start),) if came else (),
    )


def _heard(rng: np.random.Generator, people: int, now: int) -> Heard:
    """One fix of everybody, in the own beat but for one in fifty."""
    who = np.arange(people)
    place = np.where(who % 50 == 0, who + 1, who) % BEATS
    return Heard(
        assignment=who,
        at=now - rng.integers(0, LOOK_MS, people),
        lat=23.2 + rng.random(people) / 100,
        lon=113.8 + rng.random(people) / 100,
        place=place,
        battery=np.full(people, 60),
        flags=np.zeros(people, dtype=np.int64),
    )


def _scene(roll: Roll, rng: np.random.Generator, now: int) -> Scene:
    """One in ten cells of high demand is cold for long."""
    return Scene(
        rows=roll.rows,
        ordered=np.arange(30),
        beats=Ground.beats,
        needed=np.full(BEATS, 2),
        began=np.full(BEATS, NOW - 3_600_000),
        empty_since=np.zeros(BEATS, dtype=np.int64),
        cells=[Cell(f"c{n}") for n in range(HIGH)],
        cell_beat=np.arange(HIGH) % BEATS,
        target=np.full(HIGH, 900_000),
        cold_since=np.where(rng.random(HIGH) < 0.1, now - 2_000_000, 0),
    )
