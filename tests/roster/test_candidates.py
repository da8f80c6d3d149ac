"""The order in which people are asked, against a slow obvious one."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alliance.actor import OrganisationId, PersonId
from alliance.areas import actions as areas
from alliance.roster import candidates as module
from alliance.roster import hole_store
from alliance.roster.candidates import EQUAL, Candidate, in_order
from geo import cell as hexes
from tests.roster.force import DISTRICT, force

LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)


@st.composite
def candidates(draw: st.DrawFn) -> list[Candidate]:
    count = draw(st.integers(0, 8))
    return [
        Candidate(
            person=PersonId(n),
            name=str(n),
            organisation=OrganisationId(1),
            guard=True,
            certified=True,
            standby=draw(st.booleans()),
            km=None,
            last_asked=draw(st.none() | st.integers(0, 3).map(lambda days: LONG_AGO + timedelta(days=days))),
            value=draw(st.sampled_from([-3.0, -0.1, 0.0, 0.1, 0.2, 0.3, 5.0, 5.1])),
            change={},
        )
        for n in range(count)
    ]


def goes_before(one: Candidate, other: Candidate) -> bool:
    """The rule, one comparison after the other."""
    if one.standby != other.standby:
        return one.standby
    steps = one.value // EQUAL, other.value // EQUAL
    if steps[0] != steps[1]:
        return steps[0] > steps[1]
    if one.last_asked != other.last_asked:
        if one.last_asked is None or other.last_asked is None:
            return one.last_asked is None
        return one.last_asked < other.last_asked
    if one.value != other.value:
        return one.value > other.value
    return one.person < other.person


@given(candidates())
def test_standby_first_then_worth_then_the_least_recently_asked(given_: list[Candidate]) -> None:
    ordered = in_order(given_)
    assert sorted(one.person for one in ordered) == [one.person for one in given_]
    for n, one in enumerate(ordered):
        assert all(goes_before(one, other) for other in ordered[n + 1 :])


async def test_those_found_in_growing_circles_are_the_nearest_of_all(
    dsn: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Homes 0 to 60 km away, one unknown, and one far away who is on call."""
    names = [f"卫{n:02}" for n in range(24)]
    async with force(dsn, tmp_path, names) as met:
        await met.pool.execute("update person set travel_limit_m = 200000")
        for n, name in enumerate(names):
            home = hexes.at(23.22 + 0.025 * n * (-1) ** n, 113.62 + 0.01 * n)
            await met.pool.execute("update person set home = $2 where id = $1", met.people[name], home)
        await met.pool.execute("update person set home = null where id = $1", met.people["卫20"])
        await met.pool.execute(
            """
            insert into standby (district_id, roster, town, shift, person, chosen_at)
            values (1, $1, 't1', $2, $3, now())
            """,
            *(met.roster, met.shifts[1, "early"], met.people["卫23"]),
        )
        duty = await met.put("卫00", 1, "early")
        made = await met.done("officer", f"/assignments/{duty}/absence", {"kind": "illness", "reason": "x"})
        async with met.pool.acquire() as conn:
            hole = await hole_store.hole(conn, DISTRICT, made["id"])
            assert hole is not None
            places = await areas.places(conn, DISTRICT)
            for many in (3, 9, 60):
                monkeypatch.setattr(module, "LOOKED_AT", many)
                monkeypatch.setattr(module, "RINGS", ())
                everywhere = await module.free(conn, places, hole)
                monkeypatch.setattr(module, "RINGS", (1, 3, 8))
                assert await module.free(conn, places, hole) == everywhere
                assert [one.name for one, _ in everywhere][:3] == ["卫23", "卫20", "卫01"]
                assert len(everywhere) == min(many, 23)
