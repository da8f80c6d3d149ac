"""Covered, shares, periods and the live state against loops over every millisecond and every visit."""

import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo import cell as cells
from geo import coverage, tracks
from geo.coverage import COLD, Sums, Weights
from geo.index import CellIndex
from geo.live import LiveCoverage
from geo.path import Paths
from geo.track import Fix
from geo.tracks import Visits
from geo.visits import visits_of
from tests.geo.test_track import bulk

CELLS = 4
SECOND = 1000


def some_visits(rng: random.Random, count: int) -> Visits:
    """In seconds from 40 to 160, now and then a millisecond off; place −1 is outside the district."""
    begin = np.array([rng.randrange(40, 160) * SECOND + rng.choice([0, 0, 1]) for _ in range(count)])
    dwell = [rng.choice([0, 1, 9_999, 10_000, 10_001, rng.randrange(40_000)]) for _ in range(count)]
    return Visits(
        assignment=np.zeros(count, dtype=np.int64),
        cell=np.zeros(count, dtype=np.uint64),
        place=np.array([rng.randrange(-1, CELLS) for _ in range(count)], dtype=np.int64),
        from_at=begin.astype(np.int64),
        to_at=(begin + np.array(dwell, dtype=np.int64)).astype(np.int64),
        checkpoint=np.array([rng.random() < 0.15 for _ in range(count)], dtype=np.bool_),
    )


def each(visits: Visits) -> list[tuple[int, int, int, bool]]:
    columns = (visits.place, visits.from_at, visits.to_at, visits.checkpoint)
    return list(zip(*(column.tolist() for column in columns), strict=True))


def is_covered(visits: Visits, targets: list[int], cell: int, t: int) -> bool:
    for place, begin, end, checkpoint in each(visits):
        counts = checkpoint or end - begin >= 10_000
        if place == cell and counts and begin <= t < end + targets[cell]:
            return True
    return False


@settings(max_examples=200, deadline=None)
@given(st.integers(0, 2**32), st.integers(0, 12), st.integers(30_000, 230_000))
def test_covered_until_says_what_the_definition_says(seed: int, count: int, t: int) -> None:
    rng = random.Random(seed)
    visits = some_visits(rng, count)
    targets = [rng.choice([1, 5_000, 30_000]) for _ in range(CELLS)]
    got = coverage.covered_until(visits, np.array(targets), t)
    for cell in range(CELLS):
        assert (got[cell] > t) == is_covered(visits, targets, cell, t)
        if got[cell] == COLD:
            continue
        begun = visits.take(visits.from_at <= t)
        assert is_covered(begun, targets, cell, int(got[cell]) - 1)
        assert not is_covered(begun, targets, cell, int(got[cell]))


@settings(max_examples=120, deadline=None)
@given(st.integers(0, 2**32), st.integers(0, 14), st.integers(1, 4))
def test_a_period_is_the_sum_over_its_milliseconds(seed: int, count: int, segments: int) -> None:
    rng = random.Random(seed)
    visits = some_visits(rng, count)
    targets = [rng.choice([1, 5_000, 30_000]) for _ in range(CELLS)]
    a = rng.randrange(80_000, 120_000)
    b = a + rng.choice([1, 777, 20_000, 45_000])
    starts = sorted(rng.sample(range(81_000, 160_000), segments - 1))
    weights = Weights(
        starts=np.array([50_000, *starts]),
        row=np.array([rng.randrange(3) for _ in range(segments)]),
        rows=np.array([[rng.choice([0.5, 1.0, 3.0]) for _ in range(CELLS)] for _ in range(3)]),
    )
    covered = np.zeros((CELLS, b - a), dtype=np.bool_)
    for place, begin, end, checkpoint in each(visits):
        if place >= 0 and (checkpoint or end - begin >= 10_000):
            covered[place, max(begin - a, 0) : max(end + targets[place] - a, 0)] = True
    w = np.array([weights.at(t) for t in range(a, b)]).T
    got = coverage.over_period(visits, np.array(targets), weights, a, b)
    assert np.allclose(got.covered, (w * covered).sum(axis=1), rtol=1e-12)
    assert np.allclose(got.total, w.sum(axis=1), rtol=1e-12)
    order = np.array(rng.sample(range(count), count), dtype=np.int64)
    again = coverage.over_period(visits.take(order), np.array(targets), weights, a, b)
    assert (again.covered == got.covered).all()


