"""Clients that behave badly: never read, say a byte a second, have wrong clocks, or all come at once."""

import asyncio
import contextlib
import json
import random
import socket
import time
from collections.abc import AsyncIterator
from pathlib import Path

from ops.benches.mini import Mini
from ops.faults import witness
from ops.faults.crowd import Crowd, Phone
from ops.faults.line import TEXT, frame
from ops.faults.stage import Outcome, Stage, Wanted, sealed, staged

SMALL_BUFFER = 4096
BAD_ONES = 20
# Asked one behind the other, so that the answers fill every buffer on the way.
REQUESTS = 200
UPGRADED_S = 0.5
PEAK_MB = 400.0
LATE_S = 10.0
MINUTE_S = 60.0
GONE_S = 70.0
ESTABLISHED = "01"
OFF_MS = 3 * 3_600_000
UPGRADE = (
    b"GET /feed HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)
GET = b"GET /schema HTTP/1.1\r\nHost: x\r\n\r\n"
POST = (
    b"POST /api/v1/login HTTP/1.1\r\nHost: x\r\n"
    b"Content-Type: application/json\r\nContent-Length: 5000\r\n\r\n"
)


async def never_reads(wanted: Wanted) -> Outcome:
    """Desks that ask for everything, and pages that ask on and on, and read nothing of the answers."""
    async with staged(wanted, request_seconds=_brief(wanted)) as (stage, _):
        token = await witness.desk_token(stage.dsn)
        before = connections(stage)
        hello = frame(TEXT, json.dumps({"type": "hello", "now": 0, "token": token}).encode())
        layers = ["coverage", "positions", "incidents", "staffing"]
        watch = frame(TEXT, json.dumps({"type": "watch", "areas": [], "layers": layers}).encode())
        async with _clients(stage, [UPGRADE, GET * REQUESTS], per_kind=BAD_ONES) as socks:
            await asyncio.sleep(UPGRADED_S)
            for sock in socks[:BAD_ONES]:
                sock.recv(SMALL_BUFFER)
                sock.send(hello)
            worst, peak = await _meanwhile(stage, wanted.seconds, socks[:BAD_ONES], watch)
            # Feeds are pinged and missed after a minute: only a run that lasts that long sees them ended.
            left = 0 if wanted.seconds >= MINUTE_S else BAD_ONES
            ended = await _ended(stage, before + left, GONE_S)
        outcome = await stage.judge(
            "never_reads", wanted, clients=len(socks), worst_ack_s=worst, peak_mb=peak, ended_after_s=ended
        )
        return sealed(outcome, others_served=worst < LATE_S, bounded=peak < PEAK_MB, ended=ended is not None)


async def byte_a_second(wanted: Wanted) -> Outcome:
    """Clients that say nothing at all, or one byte a second: of a request, its body, a hello."""
    async with staged(wanted, request_seconds=_brief(wanted)) as (stage, _):
        before = connections(stage)
        async with _clients(stage, [b"", GET[:5], POST, UPGRADE], per_kind=BAD_ONES) as socks:
            worst, peak = await _meanwhile(stage, wanted.seconds, socks[BAD_ONES:], b"")
            ended = await _ended(stage, before, GONE_S)
        outcome = await stage.judge(
            "byte_a_second", wanted, clients=len(socks), worst_ack_s=worst, peak_mb=peak, ended_after_s=ended
        )
        return sealed(outcome, others_served=worst < LATE_S, bounded=peak < PEAK_MB, ended=ended is not None)


def _brief(wanted: Wanted) -> str:
    """Patience with a request that goes with how long the fault is brought about."""
    return str(max(1, min(60, int(wanted.seconds / 3))))


@contextlib.asynccontextmanager
async def _clients(stage: Stage, begun: list[bytes], *, per_kind: int) -> AsyncIterator[list[socket.socket]]:
    """Connections with tiny buffers that have sent what they begin with."""
    socks = []
    for first in begun:
        for _ in range(per_kind):
            sock = socket.socket()
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SMALL_BUFFER)
            sock.connect(("127.0.0.1", stage.service.port))
            sock.setblocking(False)
            socks.append(sock)
            with contextlib.suppress(OSError):
                sock.send(first)
    try:
        yield socks
    finally:
        for sock in socks:
            sock.close()


async def _meanwhile(
    stage: Stage, seconds: float, socks: list[socket.socket], message: bytes
) -> tuple[float, float]:
    """They send on; the others' longest wait for an acknowledgement, and the service's peak memory."""
    until = time.monotonic() + seconds
    worst = peak = 0.0
    while time.monotonic() < until:
        for sock in socks:
            with contextlib.suppress(OSError):
                sock.send(message or b"x")
        began = time.monotonic()
        await stage.crowd.more(1)
        worst = max(worst, time.monotonic() - began)
        peak = max(peak, stage.service.rss_mb())
        await asyncio.sleep(0.05 if message else 1.0)
    return round(worst, 2), round(peak, 1)


async def _ended(stage: Stage, before: int, seconds: float) -> float | None:
    """After how long the service holds no more connections than before; None when it takes too long."""
    began = time.monotonic()
    while connections(stage) > before:
        if time.monotonic() - began > seconds:
            return None
        await asyncio.sleep(0.2)
    return round(time.monotonic() - began, 1)


def connections(stage: Stage) -> int:
    """Those that the service holds open, as the system says."""
    port = f":{stage.service.port:04X}"
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return sum(1 for row in rows if row[1].endswith(port) and row[3] == ESTABLISHED)


async def clocks_off(wanted: Wanted) -> Outcome:
    """Phones whose clocks are three hours off, with and without correcting that by the welcome."""

    def gather(world: Mini) -> Crowd:
        crowd = Crowd(world)
        kinds = [(OFF_MS, True), (-OFF_MS, True), (OFF_MS, False), (-OFF_MS, False)]
        for n in range(len(crowd.phones)):
            off, corrects = kinds[n % 4]
            crowd.phones[n] = Phone(crowd, n, clock_ms=off, corrects=corrects)
        return crowd

    async with staged(wanted, gather) as (stage, _):
        await asyncio.sleep(wanted.seconds)
        outcome = await stage.judge("clocks_off", wanted)
        phones = stage.crowd.phones
        codes = [set[str]().union(*phone.refused.values()) for phone in phones]
        return sealed(
            outcome,
            refuses=True,
            corrected_ones_taken=all(p.acknowledged and not p.refused for p in phones[0::4] + phones[1::4]),
            ahead_refused=all(found == {"clock_ahead"} for found in codes[2::4]),
            behind_refused=all(found == {"off_duty"} for found in codes[3::4]),
        )


async def reconnects(wanted: Wanted) -> Outcome:
    """Everyone's line is cut at once, and everyone comes again at once."""

    def gather(world: Mini) -> Crowd:
        return Crowd(world, pause_s=0.0, turn_s=max(0.05, len(world.tokens) / 2400))

    async with staged(wanted, gather) as (stage, _):
        took = []
        chance = random.Random(3)
        for _ in range(wanted.times):
            await asyncio.sleep(wanted.seconds * chance.random())
            for phone in stage.crowd.phones:
                phone.cut()
            await asyncio.sleep(0)
            began = time.monotonic()
            while any(phone.here for phone in stage.crowd.phones):  # noqa: ASYNC110
                await asyncio.sleep(0)
            await stage.crowd.all_here()
            took.append(round(time.monotonic() - began, 2))
        outcome = await stage.judge("reconnects", wanted, all_back_s=took)
        return sealed(outcome, all_came_back=all(p.welcomes > wanted.times for p in stage.crowd.phones))
