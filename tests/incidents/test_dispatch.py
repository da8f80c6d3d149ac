"""Sending people: the nearest fit one first, answers, orders that pass on to the next."""

from datetime import UTC, datetime
from typing import Any

import pytest

from alliance import events
from alliance.actor import Code, DistrictId, OrganisationId, PersonId
from alliance.incidents import actions
from alliance.incidents.model import Kind, Order
from alliance.incidents.ranking import Available, rank
from alliance.times import from_ms
from tests.incidents.world import METRE, World

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
POINT = (23.29, 113.82)


def available(person: int, *, metres: float = 0, **fields: Any) -> Available:
    values: dict[str, Any] = {
        "person": PersonId(person),
        "name": str(person),
        "organisation": OrganisationId(1),
        "guard": True,
        "certified": True,
        "unit": None,
        "beat": Code("b1"),
        "lat": POINT[0] + metres * METRE,
        "lon": POINT[1],
        "position_at": NOW,
        "task": None,
    }
    return Available(**(values | fields))


def order(people: list[Available], kind: Kind = Kind.INCIDENT) -> list[int]:
    return [one.person for one in rank(people, kind, POINT, NOW)]


def test_the_nearer_goes_first_and_equals_by_id() -> None:
    assert order([available(3, metres=500), available(2, metres=100), available(1, metres=500)]) == [2, 1, 3]


def test_a_busy_or_long_unseen_person_is_asked_later() -> None:
    assert order([available(1, task=Order.ON_SCENE), available(2, metres=2000)]) == [2, 1]
    assert order([available(1, position_at=None), available(2, metres=500)]) == [2, 1]


def test_arrests_are_for_guards_but_a_dispute_is_for_anyone() -> None:
    people = [available(1, guard=False), available(2, metres=400)]
    assert order(people, Kind.ARREST) == [2, 1]
    assert order(people, Kind.DISPUTE) == [1, 2]


def test_the_reasons_add_up() -> None:
    (one,) = rank([available(1, metres=300, guard=False, position_at=None)], Kind.FIRE, POINT, NOW)
    assert one.seconds == pytest.approx(sum(one.why.values()))
    assert one.why == {"travel": pytest.approx(135, abs=0.5), "position": 300, "fitness": 300, "task": 0}


in_module = pytest.mark.asyncio(loop_scope="module")


async def tick(world: World) -> int:
    """What the timed job does."""
    async with events.transaction(world.service.pool, DistrictId(world.district)) as tx:
        return await actions.expire(tx, world.service.clock.now)


async def answer(world: World, name: str, dispatch: int, reply: str) -> Any:
    body = {"reply": reply, "at": world.now()}
    return await world.ask(name, "POST", f"/dispatches/{dispatch}/answer", body)


async def own(world: World, name: str) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = (await world.get(name, "/me/dispatches"))["items"]
    return items


@in_module
async def test_the_best_candidate_is_sent_arrives_and_finishes(world: World) -> None:
    await world.on_duty("o1 guard", north=100)
    await world.on_duty("o2 guard", north=20)
    await world.on_duty("o1 volunteer", north=0)
    number = (await world.report("o2 volunteer"))["incident"]
    ranked = (await world.get("officer", f"/incidents/{number}/candidates"))["items"]
    assert [one["name"] for one in ranked] == ["o2 guard", "o1 guard", "o1 volunteer"]
    sent = await world.step("officer", number, "dispatch")
    assert sent.json()["state"] == "dispatched"
    (order_,) = await own(world, "o2 guard")
    assert await own(world, "o1 guard") == []
    assert (await world.events("dispatched"))[0]["person"] == world.people["o2 guard"]
    states = []
    for reply in ("accept", "on_scene", "done"):
        world.service.clock.turn(minutes=1)
        told = await answer(world, "o2 guard", order_["id"], reply)
        assert told.status_code == 200, told.text
        states.append(told.json()["incident_state"])
    assert states == ["dispatched", "on_scene", "closed"]
    found = await world.get("officer", f"/incidents/{number}")
    (kept,) = found["dispatches"]
    times = [kept[name] for name in ("ordered_at", "answered_at", "arrived_at", "done_at")]
    assert [later - times[0] for later in times] == [0, 60_000, 120_000, 180_000]
    assert found["sla"]["response_ms"] == 120_000


@in_module
async def test_a_declined_or_unanswered_order_passes_on_to_the_next_then_it_is_open_again(
    world: World,
) -> None:
    for north, name in enumerate(("o1 guard", "o2 guard", "o1 volunteer")):
        await world.on_duty(name, north=north * 30)
    number = (await world.report("o2 volunteer"))["incident"]
    await world.step("officer", number, "dispatch")
    (first,) = await own(world, "o1 guard")
    assert (await answer(world, "o1 guard", first["id"], "decline")).status_code == 200
    (second,) = await own(world, "o2 guard")
    world.service.clock.turn(seconds=119)
    assert await tick(world) == 0
    world.service.clock.turn(seconds=2)
    assert await tick(world) == 1
    late = await answer(world, "o2 guard", second["id"], "accept")
    assert (late.status_code, late.json()["code"], late.json()["state"]) == (409, "out_of_order", "expired")
    assert len(await own(world, "o1 volunteer")) == 1
    world.service.clock.turn(seconds=121)
    assert await tick(world) == 1
    found = await world.get("officer", f"/incidents/{number}")
    assert (found["state"], found["transitions"][-1]["actor"]) == ("open", None)
    assert [one["state"] for one in found["dispatches"]] == ["declined", "expired", "expired"]
    assert await tick(world) == 0


