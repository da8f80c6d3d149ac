"""From weights to units: what a further unit is worth never rises, and is counted over every cell."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from alliance.actor import Code
from alliance.roster.model import Need, Post, PostId
from alliance.roster.units import reckoned
from tests.roster.district import MONDAY, District

WEIGHTS = st.lists(st.floats(0.01, 50), min_size=1, max_size=12)
POST = Post(
    id=PostId(1), code="P", name="P", name_en="P", beat=Code("b1"), cell=None, unit_size=2, solo=False,
    certificate=None, active=True, version=1,
)  # fmt: skip
NEED = Need(post=PostId(1), pattern="early", minimum=2, desired=6, certified=1)


@given(one=WEIGHTS, other=WEIGHTS)
def test_the_fewest_units_that_reach_a_share_are_found_by_adding_one_after_the_other(
    one: list[float], other: list[float]
) -> None:
    cells = {Code("b1"): np.asarray(one), Code("b2"): np.asarray(other)}
    first, second = reckoned(cells, [POST], [NEED])
    assert abs(first.share + second.share - 1) < 1e-9
    assert abs(first.share - sum(one) / (sum(one) + sum(other))) < 1e-9
    assert (first.minimum, first.desired, second.desired) == (2, 6, 0)
    for found, weights in ((first, one), (second, other)):
        assert found.worth == sorted(found.worth, reverse=True)
        visits = sorted((share * weight for weight in weights for share in (1, 0.4, 0.16)), reverse=True)
        worth = [sum(visits[n : n + 2]) for n in range(0, len(visits), 2)][:16]
        for share, units in zip((0.5, 0.8, 1.0), found.units, strict=True):
            enough = [n for n in range(1, len(worth) + 1) if sum(worth[:n]) >= share * sum(weights) - 1e-9]
            assert abs(units - (enough[0] if enough else len(worth))) <= 1
            assert sum(worth[:units]) >= share * sum(weights) - 1e-6 or units == len(worth)


async def test_an_officer_sees_the_units_of_the_own_beats(district: District) -> None:
    path = f"/demand/units?day={MONDAY}&pattern=early"
    every = (await district.service.ask("GET", path, district.commander)).json()["items"]
    assert [one["beat"] for one in every] == ["b1", "b2", "b3"]
    assert [one["desired"] for one in every] == [2, 0, 2]
    own = (await district.service.ask("GET", path, district.officer)).json()["items"]
    assert [one["beat"] for one in own] == ["b3"]
    wrong = await district.service.ask("GET", "/demand/units?pattern=noon", district.commander)
    assert (wrong.status_code, "pattern" in wrong.json()["detail"]) == (400, True)
