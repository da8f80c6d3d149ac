"""What those hear who don't see the desk: one heading above all, places with names of their own."""

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import Cast, sign_in
from tests.journeys.stage import Stage

SLOW_MS = 20_000
LONG = "增城区派潭镇高滩村群防群治志愿服务队第一分队"
# Twice the same is no name.
LANDMARKS = """
() => [...document.querySelectorAll('main, nav, aside, section[aria-label]')]
    .filter((one) => one.checkVisibility())
    .map((one) => one.getAttribute('aria-label') ?? one.tagName)
"""


def must_be_plain(desk: Page, where: str) -> None:
    expect(desk.get_by_role("heading", level=1)).to_have_count(1, timeout=SLOW_MS)
    names = desk.evaluate(LANDMARKS)
    assert sorted(names) == sorted(set(names)), where
    # A heading of nothing is read out as a heading.
    expect(desk.locator("th:empty")).to_have_count(0)


@pytest.mark.timeout(120)
def test_every_page_has_one_heading_and_no_two_places_of_one_name(
    stage: Stage, cast: Cast, desk: Page
) -> None:
    sign_in(desk, f"{stage.address}/#/map", "commander")
    bar = desk.get_by_role("navigation")
    expect(bar.get_by_role("link")).to_have_count(11, timeout=SLOW_MS)
    for link in bar.get_by_role("link").all():
        link.click()
        expect(link).to_have_attribute("aria-current", "page")
        must_be_plain(desk, link.inner_text())
    for key in ("rosters/1", "rosters/demand", f"people/{cast.volunteer}"):
        desk.goto(f"{stage.address}/#/{key}")
        expect(desk.locator("[aria-current=true]")).to_have_count(1)
        must_be_plain(desk, key)
    desk.goto(f"{stage.address}/#/rosters/1")
    expect(desk.get_by_label("班表详情").get_by_role("table")).not_to_have_count(0)
    must_be_plain(desk, "a roster's figures")


@pytest.mark.parametrize("width", [390, 1440])
def test_a_long_name_beside_the_map_is_whole(stage: Stage, cast: Cast, desk: Page, width: int) -> None:
    stage.rows("update organisation set name = $1 where code = 'village' returning id", LONG)
    stage.rows("update area set name = $1 where code = 't1' returning code", LONG)
    desk.set_viewport_size({"width": width, "height": 900})
    sign_in(desk, f"{stage.address}/#/map", "commander")
    town = desk.locator(".area-name", has_text=LONG)
    expect(town).to_be_visible(timeout=SLOW_MS)
    town.click()
    company = desk.get_by_label("所选").get_by_role("listitem").get_by_text(LONG).first
    expect(company).to_be_visible()
    for shown in (town, company):
        assert shown.evaluate("one => one.scrollWidth - one.clientWidth") == 0
        # No ellipsis either: the text itself lies within its place.
        assert shown.evaluate(
            "one => { const all = document.createRange(); all.selectNodeContents(one);"
            "return all.getBoundingClientRect().width <= one.getBoundingClientRect().width + 1 }"
        )
