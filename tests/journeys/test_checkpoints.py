"""A checkpoint from the desk to the wall and back: made, printed, scanned on duty, seen covered, revoked."""

import re
from datetime import timedelta

import httpx
from playwright.sync_api import BrowserContext, Locator, Page, expect

from tests.journeys.conftest import PASSWORD, PLACE, Cast
from tests.journeys.stage import Stage
from tests.journeys.test_desk import SLOW_MS, at_the_desk, town
from tests.journeys.test_patrol import check_in, on_the_phone
from tests.make import CELLS

ONE_PAGE = 8


def rows(desk: Page) -> Locator:
    return desk.get_by_role("region", name="巡更点列表").get_by_role("listitem")


def add(desk: Page, name: str) -> None:
    """At the desk, by coordinates."""
    desk.get_by_role("button", name="新增").click()
    desk.get_by_label("名称").fill(name)
    desk.get_by_label("纬度").fill(str(PLACE["latitude"]))
    desk.get_by_label("经度").fill(str(PLACE["longitude"]))
    desk.get_by_role("button", name="保存").click()
    expect(rows(desk).filter(has_text=name)).to_be_visible()


def links(stage: Stage, address: str) -> list[str]:
    """What the printed codes hold, in the order of their making."""
    with httpx.Client(base_url=f"{stage.address}/api/v1", timeout=20) as client:
        body = {"login": "commander", "password": PASSWORD, "token": True}
        token = client.post("/login", json=body).json()["token"]
        client.headers["Authorization"] = f"Bearer {token}"
        numbers = [one["id"] for one in client.get("/checkpoints").json()["items"]]
        asked = client.get("/checkpoints/sheet", params={"id": numbers, "address": address}).json()
    return [one["link"] for one in asked["items"]]


def opened(phone: BrowserContext, link: str) -> Page:
    """As the phone's own camera does, while the patrol page may be open beside it."""
    page = phone.new_page()
    page.goto(link)
    return page


def test_a_scan_on_duty_covers_the_cell_on_the_desks_map(
    stage: Stage, cast: Cast, phone: BrowserContext, desk: Page
) -> None:
    wrong: list[str] = []
    desk.on("pageerror", lambda error: wrong.append(str(error)))
    at_the_desk(desk, stage, "checkpoints")
    expect(desk.get_by_text("还没有巡更点")).to_be_visible(timeout=SLOW_MS)
    add(desk, "北门传达室")
    expect(rows(desk)).to_contain_text("从未扫码")
    (link,) = links(stage, stage.address)
    page = on_the_phone(phone, stage.address)
    check_in(page)
    beside = opened(phone, link)
    expect(beside.get_by_text("已到 北门传达室")).to_be_visible(timeout=SLOW_MS)
    expect(beside).to_have_url(f"{stage.address}/patrol")
    # The page that was open already, and did the sending, tells it too.
    expect(page.get_by_text("已到 北门传达室")).to_be_visible(timeout=SLOW_MS)
    expect(rows(desk)).to_contain_text("秒前", timeout=SLOW_MS)
    expect(desk.get_by_role("region", name="巡更点", exact=True)).to_contain_text("林志愿")
    desk.get_by_role("navigation").get_by_role("link", name="地图").click()
    expect(town(desk, "t1")).to_have_accessible_name(re.compile("覆盖 [1-9]"), timeout=SLOW_MS)
    expect(desk.get_by_text("扫码到点")).to_be_visible()
    visits = stage.rows("select to_at - from_at as dwell, checkpoint from visit where checkpoint")
    assert visits == [{"dwell": 0, "checkpoint": True}]
    assert wrong == []


# A browser that reads codes, with the code in front of its camera.
DETECTOR = """
window.BarcodeDetector = class { async detect() { return [{ rawValue: LINK }] } }
navigator.mediaDevices.getUserMedia = async () => document.createElement('canvas').captureStream()
"""


def test_the_page_scans_by_itself_where_the_browser_reads_codes(
    stage: Stage, cast: Cast, phone: BrowserContext, desk: Page
) -> None:
    at_the_desk(desk, stage, "checkpoints")
    add(desk, "水闸")
    (link,) = links(stage, "https://another.example")
    phone.add_init_script(DETECTOR.replace("LINK", f"'{link}'"))
    page = on_the_phone(phone, stage.address)
    check_in(page)
    page.get_by_role("button", name="扫巡更码").click()
    page.clock.run_for(2_000)
    expect(page.get_by_text("已到 水闸")).to_be_visible(timeout=SLOW_MS)
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert stage.rows("select count(*) as n from scan") == [{"n": 1}]


