"""A simulated officer: closes and decides what patrols reported, slowly, so that people can be first."""

import asyncio
import logging
import random
from typing import Any

from alliance.simulate.desk import Declined, Desk
from alliance.simulate.link import clock_ms

LOOK_S = 60.0
CLOSES_AFTER_MS = 35 * 60_000
DECIDES_AFTER_MS = 60 * 60_000
STRIKES = 0.06
TOKEN_HOURS = 24 * 30

log = logging.getLogger(__name__)


class Office:
    """Acts as the district's first commander; `run` goes on until cancelled."""

    def __init__(self, desk: Desk, rng: random.Random) -> None:
        self._desk = desk
        self._rng = rng
        self._token: str | None = None

    async def run(self) -> None:
        while True:
            await asyncio.sleep(LOOK_S)
            try:
                await asyncio.to_thread(self._round)
            except (OSError, Declined) as error:
                log.info("the simulated officer will try again: %s", error)
                self._token = None

    def _round(self) -> None:
        if self._token is None:
            commander = self._desk.items("/people", role="commander")[0]["id"]
            self._token = self._desk.tokens([commander], TOKEN_HOURS)[commander]
        now = clock_ms()
        for state in ("open", "dispatched", "on_scene", "closed"):
            for incident in self._desk.items("/incidents", token=self._token, state=state):
                step = due(incident, now, self._rng)
                if step is not None:
                    self._take(incident, step)

    def _take(self, incident: dict[str, Any], step: str) -> None:
        """Someone else may have been quicker."""
        path = f"/incidents/{incident['id']}/{step}"
        try:
            self._desk.post(path, {"reason": REASONS[step]}, token=self._token, version=incident["version"])
        except Declined as answer:
            if answer.status not in (403, 404, 409, 412):
                raise


REASONS = {"close": "现场已处置完毕", "confirm": "核实属实", "strike": "重复或无法核实"}


def due(incident: dict[str, Any], now: int, rng: random.Random) -> str | None:
    """The next step of an incident that has waited long enough; None while it should wait."""
    age = now - int(incident["opened_at"])
    if incident["state"] != "closed":
        return "close" if age > CLOSES_AFTER_MS else None
    if age < DECIDES_AFTER_MS:
        return None
    return "strike" if rng.random() < STRIKES else "confirm"
