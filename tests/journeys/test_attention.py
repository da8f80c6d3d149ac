"""Somebody does not come: the desk is told, somebody sees to it, they come after all, and it ends."""

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import Cast
from tests.journeys.stage import Stage
from tests.journeys.test_desk import SLOW_MS, Phone, at_the_desk, ms


@pytest.fixture
def settings() -> dict[str, Any]:
    """With the timed work, of which the rules of attention are a part."""
    return {"jobs": True}


def test_who_did_not_come_is_seen_to_and_comes_after_all(stage: Stage, cast: Cast, desk: Page) -> None:
    wrong: list[str] = []
    desk.on("pageerror", lambda error: wrong.append(str(error)))
    at_the_desk(desk, stage, "attention")
    items = desk.get_by_role("region", name="需要关注").get_by_role("listitem")
    late = items.filter(has_text="未到岗").filter(has_text="林志愿")
    expect(late).to_be_visible(timeout=SLOW_MS)
    expect(items.filter(has_text="未到岗").filter(has_text="黄同班")).to_be_visible()
    expect(items.filter(has_text="无人在岗")).to_be_visible()
    expect(late).to_contain_text("起 ·")
    late.get_by_role("button", name="确认").click()
    expect(late).to_contain_text(re.compile(r"周指挥 \d\d:\d\d 已确认"))
    # The map's page tells how much there is, and leads back here.
    desk.get_by_role("navigation").get_by_role("link", name="地图").click()
    expect(desk.get_by_label(re.compile("项需要关注"))).to_contain_text("未到岗 2", timeout=SLOW_MS)
    desk.get_by_role("link", name="需要关注").click()
    Phone(stage, "volunteer").send("/check-ins", key="in", assignment=cast.duty, at=ms(stage))
    expect(late).to_have_count(0, timeout=SLOW_MS)
    expect(items.filter(has_text="无人在岗")).to_have_count(0)
    # What cannot end by itself is closed with a reason, and stays on record.
    other = items.filter(has_text="黄同班")
    other.get_by_role("button", name="关闭").click()
    confirm = desk.get_by_role("dialog").get_by_role("button", name="关闭")
    expect(confirm).to_be_disabled()
    desk.get_by_label("为什么不再需要关注").fill("请假，队长已知")
    confirm.click()
    expect(other).to_have_count(0, timeout=SLOW_MS)
    desk.get_by_role("button", name="已结束").click()
    expect(late).to_contain_text("自行结束")
    expect(other).to_contain_text("请假，队长已知")
    assert wrong == []


def test_all_that_is_listed_is_acknowledged_at_once(stage: Stage, cast: Cast, desk: Page) -> None:
    at_the_desk(desk, stage, "attention")
    desk.get_by_role("group", name="事项").get_by_role("button", name="未到岗").click()
    desk.get_by_role("button", name="确认所列 2 项").click(timeout=SLOW_MS)
    items = desk.get_by_role("region", name="需要关注").get_by_role("listitem")
    expect(items.filter(has_text=re.compile(r"周指挥 \d\d:\d\d 已确认"))).to_have_count(2)
    assert stage.rows("select count(*) as n from attention where acknowledged_by is not null") == [{"n": 2}]


def test_thresholds_are_set_at_the_desk(stage: Stage, cast: Cast, desk: Page) -> None:
    at_the_desk(desk, stage, "attention")
    desk.get_by_text("提醒阈值").click()
    field = desk.get_by_label("未到岗 (分钟)")
    expect(field).to_have_value("15", timeout=SLOW_MS)
    field.fill("0")
    desk.get_by_role("button", name="保存").click()
    expect(desk.get_by_text("已保存")).to_be_visible(timeout=SLOW_MS)
    assert stage.rows("select thresholds->>'not_arrived' as n, version from attention_threshold") == [
        {"n": "0", "version": 1}
    ]
