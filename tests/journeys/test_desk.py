"""What command staff do at the desk, in a real browser against the real service."""

import re
from datetime import timedelta
from io import BytesIO
from typing import Any

import httpx
import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page, Position, expect

from tests.journeys.conftest import PASSWORD, PLACE, Cast, sign_in
from tests.journeys.stage import Stage

SLOW_MS = 20_000
# The palette's colour of a fresh visit, as it lies on the dark ground.
JUST_VISITED = (45, 157, 141)


class Phone:
    """A person's device, as far as the desk notices it: plain HTTP with a token."""

    def __init__(self, stage: Stage, login: str) -> None:
        self._client = httpx.Client(base_url=f"{stage.address}/api/v1", timeout=20)
        signed = self.send("/login", login=login, password=PASSWORD, token=True)
        self._client.headers["Authorization"] = f"Bearer {signed['token']}"

    def consent(self) -> None:
        text = self._client.get("/me").json()["consent_text"]
        self.send("/me/consent", text_version=text["version"], given=True)

    def send(self, path: str, **body: Any) -> dict[str, Any]:
        answer = self._client.post(path, json=body)
        assert answer.is_success, answer.text
        found: dict[str, Any] = answer.json() if answer.content else {}
        return found


def at_the_desk(desk: Page, stage: Stage, page: str, address: str | None = None) -> None:
    sign_in(desk, f"{address or stage.address}/#/{page}", "commander")
    expect(desk.get_by_text("实时", exact=True)).to_be_visible(timeout=SLOW_MS)


def ms(stage: Stage, **ago: float) -> int:
    return int((stage.clock() - timedelta(**ago)).timestamp() * 1000)


def asked(desk: Page, path: str) -> list[str]:
    """The addresses with that path which the page asks for from now on."""
    found: list[str] = []
    desk.on("request", lambda request: found.append(request.url) if request.url.endswith(path) else None)
    return found


def town(desk: Page, code: str) -> Any:
    return desk.get_by_label("辖区", exact=True).get_by_role("button", name=re.compile(f"^{code}, "))


def test_a_wrong_password_is_told_and_the_language_is_remembered(
    stage: Stage, cast: Cast, desk: Page
) -> None:
    desk.goto(stage.address)
    desk.get_by_label("账号").fill("commander")
    desk.get_by_label("密码").fill("not-it")
    desk.get_by_label("密码").press("Enter")
    expect(desk.get_by_role("alert")).to_have_text("账号或密码不对。")
    desk.get_by_label("密码").fill(PASSWORD)
    desk.get_by_label("密码").press("Enter")
    expect(desk.get_by_role("navigation")).to_contain_text("警情")
    desk.get_by_role("button", name="English").click()
    expect(desk.get_by_role("navigation")).to_contain_text("Incidents")
    desk.reload()
    expect(desk.get_by_role("navigation")).to_contain_text("Incidents")
    expect(desk.get_by_text("Live", exact=True)).to_be_visible(timeout=SLOW_MS)
    # English is wider: nothing of the bar lies below the page.
    desk.get_by_role("link", name="People", exact=True).click()
    for width in (1440, 1280, 1024):
        desk.set_viewport_size({"width": width, "height": 420})
        page = desk.get_by_role("main").bounding_box()
        for name in ("中文", "Sign out"):
            button = desk.get_by_role("button", name=name, exact=True).bounding_box()
            assert page is not None
            assert button is not None
            assert button["y"] + button["height"] <= page["y"]


def test_a_desk_of_a_lone_process_asks_for_others_once_in_a_connection(
    stage: Stage, cast: Cast, desk: Page
) -> None:
    ready = asked(desk, "/health/ready")
    desk.clock.install()
    with desk.expect_request("**/health/ready"):
        at_the_desk(desk, stage, "duty", stage.line.address)
    for _ in range(6):
        desk.clock.run_for(10_000)
        expect(desk.get_by_text("实时", exact=True)).to_be_visible()
    assert len(ready) == 1
    stage.do(stage.line.cut())
    expect(desk.get_by_text(re.compile("重连中"))).to_be_visible(timeout=SLOW_MS)
    stage.do(stage.line.join())
    with desk.expect_request("**/health/ready"):
        desk.clock.run_for(15_000)
    expect(desk.get_by_text("实时", exact=True)).to_be_visible(timeout=SLOW_MS)
    assert len(ready) == 2


