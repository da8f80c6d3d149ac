"""A past shift is played on the map: cells as they were then, and nobody in it."""

import re
from datetime import UTC, date, datetime, time, timedelta

from playwright.sync_api import Page, expect

from alliance.db.pool import Connection
from alliance.patrol.partitions import ensure_partitions
from geo import cell as hexes
from geo.cell import Cell
from tests import make
from tests.journeys.conftest import Cast
from tests.journeys.stage import Stage
from tests.journeys.test_desk import SLOW_MS, at_the_desk


def walked(stage: Stage, cast: Cast) -> None:
    """Yesterday at noon in the district somebody was in beat b1's first cell for an hour."""
    today = (stage.clock() + timedelta(hours=8)).date()
    noon = datetime.combine(today - timedelta(days=1), time(4), UTC)
    start = int(noon.timestamp() * 1000)

    async def write(conn: Connection) -> None:
        await ensure_partitions(conn, [noon.date()])
        await conn.execute(
            """
            insert into visit (district_id, duty_day, assignment, from_at, to_at, cell)
            values (1, $1, $2, $3, $4, $5)
            """,
            *(noon.date(), cast.duty, start, start + 3_600_000, hexes.to_int(Cell(make.CELLS["b1"][0]))),
        )

    stage.ask(write)


def test_a_past_day_is_played(stage: Stage, cast: Cast, desk: Page) -> None:
    wrong: list[str] = []
    desk.on("pageerror", lambda error: wrong.append(str(error)))
    walked(stage, cast)
    at_the_desk(desk, stage, "map")
    desk.get_by_role("button", name="回放").click()
    bar = desk.get_by_role("region", name="覆盖回放")
    expect(bar).to_contain_text("不显示人员")
    today = bar.get_by_label("日期").input_value()
    bar.get_by_label("日期").fill(str(date.fromisoformat(today) - timedelta(days=1)))
    slider = bar.get_by_role("slider", name="时刻")
    expect(slider).to_be_enabled(timeout=SLOW_MS)
    # A frame every ten minutes: noon is the 72nd, when one of six cells of equal weight is covered.
    slider.fill("71")
    expect(bar.get_by_role("status")).to_have_text("11:50 0%")
    slider.press("ArrowRight")
    expect(bar.get_by_role("status")).to_have_text("12:00 17%")
    expect(slider).to_have_attribute("aria-valuetext", re.compile(r"12:00，覆盖 17%"))
    # Covered for two hours of the day, as the interval is one: a cell of six, 2 h of 24.
    expect(bar).to_contain_text("时段覆盖 1.4%")
    bar.get_by_role("button", name="播放").click()
    expect(bar.get_by_role("button", name="暂停")).to_be_visible()
    expect(bar.get_by_role("status")).to_have_text("12:30 17%", timeout=SLOW_MS)
    bar.get_by_role("button", name="暂停").click()
    bar.get_by_label("班次").select_option("early")
    expect(slider).to_have_attribute("max", "95", timeout=SLOW_MS)
    bar.get_by_role("button", name="返回实时").click()
    expect(bar).to_have_count(0)
    desk.get_by_role("button", name="到访").click()
    expect(desk.get_by_role("group", name="天数")).to_be_visible()
    desk.get_by_role("button", name="15 天").click()
    expect(desk.get_by_text("近 15 天的到访")).to_be_visible()
    assert wrong == []
