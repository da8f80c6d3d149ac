"""An hour with all phones and desks, minute by minute: memory, how soon acknowledged, and nothing lost."""

import argparse
import asyncio
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from alliance.db.embedded import Embedded
from alliance.db.pool import connect
from ops.benches import feed_load, live_load
from ops.benches.chart import Line, Panel, chart
from ops.benches.feed import HOUR, counted, phones, postmaster_of, size_of
from ops.benches.feed_server import Server, proportional_mb
from ops.benches.live import Reader, seed, share, watching
from ops.benches.mini import Mini

SETTLED = 10
# Somebody calls for help so often.
CALLED_S = 5.0


class Minute(msgspec.Struct, kw_only=True):
    """One minute of it; memory as it stood at its end, the service's by itself and all of PostgreSQL's."""

    minute: int
    acked: int
    ack_p50_ms: float
    ack_p99_ms: float
    screen_p99_ms: float
    sos_p99_ms: float
    http_p99_ms: float
    cores: float
    service_mb: float
    postgres_mb: float
    load: float


def run(argv: list[str]) -> dict[str, Any]:
    parser = argparse.ArgumentParser(prog="ops/bench soak")
    parser.add_argument("--people", type=int, default=12_000, help="phones on duty, each with a connection")
    parser.add_argument("--watchers", type=int, default=40, help="command desks that watch all positions")
    parser.add_argument("--period", type=float, default=5.0, help="seconds between two fixes of a phone")
    parser.add_argument("--minutes", type=int, default=60)
    parser.add_argument("--chart", type=Path, help="an SVG of it")
    options = parser.parse_args(argv)
    with tempfile.TemporaryDirectory(prefix="alliance-bench-") as folder:
        data = Path(folder)
        data.chmod(0o711)
        with Embedded(data / "data", tied=True) as dsn:
            minutes, end = _soak(dsn, data / "data", options)
            end |= asyncio.run(_stored(dsn, sum(minute.acked for minute in minutes)))
    if options.chart:
        options.chart.write_text(_drawn(minutes), encoding="utf-8")
    return _figures(minutes) | end


def _soak(dsn: str, data: Path, options: argparse.Namespace) -> tuple[list[Minute], dict[str, Any]]:
    """The minutes, and how soon the service was there again when it was killed after them."""
    ahead = (options.minutes + 15) * HOUR // 60
    world, desks, callers = asyncio.run(seed(dsn, options, ahead))
    server = Server(dsn, data, jobs=True)
    try:
        minutes = _minutes(server, asyncio.run(postmaster_of(dsn)), (world, desks, callers), options)
        server.kill()
        begun = time.perf_counter()
        server.start(dsn, data)
        return minutes, {"restart_s": round(time.perf_counter() - begun, 2)}
    finally:
        server.stop()


def _minutes(
    server: Server,
    postmaster: int,
    whose: tuple[Mini, list[str], list[str]],
    options: argparse.Namespace,
) -> list[Minute]:
    world, desks, callers = whose
    senders, watchers = phones(server, world, options.people), watching(server, desks, callers)
    for do in ("connect", "check_in"):
        senders.do(feed_load.Task(do=do))
    watchers.do(live_load.Task(do="connect"))
    reader = Reader(server.port, desks[0])
    minutes = []
    for number in range(1, options.minutes + 1):
        reader.waits.clear()
        cpu, begun = server.cpu_s(), time.perf_counter()
        watchers.begin(live_load.Task(do="watch", seconds=60, call_every_s=CALLED_S))
        sent = senders.do(feed_load.Task(do="send", seconds=60, rate=1 / options.period))
        shown = watchers.result()
        if lost := sent.closed + sent.refused + shown.closed:
            raise RuntimeError(f"minute {number}: {lost} connections closed or messages refused")
        minute = Minute(
            minute=number,
            acked=sent.acked,
            ack_p50_ms=share(sent.latencies, 0.5),
            ack_p99_ms=share(sent.latencies, 0.99),
            screen_p99_ms=share(shown.to_screen_ms, 0.99),
            sos_p99_ms=share(shown.sos_ms, 0.99),
            http_p99_ms=share(reader.waits, 0.99),
            cores=round((server.cpu_s() - cpu) / (time.perf_counter() - begun), 3),
            service_mb=round(server.rss_mb(), 1),
            postgres_mb=round(proportional_mb(postmaster), 1),
            load=round(os.getloadavg()[0], 2),
        )
        print(msgspec.json.encode(minute).decode(), flush=True)
        minutes.append(minute)
    reader.end()
    senders.end()
    watchers.end()
    return minutes


async def _stored(dsn: str, acked: int) -> dict[str, Any]:
    conn = await connect(dsn)
    try:
        stored, distinct = await counted(conn)
        size = await size_of(conn)
    finally:
        await conn.close()
    return {
        "acked": acked,
        "lost": max(acked - distinct, 0),
        "duplicated": stored - distinct,
        "bytes_per_fix": round(size / max(stored, 1), 1),
    }


def _figures(minutes: list[Minute]) -> dict[str, Any]:
    """Medians of the minutes and their worst; memory from the tenth minute on."""
    settled = minutes[min(SETTLED, len(minutes)) - 1 :]

    def both(name: str) -> dict[str, float]:
        values = [getattr(minute, name) for minute in minutes]
        return {name: share(values, 0.5), f"worst_{name}": max(values)}

    names = ("ack_p50_ms", "ack_p99_ms", "screen_p99_ms", "sos_p99_ms", "http_p99_ms", "cores")
    found: dict[str, Any] = {"minutes": len(minutes)}
    for name in names:
        found |= both(name)
    return found | {
        "settled_service_mb": settled[0].service_mb,
        "end_service_mb": settled[-1].service_mb,
        "most_service_mb": max(minute.service_mb for minute in settled),
        "settled_postgres_mb": settled[0].postgres_mb,
        "end_postgres_mb": settled[-1].postgres_mb,
        "most_load": max(minute.load for minute in minutes),
    }


def _drawn(minutes: list[Minute]) -> str:
    def of(what: Callable[[Minute], float]) -> list[float]:
        return [what(minute) for minute in minutes]

    memory = Panel("memory, MB", [Line("service", of(lambda m: m.service_mb))])
    acks = Panel(
        "acknowledged after, ms",
        [Line("median", of(lambda m: m.ack_p50_ms)), Line("p99", of(lambda m: m.ack_p99_ms))],
    )
    screens = Panel(
        "fix to the desks' screens and SOS to every desk, p99, ms",
        [Line("fix", of(lambda m: m.screen_p99_ms)), Line("SOS", of(lambda m: m.sos_p99_ms))],
    )
    cpu = Panel("CPU of the service, cores", [Line("service", of(lambda m: m.cores))])
    return chart("minutes", [memory, acks, screens, cpu])


if __name__ == "__main__":
    print(json.dumps(run(sys.argv[1:])))