def test_cells_turn_from_cold_to_covered_without_a_reload(stage: Stage, cast: Cast, desk: Page) -> None:
    refused: list[str] = []
    desk.on("pageerror", lambda error: refused.append(str(error)))
    at_the_desk(desk, stage, "map")
    expect(town(desk, "t1")).to_have_accessible_name(re.compile("覆盖 0%, 到岗 0/"), timeout=SLOW_MS)
    phone = Phone(stage, "volunteer")
    phone.consent()
    phone.send("/check-ins", key="in", assignment=cast.duty, at=ms(stage, minutes=2))
    place = (PLACE["latitude"], PLACE["longitude"], 8.0)
    fixes = [[ms(stage, seconds=90 - 20 * n), *place] for n in range(5)]
    phone.send("/fixes", seq=1, assignment=cast.duty, fixes=fixes)
    # One of the town's four cells of equal weight.
    expect(town(desk, "t1")).to_have_accessible_name(re.compile("覆盖 25%, 到岗 1/2"), timeout=SLOW_MS)
    expect(town(desk, "t2")).to_have_accessible_name(re.compile("覆盖 0%"))
    expect(desk.get_by_text("在岗人员 1")).to_be_visible()
    town(desk, "t1").click()
    expect(desk.get_by_label("所选")).to_contain_text("林志愿")
    # The cell where the volunteer stands is drawn as just visited, and known when it is clicked.
    canvas = desk.locator("canvas.maplibregl-canvas")
    desk.wait_for_timeout(1_500)
    canvas.click(position=where_drawn(canvas.screenshot(), JUST_VISITED))
    expect(desk.get_by_label("所选").get_by_role("heading", name=re.compile("六角格"))).to_be_visible()
    expect(desk.get_by_label("所选")).to_contain_text("覆盖至")
    assert refused == []


def where_drawn(picture: bytes, colour: tuple[int, int, int]) -> Position:
    """A place of about that colour, near its upper end: in its middle someone may stand."""
    pixels = np.asarray(Image.open(BytesIO(picture)).convert("RGB")).astype(int)
    rows, columns = np.nonzero(np.abs(pixels - colour).max(axis=2) <= 12)
    assert len(rows) > 50
    row = np.quantile(rows, 0.2, method="nearest")
    return {"x": float(np.median(columns[rows == row])), "y": float(row)}


def test_a_call_for_help_rings_until_it_is_acknowledged(stage: Stage, cast: Cast, desk: Page) -> None:
    at_the_desk(desk, stage, "people")
    Phone(stage, "volunteer").send(
        "/sos", key="help", at=ms(stage), fix=[ms(stage), PLACE["latitude"], PLACE["longitude"], 8.0]
    )
    banner = desk.get_by_role("region", name="求救")
    expect(banner).to_contain_text("林志愿 求救", timeout=5_000)
    expect(desk.get_by_role("alert").filter(has_text="1 个求救未确认")).to_be_attached()
    banner.get_by_role("button", name="确认收到").click()
    expect(banner).to_contain_text("已确认收到")
    expect(desk.get_by_text("1 个求救未确认")).to_have_count(0)
    desk.reload()
    expect(banner).to_contain_text("已确认收到", timeout=SLOW_MS)
    banner.get_by_role("button", name="关闭").click()
    confirm = desk.get_by_role("dialog").get_by_role("button", name="结束求救")
    expect(confirm).to_be_disabled()
    desk.get_by_label("怎样处理的").fill("已到场，人员安全")
    confirm.click()
    expect(banner).to_have_count(0)
    assert [row["reason"] for row in stage.rows("select reason from sos")] == ["已到场，人员安全"]


def test_what_happened_while_the_line_was_cut_is_there_when_it_is_back(
    stage: Stage, cast: Cast, desk: Page
) -> None:
    at_the_desk(desk, stage, "map", stage.line.address)
    expect(desk.get_by_text("没有处置中的警情。")).to_be_visible(timeout=SLOW_MS)
    stage.do(stage.line.cut())
    expect(desk.get_by_text(re.compile(r"重连中 · 数据截至 \d\d:\d\d:\d\d"))).to_be_visible(timeout=SLOW_MS)
    phone = Phone(stage, "volunteer")
    place = {"lat": PLACE["latitude"], "lon": PLACE["longitude"]}
    phone.send("/reports", kind="fire", at=ms(stage), text="北门垃圾桶着火", **place)
    stage.do(stage.line.join())
    expect(desk.get_by_text("实时", exact=True)).to_be_visible(timeout=SLOW_MS)
    card = desk.get_by_role("button", name=re.compile("火情"))
    expect(card).to_be_visible(timeout=SLOW_MS)
    card.click()
    desk.get_by_role("link", name="打开").click()
    expect(desk.get_by_text("北门垃圾桶着火")).to_be_visible()


