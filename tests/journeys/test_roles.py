"""The desk of those who are not command: their pages, and what is said of the others."""

import pytest
from playwright.sync_api import Page, Request, Response, expect

from alliance.access.store import put_account
from alliance.actor import DistrictId, Role
from alliance.db.pool import Connection
from alliance.people.model import Held
from tests import make
from tests.journeys.conftest import PASSWORD, Cast, sign_in
from tests.journeys.stage import Stage
from tests.service import CHEAP

SLOW_MS = 20_000


@pytest.fixture
def others(stage: Stage, cast: Cast) -> None:
    """A unit's lead, and a company's manager."""

    async def fill(conn: Connection) -> None:
        company = await make.organisation(conn, code="company")
        for login, held in {
            "lead": Held(role=Role.LEAD, unit="u1"),
            "manager": Held(role=Role.MANAGER, organisation=company),
        }.items():
            made = await make.person(conn, company, held, name=login)
            hashed = CHEAP.hash(PASSWORD)
            await put_account(conn, DistrictId(1), made, login=login, password=hashed, now=make.NOW)
            if login == "lead":
                await make.unit(conn, "u1", "b1", [made])

    stage.ask(fill)


class Answers:
    """What the page asks from now on: what is under way, and what was refused."""

    def __init__(self, desk: Page) -> None:
        self._desk = desk
        self._under_way: set[Request] = set()
        self.refused: list[str] = []
        desk.on("request", lambda request: self._under_way.add(request))
        desk.on("requestfinished", lambda request: self._under_way.discard(request))
        desk.on("requestfailed", lambda request: self._under_way.discard(request))
        desk.on("response", self._note)

    def settle(self) -> None:
        """Until everything is answered."""
        self._desk.wait_for_timeout(50)
        while self._under_way:
            self._desk.wait_for_timeout(50)

    def _note(self, answer: Response) -> None:
        if answer.status == 403:
            self.refused.append(answer.url)


@pytest.mark.parametrize(
    ("login", "missing"),
    [("officer", []), ("lead", ["班表"]), ("manager", ["班表", "巡更点"]), ("volunteer", ["班表", "巡更点"])],
)
def test_no_page_of_the_bar_refuses(
    stage: Stage, others: None, desk: Page, login: str, missing: list[str]
) -> None:
    answers = Answers(desk)
    sign_in(desk, stage.address, login)
    bar = desk.get_by_role("navigation")
    expect(bar.get_by_role("link")).to_have_count(11 - len(missing), timeout=SLOW_MS)
    for name in missing:
        expect(bar.get_by_role("link", name=name, exact=True)).to_have_count(0)
    for link in bar.get_by_role("link").all():
        link.click()
        expect(link).to_have_attribute("aria-current", "page")
        expect(desk.get_by_role("heading", level=1)).not_to_have_count(0)
        answers.settle()
    assert answers.refused == []


def test_the_address_of_somebody_elses_page_says_whose_it_is(stage: Stage, others: None, desk: Page) -> None:
    answers = Answers(desk)
    sign_in(desk, f"{stage.address}/#/rosters/1", "manager")
    page = desk.get_by_role("main")
    expect(page.get_by_role("heading", level=1)).to_have_text("班表", timeout=SLOW_MS)
    expect(page).to_contain_text("这一页供管理员、指挥员、所长、社区民警查看")
    expect(page).to_contain_text("您的角色：公司管理员。如需查看，请联系管理员。")
    expect(page.get_by_role("button")).to_have_count(0)
    desk.get_by_role("button", name="English").click()
    expect(page).to_contain_text("This page is for these roles: Administrator, Commander, Chief, Officer.")
    assert answers.refused == []
    desk.get_by_role("link", name="Li’an Alliance").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Map")


def test_what_the_service_refuses_is_not_offered_to_be_tried_again(
    stage: Stage, others: None, desk: Page
) -> None:
    said = {"code": "forbidden", "detail": "x", "roles": ["commander"]}
    desk.route("**/api/v1/forecast", lambda route: route.fulfill(status=403, json=said))
    sign_in(desk, f"{stage.address}/#/forecast", "officer")
    expect(desk.get_by_role("main").get_by_role("alert")).to_contain_text(
        "只有指挥员可以查看或操作", timeout=SLOW_MS
    )
    expect(desk.get_by_role("button", name="重试")).to_have_count(0)