@in_module
async def test_a_repeated_answer_changes_nothing_and_someone_elses_is_refused(world: World) -> None:
    await world.on_duty("o1 guard")
    number = (await world.report("o2 volunteer"))["incident"]
    await world.step("officer", number, "dispatch")
    (order_,) = await own(world, "o1 guard")
    first = await answer(world, "o1 guard", order_["id"], "accept")
    world.service.clock.turn(minutes=1)
    assert (await answer(world, "o1 guard", order_["id"], "accept")).json() == first.json()
    assert len(await world.events("answered")) == 1
    stranger = await answer(world, "o2 guard", order_["id"], "accept")
    assert (stranger.status_code, stranger.json()["code"]) == (403, "not_yours")


@in_module
async def test_one_more_is_sent_and_nobody_twice_nor_off_duty(world: World) -> None:
    await world.on_duty("o1 guard")
    await world.on_duty("o2 guard")
    number = (await world.report("o2 volunteer"))["incident"]
    one, other = world.people["o1 guard"], world.people["o2 guard"]
    assert (await world.step("officer", number, "dispatch", person=one)).status_code == 200
    twice = await world.step("officer", number, "dispatches", person=one)
    assert (twice.status_code, twice.json()["code"]) == (409, "conflict")
    away = await world.step("officer", number, "dispatches", person=world.people["o1 volunteer"])
    assert (away.status_code, away.json()["code"]) == (409, "off_duty")
    assert (await world.step("officer", number, "dispatches", person=other)).status_code == 200
    ((first,), (second,)) = (await own(world, "o1 guard"), await own(world, "o2 guard"))
    await answer(world, "o1 guard", first["id"], "on_scene")
    done = await answer(world, "o1 guard", first["id"], "done")
    assert done.json()["incident_state"] == "on_scene"  # the other is still on the way
    assert (await world.step("officer", number, "close")).status_code == 200
    gone = await answer(world, "o2 guard", second["id"], "accept")
    assert gone.json()["state"] == "withdrawn"


@in_module
async def test_who_checked_out_is_no_candidate_and_no_position_means_the_beats_middle(world: World) -> None:
    gone = await world.on_duty("o1 guard")
    await world.on_duty("o2 guard", north=None)
    async with world.service.pool.acquire() as conn:
        await conn.execute(
            """
            insert into attendance (district_id, assignment, kind, at, received_at)
            values ($1, $2, 'out', $3, $3)
            """,
            world.district,
            gone,
            from_ms(world.now(minutes=5)),
        )
    number = (await world.report("o2 volunteer"))["incident"]
    (one,) = (await world.get("officer", f"/incidents/{number}/candidates"))["items"]
    assert (one["name"], one["lat"], one["why"]["position"]) == ("o2 guard", 23.25, 300)


@in_module
async def test_with_nobody_on_duty_an_order_is_refused_and_the_incident_stays_open(world: World) -> None:
    number = (await world.report("o2 volunteer"))["incident"]
    answer_ = await world.step("officer", number, "dispatch")
    assert (answer_.status_code, answer_.json()["code"]) == (409, "off_duty")
    assert (await world.get("officer", f"/incidents/{number}"))["state"] == "open"


@in_module
async def test_reopening_calls_back_who_was_sent(world: World) -> None:
    await world.on_duty("o1 guard")
    number = (await world.report("o2 volunteer"))["incident"]
    await world.step("officer", number, "dispatch")
    assert (await world.step("officer", number, "reopen", reason="误报")).json()["state"] == "open"
    assert await own(world, "o1 guard") == []


@in_module
async def test_an_answer_from_the_future_is_refused(world: World) -> None:
    await world.on_duty("o1 guard")
    number = (await world.report("o2 volunteer"))["incident"]
    await world.step("officer", number, "dispatch")
    (order_,) = await own(world, "o1 guard")
    body = {"reply": "accept", "at": world.now(minutes=-3)}
    told = await world.ask("o1 guard", "POST", f"/dispatches/{order_['id']}/answer", body)
    assert told.json()["code"] == "clock_ahead"


@in_module
async def test_a_manager_sees_no_strangers_among_the_orders(world: World) -> None:
    await world.on_duty("o2 guard")
    number = (await world.report("o1 guard"))["incident"]
    await world.step("officer", number, "dispatch")
    assert (await world.get("o1 manager", f"/incidents/{number}"))["dispatches"] == []
    assert (await world.ask("o1 manager", "GET", f"/incidents/{number}/candidates")).status_code == 403
