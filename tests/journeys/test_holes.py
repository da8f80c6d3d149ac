"""A guard doesn't come: another is asked on the phone, takes it, and the desk sees the place filled."""

from datetime import datetime, timedelta

import msgspec
import pytest
from playwright.sync_api import BrowserContext, Page, expect

from alliance.access.store import put_account
from alliance.actor import DistrictId, PersonId, Role
from alliance.db.pool import Connection
from alliance.people.model import Held
from tests import make
from tests.journeys.conftest import PASSWORD, sign_in
from tests.journeys.stage import Stage
from tests.roster.force import guard
from tests.service import CHEAP

SLOW_MS = 20_000


class Shift(msgspec.Struct, frozen=True, kw_only=True):
    """The duty of the one who doesn't come."""

    absent: int


async def _login(conn: Connection, person: PersonId, login: str) -> None:
    await put_account(conn, DistrictId(1), person, login=login, password=CHEAP.hash(PASSWORD), now=make.NOW)


async def fill(conn: Connection, now: datetime) -> Shift:
    """Two guards on a duty that began an hour ago, one with nothing to do, and a commander."""
    await make.district(conn, now=now)
    company = await make.organisation(conn)
    police = await make.organisation(conn, code="police", kind="police")
    people = {name: await guard(conn, company, name) for name in ("陈缺席", "李在岗", "王补岗")}
    await conn.execute("update availability set end_minute = 2880")
    boss = await make.person(conn, police, Held(role=Role.COMMANDER), name="周指挥")
    for login, person in (("absent", people["陈缺席"]), ("free", people["王补岗"]), ("commander", boss)):
        await _login(conn, person, login)
    start, end = now - timedelta(hours=1), now + timedelta(hours=7)
    day = (start + timedelta(hours=8)).date()
    roster, shift, post = await _place(conn, day, start, end)
    ids = [
        await conn.fetchval(
            """
            insert into assignment
                (district_id, roster, person, shift, post, duty_day, starts_at, ends_at, published)
            values (1, $1, $2, $3, $4, $5, $6, $7, true) returning id
            """,
            *(roster, people[name], shift, post, day, start, end),
        )
        for name in ("陈缺席", "李在岗")
    ]
    return Shift(absent=ids[0])


async def _place(conn: Connection, day: object, start: datetime, end: datetime) -> tuple[int, int, int]:
    roster = await conn.fetchval(
        """
        insert into roster (district_id, first_day, last_day, state, made_at, hard_violations)
        values (1, $1, $1, 'published', $2, 0) returning id
        """,
        *(day, start),
    )
    shift = await conn.fetchval(
        """
        insert into shift (district_id, pattern, duty_day, starts_at, ends_at)
        values (1, 'early', $1, $2, $3) returning id
        """,
        *(day, start, end),
    )
    post = await conn.fetchval(
        "insert into post (district_id, code, name, beat) values (1, 'P1', '北门巡逻', 'b1') returning id"
    )
    await conn.execute(
        """
        insert into need (district_id, post, pattern, minimum, desired, certified)
        values (1, $1, 'early', 2, 2, 0)
        """,
        post,
    )
    return roster, shift, post


@pytest.fixture
def shift(stage: Stage) -> Shift:
    now = stage.clock()
    return stage.ask(lambda conn: fill(conn, now))


def test_a_no_show_is_offered_to_another_and_filled(
    stage: Stage, shift: Shift, phone: BrowserContext, desk: Page
) -> None:
    free = phone.new_page()
    sign_in(free, f"{stage.address}/patrol", "free")
    expect(free.get_by_text("在线")).to_be_visible()
    expect(free.get_by_text("没有班次")).to_be_visible()
    sign_in(desk, f"{stage.address}/#/duty", "commander")
    desk.get_by_role("button", name="缺勤 陈缺席").click(timeout=SLOW_MS)
    desk.get_by_role("dialog").get_by_role("button", name="缺勤", exact=True).click()
    expect(desk.get_by_role("row").filter(has_text="陈缺席")).to_have_count(0)
    desk.get_by_role("navigation").get_by_role("link", name="补岗").click()
    row = desk.get_by_role("link", name="北门巡逻")
    expect(row).to_contain_text("未到岗")
    row.click()
    detail = desk.get_by_role("region", name="岗位")
    expect(detail.get_by_role("row").filter(has_text="王补岗")).to_contain_text("持证", timeout=SLOW_MS)
    detail.get_by_role("button", name="询问合适的人").click()
    offer = free.get_by_role("article", name="补岗邀请")
    expect(offer).to_contain_text("北门巡逻", timeout=SLOW_MS)
    expect(offer.get_by_role("timer")).to_contain_text("还剩")
    offer.get_by_role("button", name="我来").click()
    expect(free.get_by_role("button", name="签到", exact=True)).to_be_visible(timeout=SLOW_MS)
    expect(free.get_by_text("同班：李在岗")).to_be_visible()
    expect(detail.get_by_text("已补", exact=True)).to_be_visible(timeout=SLOW_MS)
    expect(detail.get_by_role("row").filter(has_text="王补岗")).to_contain_text("已接下")
    standing = stage.rows(
        """
        select p.name from assignment a join person p on p.id = a.person
        where a.cancelled_at is null order by a.id
        """
    )
    assert [row["name"] for row in standing] == ["李在岗", "王补岗"]


