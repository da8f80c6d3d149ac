"""Rosters of made-up districts: how soon, how near to the bound, and that nobody's limits are broken."""

import argparse
import resource
import statistics
import time
from typing import Any

import msgspec

from scheduler.check import check
from scheduler.instance import instance
from scheduler.instances import INSTANCES, build
from scheduler.problem import Problem
from scheduler.roster import Lack, Roster
from scheduler.solve import Budget, Progress, solve

FIRST = Budget(loose_sweeps=1, legal_sweeps=0)
ROUNDS, TURNS, RENEWALS, MARKS = 150, 1_000, 1_000_000, (60, 120)


def run(argv: list[str]) -> dict[str, Any]:
    """Medians over the runs; figures of the last where a median says nothing."""
    asked = _options(argv)
    solve(instance(60, 2, 0), Budget(bound_steps=1, guided=True, renewals=1))
    runs = [_once(asked) for _ in range(asked.runs)]
    timed = ("seconds", "first_s", "bound_s", "cpu_s")
    return {**runs[-1], **{name: round(statistics.median(r[name] for r in runs), 3) for name in timed}}


def _options(argv: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="ops/bench roster")
    parser.add_argument("--people", type=int, default=25_000)
    parser.add_argument("--days", type=int, default=7)
    parser.add_argument("--seconds", type=float, help="stop by then; without it a fixed amount of work")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--instance", choices=("base", "full", *INSTANCES), default="base")
    parser.add_argument("--runs", type=int, default=1)
    return parser.parse_args(argv)


def _problem(asked: argparse.Namespace) -> Problem:
    if asked.instance in INSTANCES:
        return build(asked.instance, asked.seed)
    return instance(asked.people, asked.days, asked.seed, full=asked.instance == "full")


def _once(asked: argparse.Namespace) -> dict[str, Any]:
    problem = _problem(asked)
    begin = time.perf_counter()
    first = solve(problem, FIRST)
    first_s = time.perf_counter() - begin
    begin, cpu = time.perf_counter(), time.process_time()

    heard: list[tuple[float, Progress]] = []

    def told(progress: Progress) -> None:
        heard.append((time.perf_counter() - begin, progress))

    roster = solve(problem, _work(asked), told=told)
    end, spent = time.perf_counter(), time.process_time() - cpu
    violations = check(problem, roster.assignments)
    return {
        "people": len(problem.people),
        "days": round((problem.horizon.end - problem.horizon.start) / 86_400_000),
        "cells": sum(len(beat.centres) for beat in problem.beats),
        "posts": len(problem.posts),
        "instance": asked.instance,
        "seed": asked.seed,
        "seconds": round(end - begin, 3),
        "cpu_s": round(spent, 3),
        "first_s": round(first_s, 3),
        "first_gap_pct": _gap(first, roster.bound),
        "bound_s": round(_bounded(heard) - _when(heard, "first"), 3),
        "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1),
        "assignments": len(roster.assignments),
        "objective": round(roster.objective, 3),
        "bound": None if roster.bound is None else round(roster.bound, 3),
        "gap_pct": _gap(roster, roster.bound),
        **{f"gap_at_{mark}_pct": _gap_by(heard, mark) for mark in MARKS if mark < end - begin},
        "hard_violations": len(violations),
        "unmet_minimum": sum(s.missing for s in roster.shortfalls if s.lack is Lack.PEOPLE),
        "by_term": {name: round(value, 2) for name, value in roster.terms.items()},
    }


def _work(asked: argparse.Namespace) -> Budget:
    """On until the time asked for is over; without it, a fixed amount."""
    work = Budget(bound_steps=ROUNDS, guided=True, gap=1e-6, seconds=asked.seconds, seed=asked.seed)
    if asked.seconds is None:
        return work
    return msgspec.structs.replace(work, renewals=RENEWALS, exact_turns=TURNS)


def _when(heard: list[tuple[float, Progress]], phase: str) -> float:
    """When the phase was first told of, or the last word where it never was."""
    return next((at for at, progress in heard if progress.phase == phase), heard[-1][0])


def _bounded(heard: list[tuple[float, Progress]]) -> float:
    """When the prices before the guided sweeps had their last word."""
    led = _when(heard, "guided")
    return max((at for at, progress in heard if progress.phase == "bound" and at < led), default=led)


def _gap_by(heard: list[tuple[float, Progress]], mark: float) -> float | None:
    """The gap told by then."""
    gaps = [p.gap for at, p in heard if at <= mark and p.gap is not None]
    return round(100 * min(gaps), 4) if gaps else None


def _gap(roster: Roster, bound: float | None) -> float | None:
    return None if bound is None else round(100 * (bound - roster.objective) / max(abs(bound), 1e-9), 4)
