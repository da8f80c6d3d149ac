"""What the phone says of the shifts to come."""

from playwright.sync_api import BrowserContext, expect

from tests.journeys.conftest import Cast, sign_in
from tests.journeys.stage import Stage


def test_who_has_no_more_shifts_is_told_so_and_whom_to_ask(
    stage: Stage, cast: Cast, phone: BrowserContext
) -> None:
    page = phone.new_page()
    sign_in(page, f"{stage.address}/patrol", "volunteer")
    expect(page.get_by_role("heading", level=1)).to_have_text("班次")
    coming = page.get_by_role("region", name="接下来两周")
    expect(coming).to_contain_text("这一班之后，两周内没有别的班次。")
    expect(coming).to_contain_text("请问队长或派出所")
    stage.rows("delete from assignment returning id")
    page.reload()
    expect(coming).to_contain_text("接下来两周没有班次。")
    expect(coming).to_contain_text("请问队长或派出所")


def test_a_duty_is_named_in_english_where_it_has_an_english_name(
    stage: Stage, cast: Cast, phone: BrowserContext
) -> None:
    stage.rows("update area set name_en = 'Licheng 1-1' where code = 'b1' returning code")
    stage.rows("update post set name_en = 'North gate' returning id")
    page = phone.new_page()
    sign_in(page, f"{stage.address}/patrol", "volunteer")
    duty = page.get_by_role("region", name="当前班次")
    expect(duty).to_contain_text("b1 · 北门巡逻")
    page.get_by_role("button", name="English").click()
    expect(page.get_by_role("region", name="Now")).to_contain_text("Licheng 1-1 · North gate")
