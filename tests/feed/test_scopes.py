"""Who is shown what: roles, areas, and their changes."""

import asyncio
from typing import Any

import pytest

from alliance.actor import Actor, Code, Grant, OrganisationId, PersonId, Role
from alliance.areas import actions as areas
from alliance.areas.places import Places
from alliance.feed.scope import scope_of
from ops.benches import mini
from ops.benches.mini import DISTRICT
from tests.feed.conftest import MINUTE, START, Phone, Served

PLACES = {"B0": (23.285, 113.805), "B1": (23.285, 113.815), "B2": (23.295, 113.805), "B3": (23.295, 113.815)}


async def out(served: Served) -> list[Phone]:
    """Person n on duty in beat n % 4, each walking a little there."""
    served.clock.forward(5 * MINUTE)
    phones = []
    for n in range(4):
        phone = await served.phone(served.world.tokens[n])
        assignment = served.world.assignments[n]
        await phone.ask(type="check_in", key=f"in{n}", assignment=assignment, at=START)
        lat, lon = PLACES[f"B{n}"]
        fixes = [[START + 15_000 * k, lat + k * 1e-5, lon, 5] for k in range(8)]
        await phone.send(type="fixes", seq=1, assignment=assignment, fixes=fixes)
        await phone.next("ack", seq=1)
        phones.append(phone)
    await asyncio.sleep(1.3)
    return phones


async def watch(
    served: Served, role: str, layers: list[str], areas: list[str] | None = None, **scope: Any
) -> Phone:
    async with served.pool.acquire() as conn:
        _, token = await mini.make_person(conn, role, **scope)
    desk = await served.phone(token)
    await desk.send(type="watch", areas=areas or [], layers=layers)
    return desk


async def positions(served: Served, role: str, **scope: Any) -> set[int]:
    desk = await watch(served, role, ["positions"], **scope)
    snapshot = await desk.next("snapshot", layer="positions")
    return {served.world.people.index(person[0]) for person in snapshot["data"]["people"]}


async def test_positions_by_role(served: Served) -> None:
    await out(served)
    assert await positions(served, "commander") == {0, 1, 2, 3}
    assert await positions(served, "chief", area="S0") == {0, 1, 2, 3}
    assert await positions(served, "manager", company=True) == {0, 1, 2, 3}
    assert await positions(served, "guard") == set()
    officer = await positions(served, "officer", area="B0")
    assert officer >= {0, 1, 2}, "the own beat and those beside it"
    assert await positions(served, "commander", areas=["B1"]) == {1}


async def test_coverage_by_role(served: Served, places: Places) -> None:
    await out(served)
    beat_of = {cell: places.beats[n] for cell, n in zip(places.cell_text, places.beat.tolist(), strict=True)}
    cases: list[tuple[str, dict[str, Any], set[str]]] = [
        ("observer", {}, {"B0", "B1", "B2", "B3"}),
        ("observer", {"area": "B2"}, {"B2"}),
        ("guard", {"area": "B1"}, {"B1"}),
    ]
    for role, scope, beats in cases:
        desk = await watch(served, role, ["coverage"], **scope)
        snapshot = await desk.next("snapshot", layer="coverage")
        assert {beat_of[cell] for cell, _ in snapshot["data"]["cells"]} == beats, role


@pytest.mark.parametrize(
    ("role", "layers"), [("observer", ["positions", "incidents", "staffing"]), ("manager", ["coverage"])]
)
async def test_layers_that_are_nobodys_are_refused(served: Served, role: str, layers: list[str]) -> None:
    desk = await watch(served, role, layers)
    codes = [(await desk.next("refused"))["code"] for _ in layers]
    assert set(codes) == {"forbidden"}


async def test_an_area_elsewhere_is_refused(served: Served) -> None:
    desk = await watch(served, "chief", ["coverage"], areas=["nowhere"], area="B0")
    assert "nowhere" in (await desk.next("refused"))["detail"]