def test_two_who_decide_at_once_are_told(stage: Stage, cast: Cast, desk: Page) -> None:
    phone = Phone(stage, "volunteer")
    place = {"lat": PLACE["latitude"], "lon": PLACE["longitude"]}
    made = phone.send("/reports", kind="hazard", at=ms(stage), text="井盖松动", **place)
    at_the_desk(desk, stage, f"incidents/{made['incident']}")
    desk.get_by_role("button", name="结束", exact=True).click()
    dialog = desk.get_by_role("dialog")
    expect(dialog).to_be_visible()
    stage.rows("update incident set version = version + 1 returning id")
    dialog.get_by_role("button", name="结束").click()
    expect(dialog.get_by_role("alert")).to_contain_text("别人刚刚改过")
    assert stage.rows("select state from incident") == [{"state": "open"}]
    dialog.get_by_role("button", name="取消").click()
    desk.get_by_role("button", name="结束", exact=True).click()
    dialog.get_by_role("button", name="结束").click()
    expect(desk.get_by_role("heading", name=re.compile("隐患"))).to_contain_text("已结束")


@pytest.mark.timeout(120)
def test_a_roster_is_made_looked_at_and_published(stage: Stage, cast: Cast, desk: Page) -> None:
    at_the_desk(desk, stage, "rosters")
    expect(desk.get_by_text("已发布：")).to_be_visible()
    desk.get_by_label("天数").fill("2")
    desk.get_by_role("button", name="开始编制").click()
    detail = desk.get_by_label("班表详情").locator("h1")
    expect(detail).to_contain_text("草案", timeout=60_000)
    broken = desk.locator(".tile").filter(has_text="硬规则违反")
    expect(broken).to_contain_text("0")
    desk.get_by_role("button", name="发布").click()
    desk.get_by_role("dialog").get_by_role("button", name="发布").click()
    expect(detail).to_contain_text("已发布", timeout=60_000)
    assert {"state": "published", "hard_violations": 0} in stage.rows(
        "select state, hard_violations from roster"
    )


@pytest.mark.timeout(120)
def test_the_board_by_person_says_why_these_nights(stage: Stage, cast: Cast, desk: Page) -> None:
    at_the_desk(desk, stage, "rosters")
    desk.get_by_label("天数").fill("1")
    desk.get_by_role("button", name="开始编制").click()
    detail = desk.get_by_label("班表详情").locator("h1")
    expect(detail).to_contain_text("草案", timeout=60_000)
    stage.rows(
        """
        insert into assignment (district_id, roster, person, shift, post, duty_day, starts_at, ends_at,
                                pinned, why)
        select 1, r.id, (select min(person) from person_role where role <> 'commander'), s.id,
               (select min(id) from post), s.duty_day, s.starts_at, s.ends_at, false, '{}'
        from roster r, shift s
        where r.state = 'draft' and s.pattern = 'night' and s.duty_day = r.first_day returning id
        """
    )
    desk.get_by_role("button", name="按人").click()
    desk.get_by_role("button", name=re.compile("为什么是这些夜班")).click()
    reasons = desk.locator(".reasons")
    expect(reasons).to_contain_text("夜班 1（不少于 100% 的人）")
    expect(reasons).to_contain_text("22:00–06:00")
    expect(reasons).to_contain_text("夜班公平 −0.03")


def test_the_map_finds_places_by_keyboard(stage: Stage, cast: Cast, desk: Page) -> None:
    at_the_desk(desk, stage, "map")
    desk.get_by_role("combobox", name=re.compile("查找")).fill("b3")
    expect(desk.get_by_role("option", name=re.compile("^b3"))).to_be_visible()
    desk.keyboard.press("Enter")
    expect(desk.get_by_label("所选").get_by_role("heading", name=re.compile("^b3"))).to_be_visible()
    tiers = desk.get_by_role("button", name="等级", exact=True)
    desk.get_by_role("button", name="到访", exact=True).focus()
    desk.keyboard.press("Tab")
    expect(tiers).to_be_focused()
    # The ring lies inside, as what is around the choices would cut it off.
    expect(tiers).to_have_css("outline", re.compile("solid 2px"))
    expect(tiers).to_have_css("outline-offset", "-2px")
    desk.keyboard.press("Enter")
    expect(tiers).to_have_attribute("aria-pressed", "true")
    expect(desk.get_by_text("高 · 15 分钟")).to_be_visible()