def test_a_scan_without_a_network_is_kept_and_arrives_with_its_own_time(
    stage: Stage, cast: Cast, phone: BrowserContext, desk: Page
) -> None:
    at_the_desk(desk, stage, "checkpoints")
    add(desk, "水闸")
    (link,) = links(stage, stage.line.address)
    page = on_the_phone(phone, stage.line.address)
    page.wait_for_function("navigator.serviceWorker.ready.then(() => true)")
    expect(page.get_by_text("北门巡逻")).to_be_visible()
    stage.do(stage.line.cut())
    expect(page.get_by_text("离线，内容保存在本机")).to_be_visible(timeout=30_000)
    check_in(page)
    page.goto(link)
    expect(page.get_by_text(re.compile(r"已扫码，保存在本机"))).to_be_visible()
    page.clock.run_for(3_600_000)
    assert stage.rows("select 1 from scan") == []
    stage.clock.ahead = timedelta(hours=1)
    stage.do(stage.line.join())
    page.clock.run_for(20_000)
    expect(page.get_by_text("已到 水闸")).to_be_visible(timeout=30_000)
    expect(page.get_by_text("全部已送达")).to_be_visible(timeout=30_000)
    (scan,) = stage.rows("select at, received_at from scan")
    assert 3_500_000 < scan["received_at"] - scan["at"] < 3_800_000


def test_a_revoked_code_is_refused_with_a_remedy_until_it_is_restored(
    stage: Stage, cast: Cast, phone: BrowserContext, desk: Page
) -> None:
    at_the_desk(desk, stage, "checkpoints")
    add(desk, "北门传达室")
    (link,) = links(stage, stage.address)
    page = on_the_phone(phone, stage.address)
    page.goto(link)
    refused = page.get_by_role("alert").filter(has_text="请先签到，再扫一次")
    expect(refused).to_be_visible(timeout=SLOW_MS)
    refused.get_by_role("button", name="知道了").click()
    check_in(page)
    desk.get_by_role("button", name="停用…").click()
    desk.get_by_role("dialog").get_by_role("button", name="停用").click()
    expect(desk.get_by_text("“北门传达室”已停用。")).to_be_visible()
    expect(rows(desk)).to_have_count(0)
    page.goto(link)
    expect(page.get_by_role("alert").filter(has_text="无效或已停用")).to_be_visible(timeout=SLOW_MS)
    page.get_by_role("button", name="知道了").click()
    desk.get_by_role("button", name="撤销").click()
    expect(rows(desk).filter(has_text="北门传达室")).to_be_visible()
    page.goto(link)
    expect(page.get_by_text("已到 北门传达室")).to_be_visible(timeout=SLOW_MS)


def test_codes_are_printed_eight_a_page(stage: Stage, cast: Cast, desk: Page) -> None:
    at_the_desk(desk, stage, "checkpoints")
    desk.get_by_role("button", name="English").click()
    expect(desk.get_by_text("No checkpoints yet")).to_be_visible(timeout=SLOW_MS)
    desk.get_by_role("button", name="中文").click()
    for n in range(ONE_PAGE + 1):
        add(desk, f"第{n}点")
    desk.get_by_label("全选").check()
    desk.get_by_role("button", name=f"打印 {ONE_PAGE + 1} 个二维码").click()
    codes = desk.get_by_role("main").get_by_role("listitem")
    expect(codes).to_have_count(ONE_PAGE + 1)
    expect(desk.get_by_text("手机打不开 127.0.0.1")).to_be_visible()
    desk.get_by_label("手机访问本系统的地址").fill("https://patrol.example:8443")
    expect(desk.get_by_text("手机打不开")).to_have_count(0)
    expect(desk.get_by_role("img", name="第3点 的二维码")).to_be_visible()
    assert codes.first.locator("img").evaluate("(image) => image.decode().then(() => image.naturalWidth)") > 0
    assert len(re.findall(rb"/Type\s*/Page\b", desk.pdf(prefer_css_page_size=True))) == 2


def test_a_checkpoint_is_placed_by_a_click_on_the_map(stage: Stage, cast: Cast, desk: Page) -> None:
    """The map shows the whole district, whose middle lies in a cell of the third beat."""
    at_the_desk(desk, stage, "checkpoints")
    chart = desk.get_by_role("region", name="地图").locator("canvas")
    chart.click(position={"x": 60, "y": 300}, timeout=SLOW_MS)
    name, lat = desk.get_by_label("名称"), desk.get_by_label("纬度")
    name.fill("区外一点")
    name.press("Enter")
    expect(desk.get_by_role("alert").filter(has_text="这个位置在辖区之外")).to_be_visible()
    outside = lat.input_value()
    chart.click()
    expect(lat).not_to_have_value(outside)
    name.fill("图上一点")
    name.press("Enter")
    expect(rows(desk).filter(has_text="图上一点")).to_be_visible()
    assert stage.rows("select name, cell, beat from checkpoint") == [
        {"name": "图上一点", "cell": CELLS["b3"][0], "beat": "b3"}
    ]