async def test_a_role_that_is_taken_away_shows_nothing_more(served: Served) -> None:
    phones = await out(served)
    async with served.pool.acquire() as conn:
        person, token = await mini.make_person(conn, "commander")
        desk = await served.phone(token)
        await desk.send(type="watch", areas=[], layers=["positions"])
        await desk.next("snapshot", layer="positions")
        await conn.execute("update person_role set role = 'guard' where person = $1", person)
    snapshot = await desk.next("snapshot", seconds=6, layer="positions")
    assert snapshot["data"]["people"] == []
    await phones[0].send(
        type="fixes",
        seq=2,
        assignment=served.world.assignments[0],
        fixes=[[START + 5 * MINUTE, 23.29, 113.81, 5]],
    )
    await phones[0].next("ack", seq=2)
    await desk.none("positions", 0.6)


async def test_a_session_that_ended_is_closed(served: Served) -> None:
    async with served.pool.acquire() as conn:
        person, token = await mini.make_person(conn, "commander")
        desk = await served.phone(token)
        await conn.execute("update session set ended_at = now() where person = $1", person)
    async with asyncio.timeout(6):
        await desk.connection.wait_closed()
    assert desk.connection.close_code == 4401


async def test_a_withdrawn_consent_ends_the_position(served: Served) -> None:
    await out(served)
    desk = await watch(served, "commander", ["positions"])
    await desk.next("snapshot", layer="positions")
    async with served.pool.acquire() as conn:
        await conn.execute(
            "update consent set withdrawn_at = now() where person = $1", served.world.people[2]
        )
        await conn.execute(
            """
            with n as (update event_counter set last = last + 1 where district_id = $1 returning last)
            insert into event (district_id, id, kind, at, areas, people, data)
            select $1, last, 'consent_withdrawn', now(), '{}', array[$2::bigint], '{}' from n
            """,
            DISTRICT,
            served.world.people[2],
        )
    gone = await desk.next("positions")
    assert gone["gone"] == [served.world.people[2]]


async def test_a_new_watch_replaces_the_former(served: Served) -> None:
    phones = await out(served)
    desk = await watch(served, "commander", ["positions"], areas=["B0"])
    await desk.next("snapshot", layer="positions")
    await desk.send(type="watch", areas=[], layers=[])
    await asyncio.sleep(0.3)
    await phones[0].send(
        type="fixes",
        seq=2,
        assignment=served.world.assignments[0],
        fixes=[[START + 5 * MINUTE, 23.29, 113.81, 5]],
    )
    await phones[0].next("ack", seq=2)
    await desk.none("positions", 0.6)


@pytest.fixture
async def places(served: Served) -> Places:
    async with served.pool.acquire() as conn:
        return await areas.places(conn, DISTRICT)


async def test_every_role_has_a_scope_within_its_grants(places: Places) -> None:
    for role in Role:
        grant = Grant(role=role, area=Code("B0"), beats=frozenset({Code("B0")}))
        who = Actor(district=DISTRICT, person=PersonId(1), organisation=OrganisationId(1), grants=(grant,))
        scope = scope_of(who, places, unit=frozenset({PersonId(2)}), duty_beats=frozenset({Code("B0")}))
        wide = role in (Role.ADMINISTRATOR, Role.COMMANDER)
        around = {Code("B0")} | (places.beat_neighbours[Code("B0")] if role is Role.OFFICER else frozenset())
        assert scope.beats <= (set(places.beats) if wide else around), role
        assert (PersonId(2) in scope.people) == (role in (Role.LEAD, Role.GUARD, Role.VOLUNTEER)), role
        if role is Role.OBSERVER:
            assert not scope.people
            assert not scope.people_in


async def test_who_sees_the_same_shares_one_scope(places: Places) -> None:
    def scope(person: int, role: Role, *beats: str) -> object:
        grant = Grant(role=role, beats=frozenset(Code(beat) for beat in beats))
        who = Actor(
            district=DISTRICT, person=PersonId(person), organisation=OrganisationId(1), grants=(grant,)
        )
        return scope_of(who, places, unit=frozenset(), duty_beats=frozenset())

    assert scope(1, Role.COMMANDER) == scope(2, Role.COMMANDER) == scope(3, Role.ADMINISTRATOR)
    assert scope(1, Role.CHIEF, "B0") == scope(2, Role.CHIEF, "B0") != scope(2, Role.CHIEF, "B1")
    assert scope(1, Role.GUARD) != scope(2, Role.GUARD), "the own position is one's own"
