"""A small district on duty right now, the service in front of it, and a real browser."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from alliance.access.store import put_account
from alliance.actor import Code, DistrictId, PersonId, Role
from alliance.config import Config
from alliance.db.pool import Connection
from alliance.people.model import Held
from tests import make
from tests.journeys.stage import Stage
from tests.service import CHEAP

PASSWORD = "only-for-journeys-7"
# The centre of the first cell of beat b1.
PLACE = {"latitude": 23.219963, "longitude": 113.619723, "accuracy": 8.0}


class Cast(msgspec.Struct, frozen=True, kw_only=True):
    """Who takes part, and the duty of the volunteer and the colleague."""

    volunteer: PersonId
    colleague: PersonId
    officer: PersonId
    commander: PersonId
    duty: int


async def _person(conn: Connection, organisation: int, login: str, role: Held, name: str) -> PersonId:
    home = make.CELLS["b1"][0]
    made = await make.person(conn, organisation, role, name=name, home=home)  # type: ignore[arg-type]
    await put_account(conn, DistrictId(1), made, login=login, password=CHEAP.hash(PASSWORD), now=make.NOW)
    return made


async def _duty(conn: Connection, people: list[PersonId], now: datetime) -> int:
    """A published shift of ten hours that began an hour ago; the first one's assignment."""
    start, end = now - timedelta(hours=1), now + timedelta(hours=9)
    day = (start + timedelta(hours=8)).date()
    roster = await conn.fetchval(
        """
        insert into roster (district_id, first_day, last_day, state, made_at, hard_violations)
        values (1, $1, $1, 'published', $2, 0) returning id
        """,
        day,
        now,
    )
    shift = await conn.fetchval(
        """
        insert into shift (district_id, pattern, duty_day, starts_at, ends_at)
        values (1, 'evening', $1, $2, $3)
        on conflict (district_id, duty_day, pattern) do update set starts_at = $2, ends_at = $3 returning id
        """,
        *(day, start, end),
    )
    post = await conn.fetchval(
        "insert into post (district_id, code, name, beat) values (1, 'P1', '北门巡逻', 'b1') returning id"
    )
    await conn.execute(
        """
        insert into need (district_id, post, pattern, minimum, desired, certified)
        values (1, $1, 'evening', 2, 2, 0)
        """,
        post,
    )
    ids = [
        await conn.fetchval(
            """
            insert into assignment
                (district_id, roster, person, shift, post, duty_day, starts_at, ends_at, published)
            values (1, $1, $2, $3, $4, $5, $6, $7, true) returning id
            """,
            *(roster, person, shift, post, day, start, end),
        )
        for person in people
    ]
    return int(ids[0])


async def _cast(conn: Connection, now: datetime) -> Cast:
    await make.district(conn, now=now)
    police = await make.organisation(conn, code="police", kind="police")
    village = await make.organisation(conn, code="village", kind="village")
    volunteer = await _person(conn, village, "volunteer", Held(role=Role.VOLUNTEER), "林志愿")
    colleague = await _person(conn, village, "colleague", Held(role=Role.VOLUNTEER), "黄同班")
    officer = await _person(conn, police, "officer", Held(role=Role.OFFICER, area=Code("b1")), "何民警")
    commander = await _person(conn, police, "commander", Held(role=Role.COMMANDER), "周指挥")
    duty = await _duty(conn, [volunteer, colleague], now)
    return Cast(volunteer=volunteer, colleague=colleague, officer=officer, commander=commander, duty=duty)


@pytest.fixture
def settings() -> dict[str, Any]:
    """What a file's journeys set besides."""
    return {}


@pytest.fixture
def stage(dsn: str, tmp_path: Path, settings: dict[str, Any]) -> Iterator[Stage]:
    config = Config(data=tmp_path, database_url=dsn, database_connections=5, port=0, jobs=False)
    made = Stage(msgspec.structs.replace(config, **settings))
    made.start()
    yield made
    made.stop()


@pytest.fixture
def cast(stage: Stage) -> Cast:
    now = stage.clock()

    async def fill(conn: Connection) -> Cast:
        return await _cast(conn, now)

    return stage.ask(fill)


@pytest.fixture
def browser(stage: Stage) -> Iterator[Browser]:
    """After the stage: the browser's driver keeps a loop running that other fixtures can't have."""
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path="/usr/bin/chromium")
        yield launched
        launched.close()


@pytest.fixture
def phone(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(
        viewport={"width": 390, "height": 844},
        has_touch=True,
        locale="zh-CN",
        timezone_id="Asia/Shanghai",
        geolocation=PLACE,  # type: ignore[arg-type]
        permissions=["geolocation"],
    )
    yield context
    context.close()


@pytest.fixture
def desk(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(
        viewport={"width": 1440, "height": 900}, locale="zh-CN", timezone_id="Asia/Shanghai"
    )
    yield context.new_page()
    context.close()


def sign_in(page: Page, address: str, login: str) -> None:
    page.goto(address)
    page.fill("input[name=login]", login)
    page.fill("input[name=password]", PASSWORD)
    page.click("button[type=submit]")
