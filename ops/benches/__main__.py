"""Runs one benchmark and prints its result as one line of JSON, the last."""

import sys
from importlib import import_module

import msgspec


def main(name: str, argv: list[str]) -> None:
    """Print what the benchmark's run() returns."""
    result = import_module(f"ops.benches.{name}").run(argv)
    sys.stderr.flush()
    print(msgspec.json.encode(result).decode(), flush=True)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
