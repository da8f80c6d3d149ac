"""ops/run inside the environment: database, migrations, demo, service and simulation, until told to stop."""

import argparse
import asyncio
import io
import os
import socket
import ssl
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import segno

from alliance.commands.migrate import run as run_migrations
from alliance.config import Config, Unusable, read
from alliance.db.pool import connect
from alliance.db.reach import reach
from alliance.operation import certificate
from ops import options
from ops.children import Child
from ops.steps import Failed, Interrupted, call, guarded, step

READY_SECONDS = 120.0
STOP_SECONDS = {"service": 20.0, "simulation": 8.0, "solver": 2.0}
ALLIANCE = (sys.executable, "-m", "alliance")
# Only with what the service leaves.
COMPILE = ["nice", "-n", "19", sys.executable, "-m", "scheduler"]


def main(argv: list[str]) -> int:
    """Bring everything up, say where it is, and hold it until INT, TERM or the service's end."""
    began = float(argv[0])
    chosen = options.parse(argv[1:])
    try:
        with ExitStack() as stack:
            return _run(stack, chosen, began)
    except Unusable as problem:
        raise Failed(str(problem)) from None
    except Interrupted:
        print("stopped", flush=True)
        return 0


def _run(stack: ExitStack, chosen: argparse.Namespace, began: float) -> int:
    env, address, fingerprint = _settings(chosen)
    config = read({**os.environ, **env})
    reasons: list[str] = []
    with step("database"):
        env["DATABASE_URL"] = stack.enter_context(reach(config, alone=True, lost=reasons.append))
    solver = stack.enter_context(_kept("solver", COMPILE, config, env))
    with step("migrations") as now:
        now.note = f"{len(asyncio.run(run_migrations(env['DATABASE_URL'])))} applied"
    with step("demo district") as now:
        now.note = _seed(env)
    with step("service"):
        service = stack.enter_context(_kept("service", [*ALLIANCE, "serve"], config, env))
        _wait_until_ready(service, config)
    simulation = None
    if chosen.simulation:
        with step("simulated patrols"):
            command = [*ALLIANCE, "simulate"]
            simulation = stack.enter_context(_kept("simulation", command, config, env))
    _announce(config, address, fingerprint, time.time() - began)
    if solver.exit_code is None:
        print("  The solver is compiled beside it for a minute or two: drafts wait for it.\n", flush=True)
    return _hold(service, simulation, solver, reasons)


def _settings(chosen: argparse.Namespace) -> tuple[dict[str, str], str, str | None]:
    """The variables the options stand for, the address people open, and its certificate's fingerprint."""
    port = chosen.port or _free_port(options.host(chosen))
    env = {"ALLIANCE_PORT": str(port), "ALLIANCE_HOST": options.host(chosen)}
    if chosen.data:
        env["ALLIANCE_DATA"] = str(chosen.data.absolute())
    if not chosen.lan:
        return env, f"http://{env['ALLIANCE_HOST']}:{port}/", None
    data = read({**os.environ, **env}).data
    addresses = certificate.own_addresses()
    made = certificate.ensure(data / "tls", addresses, datetime.now(UTC))
    env |= {
        "ALLIANCE_TLS_CERTIFICATE": str(made.certificate),
        "ALLIANCE_TLS_KEY": str(made.key),
        "ALLIANCE_SECURE_COOKIES": "true",
    }
    return env, f"https://{addresses[0]}:{port}/", made.fingerprint


def _free_port(host: str) -> int:
    with socket.create_server((host, 0)) as server:
        found: int = server.getsockname()[1]
        return found


def _seed(env: dict[str, str]) -> str:
    """Make the demo district in a database that has none."""
    if asyncio.run(_has_district(env["DATABASE_URL"])):
        return "kept"
    call([*ALLIANCE, "demo"], env=env)
    return "seeded"


async def _has_district(dsn: str) -> bool:
    conn = await connect(dsn)
    try:
        return bool(await conn.fetchval("select exists (select from district)"))
    finally:
        await conn.close()


@contextmanager
def _kept(name: str, command: list[str], config: Config, env: dict[str, str]) -> Iterator[Child]:
    child = Child(name, command, config.data / f"{name}.log", env)
    try:
        yield child
    finally:
        child.stop(STOP_SECONDS[name])


def _wait_until_ready(service: Child, config: Config) -> None:
    host = "127.0.0.1" if config.host == "0.0.0.0" else config.host
    url = f"{'https' if config.tls else 'http'}://{host}:{config.port}/health/ready"
    trust = ssl.create_default_context(cafile=config.tls_certificate) if config.tls else None
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline:
        if service.exit_code is not None:
            raise Failed(f"{service.last_words()}\n\nThe service ended by itself; its log is {service.log}.")
        try:
            with urllib.request.urlopen(url, timeout=5, context=trust):
                return
        except OSError:
            time.sleep(0.05)
    raise Failed(f"The service was not ready after {READY_SECONDS:.0f} s; its log is {service.log}.")


def _announce(config: Config, address: str, fingerprint: str | None, seconds: float) -> None:
    print(f"\n  {address}    ready after {seconds:.1f} s\n")
    if fingerprint is not None:
        _invite(address + "patrol", fingerprint)
    if config.logins.is_file():
        print(_indented(config.logins))
    print(f"  logs and data: {config.data}    Ctrl-C stops everything\n", flush=True)


def _invite(page: str, fingerprint: str) -> None:
    """What a phone on the same network needs: the page to scan, and what to compare before trusting it."""
    square = io.StringIO()
    segno.make(page, micro=False).terminal(square, border=2, compact=True)
    print("".join(f"  {line}\n" for line in square.getvalue().splitlines()))
    print(f"  phones: {page}\n  certificate, SHA-256:")
    pairs = fingerprint.split(":")
    for half in (pairs[:16], pairs[16:]):
        print(f"    {':'.join(half)}")
    print()


def _indented(path: Path) -> str:
    return "".join(f"  {line}\n" for line in path.read_text().splitlines())


def _hold(service: Child, simulation: Child | None, solver: Child | None, reasons: list[str]) -> int:
    """Wait for the end of the service or of the database, which fills `reasons`; go on without the others."""
    while service.exit_code is None:
        if solver is not None and solver.exit_code is not None:
            if solver.exit_code != 0:
                print(f"{solver.last_words()}\nThe solver is compiled at its first use.", flush=True)
            solver = None
        if reasons:
            raise Failed(f"The embedded PostgreSQL ended by itself: {reasons[0]}")
        if simulation is not None and simulation.exit_code is not None:
            print(
                f"{simulation.last_words()}\nThe simulation ended; its log is {simulation.log}.", flush=True
            )
            simulation = None
        time.sleep(0.2)
    raise Failed(f"{service.last_words()}\n\nThe service ended by itself; its log is {service.log}.")


if __name__ == "__main__":
    guarded(main, sys.argv[1:])
