"""Who sees what asks for attention, and who may see to it, over HTTP."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from alliance.actor import DistrictId
from alliance.areas import actions as areas
from alliance.attention.lookout import Lookout
from alliance.times import to_ms
from tests.service import Service, running
from tests.world import World, world


class Desk:
    """Everyone's view of a district whose guards didn't come to this morning's shift."""

    def __init__(self, service: Service, known: World) -> None:
        self.service, self.known = service, known

    async def ask(self, who: str, method: str, path: str, body: Any = None, **headers: str) -> Any:
        token = await self.service.token(self.known.people[who], 2 if who.startswith("foreign") else 1)
        return await self.service.ask(method, path, token, body, **headers)

    async def seen(self, who: str, query: str = "?open=true") -> list[dict[str, Any]]:
        answer = await self.ask(who, "GET", f"/attention{query}")
        assert answer.status_code == 200, answer.text
        items: list[dict[str, Any]] = answer.json()["items"]
        return items


@pytest.fixture
async def desk(dsn: str, tmp_path: Path) -> AsyncIterator[Desk]:
    async with running(dsn, tmp_path) as service:
        async with service.pool.acquire() as conn:
            known = await world(conn)
            places = await areas.places(conn, DistrictId(1))
        lookout = Lookout(service.pool, DistrictId(1), places)
        await lookout.look(to_ms(service.clock.now), np.full(len(places), 2**60))
        yield Desk(service, known)


async def test_who_sees_what(desk: Desk) -> None:
    """The guard and the lead of b1 are of the company, the stranger on b3 is not; all are late."""
    people = desk.known.people
    late = {who: {one["person"] for one in await desk.seen(who) if one["person"]} for who in people}
    everyone = {people["guard"], people["lead"], people["stranger"]}
    assert late["commander"] == late["administrator"] == everyone
    assert late["officer"] == {people["guard"], people["lead"]}
    assert late["manager"] == {people["guard"], people["lead"]}
    for who in ("guard", "lead", "volunteer", "observer", "nobody", "stranger", "foreigner"):
        assert late[who] == set(), who
    kinds = {one["kind"] for one in await desk.seen("manager")}
    assert kinds == {"not_arrived"}
    everything = await desk.seen("commander")
    assert {one["kind"] for one in everything} == {"not_arrived", "sos", "unstaffed"}
    assert {one["beat"] for one in everything if one["kind"] == "unstaffed"} == {"b1", "b3"}
    first = await desk.ask("commander", "GET", "/attention?limit=2")
    rest = await desk.ask("commander", "GET", f"/attention?limit=500&cursor={first.json()['next']}")
    numbers = [one["id"] for one in first.json()["items"] + rest.json()["items"]]
    assert numbers == sorted(numbers, reverse=True)
    assert len(numbers) == 6


async def test_an_officer_sees_to_what_is_on_the_own_beats(desk: Desk) -> None:
    mine = next(one for one in await desk.seen("officer") if one["kind"] == "not_arrived")
    other = next(
        one for one in await desk.seen("commander") if one["beat"] == "b3" and one["kind"] == "not_arrived"
    )
    assert (await desk.ask("manager", "POST", f"/attention/{mine['id']}/acknowledge")).status_code == 403
    assert (await desk.ask("guard", "POST", f"/attention/{mine['id']}/acknowledge")).status_code == 403
    assert (await desk.ask("officer", "POST", f"/attention/{other['id']}/acknowledge")).status_code == 404
    both = {"ids": [mine["id"], other["id"]]}
    assert (await desk.ask("officer", "POST", "/attention/acknowledge", both)).status_code == 404
    done = (await desk.ask("officer", "POST", f"/attention/{mine['id']}/acknowledge")).json()
    assert done["state"] == "acknowledged"
    assert done["acknowledged_name"] == desk.known.names["officer"]
    closing = {"reason": "已电话联系"}
    closed = await desk.ask("officer", "POST", f"/attention/{mine['id']}/close", closing)
    assert (closed.json()["state"], closed.json()["reason"]) == ("closed", "已电话联系")
    assert mine["id"] not in {one["id"] for one in await desk.seen("officer")}
    assert mine["id"] in {one["id"] for one in await desk.seen("officer", "?beat=b1&kind=not_arrived")}
    facts = (await desk.ask("commander", "GET", "/events?since=0")).json()["items"]
    told = [fact["data"]["items"][0]["id"] for fact in facts if fact["kind"] == "attention_closed"]
    assert told == [mine["id"]]


async def test_command_sets_the_thresholds(desk: Desk) -> None:
    found = await desk.ask("officer", "GET", "/attention/thresholds")
    assert (found.json()["not_arrived"], found.headers["etag"]) == (15, '"0"')
    body = {"not_arrived": 30}
    path = "/attention/thresholds"
    assert (await desk.ask("officer", "PATCH", path, body, if_match='"0"')).status_code == 403
    assert (await desk.ask("commander", "PATCH", path, body)).status_code == 428
    changed = await desk.ask("commander", "PATCH", path, body, if_match='"0"')
    assert (changed.json()["not_arrived"], changed.json()["still"], changed.json()["version"]) == (30, 45, 1)
    assert (await desk.ask("commander", "PATCH", path, body, if_match='"0"')).status_code == 412
    wrong = await desk.ask("commander", "PATCH", path, {"battery": 101}, if_match='"1"')
    assert (wrong.status_code, "battery" in wrong.json()["detail"]) == (400, True)
