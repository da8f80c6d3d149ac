"""Many phones in one process; told by lines on stdin what to do, it says on stdout what came of each."""

import random
import sys
import time
from array import array
from collections import deque
from typing import Literal

import msgspec

from ops.benches.driven import obey
from ops.benches.mini import MIDDLE
from ops.benches.raw import TEXT, Line, Switchboard, frame, raise_file_limit

ACK = b'{"type":"ack","seq":'
ACK_KEY = b'{"type":"ack","key":'
REFUSED = b'{"type":"refused"'
WELCOME = b'{"type":"welcome"'
PATIENCE_S = 120.0


class Plan(msgspec.Struct, kw_only=True):
    """Whose phones these are."""

    port: int
    tokens: list[str]
    assignments: list[int]
    first_at: int


class Task(msgspec.Struct, kw_only=True):
    """`rate` in fixes a second and phone; None: as fast as `window` unacknowledged messages allow.

    A `stock` of `messages` for each phone, made before, leaves the server the machine while it is measured.
    """

    do: Literal["connect", "check_in", "stock", "send", "drop"]
    seconds: float = 0.0
    rate: float | None = None
    per_message: int = 1
    window: int = 1
    messages: int = 0


class Told(msgspec.Struct, kw_only=True):
    """What came of it; latencies in milliseconds, `newest` the time of each phone's last fix."""

    took_s: float = 0.0
    cpu_s: float = 0.0
    sent: int = 0
    acked: int = 0
    refused: int = 0
    closed: int = 0
    latencies: list[float] = []
    newest: list[int] = []


class Phone:
    """`pending` are its unacknowledged messages, oldest first: seq, when, how many fixes."""

    __slots__ = ("at", "line", "number", "pending", "seq", "stock", "welcomed")

    def __init__(self, number: int, at: int) -> None:
        self.number = number
        self.at = at
        self.seq = 0
        self.line: Line
        self.welcomed = False
        self.pending: deque[tuple[int, float, int]] = deque()
        self.stock: deque[tuple[int, bytes]] = deque()


def on_beat(n: int, step: int) -> tuple[float, float]:
    """Where the n-th phone is, eastward or westward step by step, in its own quarter of the district."""
    north, east = (1 if n % 4 >= 2 else -1), (1 if n % 2 else -1)
    return MIDDLE[0] + north * (1 + n % 100) * 1e-4, MIDDLE[1] + east * (10 + step % 1000) * 1e-5


