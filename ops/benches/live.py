"""From a phone's fix to the watchers' screens, with all the phones sending: how late, and at what cost."""

import argparse
import asyncio
import http.client
import json
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from alliance.db.embedded import Embedded
from alliance.db.migrate import migrate
from alliance.db.pool import connect
from ops.benches import feed_load, live_load, mini
from ops.benches.driven import Driven
from ops.benches.feed import HOUR, phones
from ops.benches.feed_server import Server
from ops.benches.mini import Mini

CALLERS = 10
READ_EVERY_S = 0.05
SETTLE_S = 1.0
READS = ("/api/v1/me", "/api/v1/incidents", "/api/v1/cells?layer=coverage")


def run(argv: list[str]) -> dict[str, Any]:
    parser = argparse.ArgumentParser(prog="ops/bench live")
    parser.add_argument("--people", type=int, default=12_000, help="phones on duty, each with a connection")
    parser.add_argument("--watchers", type=int, default=40, help="command desks that watch all positions")
    parser.add_argument("--period", type=float, default=5.0, help="seconds between two fixes of a phone")
    parser.add_argument("--seconds", type=float, default=15.0)
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args(argv)
    found = [once(options) for _ in range(options.runs)]
    return {name: statistics.median(one[name] for one in found) for name in found[0]} | {
        "dropped": sum(one["dropped"] for one in found),
        "runs": options.runs,
    }


def once(options: argparse.Namespace) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="alliance-bench-") as folder:
        data = Path(folder)
        data.chmod(0o711)
        with Embedded(data / "data", tied=True) as dsn:
            world, desks, callers = asyncio.run(seed(dsn, options))
            server = Server(dsn, data / "data")
            try:
                return _measure(server, world, desks, callers, options)
            finally:
                server.stop()


async def seed(
    dsn: str, options: argparse.Namespace, ahead: int = HOUR // 2
) -> tuple[Mini, list[str], list[str]]:
    """The world, on duty for `ahead` ms more; the tokens of desks and of people who will call for help."""
    conn = await connect(dsn)
    try:
        await migrate(conn)
        now = int(time.time() * 1000)
        people = options.people + CALLERS
        world = await mini.seed(conn, people=people, start=now + ahead - 8 * HOUR, end=now + ahead)
        desks = [(await mini.make_person(conn, "commander"))[1] for _ in range(options.watchers)]
        return world, desks, world.tokens[options.people :]
    finally:
        await conn.close()


def _measure(
    server: Server, world: Mini, desks: list[str], callers: list[str], options: argparse.Namespace
) -> dict[str, Any]:
    """First the phones alone, then with the watchers: the difference is what watching costs."""
    driven = phones(server, world, options.people)
    watchers = watching(server, desks, callers)
    for do in ("connect", "check_in"):
        driven.do(feed_load.Task(do=do))
    sending = feed_load.Task(do="send", seconds=options.seconds, rate=1 / options.period)
    reader = Reader(server.port, desks[0])
    cpu, begun = server.cpu_s(), time.perf_counter()
    driven.do(sending)
    alone = (server.cpu_s() - cpu) / (time.perf_counter() - begun)
    watchers.do(live_load.Task(do="connect"))
    reader.waits.clear()
    cpu, begun, before = server.cpu_s(), time.perf_counter(), _fan_out(server.port)
    watchers.begin(live_load.Task(do="watch", seconds=options.seconds + SETTLE_S))
    sent = driven.do(sending)
    shown = watchers.result()
    used, took, after = server.cpu_s() - cpu, time.perf_counter() - begun, _fan_out(server.port)
    reader.end()
    driven.end()
    watchers.end()
    costs = {"alone": alone, "cpu_s": used, "took_s": took}
    costs["frame"] = (after[1] - before[1]) / max(after[0] - before[0], 1)
    return _figures(options, sent, shown, reader.waits, costs) | {
        "dropped": _dropped(world.people, sent.newest, shown.latest) + shown.closed
    }


def watching(server: Server, desks: list[str], callers: list[str]) -> Driven[live_load.Told]:
    plan = live_load.Plan(port=server.port, tokens=desks, callers=callers)
    return Driven("ops.benches.live_load", plan, live_load.Told)


def _figures(
    options: argparse.Namespace,
    sent: feed_load.Told,
    shown: live_load.Told,
    waits: list[float],
    costs: dict[str, float],
) -> dict[str, Any]:
    frames = max(shown.frames, 1)
    return {
        "people": options.people,
        "watchers": options.watchers,
        "period_s": options.period,
        "fix_to_screen_p50_ms": share(shown.to_screen_ms, 0.5),
        "fix_to_screen_p99_ms": share(shown.to_screen_ms, 0.99),
        "server_cpu_pct": round(costs["cpu_s"] / costs["took_s"] * 100, 1),
        "cpu_us_per_watcher_frame": round(costs["frame"] * 1e6, 2),
        "bytes_per_watcher_per_s": round(shown.bytes / options.watchers / shown.took_s),
        "bytes_per_frame": round(shown.bytes / frames),
        "frames_per_watcher_per_s": round(shown.frames / options.watchers / shown.took_s, 2),
        "ack_p50_ms": share(sent.latencies, 0.5),
        "ack_p99_ms": share(sent.latencies, 0.99),
        "sos_p50_ms": share(shown.sos_ms, 0.5),
        "sos_p99_ms": share(shown.sos_ms, 0.99),
        "sos_told": len(shown.sos_ms),
        "http_p50_ms": share(waits, 0.5),
        "http_p99_ms": share(waits, 0.99),
        "http_reads": len(waits),
        "cpu_alone_pct": round(costs["alone"] * 100, 1),
    }


def _fan_out(port: int) -> tuple[float, float]:
    """Frames of positions written so far, and the CPU seconds of building and writing them."""
    line = http.client.HTTPConnection("127.0.0.1", port)
    line.request("GET", "/metrics")
    text = line.getresponse().read().decode()
    line.close()
    found = dict(row.rsplit(" ", 1) for row in text.splitlines() if row.startswith("alliance_feed_f"))
    return float(found["alliance_feed_frames_total"]), float(found["alliance_feed_fan_out_cpu_seconds_total"])


def _dropped(people: list[int], newest: list[int], shown: dict[int, int]) -> int:
    """People whose last fix was never shown."""
    return sum(shown.get(person, 0) < at for person, at in zip(people, newest, strict=False))


def share(values: Sequence[float], share: float) -> float:
    found = sorted(values)
    return round(found[int((len(found) - 1) * share)], 2) if found else 0.0


class Reader:
    """Somebody who reads pages all the while."""

    def __init__(self, port: int, token: str) -> None:
        self.waits: list[float] = []
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._read, args=(port, token))
        self._thread.start()

    def end(self) -> None:
        self._ended.set()
        self._thread.join()

    def _read(self, port: int, token: str) -> None:
        line = http.client.HTTPConnection("127.0.0.1", port)
        turn = 0
        while not self._ended.wait(READ_EVERY_S):
            begun = time.perf_counter()
            line.request("GET", READS[turn % len(READS)], headers={"Authorization": f"Bearer {token}"})
            answer = line.getresponse()
            answer.read()
            if answer.status != 200:
                raise RuntimeError(f"{READS[turn % len(READS)]}: {answer.status}")
            self.waits.append((time.perf_counter() - begun) * 1000)
            turn += 1


if __name__ == "__main__":
    print(json.dumps(run(sys.argv[1:])))
