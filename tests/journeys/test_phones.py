"""A person's own positioning app: bound on the phone page, heard on duty, seen and revoked at the desk."""

import json
import time

import httpx
from playwright.sync_api import BrowserContext, Page, expect

from tests.journeys.conftest import PLACE, Cast
from tests.journeys.stage import Stage
from tests.journeys.test_desk import SLOW_MS, at_the_desk
from tests.journeys.test_patrol import check_in, on_the_phone

TITLE = "定位应用"


def sent(stage: Stage, password: str) -> httpx.Response:
    """As OwnTracks does from the background, a second after the check-in at the earliest."""
    message = {"_type": "location", "lat": PLACE["latitude"], "lon": PLACE["longitude"], "acc": 12}
    return httpx.post(
        f"{stage.address}/phones/owntracks",
        auth=("alliance", password),
        json={**message, "tst": int(time.time()) + 1, "batt": 61},
        timeout=20,
    )


def test_an_own_app_is_bound_heard_and_revoked(
    stage: Stage, cast: Cast, phone: BrowserContext, desk: Page
) -> None:
    page = on_the_phone(phone, stage.address)
    check_in(page)
    page.get_by_role("button", name="我的").click()
    apps = page.get_by_role("region", name=TITLE)
    expect(apps).to_contain_text("还没有绑定应用")
    apps.get_by_role("button", name="绑定应用").click()
    # On this very computer the address is one that no phone reaches: the page says so.
    expect(apps.get_by_role("alert")).to_contain_text("手机打不开 127.0.0.1")
    apps.get_by_role("button", name="OwnTracks").click()
    expect(apps.get_by_label("名称")).to_have_value("OwnTracks")
    apps.get_by_role("button", name="生成令牌").click()
    square = apps.get_by_role("img", name="OwnTracks 的设置二维码")
    expect(square).to_be_visible(timeout=SLOW_MS)
    assert square.evaluate("(image) => image.decode().then(() => image.naturalWidth)") > 0
    link = apps.get_by_role("link", name="在本机打开 OwnTracks").get_attribute("href") or ""
    assert link.startswith("owntracks:///config?inline=")
    configuration = json.loads(apps.get_by_label("设置文件", exact=True).input_value())
    assert configuration["url"] == f"{stage.address}/phones/owntracks"
    password = configuration["password"]
    answer = sent(stage, password)
    assert (answer.status_code, answer.headers.get("x-refused")) == (200, None)
    assert stage.rows("select count(*) as n from fix where accuracy = 12") == [{"n": 1}]
    apps.get_by_role("button", name="已设置好").click()
    expect(apps.get_by_role("listitem").filter(has_text="OwnTracks")).to_contain_text("最近使用")
    assert password not in page.content()

    at_the_desk(desk, stage, f"people/{cast.volunteer}")
    seen = desk.get_by_role("region", name=TITLE)
    row = seen.get_by_role("listitem").filter(has_text="OwnTracks")
    expect(row).to_contain_text("最近使用", timeout=SLOW_MS)
    assert password not in desk.content()
    row.get_by_role("button", name="停用").click()
    desk.get_by_role("dialog").get_by_role("button", name="停用").click()
    expect(seen).to_contain_text("还没有绑定应用")
    assert sent(stage, password).status_code == 401


def test_traccar_clients_settings_are_shown_to_be_copied(
    stage: Stage, cast: Cast, phone: BrowserContext
) -> None:
    page = on_the_phone(phone, stage.address)
    page.get_by_role("button", name="English").click()
    page.get_by_role("button", name="Mine").click()
    apps = page.get_by_role("region", name="Positioning apps")
    apps.get_by_role("button", name="Bind an app").click()
    apps.get_by_role("button", name="Make its token").click()
    expect(apps.get_by_role("img", name="Set-up code for Traccar Client")).to_be_visible(timeout=SLOW_MS)
    token = apps.get_by_label("Device identifier", exact=True).input_value()
    url = apps.get_by_label("Server URL", exact=True).input_value()
    assert url == f"{stage.address}/phones/traccar"
    asked = httpx.get(url, params={"id": token}, timeout=20)
    assert asked.status_code == 200
    apps.get_by_role("button", name="Revoke").click()
    page.get_by_role("dialog").get_by_role("button", name="Revoke").click()
    expect(apps).to_contain_text("No app is bound")
    assert httpx.get(url, params={"id": token}, timeout=20).status_code == 401
