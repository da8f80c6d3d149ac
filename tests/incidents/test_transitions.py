"""The contract's transitions over HTTP: each allowed or refused, by the right people and version."""

import asyncio
import itertools

import pytest

from alliance.incidents.states import TRANSITIONS
from tests.incidents.world import World, place

pytestmark = pytest.mark.asyncio(loop_scope="module")

# The contract's list, written out again.
LEGAL = {
    ("open", "dispatch"),
    ("open", "on_scene"),
    ("open", "close"),
    ("dispatched", "on_scene"),
    ("dispatched", "reopen"),
    ("dispatched", "close"),
    ("on_scene", "close"),
    ("closed", "confirm"),
    ("closed", "strike"),
    ("closed", "reopen"),
    ("confirmed", "strike"),
    ("struck", "confirm"),
}
WAYS = {
    "open": [],
    "dispatched": ["dispatch"],
    "on_scene": ["on_scene"],
    "closed": ["close"],
    "confirmed": ["close", "confirm"],
    "struck": ["close", "strike"],
}


@pytest.mark.parametrize("state", WAYS)
async def test_each_transition_follows_or_is_refused_naming_what_may(world: World, state: str) -> None:
    await world.on_duty("o2 guard")
    for n, transition in enumerate(TRANSITIONS):
        number = (await world.report("o1 guard", **place("b2"), at=world.now(hours=n)))["incident"]
        for step in WAYS[state]:
            done = await world.step("chief", number, step)
            assert done.status_code == 200, done.text
        answer = await world.step("chief", number, transition, reason="看过了")
        if (state, transition) in LEGAL:
            assert answer.status_code == 200, (state, transition, answer.text)
            assert answer.json()["state"] == TRANSITIONS[transition]
            assert answer.headers["etag"] == f'"{answer.json()["version"]}"'
        else:
            assert (answer.status_code, answer.json()["code"]) == (409, "out_of_order"), (state, transition)
            assert set(answer.json()["allowed"]) == {step for at, step in LEGAL if at == state}
            assert (await world.get("chief", f"/incidents/{number}"))["state"] == state


async def test_every_step_is_kept_with_actor_time_and_reason(world: World) -> None:
    number = (await world.report("o1 guard"))["incident"]
    for transition, reason in [("close", "到场处理完毕"), ("reopen", "又打起来了"), ("on_scene", "")]:
        world.service.clock.turn(minutes=1)
        assert (await world.step("officer", number, transition, reason=reason)).status_code == 200
    steps = (await world.get("officer", f"/incidents/{number}"))["transitions"]
    assert [(step["from"], step["to"], step["reason"]) for step in steps] == [
        (None, "open", ""),
        ("open", "closed", "到场处理完毕"),
        ("closed", "open", "又打起来了"),
        ("open", "on_scene", ""),
    ]
    assert [step["actor_name"] for step in steps] == ["o1 guard", "officer", "officer", "officer"]
    assert [later["at"] - earlier["at"] for earlier, later in itertools.pairwise(steps)] == [60_000] * 3
    changed = await world.events("incident_changed")
    assert [(one["from"], one["to"], one["version"]) for one in changed] == [
        ("open", "closed", 2),
        ("closed", "open", 3),
        ("open", "on_scene", 4),
    ]


async def test_the_version_seen_must_be_said_and_be_the_current_one(world: World) -> None:
    number = (await world.report("o1 guard"))["incident"]
    path = f"/incidents/{number}/close"
    unsaid = await world.ask("officer", "POST", path)
    assert (unsaid.status_code, unsaid.json()["code"]) == (428, "version_needed")
    stale = await world.ask("officer", "POST", path, if_match='"7"')
    assert (stale.status_code, stale.json()["code"], stale.json()["version"]) == (412, "stale_version", 1)
    done = await world.ask("officer", "POST", path, if_match='"1"')
    assert (done.status_code, done.json()["version"]) == (200, 2)


async def test_a_report_that_joined_meanwhile_makes_the_officers_version_stale(world: World) -> None:
    number = (await world.report("o1 guard"))["incident"]
    seen = await world.get("officer", f"/incidents/{number}")
    await world.report("o2 guard")
    stale = await world.ask("officer", "POST", f"/incidents/{number}/close", {"version": seen["version"]})
    assert stale.status_code == 412


async def test_two_officers_at_once_one_moves_it_the_other_hears_of_it(world: World) -> None:
    number = (await world.report("o1 guard"))["incident"]
    path = f"/incidents/{number}/close"
    answers = await asyncio.gather(
        *(world.ask(name, "POST", path, {"version": 1}) for name in ("officer", "other officer"))
    )
    assert sorted(answer.status_code for answer in answers) == [200, 412]


@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("officer", 200),
        ("chief", 200),
        ("commander", 200),
        ("admin", 200),
        ("far officer", 404),
        ("o1 guard", 403),
        ("o1 manager", 403),
        ("o2 guard", 404),
        ("observer", 404),
    ],
)
async def test_only_police_of_the_place_move_it_on(world: World, name: str, status: int) -> None:
    number = (await world.report("o1 guard"))["incident"]
    assert (await world.step(name, number, "close")).status_code == status


async def test_an_officer_sees_but_does_not_decide_in_the_next_beat(world: World) -> None:
    number = (await world.report("o1 guard", **place("b2")))["incident"]
    assert (await world.ask("officer", "GET", f"/incidents/{number}")).status_code == 200
    assert (await world.step("officer", number, "close")).status_code == 403


async def test_a_settled_incident_takes_no_reports_by_itself_nor_gives_any(world: World) -> None:
    first = await world.report("o1 guard")
    await world.step("officer", first["incident"], "close")
    await world.step("officer", first["incident"], "confirm")
    second = await world.report("o2 guard")
    assert (second["joined"], second["proposed"]) == (False, [first["incident"]])
    for path, report in (("link", second["report"]), ("unlink", first["report"])):
        answer = await world.ask(
            "officer", "POST", f"/incidents/{first['incident']}/{path}", {"report": report}
        )
        assert (answer.status_code, answer.json()["code"]) == (409, "conflict")


async def test_an_unknown_transition_is_no_address(world: World) -> None:
    number = (await world.report("o1 guard"))["incident"]
    assert (await world.step("officer", number, "delete")).status_code in (404, 405)


async def test_a_transition_may_be_called_by_the_state_it_leads_to(world: World) -> None:
    await world.on_duty("o2 guard")
    number = (await world.report("o1 guard", **place("b2"), at=world.now(hours=40)))["incident"]
    for state in ("dispatched", "on_scene", "closed", "open", "closed", "confirmed", "struck"):
        answer = await world.step("chief", number, state, reason="看过了")
        assert (answer.status_code, answer.json().get("state")) == (200, state), answer.text
