"""A simulated officer marks who doesn't come and calls others out; whoever is asked answers, or doesn't."""

import asyncio
import logging
import random
from collections.abc import Collection
from typing import Any

from alliance.simulate.desk import Declined, Desk
from alliance.simulate.habits import offer_reply
from alliance.simulate.link import clock_ms
from alliance.simulate.walker import Duty

LOOK_S = 20.0
LATE_MS = 120_000
# Call-outs begun in one round: a demo is to show some, not to be busy with them.
AT_ONCE = 2
MOST_OPEN = 6
TOKEN_HOURS = 14
GONE = (403, 404, 409, 412)

log = logging.getLogger(__name__)


class Absences:
    """`run` goes on until cancelled; `taken` are the duties that came of it."""

    def __init__(self, desk: Desk, rng: random.Random, without: Collection[int]) -> None:
        self._desk = desk
        self._rng = rng
        self._without = without
        self._missing: dict[int, Duty] = {}
        self._answered: set[int] = set()
        self._token: str | None = None
        self.taken: list[Duty] = []

    def missed(self, duty: Duty) -> None:
        self._missing[duty.id] = duty

    async def run(self) -> None:
        while True:
            await asyncio.sleep(LOOK_S)
            try:
                await asyncio.to_thread(self.round)
            except (OSError, Declined) as error:
                log.info("the simulated officer will try again: %s", error)
                self._token = None

    def round(self) -> None:
        if self._token is None:
            commander = self._desk.items("/people", role="commander")[0]["id"]
            self._token = self._desk.tokens([commander], TOKEN_HOURS)[commander]
        holes = self._desk.items("/holes", token=self._token, open="true")
        for hole in holes:
            if hole["asked"]:
                self._answer(hole)
        late = [one for one in self._missing.values() if one.start + LATE_MS <= clock_ms() < one.end]
        for duty in late[: min(AT_ONCE, max(0, MOST_OPEN - len(holes)))]:
            self._missing.pop(duty.id)
            self._call_out(duty)

    def _call_out(self, duty: Duty) -> None:
        """Someone else may have been quicker, or the person came after all."""
        try:
            said = {"kind": "no_show", "reason": "未到岗"}
            hole = self._desk.post(f"/assignments/{duty.id}/absence", said, token=self._token)
            self._desk.post(f"/holes/{hole['id']}/call", {}, token=self._token)
        except Declined as answer:
            if answer.status not in GONE:
                raise

    def _answer(self, hole: dict[str, Any]) -> None:
        detail = self._desk.get(f"/holes/{hole['id']}", token=self._token)
        for offer in detail["offers"]:
            if offer["state"] != "asked" or offer["id"] in self._answered or offer["person"] in self._without:
                continue
            self._answered.add(offer["id"])
            reply = offer_reply(self._rng)
            if reply is None:
                continue
            token = self._desk.tokens([offer["person"]], TOKEN_HOURS)[offer["person"]]
            try:
                said = self._desk.post(f"/me/offers/{offer['id']}/{reply}", None, token=token)
            except Declined as answer:
                if answer.status not in GONE:
                    raise
                continue
            if said["assignment"] is not None:
                self.taken.append(_duty(said["assignment"], offer["person"], hole))


def _duty(number: int, person: int, hole: dict[str, Any]) -> Duty:
    return Duty(
        id=number,
        person=person,
        post=hole["post"],
        shift=hole["shift"],
        beat=hole["beat"],
        start=hole["start"],
        end=hole["end"],
    )
