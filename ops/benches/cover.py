"""How fast the district is covered by cells, fixes become visits, and visits become coverage."""

import argparse
import json
import statistics
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from geo import cell as cells
from geo import coverage, district, tracks
from geo.cell import Floats, Ints
from geo.coverage import Sums, Weights
from geo.index import CellIndex
from geo.live import LiveCoverage
from geo.path import Paths
from geo.tracks import Fixes, Visits
from geo.visits import visits_of

DEMO = Path(__file__).parents[2] / "alliance" / "areas" / "demo" / "zengcheng.geojson"
MIDNIGHT = 1_780_243_200_000
HOUR = 3_600_000
EVERY_MS = 20_000
STEPS = 8 * HOUR // EVERY_MS
CHUNK = 1_000
ON_DUTY = 2_500
TICKS = 60
TICK_MS = 1_000
TARGET_MS = np.array([15, 60, 240], dtype=np.int64) * 60_000

T = TypeVar("T")


class Clock:
    """Wall and CPU seconds by name, one pair a measurement."""

    def __init__(self) -> None:
        self._taken: dict[str, list[tuple[float, float]]] = defaultdict(list)

    def measure(self, name: str, work: Callable[[], T]) -> T:
        wall, cpu = time.perf_counter(), time.process_time()
        result = work()
        self._taken[name].append((time.perf_counter() - wall, time.process_time() - cpu))
        return result

    def median(self, name: str) -> tuple[float, float]:
        walls, cpus = zip(*self._taken[name], strict=True)
        return statistics.median(walls), statistics.median(cpus)

    def total(self, name: str) -> tuple[float, float]:
        walls, cpus = zip(*self._taken[name], strict=True)
        return sum(walls), sum(cpus)


def run(argv: list[str]) -> dict[str, Any]:
    parser = argparse.ArgumentParser(prog="ops/bench cover")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--people", type=int, default=12_000)
    args = parser.parse_args(argv)
    clock, rng = Clock(), np.random.default_rng(1)
    boundary = district.read(json.loads(DEMO.read_text(encoding="utf-8")))
    for _ in range(args.runs):
        found = clock.measure("cover", lambda: district.cover(boundary))
    index = CellIndex(found)
    paths = Paths(index)
    targets = TARGET_MS[rng.choice(3, len(index), p=[0.1, 0.3, 0.6])]
    weights = _weights(rng, len(index))
    day, count = walked_day(paths, rng, args.people, clock)
    for _ in range(args.runs):
        clock.measure("day", lambda: _period(index, day, targets, weights))
        folded = _live(paths, targets, weights, clock)
    return _figures(clock, cells=len(index), fixes=count, visits=len(day), folded=folded, runs=args.runs)


def _figures(clock: Clock, *, cells: int, fixes: int, visits: int, folded: int, runs: int) -> dict[str, Any]:
    cover, day, tick = clock.median("cover"), clock.median("day"), clock.median("tick")
    indexed, traced, fold = clock.total("indexed"), clock.total("traced"), clock.total("fold")
    return {
        "cells": cells,
        "cover_ms": round(cover[0] * 1e3, 1),
        "cover_cpu_ms": round(cover[1] * 1e3, 1),
        "fixes_per_s_indexed": round(fixes / indexed[0]),
        "indexed_cpu_us_per_fix": round(indexed[1] / fixes * 1e6, 3),
        "visits_fixes_per_s": round(fixes / traced[0]),
        "visits_cpu_us_per_fix": round(traced[1] / fixes * 1e6, 3),
        "live_tick_ms": round(tick[0] * 1e3, 3),
        "live_tick_cpu_ms": round(tick[1] * 1e3, 3),
        "live_fold_cpu_us_per_fix": round(fold[1] / (folded * runs) * 1e6, 2),
        "day_fixes": fixes,
        "day_visits": visits,
        "day_coverage_s": round(day[0], 3),
        "day_coverage_cpu_s": round(day[1], 3),
        "runs": runs,
    }


def _weights(rng: np.random.Generator, count: int) -> Weights:
    """Three duty shifts a day, each with its own."""
    rows: Floats = rng.uniform(0.2, 5.0, (3, count))
    starts = MIDNIGHT + np.arange(-3, 9, dtype=np.int64) * 8 * HOUR
    return Weights(starts=starts, row=np.arange(12, dtype=np.int64) % 3, rows=rows)


