"""Many phones in one process, as cheap as can be: raw frames, masked with nought, built as they go."""

import asyncio
import base64
import os
import sys
import time
from typing import Any

import msgspec

TEXT = 0x81
MASKED = 0x80
NO_MASK = b"\0\0\0\0"
ACK = b'{"type":"ack","seq":'
REFUSED = b'{"type":"refused"'
WELCOME = b'{"type":"welcome"'
CONNECTING_AT_ONCE = 200


class Task(msgspec.Struct, kw_only=True):
    """What to do: `rate` in fixes a second and phone, None as fast as acknowledgements allow."""

    host: str
    port: int
    tokens: list[str]
    assignments: list[int]
    seconds: float
    rate: float | None
    per_message: int
    window: int
    first_at: int
    reconnect: bool = True


class Told(msgspec.Struct, kw_only=True):
    """What came of it; latencies in milliseconds."""

    sent: int = 0
    acked: int = 0
    refused: int = 0
    closed: int = 0
    took_s: float = 0.0
    cpu_s: float = 0.0
    connect_s: float = 0.0
    reconnect_s: float = 0.0
    latencies: list[float] = []


class Phone(asyncio.Protocol):
    """One connection; `pending` maps the unacknowledged messages to when they were sent."""

    def __init__(self, load: "Load", n: int) -> None:
        self.load = load
        self.n = n
        self.welcomed = asyncio.get_running_loop().create_future()
        self.transport: Any = None
        self.buffer = b""
        self.upgraded = False
        self.pending: dict[int, float] = {}

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport
        key = base64.b64encode(os.urandom(16)).decode()
        task = self.load.task
        self.transport.write(
            f"GET /feed HTTP/1.1\r\nHost: {task.host}:{task.port}\r\nUpgrade: websocket\r\n"
            f"Connection: Upgrade\r\nSec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n"
            "Sec-WebSocket-Protocol: lian.v1\r\n\r\n".encode()
        )

    def data_received(self, data: bytes) -> None:
        data = self.buffer + data if self.buffer else data
        if not self.upgraded:
            head, found, data = data.partition(b"\r\n\r\n")
            if not found:
                self.buffer = head
                return
            self.upgraded = True
            token = self.load.task.tokens[self.n]
            self.write(b'{"type":"hello","now":%d,"token":"%s"}' % (time.time() * 1000, token.encode()))
        self.buffer = self._messages(data)

    def _messages(self, data: bytes) -> bytes:
        start, end = 0, len(data)
        while end - start >= 2:
            length, head = data[start + 1], start + 2
            if length == 126:
                length, head = int.from_bytes(data[head : head + 2]), head + 2
            elif length == 127:
                length, head = int.from_bytes(data[head : head + 8]), head + 8
            if head + length > end:
                break
            self._message(data[head : head + length])
            start = head + length
        return data[start:]

    def _message(self, message: bytes) -> None:
        if message.startswith(ACK):
            self.load.acknowledged(self, int(message[len(ACK) : -1]))
        elif message.startswith(REFUSED):
            self.load.told.refused += 1
            sys.stderr.write(message.decode() + "\n")
        elif message.startswith(WELCOME) and not self.welcomed.done():
            self.welcomed.set_result(None)

    def write(self, payload: bytes) -> None:
        length = len(payload)
        if length < 126:
            head = bytes((TEXT, MASKED | length))
        elif length < 65_536:
            head = bytes((TEXT, MASKED | 126)) + length.to_bytes(2)
        else:
            head = bytes((TEXT, MASKED | 127)) + length.to_bytes(8)
        self.transport.write(head + NO_MASK + payload)

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.load.ending:
            self.load.told.closed += 1
        if not self.welcomed.done():
            self.welcomed.set_exception(ConnectionError("closed before the welcome"))