def test_a_visit_across_shifts_counts_with_each_shift_s_weight() -> None:
    visit = Visits(
        assignment=np.array([1]),
        cell=np.zeros(1, dtype=np.uint64),
        place=np.array([0]),
        from_at=np.array([10_000]),
        to_at=np.array([30_000]),
        checkpoint=np.array([False]),
    )
    weights = Weights(
        starts=np.array([0, 15_000, 32_000]), row=np.array([0, 1, 0]), rows=np.array([[1.0], [4.0]])
    )
    sums = coverage.over_period(visit, np.array([5_000]), weights, 8_000, 40_000)
    assert sums.covered.tolist() == [5_000 * 1.0 + 17_000 * 4.0 + 3_000 * 1.0]
    assert sums.total.tolist() == [7_000 * 1.0 + 17_000 * 4.0 + 8_000 * 1.0]


def test_instant_shares_and_roll_up() -> None:
    weights = Weights.constant(np.array([1.0, 2.0, 3.0, 4.0]))
    sums = coverage.at_instant(np.array([COLD, 100, 50, 51]), weights, 50)
    assert sums.share() == pytest.approx((2.0 + 4.0) / 10.0)
    rolled = sums.rolled_up(np.array([0, 0, 2, 2]), 3)
    assert rolled.shares().tolist() == [2 / 3, 0.0, 4 / 7]
    assert rolled.share() == sums.share()
    assert Sums(covered=np.zeros(0), total=np.zeros(0)).share() == 0.0


def test_a_parent_is_the_weighted_sum_of_its_district_children(index: CellIndex) -> None:
    rng = np.random.default_rng(5)
    row = rng.uniform(0.2, 5.0, len(index))
    sums = Sums(covered=row * (rng.random(len(index)) < 0.4), total=row)
    for res, count in ((cells.PLANNING, 2426), (cells.OVERVIEW, 384)):
        above, own = index.parents(res)
        assert len(above) == count
        rolled = sums.rolled_up(own, count)
        parent = cells.from_int(int(above[17]))
        places = [index.place(cells.to_int(child)) for child in cells.children_of(parent, cells.WORKING)]
        mine = [place for place in places if place >= 0]
        assert rolled.shares()[17] == pytest.approx(sums.covered[mine].sum() / row[mine].sum())
        assert rolled.share() == pytest.approx(sums.share())


@pytest.mark.parametrize(
    ("starts", "row", "rows", "says"),
    [
        ([], [], [[1.0]], "at least one"),
        ([0, 0], [0, 0], [[1.0]], "rise"),
        ([0], [0], [[0.0]], "greater than 0"),
    ],
)
def test_bad_weights_are_refused(
    starts: list[int], row: list[int], rows: list[list[float]], says: str
) -> None:
    with pytest.raises(ValueError, match=says):
        Weights(starts=np.array(starts, dtype=np.int64), row=np.array(row), rows=np.array(rows))


def test_times_without_weights_and_empty_periods_are_refused() -> None:
    weights = Weights.constant(np.ones(2), since=100)
    with pytest.raises(ValueError, match="none before 100"):
        weights.at(99)
    with pytest.raises(ValueError, match="after the start"):
        weights.between(200, 200)


def shuffled_day(index: CellIndex, rng: random.Random, people: int) -> dict[int, list[Fix]]:
    """People who walk for some minutes near the middle, each with a fix every 20 s."""
    found: dict[int, list[Fix]] = {}
    for person in range(people):
        lat, lon, at = 23.29 + rng.uniform(-0.01, 0.01), 113.82, rng.randrange(0, 60_000)
        fixes = []
        for _ in range(rng.randrange(1, 12)):
            fixes.append(Fix(at=at, lat=lat, lon=lon, accuracy=rng.choice([5.0, 5.0, 200.0]), mock=False))
            at += rng.choice([5_000, 20_000, 20_000, 130_000])
            lat, lon = lat + rng.uniform(-0.002, 0.002), lon + rng.uniform(-0.002, 0.002)
        found[person] = fixes
    return found


