"""Months, grants, contests, rules and sums: everything adds up to the ledger, at any moment."""

import random
from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from typing import Any

import msgspec
import pytest

from alliance import events
from alliance.actor import Code, DistrictId
from alliance.credit import ledger, months
from alliance.credit.model import Draft, Entry, SourceKind
from alliance.credit.rules import FIRST
from tests.incidents.world import World

pytestmark = pytest.mark.asyncio(loop_scope="module")
NEXT_MONTH = datetime(2026, 4, 2, 4, tzinfo=UTC)


async def grant(world: World, name: str, amount: int, day: str = "2026-03-04") -> Any:
    body = {"person": world.people[name], "amount": amount, "duty_day": day, "reason": "表彰"}
    return await world.ask("admin", "POST", "/grants", body)


async def total(world: World, name: str) -> int:
    amount: int = (await world.get(name, "/me/credits"))["total"]
    return amount


async def entries(world: World, kind: str) -> list[dict[str, Any]]:
    items = (await world.get("commander", "/ledger?limit=500"))["items"][::-1]
    return [one for one in items if one["kind"] == kind]


async def test_a_grant_is_an_administrators_never_to_oneself(world: World) -> None:
    made = await grant(world, "o1 guard", 1234)
    assert (made.status_code, made.json()["source"]) == (201, {"kind": "grant", "id": 1})
    assert await total(world, "o1 guard") == 1234
    (own,) = (await world.get("o1 guard", "/me/credits"))["items"]
    assert own["reason"] == "表彰"
    assert (await grant(world, "admin", 5)).json()["code"] == "rule_broken"
    assert (await grant(world, "o1 guard", 0)).json()["code"] == "bad_request"
    body = {"person": world.people["o1 guard"], "amount": 5, "duty_day": "2026-03-04", "reason": "x"}
    assert (await world.ask("commander", "POST", "/grants", body)).status_code == 403
    unknown = await world.ask("admin", "POST", "/grants", body | {"person": 10**9})
    assert unknown.status_code == 404


async def test_a_repeated_grant_is_one_entry(world: World) -> None:
    body = {"person": world.people["o1 guard"], "amount": 5, "duty_day": "2026-03-04", "reason": "x"}
    one, two = [await world.ask("admin", "POST", "/grants", body, idempotency_key="g") for _ in range(2)]
    assert one.json() == two.json()
    assert await total(world, "o1 guard") == 5


async def test_a_month_is_settled_once_it_is_over_with_one_cap_entry_for_each_person_above(
    world: World,
) -> None:
    await grant(world, "o1 guard", 15_000)
    await grant(world, "o1 guard", 7_500, "2026-03-31")
    await grant(world, "o1 guard", 9_000, "2026-04-01")
    await grant(world, "o2 guard", 20_000)
    early = await world.ask("commander", "POST", "/months/202603/settle")
    assert (early.status_code, early.json()["code"]) == (409, "too_early")
    await world.turn_to(NEXT_MONTH)
    assert (await world.ask("officer", "POST", "/months/202603/settle")).status_code == 403
    done = await world.ask("commander", "POST", "/months/202603/settle")
    assert [(one["person"], one["amount"], one["duty_day"]) for one in done.json()["items"]] == [
        (world.people["o1 guard"], -2500, "2026-03-31")
    ]
    assert done.json()["items"][0]["source"] == {"kind": "month", "id": 202603}
    again = await world.ask("commander", "POST", "/months/202603/settle")
    assert (again.status_code, again.json()["code"]) == (409, "conflict")
    assert await total(world, "o1 guard") == 29_000
    assert (await world.ask("commander", "POST", "/months/202613/settle")).json()["code"] == "bad_request"


async def test_after_settling_the_cap_moves_with_its_month(world: World) -> None:
    await grant(world, "o1 guard", 25_000)
    await world.turn_to(NEXT_MONTH)
    await world.ask("commander", "POST", "/months/202603/settle")
    await grant(world, "o1 guard", -3_000, "2026-03-10")
    caps = await entries(world, "cap")
    assert [one["amount"] for one in caps] == [-5_000, 5_000, -2_000]
    assert [one["reverses"] for one in caps] == [None, caps[0]["n"], None]
    assert await total(world, "o1 guard") == 20_000
    await grant(world, "o1 guard", -4_000, "2026-03-10")
    assert await total(world, "o1 guard") == 18_000
    assert [one["amount"] for one in await entries(world, "cap")][3:] == [2_000]
    await grant(world, "o2 guard", 20_500, "2026-03-10")
    assert await total(world, "o2 guard") == 20_000
    await grant(world, "o2 guard", 700, "2026-04-01")
    assert await total(world, "o2 guard") == 20_700


