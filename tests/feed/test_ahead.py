"""Each fix is told of once, whether a reading of the database or the queue brings it first."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from alliance.feed.ahead import Ahead
from geo.tracks import Fixes

PEOPLE = 3
STEPS = st.lists(
    st.tuples(st.sampled_from(["commit", "queue", "read"]), st.integers(0, PEOPLE - 1)), max_size=40
)


def fixes(pairs: list[tuple[int, int]]) -> Fixes:
    assignment, at = np.array(pairs, dtype=np.int64).reshape(-1, 2).T
    place, flags = np.zeros(len(pairs), dtype=np.int64), np.zeros(len(pairs), dtype=np.uint8)
    return Fixes(
        assignment=assignment, at=at, lat=place.astype(float), lon=at.astype(float), place=place, flags=flags
    )


def pairs_of(found: Fixes) -> list[tuple[int, int]]:
    return list(zip(found.assignment.tolist(), found.at.tolist(), strict=True))


@given(STEPS, st.booleans())
def test_what_was_read_is_not_new_when_it_comes_again(steps: list[tuple[str, int]], forgets: bool) -> None:
    ahead = Ahead()
    stored: list[tuple[int, int]] = []
    queued: list[tuple[int, int]] = []
    told: set[tuple[int, int]] = set()
    for n, (step, who) in enumerate(steps, 1):
        if step == "commit":
            stored.append((who, n))
            queued.append((who, n))
        elif step == "queue" and queued:
            assert ahead.take(fixes(queued)) == {one for one, _ in queued}
            fresh = ahead.fresh(fixes(queued))
            assert pairs_of(fresh) == [pair for pair in queued if pair not in told]
            assert fresh.lon.tolist() == fresh.at.tolist()
            told.update(queued)
            queued.clear()
        elif step == "read":
            mine = [pair for pair in stored if pair[0] == who]
            ahead.read(np.array([who]), fixes(mine))
            told.update(mine)
        assert len(ahead) == len([pair for pair in queued if pair in told])
    if forgets:
        ahead.forget(range(PEOPLE))
        assert len(ahead) == 0
        assert pairs_of(ahead.fresh(fixes(stored))) == stored