class Load:
    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.told = Told()
        self.latencies = array("f")
        self.task = Task(do="drop")
        self.sending = False
        self.waiting = 0
        self.phones = [Phone(n, plan.first_at) for n in range(len(plan.tokens))]
        self.of: dict[Line, Phone] = {}
        self.board = Switchboard(self.heard, self.lost)

    def carry_out(self, task: Task) -> Told:
        self.task, self.told, self.latencies = task, Told(), array("f")
        cpu, begun = time.process_time(), time.perf_counter()
        match task.do:
            case "connect":
                self.connect()
            case "check_in":
                self.check_in()
            case "stock":
                for phone in self.phones:
                    phone.stock.extend(self.made(phone) for _ in range(task.messages))
            case "send":
                self.send_all()
            case "drop":
                self.board.drop(self.of)
                self.of.clear()
        self.told.took_s = time.perf_counter() - begun
        self.told.cpu_s = time.process_time() - cpu
        self.told.latencies = self.latencies.tolist()
        self.told.newest = [phone.at - 1 for phone in self.phones] if task.do == "send" else []
        return self.told

    def until(self, count: int) -> None:
        """Turns until no more than `count` are waited for."""
        late = time.perf_counter() + PATIENCE_S
        while self.waiting > count:
            if time.perf_counter() > late:
                raise TimeoutError(f"{self.waiting} are still waited for")
            self.board.turn(0.1)

    def connect(self) -> None:
        """All at once."""
        self.waiting = len(self.phones)
        for phone in self.phones:
            phone.pending.clear()
            self.dial(phone)
        self.until(0)

    def dial(self, phone: Phone) -> None:
        phone.welcomed = False
        phone.line = Line(self.plan.port, phone.number)
        self.of[phone.line] = phone
        phone.line.ask(deflate=False)
        self.board.add(phone.line)

    def check_in(self) -> None:
        self.waiting = len(self.phones)
        for phone in self.phones:
            assignment = self.plan.assignments[phone.number]
            self.write(
                phone,
                b'{"type":"check_in","key":"in","assignment":%d,"at":%d}'
                % (assignment, self.plan.first_at - 1),
            )
        self.until(0)

    def send_all(self) -> None:
        self.sending = True
        if self.task.rate is None:
            self.flat_out()
        else:
            self.steadily(self.task.rate)
        self.sending = False
        self.until(0)

    def flat_out(self) -> None:
        for phone in self.phones:
            for _ in range(self.task.window):
                self.send(phone)
        end = time.perf_counter() + self.task.seconds
        while time.perf_counter() < end:
            self.board.turn(0.1)

    def steadily(self, rate: float) -> None:
        """Each phone in its turn, evenly over the period, in no order that the database would know."""
        turns = random.Random(1).sample(self.phones, len(self.phones))
        gap = 1 / (rate * len(self.phones))
        begun = time.perf_counter()
        count, sent = int(self.task.seconds / gap), 0
        while sent < count:
            due = min(count, int((time.perf_counter() - begun) / gap) + 1)
            for k in range(sent, due):
                phone = turns[k % len(turns)]
                phone.at = max(phone.at, int(time.time() * 1000) - 1)
                self.send(phone)
            sent = due
            ahead = begun + sent * gap - time.perf_counter()
            self.board.turn(max(ahead, 0.001))

    def send(self, phone: Phone) -> None:
        seq, message = phone.stock.popleft() if phone.stock else self.made(phone)
        count = self.task.per_message
        phone.pending.append((seq, time.perf_counter(), count))
        self.waiting += 1
        self.told.sent += count
        self.put(phone.line, message)

    def made(self, phone: Phone) -> tuple[int, bytes]:
        """The next message, as the frame to be sent."""
        n, count = phone.number, self.task.per_message
        phone.seq += 1
        at, step = phone.at, 1000 if count > 1 else 1
        lat, lon = on_beat(n, phone.seq)
        fixes = ",".join([f"[{at + i * step},{lat:.6f},{lon + i * 1e-6:.6f},10]" for i in range(count)])
        phone.at = at + count * step
        assignment = self.plan.assignments[n]
        message = f'{{"type":"fixes","seq":{phone.seq},"assignment":{assignment},"fixes":[{fixes}]}}'
        return phone.seq, frame(message.encode())

    def write(self, phone: Phone, payload: bytes) -> None:
        self.put(phone.line, frame(payload))

    def put(self, line: Line, message: bytes) -> None:
        line.write(message)
        if line.unsent:
            self.board.mind(line)

    # What comes back

    def heard(self, line: Line) -> None:
        phone = self.of[line]
        fresh = not line.upgraded
        for first, payload in line.frames():
            if first == TEXT:
                self.message(phone, payload)
        if fresh and line.upgraded:
            token = self.plan.tokens[phone.number].encode()
            self.write(phone, b'{"type":"hello","now":%d,"token":"%s"}' % (time.time() * 1000, token))

    def message(self, phone: Phone, payload: bytes) -> None:
        if payload.startswith(ACK):
            self.acknowledged(phone, int(payload[len(ACK) : -1]))
        elif payload.startswith(ACK_KEY):
            self.waiting -= 1
        elif payload.startswith(REFUSED):
            self.told.refused += 1
            sys.stderr.write(payload.decode() + "\n")
        elif payload.startswith(WELCOME) and not phone.welcomed:
            phone.welcomed = True
            self.waiting -= 1

    def acknowledged(self, phone: Phone, seq: int) -> None:
        now = time.perf_counter()
        pending = phone.pending
        while pending and pending[0][0] <= seq:
            _, sent_at, count = pending.popleft()
            self.latencies.append((now - sent_at) * 1000)
            self.waiting -= 1
            self.told.acked += count
            if self.sending and self.task.rate is None:
                self.send(phone)

    def lost(self, line: Line) -> None:
        phone = self.of.pop(line, None)
        if phone is None:
            return
        self.told.closed += 1
        if phone.welcomed:
            self.waiting -= len(phone.pending)
        else:
            self.dial(phone)


def main() -> None:
    raise_file_limit()
    obey(Plan, Task, lambda plan: Load(plan).carry_out)


if __name__ == "__main__":
    main()
