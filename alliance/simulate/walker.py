"""One simulated person's duty, from the check-in to the last acknowledgement."""

import asyncio
import random
from collections.abc import Callable
from typing import Any

import msgspec

from alliance.feed.wire import Answer, CheckIn, CheckOut, Sos
from alliance.simulate import habits
from alliance.simulate.link import Feed, Link
from alliance.simulate.outbox import Outbox, encode
from alliance.simulate.way import Way

LAST_WORDS_S = 90


class Duty(msgspec.Struct, frozen=True, kw_only=True):
    """An assignment of the published roster, as the service lists it; times in milliseconds."""

    id: int
    person: int
    post: int
    shift: int
    beat: str
    start: int
    end: int


class Walker:
    """Walks `way` together with the `others` of the pair; `whereabouts` finds an incident's place."""

    def __init__(
        self,
        duty: Duty,
        *,
        way: Way,
        others: list[int],
        feed: Feed,
        token: str,
        rng: random.Random,
        speed: float,
        whereabouts: Callable[[int, str], tuple[float, float] | None],
    ) -> None:
        self.duty = duty
        self._way = way
        self._others = others
        self._token = token
        self._rng = rng
        self._speed = speed
        self._whereabouts = whereabouts
        self._battery = rng.uniform(0.5, 1.0)
        self._outbox = Outbox(duty.id)
        self._link = Link(feed, lambda: token, rng, heard=self._hear, opened=self._resend)
        self._errands: set[asyncio.Task[None]] = set()
        self.refused_duty = False

    async def run(self, temper: habits.Temper) -> None:
        await self._until(temper.check_in_at)
        linked = asyncio.create_task(self._link.run())
        try:
            self._say(CheckIn(key=self._key("in"), assignment=self.duty.id, at=self._now(), fix=self._fix()))
            await self._patrol(temper.check_out_at or self.duty.end)
            if temper.check_out_at is not None:
                self._say(CheckOut(key=self._key("out"), assignment=self.duty.id, at=self._now()))
            await self._drain()
        finally:
            for task in (linked, *self._errands):
                task.cancel()
            await asyncio.gather(linked, *self._errands, return_exceptions=True)

    async def _patrol(self, until: int) -> None:
        back_at = 0
        while self._now() < until and not self.refused_duty:
            step = habits.next_fix_ms(self._rng, self._way.moving, self._speed)
            await asyncio.sleep(min(step, max(until - self._now(), 0)) / 1000)
            self._outbox.take(self._fix())
            if self._link.up:
                for message in self._outbox.fresh():
                    await self._link.send(encode(message))
            self._chance(step)
            back_at = await self._network(back_at, step)
        self._link.find()

    def _chance(self, over_ms: int) -> None:
        at = self._now()
        if habits.happens(self._rng, habits.REPORTS_PER_HOUR, over_ms):
            place = self._way.at(at)
            key = self._key(f"report-{at}")
            self._say(habits.report(self._rng, place, key=key, at=at, others=self._others))
        if habits.happens(self._rng, habits.SOS_PER_HOUR, over_ms):
            self._say(Sos(key=self._key(f"sos-{at}"), at=at, fix=self._fix()))

    async def _network(self, back_at: int, over_ms: int) -> int:
        """Returns when a lost network comes back; 0 while there is one."""
        if back_at and self._now() >= back_at:
            self._link.find()
            return 0
        if not back_at and habits.happens(self._rng, habits.LOSES_NETWORK_PER_HOUR, over_ms):
            await self._link.lose()
            return self._now() + self._rng.randint(60_000, 600_000)
        return back_at

    async def _drain(self) -> None:
        """Stay on the line until the last message is settled, but not for ever."""
        for _ in range(LAST_WORDS_S):
            if not len(self._outbox):
                return
            await asyncio.sleep(1)

    async def _resend(self, link: Link) -> None:
        for message in self._outbox.everything():
            await link.send(encode(message))

    def _say(self, message: CheckIn | CheckOut | Any) -> None:
        """Behind whatever was taken before, which goes first."""
        ahead = self._outbox.fresh()
        self._outbox.keep(message)
        if self._link.up:
            self._errand(self._send([encode(m) for m in (*ahead, message)]))

    async def _send(self, texts: list[str]) -> None:
        for text in texts:
            await self._link.send(text)

    def _hear(self, message: dict[str, Any]) -> None:
        match message:
            case {"type": "ack"}:
                self._outbox.settled(seq=message.get("seq"), key=message.get("key"))
            case {"type": "refused", "key": str(key)}:
                self._outbox.settled(key=key)
                self.refused_duty = self.refused_duty or key == self._key("in")
            case {"type": "refused", "code": "no_consent" | "not_yours" | "unknown_assignment"}:
                self.refused_duty = True
            case {"type": "event", "kind": "dispatched", "data": {"person": self.duty.person} as data}:
                self._errand(self._go_to(int(data["dispatch"]), int(data["incident"])))

    async def _go_to(self, dispatch: int, incident: int) -> None:
        """Answer an order, go there, stay a while and report done."""
        await asyncio.sleep(self._rng.uniform(*habits.ANSWERS_AFTER_S))
        if self._rng.random() < habits.DECLINES:
            self._answer(dispatch, "decline")
            return
        self._answer(dispatch, "accept")
        place = await asyncio.to_thread(self._whereabouts, incident, self._token)
        if place is not None:
            await self._until(self._way.call_to(*place, self._now()))
        self._answer(dispatch, "on_scene")
        await asyncio.sleep(self._rng.uniform(*habits.STAYS_S))
        self._answer(dispatch, "done")
        self._way.released()

    def _answer(self, dispatch: int, reply: Any) -> None:
        key = self._key(f"answer-{dispatch}-{reply}")
        self._say(Answer(key=key, dispatch=dispatch, at=self._now(), reply=reply))

    def _fix(self) -> Any:
        at = self._now()
        self._battery = max(self._battery - 0.0004, 0.05)
        return habits.fix(self._rng, self._way.at(at), at=at, battery=self._battery)

    def _now(self) -> int:
        return self._link.now()

    async def _until(self, at: int) -> None:
        await asyncio.sleep(max(at - self._now(), 0) / 1000)

    def _key(self, what: str) -> str:
        """The same after a restart of the simulation, so that a repeated check-in gets the first result."""
        return f"simulated-{self.duty.id}-{what}"

    def _errand(self, work: Any) -> None:
        task = asyncio.create_task(work)
        self._errands.add(task)
        task.add_done_callback(self._errands.discard)
