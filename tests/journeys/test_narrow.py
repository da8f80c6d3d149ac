"""The desk on a phone's width: what is shown there is reached and never beside the screen."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.journeys.conftest import Cast, sign_in
from tests.journeys.stage import Stage

SLOW_MS = 20_000


@pytest.fixture
def narrow(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(
        viewport={"width": 390, "height": 844}, has_touch=True, locale="zh-CN", timezone_id="Asia/Shanghai"
    )
    yield context.new_page()
    context.close()


def test_the_bar_shows_the_page_one_is_on(stage: Stage, cast: Cast, narrow: Page) -> None:
    sign_in(narrow, f"{stage.address}/#/system", "commander")
    pages = narrow.get_by_role("navigation")
    current = pages.locator("[aria-current=page]")
    expect(current).to_have_text("系统", timeout=SLOW_MS)
    expect(current).to_be_in_viewport(ratio=0.99)
    narrow.goto(f"{stage.address}/#/map")
    expect(current).to_have_text("地图")
    expect(current).to_be_in_viewport(ratio=0.99)
    narrow.get_by_role("button", name="English").click()
    narrow.goto(f"{stage.address}/#/people")
    expect(current).to_have_text("People")
    expect(current).to_be_in_viewport(ratio=0.99)
