"""Several processes serve the district, and this one can't hear the others: the desk says so."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from ops.faults.nats import Nats
from tests.journeys.conftest import Cast, sign_in
from tests.journeys.stage import Stage

SLOW_MS = 20_000


@pytest.fixture
def nats() -> Iterator[Nats]:
    """Not there until it is started."""
    made = Nats()
    yield made
    made.stop()


@pytest.fixture
def settings(nats: Nats) -> dict[str, Any]:
    return {"nats_url": nats.url}


def test_the_desk_says_while_other_processes_are_out_of_reach(
    stage: Stage, cast: Cast, desk: Page, nats: Nats
) -> None:
    sign_in(desk, f"{stage.address}/#/map", "commander")
    expect(desk.get_by_text("实时，其他服务器失联")).to_be_visible(timeout=SLOW_MS)
    nats.start()
    expect(desk.get_by_text("实时", exact=True)).to_be_visible(timeout=SLOW_MS)
    nats.stop()
    expect(desk.get_by_text("实时，其他服务器失联")).to_be_visible(timeout=SLOW_MS)