async def test_striking_in_a_settled_month_never_takes_more_than_it_gave(world: World) -> None:
    number = (await world.report("o1 guard", "arrest"))["incident"]
    await world.step("officer", number, "close")
    await world.step("officer", number, "confirm")
    await grant(world, "o1 guard", 19_500)
    await world.turn_to(NEXT_MONTH)
    await world.ask("commander", "POST", "/months/202603/settle")
    assert await total(world, "o1 guard") == 20_000
    await world.step("officer", number, "strike")
    assert await total(world, "o1 guard") == 19_500


async def test_new_rules_begin_on_a_day_to_come_and_old_days_keep_theirs(world: World) -> None:
    doubled = msgspec.to_builtins(FIRST)
    doubled["amounts"] = {kind: 2 * amount for kind, amount in doubled["amounts"].items()}
    body = {"starts_on": "2026-03-05", "rules": doubled}
    assert (await world.ask("commander", "POST", "/rule-sets", body)).status_code == 403
    today = await world.ask("admin", "POST", "/rule-sets", body | {"starts_on": "2026-03-04"})
    assert today.json()["code"] == "rule_broken"
    made = await world.ask("admin", "POST", "/rule-sets", body)
    assert (made.status_code, made.json()["version"]) == (201, 2)
    assert (await world.ask("admin", "POST", "/rule-sets", body)).json()["code"] == "conflict"
    old = (await world.report("o1 guard", "fire"))["incident"]
    await world.turn_to(world.service.clock.now + timedelta(days=2))
    new = (await world.report("o1 guard", "fire"))["incident"]
    for number in (new, old):
        await world.step("officer", number, "close")
        await world.step("officer", number, "confirm")
    found = await entries(world, "fire")
    assert [(one["amount"], one["rule_set"]) for one in found] == [(1000, 2), (500, 1)]
    listed = (await world.get("observer", "/rule-sets"))["items"]
    assert [one["version"] for one in listed] == [1, 2]


async def test_incomplete_rules_are_refused_naming_what_is_missing(world: World) -> None:
    wrong = msgspec.to_builtins(FIRST)
    del wrong["amounts"]["fire"]
    answer = await world.ask("admin", "POST", "/rule-sets", {"starts_on": "2026-05-01", "rules": wrong})
    assert answer.status_code == 400
    assert "fire" in answer.json()["detail"]


async def test_an_own_entry_is_contested_and_answered(world: World) -> None:
    await grant(world, "o1 guard", 100)
    contested = await world.ask("o1 guard", "POST", "/ledger/1/contest", {"text": "少算了两小时"})
    assert contested.status_code == 201
    assert (await world.get("o1 guard", "/me/credits"))["items"][0]["contested"] is True
    again = await world.ask("o1 guard", "POST", "/ledger/1/contest", {"text": "再说一次"})
    assert (again.status_code, again.json()["code"]) == (409, "conflict")
    stranger = await world.ask("o2 guard", "POST", "/ledger/1/contest", {"text": "不对"})
    assert stranger.status_code == 404
    number = contested.json()["id"]
    assert [one["id"] for one in (await world.get("admin", "/contests?only_open=true"))["items"]] == [number]
    assert (await world.get("o2 manager", "/contests"))["items"] == []
    assert [one["n"] for one in (await world.get("o1 manager", "/contests"))["items"]] == [1]
    reply = {"upheld": True, "text": "已补"}
    path = f"/contests/{number}/answer"
    assert (await world.ask("o1 guard", "POST", path, reply)).status_code in (403, 404)
    assert (await world.ask("o1 manager", "POST", path, reply)).status_code == 403
    done = await world.ask("admin", "POST", path, reply)
    assert (done.status_code, done.json()["upheld"], done.json()["answer"]) == (200, True, "已补")
    assert (await world.ask("admin", "POST", path, reply)).json()["code"] == "out_of_order"
    assert (await world.get("admin", "/contests?only_open=true"))["items"] == []
    assert (await world.get("o1 guard", "/contests"))["items"][0]["answer"] == "已补"


