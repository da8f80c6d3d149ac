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
