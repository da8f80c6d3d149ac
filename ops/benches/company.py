"""Made-up organisations' own rosters, size by size: how near to their bounds, and nobody's limits broken."""

import argparse
import itertools
import resource
import statistics
import time
from typing import Any

import msgspec

from scheduler.check import check
from scheduler.instance_company import company
from scheduler.solve import Budget, Progress, solve

WORK = Budget(bound_steps=150, guided=True, exact_turns=1_000_000, gap=1e-6)


def run(argv: list[str]) -> dict[str, Any]:
    """Every size with every number of weeks and every seed; averages over all of them."""
    asked = _options(argv)
    solve(company(10, 2, 0), _budget(5.0, 0))
    cases = list(itertools.product(asked.people, asked.weeks, asked.seeds))
    rows = []
    for people, weeks, seed in cases:
        rows.append(_once(asked, people, weeks, seed))
        print("  ".join(f"{name} {value}" for name, value in rows[-1].items()), flush=True)
    gaps = [row["gap_pct"] for row in rows]
    return {
        "instances": len(rows),
        "seconds": asked.seconds,
        "counted": "cpu" if asked.cpu else "wall",
        "gap_pct": round(statistics.mean(gaps), 3),
        "worst_gap_pct": max(gaps),
        "hard_violations": sum(row["hard_violations"] for row in rows),
        "cpu_s": round(statistics.mean(row["cpu_s"] for row in rows), 1),
        "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1),
        "by_instance": {row["instance"]: row["gap_pct"] for row in rows},
    }


def _options(argv: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="ops/bench company")
    parser.add_argument("--seconds", type=float, default=60.0, help="for each roster")
    parser.add_argument("--cpu", action="store_true", help="count seconds of this process, not of the clock")
    parser.add_argument("--people", type=int, nargs="+", default=[10, 20, 40, 60])
    parser.add_argument("--weeks", type=int, nargs="+", default=[2, 4])
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2])
    return parser.parse_args(argv)


def _budget(seconds: float, seed: int) -> Budget:
    return msgspec.structs.replace(WORK, seconds=seconds, seed=seed)


def _once(asked: argparse.Namespace, people: int, weeks: int, seed: int) -> dict[str, Any]:
    problem = company(people, weeks, seed)
    begin, cpu = time.perf_counter(), time.process_time()
    heard = _Heard()
    clock = time.process_time if asked.cpu else time.monotonic
    roster = solve(problem, _budget(asked.seconds, seed), told=heard, clock=clock)
    spent = time.perf_counter() - begin, time.process_time() - cpu
    bound = float("nan") if roster.bound is None else roster.bound
    return {
        "instance": f"{people}x{weeks}/{seed}",
        "gap_pct": _share(bound, roster.objective),
        "objective": round(roster.objective, 3),
        "bound": round(bound, 3),
        "first_gap_pct": _share(bound, heard.first),
        "first_cpu_s": round(heard.at - cpu, 2),
        "hard_violations": len(check(problem, roster.assignments)),
        "seconds": round(spent[0], 1),
        "cpu_s": round(spent[1], 1),
    }


class _Heard:
    """When the first roster came, and what it was worth."""

    def __init__(self) -> None:
        self.first = self.at = float("nan")

    def __call__(self, progress: Progress) -> None:
        if self.first != self.first and progress.phase != "bound":
            self.first, self.at = progress.incumbent, time.process_time()


def _share(bound: float, value: float) -> float:
    return round(100 * (bound - value) / max(abs(bound), 1e-9), 3)
