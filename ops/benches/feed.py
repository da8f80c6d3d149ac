"""How many durable, acknowledged fixes the feed takes, against COPY of the same rows in the same run."""

import argparse
import asyncio
import io
import json
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from alliance.db.embedded import Embedded
from alliance.db.migrate import migrate
from alliance.db.pool import Connection, connect
from alliance.patrol.copying import decode, encode
from alliance.patrol.fix_store import NAMES, ROW
from alliance.patrol.partitions import ONCE, pack
from ops.benches import mini
from ops.benches.driven import Driven
from ops.benches.feed_load import Plan, Task, Told
from ops.benches.feed_server import Server, parent_of, postgres_cpu_s
from ops.benches.mini import DISTRICT, Mini

HOUR = 3_600_000
SYNCS = 200
WARMING = 20
# Fixes made before they are sent, for each second of sending.
STOCKED = 500_000
COPY_CHUNK = 5_000
MOST_COPIED = 500_000


def run(argv: list[str]) -> dict[str, Any]:
    parser = argparse.ArgumentParser(prog="ops/bench feed")
    parser.add_argument("--connections", type=int, default=500)
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--rate", type=float, help="fixes a second and connection; without it at full speed")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--per-message", type=int, default=20, help="fixes in a message at full speed")
    parser.add_argument("--window", type=int, default=4, help="messages under way at full speed")
    options = parser.parse_args(argv)
    found = [once(options) for _ in range(options.runs)]
    return {
        name: sum(one[name] for one in found)
        if name in ("lost", "duplicated")
        else statistics.median(one[name] for one in found)
        for name in found[0]
    } | {"runs": options.runs}


def once(options: argparse.Namespace) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="alliance-bench-") as folder:
        data = Path(folder)
        data.chmod(0o711)
        with Embedded(data / "data", tied=True) as dsn:
            world = asyncio.run(_seed(dsn, options.connections))
            server = Server(dsn, data / "data")
            try:
                told, used = _load(server, world, options, asyncio.run(postmaster_of(dsn)))
                used |= _restart(server, dsn, data / "data")
            finally:
                server.stop()
            return (
                _result(told, used, options)
                | asyncio.run(_check(dsn, told))
                | {"fsync_p99_ms": fsync_p99_ms(data)}
            )