def test_a_role_is_not_asked_for_what_it_may_not_do(stage: Stage, cast: Cast, desk: Page) -> None:
    sign_in(desk, f"{stage.address}/#/rosters", "officer")
    expect(desk.get_by_text("从列表中选择一份班表。")).to_be_visible(timeout=SLOW_MS)
    stage.rows("update person_role set role = 'observer', area = null where role = 'officer' returning id")
    desk.reload()
    closed = desk.get_by_role("main").filter(has_text="这一页供管理员、指挥员、所长、社区民警查看")
    expect(closed).to_contain_text("您的角色：观察员", timeout=SLOW_MS)
    expect(desk.get_by_text("从列表中选择")).to_have_count(0)


def test_the_services_own_words_stand_below_the_sentence(stage: Stage, cast: Cast, desk: Page) -> None:
    said = {"code": "conflict", "detail": "shift: it overlaps another"}
    desk.route("**/api/v1/forecast", lambda route: route.fulfill(status=409, json=said))
    at_the_desk(desk, stage, "forecast")
    told = desk.get_by_role("main").get_by_role("alert")
    sentence, words = told.get_by_text("与现有内容冲突。"), told.get_by_text(said["detail"], exact=True)
    expect(words).to_be_visible()
    above, below = sentence.bounding_box(), words.bounding_box()
    assert above is not None
    assert below is not None
    assert below["y"] > above["y"]
    size = "one => parseFloat(getComputedStyle(one).fontSize)"
    assert words.evaluate(size) < sentence.evaluate(size)


def test_a_signed_out_page_asks_for_the_password_again(stage: Stage, cast: Cast, desk: Page) -> None:
    at_the_desk(desk, stage, "duty")
    stage.rows("delete from session returning person")
    # By its address: the page may have asked by itself before any link could be clicked.
    desk.goto(f"{stage.address}/#/people")
    expect(desk.get_by_label("密码")).to_be_visible(timeout=SLOW_MS)


def test_a_person_is_registered_and_changed(stage: Stage, cast: Cast, desk: Page) -> None:
    stage.rows("update person_role set role = 'administrator' where role = 'commander' returning id")
    at_the_desk(desk, stage, "people")
    desk.get_by_role("button", name="登记人员").click()
    form = desk.get_by_role("dialog")
    form.get_by_label("姓名").fill("赵新来")
    form.get_by_label("电话").fill("13800000001")
    form.get_by_role("group", name="证书").get_by_role("button", name="添加").click()
    offers = form.get_by_role("group", name="可值班时间")
    offers.get_by_role("button", name="添加").click()
    offers.get_by_label("从").fill("22:00")
    offers.get_by_label("到").fill("06:00")
    form.get_by_role("button", name="保存").click()
    shown = desk.locator("section.detail")
    expect(shown.get_by_role("heading", name=re.compile("赵新来"))).to_be_visible()
    expect(shown).to_contain_text("22:00–次日06:00")
    expect(shown).to_contain_text("保安员证")
    shown.get_by_role("button", name="修改").click()
    form.get_by_label("通勤上限").fill("3000")
    form.get_by_role("button", name="保存").click()
    expect(shown).to_contain_text("3,000 米")
    assert stage.rows("select start_minute, end_minute from availability") == [
        {"start_minute": 1320, "end_minute": 1800}
    ]


def test_an_officers_knowledge_of_a_cell_is_added_and_withdrawn(stage: Stage, cast: Cast, desk: Page) -> None:
    at_the_desk(desk, stage, "map")
    expect(town(desk, "t1")).to_be_visible(timeout=SLOW_MS)
    box = desk.get_by_role("combobox", name=re.compile("查找"))
    box.fill(f"{PLACE['latitude']}, {PLACE['longitude']}")
    desk.keyboard.press("Enter")
    desk.wait_for_timeout(1_000)
    desk.locator("canvas.maplibregl-canvas").click()
    panel = desk.get_by_label("所选")
    panel.get_by_role("button", name="调整需求权重").click()
    form = desk.get_by_role("dialog")
    form.get_by_label("增减值").fill("2.5")
    expect(form.get_by_role("button", name="保存")).to_be_disabled()
    form.get_by_label("理由").fill("夜市开张")
    days = form.get_by_role("group", name="星期（不选：每天）")
    for day in ("周六", "周五"):
        days.get_by_label(day).check()
    form.get_by_role("group", name="班次（不选：全部）").get_by_label("night").check()
    form.get_by_role("button", name="保存").click()
    expect(panel).to_contain_text("+2.5")
    expect(panel).to_contain_text("周五，周六 · night")
    expect(panel).to_contain_text("夜市开张")
    panel.get_by_role("button", name="撤回").click()
    form.get_by_role("button", name="撤回").click()
    expect(panel).to_contain_text("这一格没有手工加权")