def test_a_guard_who_cannot_come_says_so_on_the_phone(
    stage: Stage, shift: Shift, phone: BrowserContext, desk: Page
) -> None:
    sign_in(desk, f"{stage.address}/#/holes", "commander")
    expect(desk.get_by_text("没有缺岗")).to_be_visible(timeout=SLOW_MS)
    page = phone.new_page()
    sign_in(page, f"{stage.address}/patrol", "absent")
    page.get_by_role("button", name="我来不了").click()
    dialog = page.get_by_role("dialog")
    dialog.locator("textarea").fill("发烧三十九度")
    dialog.get_by_role("button", name="我来不了").click()
    expect(page.get_by_text("没有班次")).to_be_visible(timeout=SLOW_MS)
    row = desk.get_by_role("link", name="北门巡逻")
    expect(row).to_contain_text("缺 1 人", timeout=SLOW_MS)
    row.click()
    expect(desk.get_by_role("region", name="岗位")).to_contain_text("发烧三十九度")


async def _coming(conn: Connection, now: datetime) -> None:
    """Tomorrow's duty, which two certified guards are wanted for; an administrator looks after the people."""
    police = await conn.fetchval("select id from organisation where code = 'police'")
    boss = await make.person(conn, police, Held(role=Role.ADMINISTRATOR), name="吴管理")
    await _login(conn, boss, "administrator")
    await conn.execute("update need set certified = 2")
    await conn.execute(
        """
        update shift set starts_at = starts_at + interval '1 day', ends_at = ends_at + interval '1 day',
            duty_day = duty_day + 1
        """
    )
    await conn.execute(
        """
        update assignment set starts_at = starts_at + interval '1 day', ends_at = ends_at + interval '1 day',
            duty_day = duty_day + 1
        """
    )
    await conn.execute("update roster set last_day = last_day + 1")


def test_a_certificate_taken_away_and_a_leave_open_holes_and_are_told_on_the_phone(
    stage: Stage, shift: Shift, phone: BrowserContext, desk: Page
) -> None:
    stage.ask(lambda conn: _coming(conn, stage.clock()))
    page = phone.new_page()
    sign_in(page, f"{stage.address}/patrol", "absent")
    expect(page.get_by_text("同班：李在岗")).to_be_visible(timeout=SLOW_MS)
    sign_in(desk, f"{stage.address}/#/people", "administrator")
    desk.get_by_role("link", name="陈缺席").click(timeout=SLOW_MS)
    desk.get_by_role("button", name="修改").click()
    dialog = desk.get_by_role("dialog")
    dialog.get_by_role("group", name="证书").get_by_role("button", name="删除").click()
    dialog.get_by_role("button", name="保存").click()
    expect(desk.get_by_text("1 个已发布的班次随之取消")).to_be_visible(timeout=SLOW_MS)
    lost = page.get_by_role("region", name="已取消的班次")
    expect(lost).to_contain_text("证书过期 · 保安员证", timeout=SLOW_MS)
    expect(page.get_by_text("没有班次")).to_be_visible()
    desk.get_by_role("link", name="李在岗").click()
    desk.get_by_role("button", name="登记请假").click()
    dialog.get_by_role("button", name="保存").click()
    expect(desk.get_by_text("1 个已发布的班次随之取消")).to_be_visible(timeout=SLOW_MS)
    expect(desk.get_by_role("region", name="请假")).to_contain_text("年假")
    desk.get_by_role("link", name="去补岗").click()
    rows = desk.get_by_role("link", name="北门巡逻")
    expect(rows.filter(has_text="证书过期")).to_have_count(1, timeout=SLOW_MS)
    rows.filter(has_text="请假").click()
    expect(desk.get_by_role("region", name="岗位")).to_contain_text("请假 · 年假")
