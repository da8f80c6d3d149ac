"""A district made from what its operator has, in a real database."""

from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest
import shapely
from shapely.geometry import box, mapping

from alliance.actor import Code, DistrictId
from alliance.areas import actions, making
from alliance.areas.laying import Sketch, lay_out
from alliance.areas.making import Plan
from alliance.areas.model import AreaKind, Happenings, Tier
from alliance.areas.places import Places
from alliance.areas.reading import Given
from alliance.config import Unusable
from alliance.db.pool import Pool
from alliance.events import transaction
from alliance.times import to_ms
from geo import areas as drawn
from geo import cell as hexes
from geo.index import CellIndex

NUMBER = DistrictId(7)
NOW = datetime(2026, 3, 4, 4, tzinfo=UTC)
LAND = box(113.60, 23.20, 113.70, 23.28)


def plan(boundary: shapely.Geometry = LAND, **more: Any) -> Plan:
    return Plan(
        number=NUMBER,
        name="试验区",
        name_en="Trial",
        time_zone="Asia/Shanghai",
        boundary=mapping(boundary),
        **more,
    )


def polygon(code: str, shape: shapely.Geometry, **more: Any) -> Given:
    inside = shapely.point_on_surface(shape)
    area = drawn.Area(code=code, polygon=shape, properties={})
    return Given(code=code, name=f"地{code}", lat=inside.y, lon=inside.x, polygon=area, **more)


async def made(pool: Pool, given: Plan) -> Places:
    async with transaction(pool, NUMBER) as tx:
        await making.make(tx, given, NOW)
    async with pool.acquire() as conn:
        return await actions.places(conn, NUMBER)


async def test_with_nothing_but_a_boundary_all_areas_are_made_up_and_nested(pool: Pool) -> None:
    places = await made(pool, plan())
    async with pool.acquire() as conn:
        listed = await actions.areas(conn, NUMBER)
    assert all(area.made_up and area.name for area in listed)
    assert len(places) > 700
    assert len(places.grids) == round(len(places) / 10)
    for grid, beat, station, town in zip(places.grid, places.beat, places.station, places.town, strict=True):
        code = places.grids[grid]
        assert places.beat_of[code] == places.beats[beat]
        assert places.station_of[code] == places.stations[station]
        assert places.town_of[code] == places.towns[town]
    assert np.unique(places.weights_at(to_ms(NOW))).tolist() == [1.0]


async def test_polygons_are_kept_and_name_what_is_below(pool: Pool) -> None:
    west, east = box(113.60, 23.20, 113.65, 23.28), box(113.65, 23.20, 113.70, 23.28)
    tiny = box(113.62, 23.22, 113.6201, 23.2201)
    given = {
        AreaKind.TOWN: [polygon("t1", west), polygon("t2", east)],
        AreaKind.GRID: [polygon("g1", west.difference(tiny)), polygon("g2", east), polygon("g3", tiny)],
    }
    places = await made(pool, plan(sketch=Sketch(given=given)))
    where = places.point_area(23.22005, 113.62005)
    assert where is not None
    assert (where.grid, where.town) == ("g3", "t1")
    assert "g3" not in places.grids
    async with pool.acquire() as conn:
        touched = await conn.fetch("select grid, cell from grid_touch where district_id = $1", NUMBER)
        listed = {area.code: area for area in await actions.areas(conn, NUMBER)}
    assert {(row["grid"], row["cell"]) for row in touched} >= {("g3", hexes.at(23.22005, 113.62005))}
    assert not listed[Code("g1")].made_up
    assert all(area.made_up for area in listed.values() if area.kind is AreaKind.BEAT)
    assert all(area.town in ("t1", "t2") for area in listed.values())


async def test_points_of_a_table_gather_the_cells_around_them(pool: Pool) -> None:
    towns = [
        Given(code="a", name="甲镇", lat=23.22, lon=113.61),
        Given(code="b", name="乙镇", lat=23.26, lon=113.69),
    ]
    places = await made(pool, plan(sketch=Sketch(given={AreaKind.TOWN: towns})))
    for one in towns:
        where = places.point_area(one.lat, one.lon)
        assert where is not None
        assert where.town == one.code


