"""The next hours at the desk, before anything was learnt: who is expected, and which beats go cold."""

from playwright.sync_api import Page, expect

from tests.journeys.conftest import Cast
from tests.journeys.stage import Stage
from tests.journeys.test_desk import SLOW_MS, at_the_desk


def test_the_next_hours_are_shown_by_beat(stage: Stage, cast: Cast, desk: Page) -> None:
    """Two volunteers of b1 are an hour overdue, and nobody is rostered on the other beats."""
    wrong: list[str] = []
    desk.on("pageerror", lambda error: wrong.append(str(error)))
    at_the_desk(desk, stage, "forecast")
    expect(desk.get_by_text("还没有可学习的往日数据")).to_be_visible(timeout=SLOW_MS)
    table = desk.get_by_role("region", name="未来 12 小时").get_by_role("table")
    expect(table.get_by_role("columnheader")).to_have_count(13)
    row = table.get_by_role("row").filter(has_text="b1")
    expect(row.get_by_role("cell").first).to_contain_text("覆盖 0%，预计 0.0 人，需要 2 人, 冷")
    desk.get_by_role("button", name="人数").click()
    expect(row.get_by_role("cell").first).to_contain_text("0.0 / 2")
    desk.get_by_role("button", name="English").click()
    expect(desk.get_by_role("heading", name="The next 12 hours")).to_be_visible()
    beat = desk.get_by_role("region", name="The next 12 hours").get_by_role("button", name="b1")
    beat.click()
    expect(desk.get_by_label("Chosen")).to_contain_text("b1", timeout=SLOW_MS)
    assert wrong == []