async def a_history(world: World, count: int) -> list[Entry]:
    """A ledger of random entries over two years, a third of them reversed."""
    rng = random.Random(7)
    people = [name for name in world.people if name[0] == "o" and name[1] in "12"]
    drafts = [
        Draft(
            person=world.people[name],
            organisation=world.organisations[name[:2]],
            team=rng.choice([None, Code("team1")]),
            grid=rng.choice([None, Code("g1"), Code("g2")]),
            beat=rng.choice([None, Code("b1"), Code("b3")]),
            station=Code("s1"),
            town=Code("t1"),
            duty_day=date(2024, 12, 25) + timedelta(days=rng.randrange(700)),
            kind=rng.choice(["arrest", "duty", "fire"]),
            amount=rng.randrange(-500, 5000),
            rule_set=1,
            source_kind=SourceKind.INCIDENT,
            source=n,
            actor=None,
        )
        for n, name in enumerate(rng.choices(people, k=count))
    ]
    async with events.transaction(world.service.pool, DistrictId(world.district)) as tx:
        made = await months.append(tx, drafts, world.service.clock.now)
        back = ledger.reversals(made[::3], None, "")
        return made + await months.append(tx, back, world.service.clock.now)


KEYS: dict[str, Any] = {
    "person": lambda one: str(one.person),
    "organisation": lambda one: str(one.organisation),
    "team": lambda one: one.team,
    "grid": lambda one: one.grid,
    "beat": lambda one: one.beat,
    "station": lambda one: one.station,
    "town": lambda one: one.town,
    "kind": lambda one: one.kind,
    "day": lambda one: one.duty_day.isoformat(),
    "week": lambda one: "{}-W{:02}".format(*one.duty_day.isocalendar()[:2]),
    "month": lambda one: one.duty_day.isoformat()[:7],
}


async def test_every_sum_equals_the_entries_it_is_made_of(world: World) -> None:
    made = await a_history(world, 400)
    for by, key in KEYS.items():
        for per in (None, "day", "week", "month"):
            expected: dict[Any, list[int]] = defaultdict(list)
            for one in made:
                expected[key(one), KEYS[per](one) if per else None].append(one.amount)
            query = f"/credits?by={by}" + (f"&per={per}" if per else "")
            items = (await world.get("commander", query))["items"]
            found = {(item["key"], item["period"]): (item["amount"], item["entries"]) for item in items}
            assert found == {group: (sum(each), len(each)) for group, each in expected.items()}, query
            assert len(items) == len(found)


async def test_sums_are_narrowed_to_days_and_to_what_one_may_see_and_carry_names(world: World) -> None:
    made = await a_history(world, 200)
    first, last = date(2025, 3, 1), date(2025, 9, 30)
    inside = [one for one in made if first <= one.duty_day <= last]
    (whole,) = (await world.get("commander", f"/credits?by=town&from={first}&to={last}"))["items"]
    assert (whole["amount"], whole["name"]) == (sum(one.amount for one in inside), "t1")
    scopes = {
        "o1 manager": [one for one in inside if one.organisation == world.organisations["o1"]],
        "far officer": [one for one in inside if one.beat == "b3"],
        "o1 guard": [one for one in inside if one.person == world.people["o1 guard"]],
        "observer": [],
    }
    for name, seen in scopes.items():
        items = (await world.get(name, f"/credits?by=person&from={first}&to={last}"))["items"]
        assert sum(item["amount"] for item in items) == sum(one.amount for one in seen), name
        assert {item["key"] for item in items} == {str(one.person) for one in seen}, name
        names = {str(number): name for name, number in world.people.items()}
        assert all(item["name"] == names[item["key"]] for item in items)
    companies = (await world.get("commander", "/credits?by=organisation"))["items"]
    assert {item["name"] for item in companies} == {"组织o1", "组织o2"}
    wrong = await world.ask("commander", "GET", "/credits?by=colour")
    assert (wrong.status_code, wrong.json()["code"]) == (400, "bad_request")


async def test_the_head_is_everyones_and_ties_down_the_whole(world: World) -> None:
    empty = await world.get("o1 volunteer", "/ledger/head")
    assert empty == {"n": 0, "hash": "00" * 32, "at": None}
    await grant(world, "o1 guard", 1)
    head = await world.get("observer", "/ledger/head")
    assert (head["n"], head["at"]) == (1, world.now())
    (entry,) = (await world.get("admin", "/ledger"))["items"]
    assert entry["hash"] == head["hash"]
