"""How soon a desk that opens the command map for the first time sees the cells in their colours."""

import argparse
import asyncio
import statistics
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import argon2
from playwright.sync_api import Browser, Page, StorageState, sync_playwright

from alliance.access.store import put_account
from alliance.actor import PersonId
from alliance.db.embedded import Embedded
from alliance.db.migrate import migrate
from alliance.db.pool import connect
from ops.benches import ground, mini
from ops.benches.feed_server import Server
from ops.benches.mini import DISTRICT

PATIENCE_MS, LOOK_MS = 60_000, 20
LOGIN, PASSWORD = "desk", "only-for-this-bench-7"
DRAWN = "performance.getEntriesByName('map-drawn')[0]?.startTime"


def run(argv: list[str]) -> dict[str, Any]:
    parser = argparse.ArgumentParser(prog="ops/bench picture")
    parser.add_argument("--runs", type=int, default=7, help="desks that open it, each with an empty cache")
    options = parser.parse_args(argv)
    with tempfile.TemporaryDirectory(prefix="alliance-bench-") as folder:
        data = Path(folder)
        data.chmod(0o711)
        with Embedded(data / "data", tied=True) as dsn:
            cells = asyncio.run(_seed(dsn))
            server = Server(dsn, data / "data")
            try:
                drawn = _opened(f"http://127.0.0.1:{server.port}/", options.runs)
            finally:
                server.stop()
    return {
        "cells": cells,
        "drawn_ms": round(statistics.median(drawn)),
        "slowest_ms": round(max(drawn)),
        "runs": len(drawn),
    }


async def _seed(dsn: str) -> int:
    conn = await connect(dsn)
    try:
        await migrate(conn)
        places = await ground.lay(conn)
        await conn.execute(
            """insert into organisation (district_id, code, name, kind)
            values ($1, 'police', '分局', 'police')""",
            DISTRICT,
        )
        number, _ = await mini.make_person(conn, "commander")
        word = argon2.PasswordHasher().hash(PASSWORD)
        await put_account(conn, DISTRICT, PersonId(number), login=LOGIN, password=word, now=datetime.now(UTC))
        return len(places.hexes)
    finally:
        await conn.close()


def _opened(address: str, runs: int) -> list[float]:
    """Milliseconds from the navigation's start, each in a context that has the session's cookie only."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium")
        first = browser.new_page(locale="zh-CN")
        first.goto(address)
        first.fill("input[name=login]", LOGIN)
        first.fill("input[name=password]", PASSWORD)
        first.click("button[type=submit]")
        _drawn(first)
        signed_in = first.context.storage_state()
        first.context.close()
        found = [_cold(browser, signed_in, address) for _ in range(runs)]
        browser.close()
    return found


def _cold(browser: Browser, signed_in: StorageState, address: str) -> float:
    context = browser.new_context(
        viewport={"width": 1440, "height": 900}, locale="zh-CN", storage_state=signed_in
    )
    page = context.new_page()
    page.goto(address)
    took = _drawn(page)
    context.close()
    return took


def _drawn(page: Page) -> float:
    """The page's own mark; its security policy lets no function be polled there."""
    for _ in range(PATIENCE_MS // LOOK_MS):
        found: float | None = page.evaluate(DRAWN)
        if found is not None:
            return found
        page.wait_for_timeout(LOOK_MS)
    raise TimeoutError("the map was not drawn")
