"""Solves published instances and keeps the best value and bound met so far in scheduler/recorded.json."""

import argparse
import json
from pathlib import Path
from typing import Any

from scheduler.check import check
from scheduler.instances import INSTANCES, build, fingerprint
from scheduler.solve import Budget, solve
from scheduler.terms import terms

FILE = Path(__file__).parents[2] / "scheduler" / "recorded.json"
SEED, ROUNDS, TURNS = 1, 150, 1_000


def run(argv: list[str]) -> dict[str, Any]:
    """The lines of the instances asked for, or of all."""
    parser = argparse.ArgumentParser(prog="ops/bench record")
    parser.add_argument("--instance", choices=list(INSTANCES), action="append")
    parser.add_argument("--seconds", type=float, default=60.0)
    asked = parser.parse_args(argv)
    known = json.loads(FILE.read_text()) if FILE.exists() else {}
    for name in asked.instance or INSTANCES:
        known[name] = _better(known.get(name), _solved(name, asked.seconds))
        ordered = {each: known[each] for each in INSTANCES if each in known}
        FILE.write_text(json.dumps(ordered, indent=2) + "\n")
    return {name: known[name] for name in asked.instance or INSTANCES}


def _solved(name: str, seconds: float) -> dict[str, Any]:
    problem = build(name, SEED)
    budget = Budget(bound_steps=ROUNDS, guided=True, exact_turns=TURNS, gap=1e-6, seconds=seconds)
    roster = solve(problem, budget)
    if broken := check(problem, roster.assignments):
        raise SystemExit(f"{name}: {len(broken)} hard violations, first {broken[0]}")
    return {
        "sha256": fingerprint(problem),
        "seed": SEED,
        "bound": roster.bound,
        "value": sum(terms(problem, roster.assignments).values()),
        "seconds": seconds,
    }


def _better(old: dict[str, Any] | None, new: dict[str, Any]) -> dict[str, Any]:
    """The best of both, as long as both are of the same problem."""
    best = dict(new)
    if old is not None and old["sha256"] == new["sha256"]:
        limits = [bound for bound in (old["bound"], new["bound"]) if bound is not None]
        best |= {"bound": min(limits, default=None), "value": max(old["value"], new["value"])}
    if best["bound"] is not None:
        best["gap_pct"] = round(100 * (best["bound"] - best["value"]) / abs(best["bound"]), 4)
    return best