def begun_again(
    live: LiveCoverage, index: CellIndex, visits: Visits, sent: dict[int, list[Fix]]
) -> LiveCoverage:
    """From what is stored: all visits, and the last fixes of each or, where those don't suffice, all."""
    again = LiveCoverage(live.tails.paths, live.targets)
    again.load(visits)
    few = {who: sorted(found, key=lambda fix: fix.at)[-6:] for who, found in sent.items()}
    went_on = again.resume(bulk(index, few), visits).tolist()
    for who in set(sent).difference(went_on):
        again.rewrite(np.array([who]), bulk(index, {who: sent[who]}))
    return again


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32), st.integers(1, 4))
def test_live_equals_the_whole_after_every_batch_whatever_the_order(
    index: CellIndex, paths: Paths, seed: int, people: int
) -> None:
    rng = random.Random(seed)
    targets = np.array([(5_000, 60_000, 240_000)[i % 3] for i in range(len(index))], dtype=np.int64)
    live = LiveCoverage(paths, targets)
    day = shuffled_day(index, rng, people)
    arrivals = sorted(
        (fix.at + rng.choice([0, 0, 0, 90_000]), who, fix.at) for who in day for fix in day[who]
    )
    sent: dict[int, list[Fix]] = {who: [] for who in day}
    scan = tracks.visits(
        index,
        assignment=np.array([0]),
        cell=index.cells[101:102],
        from_at=np.array([30_000]),
        to_at=np.array([30_000]),
        checkpoint=np.array([True]),
    )
    live.load(scan)
    over: set[int] = set()
    now = 0
    while arrivals:
        size = rng.randrange(1, 9)
        batch, arrivals = arrivals[:size], arrivals[size:]
        now = max(now, batch[-1][0] + rng.choice([0, 0, -30_000]))
        fresh: dict[int, list[Fix]] = {}
        for _, who, at in batch:
            fresh.setdefault(who, []).append(next(fix for fix in day[who] if fix.at == at))
        for who, fixes in fresh.items():
            sent[who] += fixes
        late = live.extend(bulk(index, fresh)).late
        if len(late):
            live.rewrite(late, bulk(index, {who: sent[who] for who in late.tolist()}))
        for who in [who for who in sent if len(sent[who]) == len(day[who]) and who not in over]:
            live.forget(np.array([who]))
            over.add(who)
        visits = Visits.joined([visits_of(bulk(index, sent), paths), scan])
        wanted = coverage.covered_until(visits, targets, now)
        assert (live.covered_until(now) == wanted).all()
        if rng.random() < 0.3:
            live = begun_again(live, index, visits, sent)
            assert (live.covered_until(now) == wanted).all()


def test_a_late_fix_takes_coverage_back_but_a_scan_stays(index: CellIndex, paths: Paths) -> None:
    def fix(at: int, lat: float) -> Fix:
        return Fix(at=at, lat=lat, lon=113.82, accuracy=5.0)

    straight = [fix(0, 23.29), fix(100_000, 23.298), fix(120_000, 23.298), fix(140_000, 23.298)]
    detour = Fix(at=50_000, lat=23.294, lon=113.826, accuracy=5.0)
    targets = np.full(len(index), 900_000, dtype=np.int64)
    live = LiveCoverage(paths, targets)
    grown = live.extend(bulk(index, {3: straight}))
    between = index.place(int(grown.settled.cell[1]))
    assert live.covered_until(200_000)[between] > 0
    scan = live.tails.open.take(np.array([0]))
    far = 7
    live.load(
        tracks.visits(
            index,
            assignment=scan.assignment,
            cell=index.cells[far : far + 1],
            from_at=scan.from_at,
            to_at=scan.from_at,
            checkpoint=np.array([True]),
        )
    )
    assert live.extend(bulk(index, {3: [detour]})).late.tolist() == [3]
    live.rewrite(np.array([3]), bulk(index, {3: [*straight, detour]}))
    assert live.covered_until(200_000)[between] == COLD
    assert live.covered_until(200_000)[far] > 200_000


def test_live_forgets_old_settled_visits_and_stays_right(index: CellIndex, paths: Paths) -> None:
    targets = np.full(len(index), 60_000, dtype=np.int64)
    live, every = LiveCoverage(paths, targets), []
    for k in range(200):
        visit = tracks.visits(
            index,
            assignment=np.array([k]),
            cell=index.cells[k : k + 1],
            from_at=np.array([k * 1_000]),
            to_at=np.array([k * 1_000 + 10_000]),
            checkpoint=np.array([False]),
        )
        live.load(visit)
        every.append(visit)
        now = k * 1_000 + 5_000
        wanted = coverage.covered_until(Visits.joined(every), targets, now)
        assert (live.covered_until(now) == wanted).all()
    assert int((wanted != COLD).sum()) < 80
    assert sum(len(chunk) for chunk in live._settled) < 150
