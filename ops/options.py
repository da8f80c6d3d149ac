"""What ops/run can be told."""

import argparse
import os
from pathlib import Path


def parse(argv: list[str]) -> argparse.Namespace:
    """The options: port, data, lan, simulation."""
    parser = argparse.ArgumentParser(
        prog="ops/run",
        description="Sets everything up, starts the database, the service and moving simulated patrols.",
    )
    port = int(os.environ.get("ALLIANCE_PORT") or 8080)
    parser.add_argument(
        "--port", type=int, default=port, help="port of the service (%(default)s); 0 takes a free one"
    )
    parser.add_argument(
        "--data", type=Path, help="data directory, instead of ALLIANCE_DATA or the usual place"
    )
    parser.add_argument("--lan", action="store_true", help="serve phones on the local network, with TLS")
    parser.add_argument(
        "--no-simulation", dest="simulation", action="store_false", help="start without simulated patrols"
    )
    options = parser.parse_args(argv)
    if not 0 <= options.port <= 65535:
        parser.error(f"--port {options.port}: a port is a number from 0 to 65535")
    return options


def host(options: argparse.Namespace) -> str:
    """The address to listen on."""
    return "0.0.0.0" if options.lan else os.environ.get("ALLIANCE_HOST") or "127.0.0.1"
