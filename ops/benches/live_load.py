"""Many watchers in one process: each reads all it is shown; those that measure look into it too."""

import time
import zlib
from array import array
from typing import Literal

import msgspec

from ops.benches.driven import obey
from ops.benches.raw import COMPRESSED, TEXT, Line, Switchboard, frame, raise_file_limit

TAIL = b"\x00\x00\xff\xff"
SNAPSHOT = b'{"type":"snapshot"'
POSITIONS = b'{"type":"positions"'
RAISED = b'"kind":"sos_raised"'
PATIENCE_S = 60.0
# Facts are short: longer frames hold positions or coverage.
SHORT = 2_000
LOOKERS = 4


class Plan(msgspec.Struct, kw_only=True):
    """The watchers' tokens; those of the `callers`, who call for help now and then, come after them."""

    port: int
    tokens: list[str]
    callers: list[str]


class Task(msgspec.Struct, kw_only=True):
    do: Literal["connect", "watch", "end"]
    seconds: float = 0.0
    call_every_s: float = 1.0


class Told(msgspec.Struct, kw_only=True):
    """`frames` are those with positions, of all watchers; `latest` the newest time shown of each person."""

    took_s: float = 0.0
    cpu_s: float = 0.0
    frames: int = 0
    bytes: int = 0
    closed: int = 0
    to_screen_ms: list[float] = []
    sos_ms: list[float] = []
    latest: dict[int, int] = {}


class Positions(msgspec.Struct):
    people: list[tuple[int, int, float, float, int, str]]


positions = msgspec.json.Decoder(Positions)


class Watchers:
    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.told = Told()
        self.waiting = 0
        self.measuring = False
        self.tokens: dict[Line, str] = {}
        self.watchers: list[Line] = []
        self.callers: list[Line] = []
        self.to_screen, self.sos = array("f"), array("f")
        self.latest: dict[int, int] = {}
        self.called_at: dict[int, float] = {}
        self.board = Switchboard(self.heard, self.lost)

    def carry_out(self, task: Task) -> Told:
        self.told = Told(latest=self.latest)
        self.to_screen, self.sos = array("f"), array("f")
        cpu, begun = time.process_time(), time.perf_counter()
        if task.do == "connect":
            self.connect()
        else:
            self.watch(task)
        self.told.took_s = time.perf_counter() - begun
        self.told.cpu_s = time.process_time() - cpu
        self.told.to_screen_ms, self.told.sos_ms = self.to_screen.tolist(), self.sos.tolist()
        return self.told

    def connect(self) -> None:
        """All but the callers have their snapshot when this ends."""
        wanted = [*self.plan.tokens, *self.plan.callers]
        for number, token in enumerate(wanted):
            line = Line(self.plan.port, number)
            line.ask(deflate=True)
            self.tokens[line] = token
            (self.watchers if number < len(self.plan.tokens) else self.callers).append(line)
            self.board.add(line)
        self.waiting = len(self.plan.tokens)
        late = time.perf_counter() + PATIENCE_S
        while self.waiting:
            if time.perf_counter() > late:
                raise TimeoutError(f"{self.waiting} watchers were shown nothing")
            self.board.turn(0.1)

    def watch(self, task: Task) -> None:
        before = sum(line.heard for line in self.watchers)
        self.measuring = True
        end = time.perf_counter() + task.seconds
        call_at = time.perf_counter() + task.call_every_s
        while (now := time.perf_counter()) < end:
            if now >= call_at and self.callers:
                self.call()
                call_at += task.call_every_s
            self.board.turn(min(0.05, end - now))
        self.measuring = False
        self.told.bytes = sum(line.heard for line in self.watchers) - before

    def call(self) -> None:
        line = self.callers.pop(0)
        self.callers.append(line)
        at = int(time.time() * 1000)
        self.called_at[at] = time.perf_counter()
        line.write(frame(b'{"type":"sos","key":"sos%d","at":%d}' % (at, at)))

    def heard(self, line: Line) -> None:
        fresh = not line.upgraded
        for first, payload in line.frames():
            if first | COMPRESSED == TEXT | COMPRESSED:
                self.message(line, first, payload)
        if fresh and line.upgraded:
            hello = {"type": "hello", "now": int(time.time() * 1000), "token": self.tokens[line]}
            watch = {"type": "watch", "areas": [], "layers": ["positions"]}
            line.write(frame(msgspec.json.encode(hello)))
            if line not in self.callers:
                line.write(frame(msgspec.json.encode(watch)))

    def message(self, line: Line, first: int, payload: bytes) -> None:
        looks = line in self.watchers[:LOOKERS]
        if self.measuring and not looks and len(payload) > SHORT:
            self.told.frames += 1
            return
        if first & COMPRESSED:
            payload = zlib.decompressobj(-zlib.MAX_WBITS).decompress(payload + TAIL)
        if payload.startswith(SNAPSHOT):
            self.waiting -= 1
        elif payload.startswith(POSITIONS):
            self.told.frames += 1
            if looks:
                self.shown(payload)
        elif RAISED in payload and self.measuring:
            self.raised(payload)

    def shown(self, payload: bytes) -> None:
        now = time.time() * 1000
        for person, _, _, _, at, _ in positions.decode(payload).people:
            if self.measuring:
                self.to_screen.append(now - at)
            self.latest[person] = max(at, self.latest.get(person, 0))

    def raised(self, payload: bytes) -> None:
        """The last call before the fact is the one it tells of."""
        told_at = msgspec.json.decode(payload)["at"]
        began = [moment for at, moment in self.called_at.items() if at <= told_at]
        if began:
            self.sos.append((time.perf_counter() - max(began)) * 1000)

    def lost(self, line: Line) -> None:
        self.told.closed += 1


def main() -> None:
    raise_file_limit()
    obey(Plan, Task, lambda plan: Watchers(plan).carry_out)


if __name__ == "__main__":
    main()
