"""Made-up areas: contiguous, nested, balanced, the same for the same seed."""

import csv
import itertools

import h3
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo import cell as cells
from geo.cell import Floats, Ints
from geo.index import CellIndex
from geo.split import Level, Nested, Splitter, allot, balance, nested
from tests.geo.conftest import DEMO

SEEDS = [
    (float(row["lat"]), float(row["lon"]))
    for row in csv.DictReader((DEMO / "towns.csv").read_text(encoding="utf-8").splitlines())
]


def uneven_weight(index: CellIndex) -> Floats:
    """Heavy around the towns' centres, light in the hills."""
    lats, lons = index.centres().T
    nearest = np.min([np.hypot((lats - lat) * 111, (lons - lon) * 102) for lat, lon in SEEDS], axis=0)
    return np.asarray(0.2 + 4.0 * np.exp(-nearest / 3.0))


def in_one_piece(index: CellIndex, part: Ints, count: int) -> bool:
    """By H3's own neighbours, cell by cell."""
    names = cells.from_ints(index.cells)
    members: list[set[str]] = [set() for _ in range(count)]
    for name, number in zip(names, part.tolist(), strict=True):
        members[number].add(name)
    for found in members:
        rim = [found.pop()]
        while rim:
            beside = set(h3.grid_disk(rim.pop(), 1)) & found
            found -= beside
            rim += beside
        if found:
            return False
    return True


@pytest.fixture(scope="module")
def demo(index: CellIndex) -> Nested:
    splitter = Splitter(index, uneven_weight(index), seed=7)
    return nested(splitter, splitter.around(SEEDS), stations=30, beats=104, grids=1636)


def test_counts_and_contiguity(index: CellIndex, demo: Nested) -> None:
    for level, count in ((demo.town, 13), (demo.station, 30), (demo.beat, 104), (demo.grid, 1636)):
        assert sorted(set(level.part.tolist())) == list(range(count))
        assert len(level.parent) == count
        assert in_one_piece(index, level.part, count)


def test_each_level_lies_within_the_one_above(demo: Nested) -> None:
    levels: list[Level] = [demo.town, demo.station, demo.beat, demo.grid]
    for above, below in itertools.pairwise(levels):
        assert (below.parent[below.part] == above.part).all()


def test_every_town_holds_its_seed(index: CellIndex, demo: Nested) -> None:
    for number, (lat, lon) in enumerate(SEEDS):
        assert demo.town.part[index.place(cells.at_int(lat, lon))] == number


def test_parts_weigh_about_the_same(index: CellIndex, demo: Nested) -> None:
    weight = uneven_weight(index)
    for level, least, most in ((demo.station, 0.6, 1.5), (demo.beat, 0.7, 1.3), (demo.grid, 0.75, 1.3)):
        found = balance(level.part, weight)
        assert found.mean * found.parts == pytest.approx(weight.sum())
        assert found.smallest >= least * found.mean
        assert found.largest <= most * found.mean


def test_the_same_seed_gives_the_same_parts_another_gives_others(index: CellIndex, demo: Nested) -> None:
    def beats(seed: int) -> Ints:
        splitter = Splitter(index, uneven_weight(index), seed=seed)
        return splitter.split(splitter.split(splitter.around(SEEDS), 30).part, 104).part

    assert (beats(7) == demo.beat.part).all()
    assert (beats(8) != demo.beat.part).any()


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32), st.integers(1, 200), st.integers(1, 20))
def test_any_connected_set_with_any_weights(seed: int, size: int, count: int) -> None:
    rng = np.random.default_rng(seed)
    found = {h3.latlng_to_cell(23.3, 113.8, 9)}
    while len(found) < max(size, count):
        found.add(str(rng.choice(sorted(h3.grid_ring(str(rng.choice(sorted(found))), 1)))))
    index = CellIndex(cells.to_ints(map(cells.Cell, found)))
    weight = rng.exponential(1.0, len(index)) + 0.01
    level = Splitter(index, weight, seed=1).split(np.zeros(len(index), dtype=np.int64), count)
    assert sorted(set(level.part.tolist())) == list(range(count))
    assert in_one_piece(index, level.part, count)


def test_islands_are_bridged_and_all_their_cells_belong_somewhere() -> None:
    main = h3.grid_disk(h3.latlng_to_cell(23.3, 113.8, 9), 6)
    island = h3.grid_disk(h3.latlng_to_cell(23.3, 113.9, 9), 2)
    index = CellIndex(cells.to_ints([cells.Cell(name) for name in [*main, *island]]))
    splitter = Splitter(index, np.ones(len(index)), seed=1)
    owner = splitter.around([(23.3, 113.79), (23.3, 113.81)])
    east = owner[index.place(cells.at_int(23.3, 113.81))]
    assert all(owner[index.place(int(name, 16))] == east for name in island)
    level = splitter.split(np.zeros(len(index), dtype=np.int64), 5)
    assert balance(level.part, np.ones(len(index))).smallest >= 20


@given(st.lists(st.floats(0.01, 100), min_size=1, max_size=8), st.integers(0, 30))
def test_shares_are_fair(loads: list[float], extra: int) -> None:
    most = [40] * len(loads)
    counts = allot(len(loads) + extra, loads, most)
    assert sum(counts) == len(loads) + extra
    assert min(counts) >= 1
    heaviest = max(load / n for load, n in zip(loads, counts, strict=True))
    for i, n in enumerate(counts):
        if n > 1:
            assert loads[i] / (n - 1) >= heaviest * (1 - 1e-12)


def test_more_parts_than_cells_or_fewer_than_parents_are_refused() -> None:
    assert allot(5, [9.0, 1.0], [2, 5]) == [2, 3]
    with pytest.raises(ValueError, match="at most 7"):
        allot(8, [9.0, 1.0], [2, 5])
    with pytest.raises(ValueError, match="at least 2"):
        allot(1, [9.0, 1.0], [2, 5])
