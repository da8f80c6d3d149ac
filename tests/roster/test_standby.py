"""The reserve on call: chosen once a roster is published, asked first, credited."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from alliance.credit import standbys as credit
from alliance.db.pool import Pool
from alliance.events import transaction
from alliance.roster import reserve, store
from alliance.roster.model import RosterId
from tests.roster.force import DISTRICT, Force, force

ILL = {"kind": "illness", "reason": "发烧"}
DAY = "2026-03-05"


@pytest.fixture
async def met(dsn: str, tmp_path: Path) -> AsyncIterator[Force]:
    """Two stand early tomorrow at P1, six others are free."""
    async with force(dsn, tmp_path, [f"卫{n}" for n in range(8)]) as made:
        for name in ("卫0", "卫1"):
            made.duty[name] = await made.put(name, 1, "early")
        yield made


async def choose(met: Force) -> int:
    pool: Pool = met.pool
    async with pool.acquire() as conn:
        have = await store.roster(conn, DISTRICT, RosterId(met.roster))
    assert have is not None
    return await reserve.choose(pool, DISTRICT, have, met.service.clock.now)


async def on_call(met: Force) -> str:
    (one,) = await met.items("officer", f"/standby?day={DAY}")
    assert (one["town"], one["pattern"], one["assignment"]) == ("t1", "early", None)
    return str(one["name"])


async def test_a_share_of_each_towns_duties_is_doubled_by_somebody_free(met: Force) -> None:
    assert await choose(met) == 1
    name = await on_call(met)
    assert name not in ("卫0", "卫1")
    (own,) = await met.items(name, "/me/standby")
    assert own["town_name"] == "t1"
    assert await met.items("卫0", "/me/standby") == []
    await choose(met)
    assert len(await met.items("commander", f"/standby?day={DAY}")) == 1, "chosen once"
    assert "standby_chosen" in await met.kinds()
    assert await met.items("elsewhere", f"/standby?day={DAY}") == []
    assert (await met.as_("卫0", "GET", f"/standby?day={DAY}")).status_code == 403


async def test_a_draft_may_ask_for_a_reserve_of_its_own(met: Force) -> None:
    """Half of two duties, or nobody, whatever the district's setting."""
    for percent, many in ((50, 1), (0, 0)):
        asked = {"asked": {"standby_percent": percent}}
        await met.pool.execute("delete from standby")
        await met.pool.execute("update roster set standby_at = null, progress = $1", asked)
        assert await choose(met) == many
    body = {"first_day": "2026-03-16", "last_day": "2026-03-16", "standby_percent": 12, "bound_steps": 0}
    made = await met.done("commander", "/rosters", body)
    assert made["progress"]["asked"]["standby_percent"] == 12
    refused = await met.refused("commander", "/rosters", body | {"standby_percent": 51})
    assert "standby_percent" in refused["detail"]


async def test_a_district_may_do_without(met: Force) -> None:
    await met.pool.execute("update district set settings = $1", {"changes": {"standby_percent": 0}})
    assert await choose(met) == 0


async def test_who_is_on_call_is_asked_first_and_the_call_becomes_a_duty(met: Force) -> None:
    await choose(met)
    name = await on_call(met)
    hole = await met.done("officer", f"/assignments/{met.duty['卫0']}/absence", ILL)
    detail = await met.done("officer", f"/holes/{hole['id']}/call", {"at_once": 1})
    assert [(one["name"], one["standby"]) for one in detail["offers"]] == [(name, True)]
    (offer,) = await met.offers(name)
    assert offer["standby"]
    await met.done(name, f"/me/offers/{offer['id']}/accept")
    (one,) = await met.items(name, "/me/standby")
    assert one["assignment"] is not None
    refused = await met.refused(name, f"/standby/{one['id']}/release", {"reason": "x"})
    assert refused["code"] == "out_of_order"
    assert await credited(met, days=2) == []


async def credited(met: Force, days: int) -> list[tuple[str, int, str]]:
    """(name, amount, kind) of the ledger, days later."""
    met.service.clock.turn(days=days)
    async with transaction(met.pool, DISTRICT) as tx:
        await credit.credit_ended(tx, met.service.clock.now)
    records = await met.pool.fetch(
        "select p.name, l.amount, l.kind from ledger l join person p on p.id = l.person order by l.n"
    )
    return [(name, amount, kind) for name, amount, kind in records]


async def test_eight_hours_on_call_are_credited_once(met: Force) -> None:
    await choose(met)
    name = await on_call(met)
    assert await credited(met, days=0) == []
    assert await credited(met, days=2) == [(name, 160, "standby")]
    assert await credited(met, days=1) == [(name, 160, "standby")]


async def test_who_cannot_be_on_call_is_neither_asked_first_nor_credited(met: Force) -> None:
    await choose(met)
    name = await on_call(met)
    (own,) = await met.items(name, "/me/standby")
    stranger = await met.as_("卫0", "POST", f"/standby/{own['id']}/release", {"reason": "x"})
    assert stranger.status_code == 404
    answer = await met.as_(name, "POST", f"/standby/{own['id']}/release", {"reason": "出差"})
    assert answer.status_code == 204
    assert await met.items("officer", f"/standby?day={DAY}") == []
    hole = await met.done("officer", f"/assignments/{met.duty['卫0']}/absence", ILL)
    detail = await met.done("officer", f"/holes/{hole['id']}/call", {"at_once": 9})
    assert not any(one["standby"] for one in detail["offers"])
    assert await credited(met, days=2) == []
