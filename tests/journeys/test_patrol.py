"""What happens on the phone and at the desk, end to end, in real browsers."""

import os
import subprocess
import sys
from datetime import timedelta

from playwright.sync_api import BrowserContext, Page, expect

from tests.journeys.conftest import PLACE, Cast, sign_in
from tests.journeys.stage import Stage

STEP_MS = 36_000
STEPS = 104
LEAST_FIXES = 100


def on_the_phone(phone: BrowserContext, address: str) -> Page:
    """Signed in, with consent given."""
    page = phone.new_page()
    page.clock.install()
    sign_in(page, f"{address}/patrol", "volunteer")
    page.get_by_role("button", name="阅读并同意").click()
    page.get_by_role("button", name="同意", exact=True).click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.get_by_text("在线")).to_be_visible()
    return page


def check_in(page: Page) -> None:
    page.get_by_role("button", name="签到", exact=True).click()
    expect(page.get_by_text("值勤中")).to_be_visible()


def report(page: Page, kind: str, text: str, participant: str | None = None) -> None:
    page.get_by_role("button", name="上报").click()
    page.get_by_role("radio", name=kind).click()
    page.fill("textarea[name=text]", text)
    if participant is not None:
        page.get_by_label(participant).check()
    page.get_by_role("button", name="提交").click()
    expect(page.get_by_text("已保存")).to_be_visible()


def step(page: Page, name: str) -> None:
    """One step of an incident on the desk, and its question answered."""
    page.get_by_role("button", name=name, exact=True).first.click()
    dialog = page.get_by_role("dialog")
    dialog.locator("textarea").fill("现场核对无误")
    dialog.locator("button[type=submit]").click()
    expect(dialog).to_have_count(0)


def verify(stage: Stage) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "alliance", "ledger", "verify", "--district", "1"],
        env={**os.environ, "DATABASE_URL": stage.dsn},
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_a_check_in_on_the_phone_is_seen_on_the_desk(
    stage: Stage, cast: Cast, phone: BrowserContext, desk: Page
) -> None:
    sign_in(desk, f"{stage.address}/#/duty", "commander")
    row = desk.get_by_role("row").filter(has_text="林志愿")
    expect(row).to_contain_text("未到")
    page = on_the_phone(phone, stage.address)
    check_in(page)
    expect(row).to_contain_text("在岗", timeout=10_000)
    expect(page.get_by_text("全部已送达")).to_be_visible()
    page.get_by_role("button", name="签退").click()
    page.get_by_role("dialog").get_by_role("button", name="签退").click()
    expect(row).to_contain_text("已离岗", timeout=10_000)


def test_an_hour_without_a_network_arrives_once_with_its_own_times(
    stage: Stage, cast: Cast, phone: BrowserContext
) -> None:
    page = on_the_phone(phone, stage.line.address)
    page.wait_for_function("navigator.serviceWorker.ready.then(() => true)")
    expect(page.get_by_text("北门巡逻")).to_be_visible()
    stage.do(stage.line.cut())
    expect(page.get_by_text("离线，内容保存在本机")).to_be_visible(timeout=30_000)
    check_in(page)
    for n in range(STEPS):
        if n == STEPS // 2:
            page.reload()
            expect(page.get_by_text("值勤中")).to_be_visible()
        place = {**PLACE, "latitude": PLACE["latitude"] + 0.0004 * (n % 5)}
        phone.set_geolocation(place)  # type: ignore[arg-type]
        page.clock.run_for(STEP_MS)
    report(page, "矛盾纠纷", "两户因停车争执，已劝开")
    kept = page.evaluate(KEPT)
    assert len(kept["fixes"]) >= LEAST_FIXES
    assert kept["letters"] == ["check_in", "report"]
    assert stage.rows("select 1 from attendance union all select 1 from fix") == []
    stage.clock.ahead = timedelta(milliseconds=STEPS * STEP_MS)
    stage.do(stage.line.join())
    page.clock.run_for(20_000)
    expect(page.get_by_text("全部已送达")).to_be_visible(timeout=30_000)
    fixes = {fix["at"]: fix["received_at"] for fix in stage.rows("select at, received_at from fix_read")}
    assert set(kept["fixes"]) <= set(fixes)
    # One more may come with the check-in, and one after the line is back.
    assert len(fixes) <= len(kept["fixes"]) + 2
    times = sorted(kept["fixes"])
    assert 0.95 * STEPS * STEP_MS < times[-1] - times[0] < 1.05 * STEPS * STEP_MS
    assert all(fixes[at] - times[0] > 0.9 * STEPS * STEP_MS for at in times)
    stamps = stage.rows("select kind, at, received_at from attendance")
    assert [stamp["kind"] for stamp in stamps] == ["in"]
    assert (stamps[0]["received_at"] - stamps[0]["at"]).total_seconds() > 3000
    reports = stage.rows("select kind, at, received_at, text from report")
    assert [(one["kind"], one["text"]) for one in reports] == [("dispute", "两户因停车争执，已劝开")]
    assert (reports[0]["at"] - stamps[0]["at"]).total_seconds() > 3000


# What lies in the phone's own storage.
KEPT = """() => new Promise((done, failed) => {
  const opening = indexedDB.open('alliance-patrol')
  opening.onerror = failed
  opening.onsuccess = () => {
    const tx = opening.result.transaction(['fixes', 'letters'])
    const fixes = tx.objectStore('fixes').getAll()
    const letters = tx.objectStore('letters').getAll()
    tx.oncomplete = () => done({
      fixes: fixes.result.map((row) => row.fix[0]),
      letters: letters.result.map((letter) => letter.message.type),
    })
  }
})"""


def test_a_confirmed_report_is_credited_and_the_ledger_tells_what_was_changed(
    stage: Stage, cast: Cast, phone: BrowserContext, desk: Page
) -> None:
    page = on_the_phone(phone, stage.address)
    check_in(page)
    report(page, "隐患", "消防通道被杂物堵住，已清走", participant="黄同班")
    expect(page.get_by_text("全部已送达")).to_be_visible()
    sign_in(desk, f"{stage.address}/#/incidents", "officer")
    desk.get_by_role("link").filter(has_text="隐患").first.click()
    expect(desk.get_by_text("消防通道被杂物堵住")).to_be_visible()
    for name in ("标记到场", "结束", "核实"):
        step(desk, name)
    expect(desk.get_by_role("heading", level=1)).to_contain_text("已核实")
    page.get_by_role("button", name="积分").click()
    expect(page.get_by_role("listitem").filter(has_text="隐患")).to_be_visible()
    entries = stage.rows("select n, person, amount from ledger order by n")
    assert {entry["person"] for entry in entries} == {cast.volunteer, cast.colleague}
    intact = verify(stage)
    assert intact.returncode == 0, intact.stdout + intact.stderr
    tamper(stage, "update ledger set amount = amount + 1 where n = 1")
    changed = verify(stage)
    assert (changed.returncode, "entry 1" in changed.stdout + changed.stderr) == (1, True)
    tamper(stage, "update ledger set amount = amount - 1 where n = 1")
    tamper(stage, f"delete from ledger where n = {entries[-1]['n']}")
    cut = verify(stage)
    assert (cut.returncode, f"entry {entries[-1]['n']}" in cut.stdout + cut.stderr) == (1, True)


def tamper(stage: Stage, sql: str) -> None:
    """Behind the service's back, as someone with the database's password could."""
    stage.rows("alter table ledger disable trigger ledger_append_only")
    stage.rows(sql)
    stage.rows("alter table ledger enable trigger ledger_append_only")
