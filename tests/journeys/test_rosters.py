"""A week planned at the desk: computed before one's eyes, changed by hand, published, seen on a phone."""

import re
from datetime import datetime, timedelta

import msgspec
import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from alliance.access.store import put_account
from alliance.actor import DistrictId, PersonId, Role
from alliance.db.pool import Connection
from tests import make
from tests.journeys.conftest import PASSWORD, sign_in
from tests.journeys.stage import Stage
from tests.roster.district import GUARDS, guard, post
from tests.service import CHEAP

SLOW_MS = 20_000
# The first worker of a fresh checkout compiles the solver.
SOLVED_MS = 240_000


class Force(msgspec.Struct, frozen=True, kw_only=True):
    guards: list[PersonId]


async def _force(conn: Connection, now: datetime) -> Force:
    await make.district(conn, now=now)
    police = await make.organisation(conn, code="police", kind="police")
    company = await make.organisation(conn)
    guards = [await guard(conn, company, n) for n in range(GUARDS)]
    await post(conn, "P1", "b1")
    chief = await make.person(conn, police, Role.COMMANDER, name="周指挥")
    for person, login in [(chief, "commander"), *((one, f"guard{n}") for n, one in enumerate(guards))]:
        await put_account(
            conn, DistrictId(1), person, login=login, password=CHEAP.hash(PASSWORD), now=make.NOW
        )
    return Force(guards=guards)


@pytest.fixture
def force(stage: Stage) -> Force:
    now = stage.clock()

    async def fill(conn: Connection) -> Force:
        return await _force(conn, now)

    return stage.ask(fill)


def planned(desk: Page, stage: Stage) -> None:
    sign_in(desk, f"{stage.address}/#/rosters", "commander")
    first = (stage.clock() + timedelta(days=2)).date()
    desk.get_by_label("开始日期").fill(first.isoformat())
    desk.get_by_role("button", name="开始编制").click()
    expect(desk.get_by_role("progressbar", name="正在计算")).to_be_visible(timeout=SLOW_MS)
    expect(desk.get_by_text("目前目标值")).to_be_visible()
    expect(desk.get_by_role("heading", level=1, name="班表")).to_contain_text("草案", timeout=SOLVED_MS)


def staffed(desk: Page) -> Locator:
    """The first cell in which just a pair stands."""
    return desk.get_by_role("button", name=re.compile("^P1 .* 2.2$")).first


def test_a_week_is_planned_changed_by_hand_published_and_seen(
    stage: Stage, force: Force, desk: Page, phone: BrowserContext
) -> None:
    refused: list[str] = []
    desk.on("pageerror", lambda error: refused.append(str(error)))
    planned(desk, stage)
    desk.get_by_role("button", name="人工调整").click()
    staffed(desk).click()
    short = desk.get_by_role("button", name=re.compile("^P1 .* 0.2，缺 3 人$"))
    before = short.count()
    bar = desk.get_by_label("正在调整")
    # One of a pair may not be left alone: refused, with the reason.
    desk.get_by_role("button", name=re.compile("^移走 ")).first.click()
    expect(bar.get_by_role("alert")).to_contain_text("会有一人单独在岗", timeout=SLOW_MS)
    expect(bar.get_by_role("button", name="应用")).to_be_disabled()
    # Both may go; the score says what it costs.
    desk.get_by_role("button", name=re.compile("^移走 ")).first.click()
    expect(bar.get_by_text("未满足的最低人数 −60.00")).to_be_visible(timeout=SLOW_MS)
    bar.get_by_role("button", name="应用").click()
    expect(bar.get_by_text(re.compile("已应用，目标值 −"))).to_be_visible(timeout=SLOW_MS)
    expect(short).to_have_count(before + 1)
    bar.get_by_role("button", name="撤销上一步").click()
    expect(bar.get_by_text(re.compile(r"已应用，目标值 \+"))).to_be_visible(timeout=SLOW_MS)
    expect(short).to_have_count(before)
    bar.get_by_role("button", name="结束调整").click()
    desk.get_by_role("button", name="发布…").click()
    desk.get_by_role("dialog").get_by_role("button", name="发布").click()
    expect(desk.get_by_role("heading", level=1, name="班表")).to_contain_text("已发布", timeout=SOLVED_MS)
    served = stage.rows("select person, count(*) as duties from assignment where published group by person")
    first = next(one for one in served if one["duties"] > 1)
    page = phone.new_page()
    sign_in(page, f"{stage.address}/patrol", f"guard{force.guards.index(first['person'])}")
    # The next duty has a card of its own above the list of the others.
    expect(page.locator(".shift-list li")).to_have_count(first["duties"] - 1, timeout=SLOW_MS)
    expect(page.get_by_text("P1").first).to_be_visible()
    assert refused == []
