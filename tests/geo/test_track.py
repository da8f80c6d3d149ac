"""Fixes → visits: the published examples, a slow second implementation, any order, any batches."""

import json
import random
from collections import defaultdict
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import h3
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo import cell as cells
from geo import track, tracks
from geo.index import CellIndex
from geo.path import Paths
from geo.tails import Tails
from geo.track import Break, Fix, Flag
from geo.tracks import Breaks, Fixes, Visits
from geo.visits import visits_of

EXAMPLES = json.loads((Path(__file__).parent / "visits-examples.json").read_text())["tracks"]
START = 1_780_000_000_000
Row = tuple[int, int, str]


def as_fix(row: Sequence[float]) -> Fix:
    at, lat, lon, accuracy, mock = row
    return Fix(at=int(at), lat=lat, lon=lon, accuracy=accuracy, mock=bool(mock))


def bulk(index: CellIndex, by_assignment: dict[int, list[Fix]]) -> Fixes:
    rows = [(number, fix) for number, found in by_assignment.items() for fix in found]
    return tracks.fixes(
        index,
        assignment=np.array([number for number, _ in rows], dtype=np.int64),
        at=np.array([fix.at for _, fix in rows], dtype=np.int64),
        lat=np.array([fix.lat for _, fix in rows], dtype=np.float64),
        lon=np.array([fix.lon for _, fix in rows], dtype=np.float64),
        accuracy=np.array([fix.accuracy for _, fix in rows], dtype=np.float64),
        mock=np.array([fix.mock for _, fix in rows], dtype=np.bool_),
    )


def bulk_breaks(by_assignment: dict[int, list[Break]]) -> Breaks:
    rows = [(number, b.from_at, b.to_at) for number, found in by_assignment.items() for b in found]
    columns = np.array(rows, dtype=np.int64).reshape(-1, 3).T
    return Breaks(assignment=columns[0], from_at=columns[1], to_at=columns[2])


def rows_of(visits: Visits) -> list[tuple[int, Row]]:
    names = cells.from_ints(visits.cell)
    return [
        (number, (begin, end, name))
        for number, begin, end, name in zip(
            visits.assignment.tolist(), visits.from_at.tolist(), visits.to_at.tolist(), names, strict=True
        )
    ]


def cell(fix: Fix) -> str:
    return str(h3.latlng_to_cell(fix.lat, fix.lon, 9))


def speed(one: Fix, other: Fix) -> float:
    metres = float(h3.great_circle_distance((one.lat, one.lon), (other.lat, other.lon), unit="m"))
    return metres / ((other.at - one.at) / 1000)


