"""One connection's state machine, without I/O: messages in, messages to send and things to do out."""

from collections import deque
from enum import Enum, auto
from typing import Any, assert_never

import msgspec

from alliance.actor import Actor, AssignmentId
from alliance.feed import salvage, wire
from alliance.feed.needs import Act, Load, Look, Need, Open, Store
from alliance.feed.pace import Pace
from alliance.feed.register import Register
from alliance.patrol import fixes as fix_rules
from geo.datum import Datum, to_wgs84

HELLO_MS = 5_000
ASKED_AGAIN_MS = 10_000

incoming: msgspec.json.Decoder[wire.Incoming] = msgspec.json.Decoder(wire.Incoming)
encode = msgspec.json.Encoder().encode


class State(Enum):
    NEW = auto()
    OPENING = auto()
    OPEN = auto()
    CLOSED = auto()


STAMPS = (wire.CheckIn, wire.CheckOut)
# Handled in the order in which they were sent.
ORDERED = (wire.Fixes, wire.Scan, *STAMPS)
# What any other message that waits counts for, in fixes.
WEIGHT = 20


class Session:
    """Each method returns what has to be done; what is to be sent lies in `out`, a close code in `closing`.

    `queued` weighs what waits for something before it, `inflight` counts the fixes not yet committed,
    `acting` the other things under way.
    """

    __slots__ = (
        "_blocked",
        "_datum",
        "_pace",
        "_queue",
        "_register",
        "_vain",
        "acting",
        "actor",
        "closing",
        "connected_at",
        "inflight",
        "out",
        "queued",
        "sos",
        "state",
    )

    def __init__(self, now: int) -> None:
        self.state = State.NEW
        self.connected_at = now
        self.actor: Actor | None = None
        self.closing: tuple[int, str] | None = None
        self.out: list[bytes] = []
        self.inflight = 0
        self.queued = 0
        self.acting = 0
        self.sos: tuple[int, int] | None = None
        self._register: Register | None = None
        self._datum = Datum.WGS84
        self._queue: deque[tuple[wire.Incoming, int]] | None = None
        self._blocked = False
        self._vain: tuple[int, int] | None = None
        self._pace: Pace | None = None

    @property
    def waiting(self) -> int:
        """How much of this connection's is in memory only, in fixes."""
        return self.inflight + self.queued + WEIGHT * self.acting

    def receive(self, raw: bytes, now: int) -> list[Need]:
        """A text message came."""
        if self.state is State.CLOSED:
            return []
        try:
            message = incoming.decode(raw)
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            return self._broken(raw, str(error), now)
        if type(message) is wire.Fixes and self.state is State.OPEN:
            if self._queue is None and not self._blocked:
                return self._fixes(message, now)
        elif not self._paced(now).allows(now):
            self.close(wire.TOO_FAST, "too many messages a second")
            return []
        return self.take(message, now)

    def take(self, message: wire.Incoming, now: int) -> list[Need]:
        """A message that was decoded already."""
        if self.state is State.NEW:
            if not isinstance(message, wire.Hello):
                self.close(wire.WHO_ARE_YOU, "say hello first")
                return []
            self.state = State.OPENING
            self._datum = Datum(message.datum)
            return [Open(hello=message)]
        if self.state is State.OPENING or isinstance(message, ORDERED):
            self._enqueue(message, now)
            return self._drain(now)
        return self._at_once(message)

    def _broken(self, raw: bytes, why: str, now: int) -> list[Need]:
        """Refused with the path; a call for help is made of what is left of it."""
        hints = salvage.hints(raw)
        call = salvage.sos(hints, now)
        if call is not None and self.state in (State.OPENING, State.OPEN):
            return self.take(call, now)
        seq, key = hints.seq, hints.key
        self._refuse("bad_message", why, seq=seq, key=key)
        if self.state is State.NEW and hints.type != "hello":
            self.close(wire.WHO_ARE_YOU, "say hello first")
        elif not self._paced(now).forgives(now):
            self.close(wire.PROTOCOL_ERROR, "too many messages that can't be read")
        if self.state in (State.CLOSED, State.NEW) or seq is None:
            return []
        # Acknowledged in its turn, like any other that is refused.
        self._enqueue(wire.Fixes(seq=seq, assignment=0, fixes=[]), now)
        return self._drain(now)

    def _paced(self, now: int) -> Pace:
        if self._pace is None:
            self._pace = Pace(now)
        return self._pace

    def _enqueue(self, message: wire.Incoming, now: int) -> None:
        if self._queue is None:
            self._queue = deque()
        self._queue.append((message, now))
        self.queued += _weight(message)

    def _drain(self, now: int) -> list[Need]:
        """Handles what waits, in order, up to something that has to be waited for."""
        needs: list[Need] = []
        while self._queue and not self._blocked and self.state is State.OPEN:
            message, received = self._queue[0]
            if isinstance(message, STAMPS) and self.inflight:
                break  # the fixes before it are committed first
            self._queue.popleft()
            self.queued -= _weight(message)
            if isinstance(message, wire.Fixes):
                needs += self._fixes(message, received)
            elif isinstance(message, STAMPS):
                self._blocked = True
                needs.append(Act(message=self._converted(message)))
            else:
                needs += self._at_once(message)
        if self._queue is not None and not self._queue:
            self._queue = None
        return needs

    def _at_once(self, message: wire.Incoming) -> list[Need]:
        """What depends on nothing before it any more."""
        match message:
            case wire.Report() | wire.Sos() | wire.Scan() | wire.Answer():
                self.acting += 1
                return [Act(message=self._converted(message))]
            case wire.Watch():
                self.acting += 1
                return [Look(watch=message)]
            case wire.Ping():
                self.send(wire.Pong())
                return []
            case wire.Hello():
                self._refuse("bad_message", "hello: you have said hello already")
                return []
            case wire.Fixes() | wire.CheckIn() | wire.CheckOut():
                raise ValueError("these keep their order")
            case _:
                assert_never(message)

    def _fixes(self, message: wire.Fixes, received: int) -> list[Need]:
        """Takes what may be taken and refuses the rest; asks for a duty that isn't known."""
        assert self._register is not None
        assert self.actor is not None
        if not message.fixes:
            return [Store(seq=message.seq, duty=None, fixes=[], received_at=received)]
        duty = self._register.get(message.assignment)
        if duty is None and not self._asked_in_vain(message.assignment, received):
            self._blocked = True
            self._queue = self._queue or deque()
            self._queue.appendleft((message, received))
            self.queued += len(message.fixes)
            return [Load(assignment=AssignmentId(message.assignment))]
        times = [fix.at for fix in message.fixes]
        refusals = fix_rules.judge(duty, self.actor.person, times, received)
        fixes, needs = message.fixes, list[Need]()
        if refusals:
            places = fix_rules.taken(len(fixes), refusals)
            rescued = self._rescued(times, places, refusals)
            self._refuse_fixes(message, refusals, rescued)
            needs += self._follow(message, rescued, received)
            fixes = [fixes[i] for i in places]
        self.inflight += len(fixes)
        needs.append(
            Store(
                seq=message.seq,
                duty=duty if fixes else None,
                fixes=[self._moved(fix) for fix in fixes] if self._datum is not Datum.WGS84 else fixes,
                received_at=received,
                sos=self.sos[0] if self.sos else None,
            )
        )
        return needs

    def _asked_in_vain(self, assignment: int, now: int) -> bool:
        return self._vain is not None and self._vain[0] == assignment and now < self._vain[1] + ASKED_AGAIN_MS

    def _rescued(
        self, times: list[int], places: list[int], refusals: tuple[fix_rules.Refusal, ...]
    ) -> list[int]:
        """Positions of an open call for help need no duty."""
        if self.sos is None or any(one.code in ("no_consent", "not_yours") for one in refusals):
            return []
        kept = set(places)
        ahead = {i for one in refusals if one.code == "clock_ahead" for i in one.indexes or ()}
        return [i for i, at in enumerate(times) if at >= self.sos[1] and i not in kept and i not in ahead]

    def _refuse_fixes(
        self, message: wire.Fixes, refusals: tuple[fix_rules.Refusal, ...], rescued: list[int]
    ) -> None:
        for one in refusals:
            indexes: list[int] | None = None
            if one.indexes is not None or rescued:
                named = range(len(message.fixes)) if one.indexes is None else one.indexes
                indexes = [i for i in named if i not in rescued]
                if not indexes:
                    continue
            self._refuse(one.code, one.detail, seq=message.seq, indexes=indexes)

    def _follow(self, message: wire.Fixes, rescued: list[int], received: int) -> list[Need]:
        if not rescued or self.sos is None:
            return []
        fixes = [self._moved(message.fixes[i]) for i in rescued]
        self.inflight += len(fixes)
        return [Store(seq=None, duty=None, fixes=fixes, received_at=received, sos=self.sos[0])]

    def _moved(self, fix: wire.Fix) -> wire.Fix:
        lat, lon = to_wgs84(fix.lat, fix.lon, self._datum)
        return msgspec.structs.replace(fix, lat=lat, lon=lon)

    def _converted(self, message: Any) -> Any:
        """The message in WGS-84."""
        if self._datum is Datum.WGS84:
            return message
        if isinstance(message, wire.Report):
            lat, lon = to_wgs84(message.lat, message.lon, self._datum)
            return msgspec.structs.replace(message, lat=lat, lon=lon)
        fix = getattr(message, "fix", None)
        return message if fix is None else msgspec.structs.replace(message, fix=self._moved(fix))

    # What comes back from the things to do.

    def admit(self, actor: Actor, register: Register, datum: Datum) -> None:
        """Somebody whose request has said who it is: no hello, no welcome."""
        self.state = State.OPEN
        self.actor = actor
        self._register = register
        self._datum = datum

    def welcome(self, actor: Actor, register: Register, message: wire.Welcome, now: int) -> list[Need]:
        """The hello was good; whatever was sent since is handled now."""
        if self.state is not State.OPENING:
            return []
        self.state = State.OPEN
        self.actor = actor
        self._register = register
        self.send(message)
        return self._drain(now)

    def loaded(self, assignment: int, now: int) -> list[Need]:
        """The duty asked for is in the register now, or there is none."""
        self._vain = (assignment, now)
        self._blocked = False
        return self._drain(now)

    def committed(self, seq: int | None, fixes: int, now: int) -> list[Need]:
        """Fixes are durable, the highest message of them being `seq`."""
        self.inflight -= fixes
        if seq is not None:
            self.send(wire.Ack(seq=seq))
        return self._drain(now) if self._queue else []

    def done(self, key: str, result: dict[str, Any], now: int, *, stamp: bool) -> list[Need]:
        """A message with a key was carried out."""
        self.send(wire.Ack(key=key, result=result))
        return self._unblocked(now) if stamp else self._acted()

    def failed(self, key: str, code: str, detail: str, now: int, *, stamp: bool) -> list[Need]:
        """A message with a key was refused."""
        self._refuse(code, detail, key=key)
        return self._unblocked(now) if stamp else self._acted()

    def looked(self) -> None:
        """What it watches was shown."""
        self._acted()

    def _acted(self) -> list[Need]:
        self.acting -= 1
        return []

    def _unblocked(self, now: int) -> list[Need]:
        self._blocked = False
        return self._drain(now)

    def refuse(self, code: str, detail: str) -> None:
        """Something that has neither seq nor key, such as a watch."""
        self._refuse(code, detail)

    def _refuse(
        self,
        code: str,
        detail: str,
        *,
        seq: int | None = None,
        key: str | None = None,
        indexes: list[int] | None = None,
    ) -> None:
        self.send(wire.Refusal(code=code, detail=detail, seq=seq, key=key, indexes=indexes))

    def send(self, message: wire.Outgoing) -> None:
        if self.state is not State.CLOSED:
            self.out.append(encode(message))

    def close(self, code: int, reason: str) -> None:
        if self.state is not State.CLOSED:
            self.state = State.CLOSED
            self.closing = (code, reason)
            self._queue = None
            self.queued = 0


def _weight(message: wire.Incoming) -> int:
    return len(message.fixes) if isinstance(message, wire.Fixes) else WEIGHT
