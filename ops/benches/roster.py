"""Rosters of made-up districts: how soon, how near to the bound, and that nobody's limits are broken."""

import argparse
import resource
import statistics
import time
from typing import Any

from scheduler.check import check
from scheduler.instance import instance
from scheduler.instances import INSTANCES, build
from scheduler.problem import Problem
from scheduler.roster import Lack, Roster
from scheduler.solve import Budget, Progress, solve

FIRST = Budget(loose_sweeps=1, legal_sweeps=0)
ROUNDS, TURNS = 150, 1_000


def run(argv: list[str]) -> dict[str, Any]:
    """Medians over the runs; figures of the last where a median says nothing."""
    asked = _options(argv)
    solve(instance(60, 2, 0), Budget(bound_steps=1, guided=True, exact_turns=1))
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

    heard: dict[str, float] = {}

    def told(progress: Progress) -> None:
        heard[progress.phase] = time.perf_counter() - begin

    turns = 0 if asked.seconds is None else TURNS
    work = Budget(
        bound_steps=ROUNDS, guided=True, exact_turns=turns, gap=1e-6, seconds=asked.seconds, seed=asked.seed
    )
    roster = solve(problem, work, told=told)
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
        "bound_s": round(heard.get("bound", 0.0) - heard.get("first", 0.0), 3),
        "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1),
        "assignments": len(roster.assignments),
        "objective": round(roster.objective, 3),
        "bound": None if roster.bound is None else round(roster.bound, 3),
        "gap_pct": _gap(roster, roster.bound),
        "hard_violations": len(violations),
        "unmet_minimum": sum(s.missing for s in roster.shortfalls if s.lack is Lack.PEOPLE),
        "by_term": {name: round(value, 2) for name, value in roster.terms.items()},
    }


def _gap(roster: Roster, bound: float | None) -> float | None:
    return None if bound is None else round(100 * (bound - roster.objective) / max(abs(bound), 1e-9), 4)