class Load:
    def __init__(self, task: Task) -> None:
        self.task = task
        self.told = Told()
        self.ending = False
        self.sending = False
        self.seqs = [0] * len(task.tokens)
        self.ats = [task.first_at] * len(task.tokens)
        self.idle = asyncio.Event()

    async def run(self) -> Told:
        begun = time.perf_counter()
        phones = await self.connect()
        self.told.connect_s = time.perf_counter() - begun
        print("connected", flush=True)
        sys.stdin.readline()
        cpu, begun = time.process_time(), time.perf_counter()
        self.sending = True
        if self.task.rate is None:
            await self.flat_out(phones)
        else:
            await self.steadily(phones, self.task.rate)
        await self.drain(phones)
        self.told.took_s = time.perf_counter() - begun
        self.told.cpu_s = time.process_time() - cpu
        print("sent", flush=True)
        sys.stdin.readline()
        if self.task.reconnect:
            await self.come_again(phones)
        return self.told

    async def connect(self) -> list[Phone]:
        gate = asyncio.Semaphore(CONNECTING_AT_ONCE)

        async def one(n: int) -> Phone:
            async with gate:
                loop = asyncio.get_running_loop()
                _, phone = await loop.create_connection(
                    lambda: Phone(self, n), self.task.host, self.task.port
                )
                await phone.welcomed
                return phone

        return list(await asyncio.gather(*(one(n) for n in range(len(self.task.tokens)))))

    async def flat_out(self, phones: list[Phone]) -> None:
        for phone in phones:
            for _ in range(self.task.window):
                self.send(phone)
        await asyncio.sleep(self.task.seconds)
        self.sending = False

    async def steadily(self, phones: list[Phone], rate: float) -> None:
        """Each phone in its turn, evenly over the period."""
        gap = 1 / (rate * len(phones))
        begun = time.perf_counter()
        for k in range(int(self.task.seconds / gap)):
            ahead = begun + k * gap - time.perf_counter()
            if ahead > 0.002:
                await asyncio.sleep(ahead)
            phone = phones[k % len(phones)]
            self.ats[phone.n] = max(self.ats[phone.n], int(time.time() * 1000) - 1)
            self.send(phone)
        self.sending = False

    def send(self, phone: Phone) -> None:
        n, task = phone.n, self.task
        self.seqs[n] += 1
        seq, at, step = self.seqs[n], self.ats[n], 1000 if task.rate is None else 1
        count = task.per_message if task.rate is None else 1
        lat = 23.28 + (n % 100) * 2e-4
        fixes = ",".join([f"[{at + i * step},{lat:.6f},{113.81 + i * 1e-6:.6f},10]" for i in range(count)])
        self.ats[n] = at + count * step
        phone.pending[seq] = time.perf_counter()
        phone.write(
            f'{{"type":"fixes","seq":{seq},"assignment":{task.assignments[n]},"fixes":[{fixes}]}}'.encode()
        )
        self.told.sent += count

    def acknowledged(self, phone: Phone, seq: int) -> None:
        now = time.perf_counter()
        count = self.task.per_message if self.task.rate is None else 1
        done = [one for one in phone.pending if one <= seq]
        for one in done:
            self.told.latencies.append((now - phone.pending.pop(one)) * 1000)
            self.told.acked += count
            if self.sending and self.task.rate is None:
                self.send(phone)

    async def drain(self, phones: list[Phone]) -> None:
        async with asyncio.timeout(120):
            while any(phone.pending for phone in phones):  # noqa: ASYNC110
                await asyncio.sleep(0.01)

    async def come_again(self, phones: list[Phone]) -> None:
        """All are cut off at once and come back at once."""
        self.ending = True
        for phone in phones:
            phone.transport.abort()
        await asyncio.sleep(0.5)
        begun = time.perf_counter()
        phones = await self.connect()
        self.told.reconnect_s = time.perf_counter() - begun
        for phone in phones:
            phone.transport.abort()


async def main() -> None:
    task = msgspec.json.decode(sys.stdin.readline(), type=Task)
    told = await Load(task).run()
    print(msgspec.json.encode(told).decode(), flush=True)


if __name__ == "__main__":
    import resource

    import uvloop

    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    uvloop.run(main())
