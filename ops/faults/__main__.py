"""Brings about faults by name and prints what came of each as a line of JSON; exit 1 when one isn't sound."""

import argparse
import asyncio
import resource
import sys
from collections.abc import Awaitable, Callable

import msgspec

from ops.faults import clients, deaths, disk, joined
from ops.faults.stage import Outcome, Wanted

FAULTS: dict[str, Callable[[Wanted], Awaitable[Outcome]]] = {
    "service_killed": deaths.service_killed,
    "postgres_killed": deaths.postgres_killed,
    "postgres_paused": deaths.postgres_paused,
    "full_disk": disk.full_disk,
    "never_reads": clients.never_reads,
    "byte_a_second": clients.byte_a_second,
    "clocks_off": clients.clocks_off,
    "reconnects": clients.reconnects,
    "nats_stopped": joined.nats_stopped,
    "holder_killed": joined.holder_killed,
}
# In full form, where it differs from the usual.
FULL = {
    "postgres_paused": Wanted(times=1, seconds=20),
    "full_disk": Wanted(times=1, seconds=20),
    "never_reads": Wanted(times=1, seconds=60),
    "byte_a_second": Wanted(times=1, seconds=150),
    "clocks_off": Wanted(times=1, seconds=10),
    "reconnects": Wanted(times=3, people=12_000, seconds=5),
    "holder_killed": Wanted(times=1),
}


def main(argv: list[str]) -> int:
    options = _options(argv)
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    sound = True
    for name in FAULTS if options.name == "all" else [options.name]:
        given = {key: getattr(options, key) for key in ("times", "people", "seconds")}
        usual = FULL.get(name, Wanted())
        wanted = msgspec.structs.replace(usual, **{k: v for k, v in given.items() if v is not None})
        outcome = asyncio.run(_run(name, wanted))
        print(msgspec.json.encode(outcome).decode(), flush=True)
        sound &= outcome.sound
    return 0 if sound else 1


async def _run(name: str, wanted: Wanted) -> Outcome:
    return await FAULTS[name](wanted)


def _options(argv: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="ops/faults/run", description=__doc__)
    parser.add_argument("name", choices=[*FAULTS, "all"])
    parser.add_argument("--times", type=int, help="how often (kills: 10)")
    parser.add_argument("--people", type=int, help="phones under load meanwhile (40)")
    parser.add_argument("--seconds", type=float, help="how long each lasts, or between two")
    return parser.parse_args(argv)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