async def _seed(dsn: str, people: int) -> Mini:
    conn = await connect(dsn)
    try:
        await migrate(conn)
        now = int(time.time() * 1000)
        return await mini.seed(conn, people=people, start=now - 15 * HOUR // 2, end=now + HOUR // 2)
    finally:
        await conn.close()


async def postmaster_of(dsn: str) -> int:
    """The process id of PostgreSQL: the parent of the backend that answers."""
    conn = await connect(dsn)
    try:
        return parent_of(await conn.fetchval("select pg_backend_pid()"))
    finally:
        await conn.close()


def phones(server: Server, world: Mini, count: int) -> Driven[Told]:
    """A generator for the first `count` people's phones."""
    plan = Plan(
        port=server.port,
        tokens=world.tokens[:count],
        assignments=world.assignments[:count],
        first_at=world.start + 1000,
    )
    return Driven("ops.benches.feed_load", plan, Told)


def _warm(server: Server, world: Mini) -> None:
    """What the first connections need once for all is not counted with each."""
    load = phones(server, world, WARMING)
    load.do(Task(do="connect"))
    load.do(Task(do="check_in"))
    load.do(Task(do="drop"))
    load.end()


def _load(
    server: Server, world: Mini, options: argparse.Namespace, postmaster: int
) -> tuple[Told, dict[str, float]]:
    """Drives the generator and measures the server around it."""
    _warm(server, world)
    load = phones(server, world, len(world.tokens))
    empty, cpu = server.rss_mb(), server.cpu_s()
    used = {"connect_all_s": load.do(Task(do="connect")).took_s, "connect_cpu_s": server.cpu_s() - cpu}
    used["check_in_all_s"] = load.do(Task(do="check_in")).took_s
    used["kb_per_connection"] = (server.rss_mb() - empty) * 1024 / options.connections
    sending = Task(do="send", seconds=options.seconds, rate=options.rate)
    if options.rate is None:
        sending = Task(
            do="send", seconds=options.seconds, per_message=options.per_message, window=options.window
        )
        each = int(STOCKED * options.seconds / options.per_message / options.connections)
        load.do(Task(do="stock", per_message=options.per_message, messages=each))
    cpu, postgres, begun = server.cpu_s(), postgres_cpu_s(postmaster), time.perf_counter()
    told = load.do(sending)
    used["wall_s"] = time.perf_counter() - begun
    used["cpu_s"] = server.cpu_s() - cpu
    used["postgres_cpu_s"] = postgres_cpu_s(postmaster) - postgres
    used["rss_mb"] = server.rss_mb()
    load.do(Task(do="drop"))
    time.sleep(0.5)
    used["reconnect_all_s"] = load.do(Task(do="connect")).took_s
    load.end()
    return told, used


def _restart(server: Server, dsn: str, data: Path) -> dict[str, float]:
    """Killed, and started again until it serves with its live state rebuilt."""
    server.kill()
    begun = time.perf_counter()
    server.start(dsn, data)
    return {"restart_s": time.perf_counter() - begun}


def _result(told: Told, used: dict[str, float], options: argparse.Namespace) -> dict[str, Any]:
    waits = sorted(told.latencies)
    acked = max(told.acked, 1)
    return {
        "connections": options.connections,
        "seconds": options.seconds,
        "sent": told.sent,
        "acked": told.acked,
        "refused": told.refused,
        "closed": told.closed,
        "fixes_per_s": round(told.acked / told.took_s),
        "ack_p50_ms": round(waits[len(waits) // 2], 2),
        "ack_p99_ms": round(waits[int(len(waits) * 0.99)], 2),
        "server_cpu_us_per_fix": round(used["cpu_s"] / acked * 1e6, 2),
        "server_cores": round(used["cpu_s"] / used["wall_s"], 3),
        "postgres_cpu_us_per_fix": round(used["postgres_cpu_s"] / acked * 1e6, 2),
        "load_cpu_us_per_fix": round(told.cpu_s / acked * 1e6, 2),
        "rss_mb": round(used["rss_mb"], 1),
        "kb_per_connection": round(used["kb_per_connection"], 2),
        **{
            name: round(used[name], 2)
            for name in ("connect_all_s", "connect_cpu_s", "check_in_all_s", "reconnect_all_s", "restart_s")
        },
    }


async def _check(dsn: str, told: Told) -> dict[str, Any]:
    conn = await connect(dsn)
    try:
        stored, distinct = await counted(conn)
        copied = await _copy_again(conn)
        size = await size_of(conn)
        await pack(conn, [row["duty_day"] for row in await conn.fetch("select distinct duty_day from fix")])
        packed = await size_of(conn)
    finally:
        await conn.close()
    rate = told.acked / told.took_s
    return {
        "lost": max(told.acked - distinct, 0),
        "duplicated": stored - distinct,
        "copy_rows_per_s": round(copied),
        "ratio_to_copy": round(rate / copied, 3),
        "bytes_per_fix": round(size / max(stored, 1), 1),
        "bytes_per_packed_fix": round(packed / max(stored, 1), 1),
    }


async def counted(conn: Connection) -> tuple[int, int]:
    """Fixes that are stored, and how many of them are different ones."""
    stored, distinct = await conn.fetchrow(
        "select count(*), count(distinct (assignment, ms)) from fix where district_id = $1", DISTRICT
    )
    return stored, distinct


async def size_of(conn: Connection) -> float:
    """Bytes of all fixes with their keys."""
    size: float = await conn.fetchval(
        """
        select sum(pg_total_relation_size(inhrelid))::float8 from pg_inherits
        where inhparent = 'fix'::regclass
        """
    )
    return size


async def _copy_again(conn: Connection) -> float:
    """Rows a second of binary COPY of the same rows, in the order they came, into a table like it."""
    await conn.execute("create table fix_copied (like fix including all) partition by range (duty_day)")
    await conn.execute("create table fix_copied_all partition of fix_copied default")
    await conn.execute(ONCE.format(name="fix_copied_all"))
    taken = io.BytesIO()
    query = f"select {', '.join(NAMES)} from fix limit {MOST_COPIED}"
    await conn.copy_from_query(query, output=taken, format="binary")
    rows = decode(taken.getvalue(), ROW)
    chunks = [encode(rows[i : i + COPY_CHUNK]) for i in range(0, len(rows), COPY_CHUNK)]
    begun = time.perf_counter()
    for chunk in chunks:
        source = io.BytesIO(chunk)
        await conn.copy_to_table("fix_copied", source=source, columns=NAMES, format="binary")
    return len(rows) / (time.perf_counter() - begun)


def fsync_p99_ms(folder: Path) -> float:
    """Of small appends to a file beside the database: what a commit waits for at worst."""
    waits = []
    with (folder / "sync").open("wb", buffering=0) as file:
        for _ in range(SYNCS):
            file.write(bytes(8192))
            begun = time.perf_counter()
            os.fdatasync(file.fileno())
            waits.append((time.perf_counter() - begun) * 1000)
    return round(sorted(waits)[int(SYNCS * 0.99)], 2)


if __name__ == "__main__":
    print(json.dumps(run(sys.argv[1:])))