async def test_tiers_go_by_cell_then_by_the_smallest_area(pool: Pool) -> None:
    cell = hexes.at(23.24, 113.65)
    places = await made(pool, plan(sketch=Sketch(tiers={cell: Tier.HIGH, "T1": Tier.MEDIUM})))
    assert places.tier[places.index(int(cell, 16))] == Tier.HIGH
    assert sorted(set(places.tier.tolist())) == [Tier.HIGH, Tier.MEDIUM]


async def test_a_number_is_given_once(pool: Pool) -> None:
    await made(pool, plan())
    with pytest.raises(Unusable, match="already"):
        await made(pool, plan())


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"time_zone": "Asia/Canton"}, "no time zone"),
        ({"sketch": Sketch(tiers={"nowhere": Tier.HIGH})}, "nowhere"),
        (
            {
                "sketch": Sketch(
                    given={AreaKind.TOWN: [polygon("x", LAND)], AreaKind.BEAT: [polygon("x", LAND)]}
                )
            },
            "The code x names a town and a beat",
        ),
        (
            {
                "sketch": Sketch(
                    given={
                        AreaKind.TOWN: [polygon("t", LAND)],
                        AreaKind.STATION: [polygon("s", LAND, town="u")],
                    }
                )
            },
            "there is no town u",
        ),
    ],
)
async def test_a_mistake_leaves_nothing_behind(pool: Pool, given: dict[str, Any], said: str) -> None:
    wanted = {"time_zone": "Asia/Shanghai", **given}
    zone = wanted.pop("time_zone")
    bad = Plan(number=NUMBER, name="x", name_en="", time_zone=zone, boundary=mapping(LAND), **wanted)
    with pytest.raises(Unusable, match=said):
        await made(pool, bad)
    async with pool.acquire() as conn:
        assert await actions.districts(conn) == []


async def test_a_bad_boundary_is_named(pool: Pool) -> None:
    with pytest.raises(Unusable, match="boundary"):
        await made(pool, plan(boundary=shapely.Point(113.6, 23.2)))


def test_the_same_sketch_gives_the_same_layout() -> None:
    index = making.cover(mapping(LAND))
    sketch = Sketch(seed=3, weight=np.arange(1.0, len(index) + 1))
    assert lay_out(index, sketch) == lay_out(CellIndex(index.cells), sketch)


async def test_weights_learn_from_calls_and_incidents_and_keep_their_history(pool: Pool) -> None:
    before = await made(pool, plan())
    called, happened = before.cell_text[100], before.cell_text[500]
    at = NOW - timedelta(days=2)
    async with transaction(pool, NUMBER) as tx:
        await actions.calls(tx, [(at, called, "theft")] * 3)
        await actions.renew_weights(tx, Happenings(cells=(happened,), at=(at,)), NOW + timedelta(days=1))
        await actions.tier_by_weight(tx)
    async with pool.acquire() as conn:
        places = await actions.places(conn, NUMBER, NOW)
    week_later = to_ms(at + timedelta(days=7))
    weights = places.weights_at(week_later)
    assert weights[100] > weights[500] > weights[300] > 0
    assert places.weights_at(week_later + 8 * 3_600_000)[100] == pytest.approx(weights[300])
    assert np.unique(places.weights_at(to_ms(NOW + timedelta(hours=1)))).tolist() == [1.0]
    assert places.tier[100] == Tier.HIGH
    assert np.count_nonzero(places.tier == Tier.HIGH) == int(len(places) * 0.03)


async def test_held_places_are_read_again_only_when_they_changed(pool: Pool) -> None:
    await made(pool, plan())
    held = actions.Held()
    async with pool.acquire() as conn:
        first = await held.get(conn, NUMBER)
        assert await held.get(conn, NUMBER) is first
    async with transaction(pool, NUMBER) as tx:
        await actions.renew_weights(tx, Happenings(cells=(), at=()), NOW + timedelta(days=1))
    async with pool.acquire() as conn:
        assert (await held.get(conn, NUMBER)).stamp != first.stamp
