"""The desk on a phone's width: what is shown there is reached and never beside the screen."""

import re
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
    expect(narrow.get_by_role("heading", level=1)).to_have_text("地图")
    narrow.get_by_role("button", name="English").click()
    narrow.goto(f"{stage.address}/#/people")
    expect(current).to_have_text("People")
    expect(current).to_be_in_viewport(ratio=0.99)


def test_no_page_is_wider_than_the_phone(stage: Stage, cast: Cast, narrow: Page) -> None:
    sign_in(narrow, f"{stage.address}/#/map", "commander")
    current = narrow.get_by_role("navigation").locator("[aria-current=page]")
    expect(current).to_have_text("地图", timeout=SLOW_MS)
    links = narrow.get_by_role("navigation").get_by_role("link").all()
    assert len(links) == 11
    for language in ("English", "中文"):
        narrow.get_by_role("button", name=language, exact=True).click()
        for link in links:
            link.click()
            expect(link).to_have_attribute("aria-current", "page")
            assert narrow.evaluate("document.documentElement.scrollWidth") == 390


def test_what_is_chosen_is_there_at_once_and_the_list_behind_a_link(
    stage: Stage, cast: Cast, narrow: Page
) -> None:
    sign_in(narrow, f"{stage.address}/#/rosters", "commander")
    row = narrow.get_by_role("link").filter(has_text="已发布")
    expect(narrow.get_by_text("从列表中选择一份班表")).to_be_visible(timeout=SLOW_MS)
    expect(narrow.get_by_text("左边")).to_have_count(0)
    expect(narrow.get_by_role("heading", level=1)).to_have_text("班表")
    row.tap()
    shown = narrow.locator("section.detail")
    expect(shown).to_be_focused()
    expect(shown.get_by_role("heading", level=1)).to_be_in_viewport(ratio=0.99)
    expect(row).to_be_hidden()
    shown.get_by_role("link", name="返回列表").tap()
    expect(row).to_be_visible()
    expect(shown.get_by_role("heading", level=1)).to_have_count(0)


def test_a_long_list_is_found_where_it_was_left(stage: Stage, cast: Cast, narrow: Page) -> None:
    stage.rows(
        """
        insert into person (district_id, organisation, name, created_at)
        select 1, (select min(id) from organisation), '队员' || lpad(n::text, 3, '0'), now()
        from generate_series(1, 40) n returning id
        """
    )
    sign_in(narrow, f"{stage.address}/#/people", "commander")
    row = narrow.get_by_role("link").filter(has_text="队员030")
    row.tap(timeout=SLOW_MS)
    expect(narrow.get_by_role("heading", name="队员030")).to_be_in_viewport(ratio=0.99)
    narrow.get_by_role("link", name="返回列表").tap()
    expect(row).to_be_in_viewport(ratio=0.99)


def test_every_choice_and_name_of_the_duty_page_is_whole(stage: Stage, cast: Cast, narrow: Page) -> None:
    sign_in(narrow, f"{stage.address}/#/duty", "commander")
    narrow.get_by_role("button", name="English").click(timeout=SLOW_MS)
    states = narrow.get_by_role("group", name="State").get_by_role("button")
    expect(states).to_have_count(5)
    for state in states.all():
        expect(state).to_be_in_viewport(ratio=0.99)
    person = narrow.get_by_role("link", name="林志愿")
    narrow.get_by_role("button", name="中文").click()
    expect(person).to_be_visible()
    box = person.bounding_box()
    assert box is not None
    # On one line.
    assert box["width"] > box["height"]


def test_the_long_name_of_a_post_stays_in_its_column(stage: Stage, cast: Cast, narrow: Page) -> None:
    long = "派潭第一派出所1号警务区东门市场巡逻"
    stage.rows("update post set name = $1, name_en = 'East market' returning id", long)
    sign_in(narrow, f"{stage.address}/#/rosters/1", "commander")
    narrow.get_by_role("button", name="按警务区").click(timeout=SLOW_MS)
    head = narrow.get_by_role("rowheader", name=long)
    expect(head).to_be_visible(timeout=SLOW_MS)
    assert head.evaluate("head => head.scrollWidth - head.clientWidth") == 0
    narrow.get_by_role("button", name="按人").click()
    narrow.get_by_role("button", name="English").click()
    expect(narrow.get_by_text("East market").first).to_be_visible()


def test_what_is_chosen_of_the_map_stands_right_below_it(stage: Stage, cast: Cast, narrow: Page) -> None:
    sign_in(narrow, f"{stage.address}/#/map", "commander")
    towns = narrow.get_by_label("辖区", exact=True)
    towns.get_by_role("button", name=re.compile("^t2, ")).click(timeout=SLOW_MS)
    chosen = narrow.get_by_label("所选")
    expect(chosen).to_be_focused()
    expect(chosen.get_by_role("heading", name=re.compile("^t2"))).to_be_in_viewport(ratio=0.99)
    expect(narrow.locator("canvas.maplibregl-canvas")).to_be_in_viewport(ratio=0.9)