def obvious(fixes: list[Fix], index: CellIndex, breaks: list[Break]) -> list[Row]:
    """The definition word by word, on plain lists, with H3's own distance."""
    kept = obviously_kept(fixes, index)
    parts: list[Row] = []
    paired = set()
    for one, other in pairwise(kept):
        delta = other.at - one.at
        if not 0 < delta <= 120_000 or speed(one, other) > 45:
            continue
        if any(b.from_at < other.at and one.at < b.to_at for b in breaks):
            continue
        try:
            if h3.grid_distance(cell(one), cell(other)) > 3:
                continue
        except h3.H3FailedError:
            continue
        path = h3.grid_path_cells(cell(one), cell(other))
        n = len(path)
        paired |= {one.at, other.at}
        for k in range(n):
            parts.append((one.at + k * delta // n, one.at + (k + 1) * delta // n, path[k]))
    return sorted(obviously_merged(parts) + [(f.at, f.at, cell(f)) for f in kept if f.at not in paired])


def obviously_kept(fixes: list[Fix], index: CellIndex) -> list[Fix]:
    """In order, without those flagged and those too fast to both sides."""
    seen: dict[int, Fix] = {}
    for fix in fixes:
        seen.setdefault(fix.at, fix)
    district = {cells.from_int(number) for number in index.cells.tolist()}
    good = [f for f in seen.values() if not f.mock and f.accuracy <= 100 and cell(f) in district]
    good.sort(key=lambda f: f.at)
    kept = []
    for i, fix in enumerate(good):
        inner = 0 < i < len(good) - 1
        if not (inner and speed(good[i - 1], fix) > 45 and speed(fix, good[i + 1]) > 45):
            kept.append(fix)
    return kept


def obviously_merged(parts: list[Row]) -> list[Row]:
    merged = True
    while merged:
        merged = False
        for i in range(len(parts) - 1):
            if parts[i][1] == parts[i + 1][0] and parts[i][2] == parts[i + 1][2]:
                parts[i : i + 2] = [(parts[i][0], parts[i + 1][1], parts[i][2])]
                merged = True
                break
    return parts


def plain(fixes: list[Fix], index: CellIndex, breaks: list[Break]) -> list[Row]:
    return [(v.from_at, v.to_at, v.cell) for v in track.visits(fixes, index, breaks)]


@st.composite
def walks(draw: st.DrawFn) -> tuple[list[Fix], list[Break]]:
    """Walks, rides, leaps, halts and gaps near the district's middle or its edge, some fixes flagged."""
    rng = random.Random(draw(st.integers(0, 2**32)))
    at, lat, lon = START, *rng.choice([(23.29, 113.82), (23.117, 113.56), (23.1725, 113.59)])
    fixes: list[Fix] = []
    breaks: list[Break] = []
    wild = rng.choice([0.1, 0.1, 0.5])
    for _ in range(draw(st.integers(0, 25))):
        paused = rng.random() < 0.1 and bool(fixes)
        if paused:
            begin = at + rng.choice([0, 1])
            breaks.append(Break(from_at=begin, to_at=begin + rng.choice([1, 5_000, 600_000])))
            at = breaks[-1].to_at
        delta = (
            0
            if paused and rng.random() < 0.5
            else rng.choice([1, 2, 3, 999, 5_000, 20_000, 20_001, 60_000, 119_999, 120_000, 120_001, 400_000])
        )
        at += delta
        reach = rng.choice([0, 1.4, 1.4, 8, 20, 44.9, 45.1, 200]) * delta / 1000 / 111_000
        leap = rng.random() < wild
        if leap:
            reach = 0.04
        there_lat, there_lon = lat + rng.uniform(-reach, reach), lon + rng.uniform(-reach, reach)
        if not leap:
            lat, lon = there_lat, there_lon
        fixes.append(
            Fix(
                at=at,
                lat=there_lat,
                lon=there_lon,
                accuracy=rng.choice([5.0, 10.0, 10.0, 30.0, 100.0, 101.0]),
                mock=rng.random() < 0.04,
            )
        )
    return fixes, breaks


def test_published_examples_one_by_one(index: CellIndex) -> None:
    assert len(EXAMPLES) == 12
    for example in EXAMPLES:
        found = track.visits([as_fix(row) for row in example["fixes"]], index)
        assert [[v.cell, v.from_at, v.to_at] for v in found] == example["visits"]


def test_published_examples_all_at_once_and_shuffled(index: CellIndex, paths: Paths) -> None:
    for seed in range(3):
        by_assignment = {i: [as_fix(row) for row in e["fixes"]] for i, e in enumerate(EXAMPLES)}
        for found in by_assignment.values():
            random.Random(seed).shuffle(found)
        got = rows_of(visits_of(bulk(index, by_assignment), paths))
        assert got == [(i, (f, t, c)) for i, e in enumerate(EXAMPLES) for c, f, t in e["visits"]]


def test_flags(index: CellIndex) -> None:
    fixes = [
        Fix(at=1, lat=23.29, lon=113.82, accuracy=100.0),
        Fix(at=2, lat=23.29, lon=113.82, accuracy=100.1),
        Fix(at=3, lat=22.5, lon=113.82, accuracy=5.0),
        Fix(at=4, lat=22.5, lon=113.82, accuracy=500.0, mock=True),
    ]
    wanted = [Flag(0), Flag.COARSE, Flag.OUTSIDE, Flag.COARSE | Flag.OUTSIDE | Flag.MOCK]
    assert [track.flags(fix, index) for fix in fixes] == wanted
    assert bulk(index, {7: fixes}).flags.tolist() == [int(flag) for flag in wanted]


def test_a_break_cuts_the_track_and_silence_before_it_does_not(index: CellIndex, paths: Paths) -> None:
    fixes = [Fix(at=START + k * 20_000, lat=23.29, lon=113.82, accuracy=5.0) for k in range(4)]
    whole = track.visits(fixes, index)
    assert [(v.from_at, v.dwell) for v in whole] == [(START, 60_000)]
    pause = Break(from_at=START + 25_000, to_at=START + 35_000)
    cut = track.visits(fixes, index, [pause])
    assert [(v.from_at - START, v.to_at - START) for v in cut] == [(0, 20_000), (40_000, 60_000)]
    got = visits_of(bulk(index, {1: fixes, 2: fixes}), paths, bulk_breaks({2: [pause]}))
    assert [(a, f - START, t - START) for a, (f, t, _) in rows_of(got)] == [
        (1, 0, 60_000),
        (2, 0, 20_000),
        (2, 40_000, 60_000),
    ]


def test_nothing_comes_of_nothing(index: CellIndex, paths: Paths) -> None:
    assert track.visits([], index) == []
    assert len(visits_of(bulk(index, {}), paths)) == 0
    grown = Tails(paths).extend(bulk(index, {}))
    assert (len(grown.settled), len(grown.open), len(grown.gone)) == (0, 0, 0)


@settings(max_examples=150, deadline=None)
@given(st.lists(walks(), min_size=1, max_size=4), st.randoms(use_true_random=False))
def test_all_ways_agree_in_any_order(
    index: CellIndex, paths: Paths, several: list[tuple[list[Fix], list[Break]]], rng: random.Random
) -> None:
    wanted = [(i, row) for i, (fixes, breaks) in enumerate(several) for row in obvious(fixes, index, breaks)]
    shuffled = {i: rng.sample(fixes, len(fixes)) for i, (fixes, _) in enumerate(several)}
    one_by_one = [
        (i, row) for i, (_, breaks) in enumerate(several) for row in plain(shuffled[i], index, breaks)
    ]
    assert one_by_one == wanted
    breaks = bulk_breaks({i: breaks for i, (_, breaks) in enumerate(several)})
    assert rows_of(visits_of(bulk(index, shuffled), paths, breaks)) == wanted


class Store:
    """What a database holds after each batch of changes."""

    def __init__(self, tails: Tails) -> None:
        self.tails = tails
        self.rows: dict[tuple[int, int, int], int] = {}

    def write(self, fixes: Fixes, breaks: Breaks) -> list[int]:
        grown = self.tails.extend(fixes, breaks)
        for key, _ in self._keyed(grown.gone):
            del self.rows[key]
        for key, to_at in self._keyed(grown.settled) + self._keyed(grown.open):
            self.rows[key] = to_at
        return [int(number) for number in grown.late]

    def rewrite(self, assignment: int, fixes: Fixes, breaks: Breaks) -> None:
        grown = self.tails.rewrite(np.array([assignment]), fixes, breaks)
        self.rows = {key: to_at for key, to_at in self.rows.items() if key[0] != assignment}
        self.rows |= dict(self._keyed(grown.settled) + self._keyed(grown.open))

    def visits(self, index: CellIndex) -> Visits:
        keys = np.array(list(self.rows), dtype=np.uint64).reshape(-1, 3)
        return tracks.visits(
            index,
            assignment=keys[:, 0].astype(np.int64),
            cell=keys[:, 2],
            from_at=keys[:, 1].astype(np.int64),
            to_at=np.array(list(self.rows.values()), dtype=np.int64),
            checkpoint=np.zeros(len(keys), dtype=np.bool_),
        )

    @staticmethod
    def _keyed(visits: Visits) -> list[tuple[tuple[int, int, int], int]]:
        keys = zip(visits.assignment.tolist(), visits.from_at.tolist(), visits.cell.tolist(), strict=True)
        return list(zip(keys, visits.to_at.tolist(), strict=True))

    def sorted(self) -> list[tuple[int, Row]]:
        return sorted((a, (f, t, cells.from_int(c))) for (a, f, c), t in self.rows.items())


@settings(max_examples=120, deadline=None)
@given(
    st.lists(walks(), min_size=1, max_size=3),
    st.lists(st.integers(0, 6), min_size=1, max_size=12),
    st.booleans(),
    st.integers(0, 9),
)
def test_growing_batch_by_batch_equals_the_whole(
    index: CellIndex,
    paths: Paths,
    several: list[tuple[list[Fix], list[Break]]],
    sizes: list[int],
    late: bool,
    resuming: int,
) -> None:
    """Also where others go on from what is stored and the last few fixes, after each batch."""
    store, sent = Store(Tails(paths)), defaultdict[int, list[Fix]](list)
    breaks = bulk_breaks({i: breaks for i, (_, breaks) in enumerate(several)})
    waiting = {i: list(fixes) for i, (fixes, _) in enumerate(several)}
    if late and len(waiting[0]) > 3:
        waiting[0].append(waiting[0].pop(1))
    turn = 0
    while any(waiting.values()):
        batch = {}
        for i in waiting:
            size = 1 + sizes[turn % len(sizes)]
            batch[i], waiting[i] = waiting[i][:size], waiting[i][size:]
            sent[i] += batch[i]
            turn += 1
        for i in store.write(bulk(index, batch), breaks):
            store.rewrite(i, bulk(index, {i: sent[i]}), breaks)
        wanted = [(i, row) for i in waiting for row in obvious(sent[i], index, several[i][1])]
        assert store.sorted() == wanted
        if resuming:
            store.tails = Tails(paths)
            few = {i: sorted(sent[i], key=lambda fix: fix.at)[-resuming:] for i in waiting}
            went_on = store.tails.resume(bulk(index, few), store.visits(index), breaks)
            for i in set(waiting).difference(went_on.tolist()):
                store.rewrite(i, bulk(index, {i: sent[i]}), breaks)
            assert store.sorted() == wanted
    for i in waiting:
        store.tails.forget(np.array([i]))
    assert len(store.tails) == 0
    assert len(store.tails.open) == 0


@pytest.mark.parametrize("few", [3, 4, 12])
def test_of_four_fixes_a_walk_goes_on(index: CellIndex, paths: Paths, few: int) -> None:
    walk = [Fix(at=START + k * 20_000, lat=23.29 + k * 3e-4, lon=113.82, accuracy=5.0) for k in range(30)]
    store = Store(Tails(paths))
    store.write(bulk(index, {5: walk[:20]}), bulk_breaks({}))
    store.tails = Tails(paths)
    stored, last = store.visits(index), bulk(index, {5: walk[20 - few : 20]})
    assert store.tails.resume(last, stored).tolist() == ([5] if few > 3 else [])
    if few > 3:
        store.write(bulk(index, {5: walk[20:]}), bulk_breaks({}))
        assert store.sorted() == [(5, row) for row in obvious(walk, index, [])]
        wrong = stored.take(stored.from_at < stored.from_at.max())
        assert Tails(paths).resume(last, wrong).tolist() == []


def test_a_late_fix_is_reported_and_changes_nothing_by_itself(index: CellIndex, paths: Paths) -> None:
    fixes = [Fix(at=START + k * 20_000, lat=23.29, lon=113.82, accuracy=5.0) for k in range(3)]
    tails = Tails(paths)
    tails.extend(bulk(index, {5: [fixes[0], fixes[2]]}))
    grown = tails.extend(bulk(index, {5: [fixes[1]]}))
    assert grown.late.tolist() == [5]
    assert len(tails.open) == 1


@pytest.mark.parametrize(("gap", "visits"), [(120_000, 1), (120_001, 2)])
def test_the_longest_gap(index: CellIndex, gap: int, visits: int) -> None:
    fixes = [Fix(at=START + at, lat=23.29, lon=113.82, accuracy=5.0) for at in (0, gap)]
    assert len(track.visits(fixes, index)) == visits