def _walks(index: CellIndex, rng: np.random.Generator, people: int, steps: int) -> tuple[Floats, Floats]:
    """(people, steps) of lat and lon: walks at about 1.2 m/s that turn back 800 m from home."""
    homes = index.centres()[rng.integers(0, len(index), people)]
    heading = np.cumsum(rng.normal(0.0, 0.3, (people, steps)), axis=1) + rng.uniform(0, 7, (people, 1))
    pace = 1.2 * EVERY_MS / 1000 / 111_000
    reach = 800 / 111_000

    def folded(way: Floats) -> Floats:
        back: Floats = np.abs((np.cumsum(way, axis=1) + reach) % (4 * reach) - 2 * reach) - reach
        return back + rng.normal(0.0, 4 / 111_000, back.shape)

    return homes[:, :1] + folded(pace * np.sin(heading)), homes[:, 1:] + folded(pace * np.cos(heading)) * 1.09


def _raw(
    index: CellIndex, rng: np.random.Generator, people: range, starts: Ints, *, every: int, steps: int
) -> dict[str, Any]:
    lats, lons = _walks(index, rng, len(people), steps)
    at = starts[:, None] + np.arange(steps) * every + rng.integers(0, 200, (len(people), steps))
    return {
        "assignment": np.repeat(np.arange(people.start, people.stop, dtype=np.int64), steps),
        "at": at.ravel().astype(np.int64),
        "lat": lats.ravel(),
        "lon": lons.ravel(),
        "accuracy": rng.exponential(15.0, lats.size),
        "mock": np.zeros(lats.size, dtype=np.bool_),
    }


def walked_day(paths: Paths, rng: np.random.Generator, people: int, clock: Clock) -> tuple[Visits, int]:
    """Everyone on duty for eight hours of one day: the visits, and of how many fixes."""
    found, count = [], 0
    for first in range(0, people, CHUNK):
        batch = range(first, min(first + CHUNK, people))
        starts = MIDNIGHT + rng.integers(0, 3, len(batch)) * 8 * HOUR
        raw = _raw(paths.index, rng, batch, starts, every=EVERY_MS, steps=STEPS)
        fixes: Fixes = clock.measure("indexed", lambda raw=raw: tracks.fixes(paths.index, **raw))  # type: ignore[misc]
        found.append(clock.measure("traced", lambda fixes=fixes: visits_of(fixes, paths)))  # type: ignore[misc]
        count += len(fixes)
    return Visits.joined(found), count


def _period(index: CellIndex, day: Visits, targets: Ints, weights: Weights) -> Sums:
    """The whole day of the whole district, rolled up to planning cells."""
    sums = coverage.over_period(day, targets, weights, MIDNIGHT, MIDNIGHT + 24 * HOUR)
    above, own = index.parents(cells.PLANNING)
    return sums.rolled_up(own, len(above))


def _live(paths: Paths, targets: Ints, weights: Weights, clock: Clock) -> int:
    """A minute of everyone on duty at one fix per 5 s, folded in and shown once a second; how many fixes."""
    rng = np.random.default_rng(2)
    above, own = paths.index.parents(cells.PLANNING)
    live, shown = LiveCoverage(paths, targets), np.zeros(len(targets), dtype=np.int64)
    starts = MIDNIGHT + rng.integers(0, 5_000, ON_DUTY)
    whole = tracks.fixes(
        paths.index, **_raw(paths.index, rng, range(ON_DUTY), starts, every=5_000, steps=12 * 11)
    )
    warm, count = MIDNIGHT + 10 * 60_000, 0
    live.extend(_some(whole, np.flatnonzero(whole.at < warm)))
    for now, batch in _ticks(whole, warm):
        clock.measure("fold", lambda batch=batch: live.extend(batch))  # type: ignore[misc]
        count += len(batch)

        def tick(now: int = now, shown: Ints = shown) -> Ints:
            until = live.covered_until(now)
            coverage.at_instant(until, weights, now).rolled_up(own, len(above)).shares()
            shown[np.flatnonzero(until != shown)] = until[until != shown]
            return until

        clock.measure("tick", tick)
    return count


def _ticks(whole: Fixes, since: int) -> Iterator[tuple[int, Fixes]]:
    for k in range(TICKS):
        begin = since + k * TICK_MS
        chosen = (whole.at >= begin) & (whole.at < begin + TICK_MS)
        yield begin + TICK_MS, _some(whole, np.flatnonzero(chosen))


def _some(fixes: Fixes, which: Ints) -> Fixes:
    return Fixes(
        assignment=fixes.assignment[which],
        at=fixes.at[which],
        lat=fixes.lat[which],
        lon=fixes.lon[which],
        place=fixes.place[which],
        flags=fixes.flags[which],
    )
