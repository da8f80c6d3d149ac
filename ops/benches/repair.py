"""Rosters with a hole: how soon the best repair is found, and that it is the best and breaks nothing."""

import argparse
import statistics
import time
from collections import Counter
from typing import Any

import numpy as np

from scheduler.check import check
from scheduler.fills import fills, pairs
from scheduler.holes import Absence, Opening, Repair, changes, open_up
from scheduler.instance import instance
from scheduler.narrow import Place, place_of, violations
from scheduler.problem import Assignment, Problem, Span
from scheduler.repair import mend_all
from scheduler.roster import Roster
from scheduler.solve import Budget, solve
from scheduler.standing import Standing

ALL = 1 << 40
SURE = 1e12


def run(argv: list[str]) -> dict[str, Any]:
    """Medians over the runs; figures of the last where a median says nothing."""
    asked = _options(argv)
    problem = instance(asked.people, asked.days, asked.seed, full=asked.instance == "full")
    roster = solve(problem, Budget(bound_steps=60, guided=True))
    _warm(problem, roster)
    runs = [_once(asked, problem, roster) for _ in range(asked.runs)]
    timed = [name for name in runs[0] if name.endswith(("_s", "_ms"))]
    return {**runs[-1], **{name: round(statistics.median(r[name] for r in runs), 3) for name in timed}}


def _options(argv: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="ops/bench repair")
    parser.add_argument("--people", type=int, default=12_000)
    parser.add_argument("--days", type=int, default=7)
    parser.add_argument("--cases", type=int, default=200)
    parser.add_argument("--at_once", type=int, default=100)
    parser.add_argument("--most", type=int, default=1, help="ranked repairs asked for in each case")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--instance", choices=("base", "full"), default="base")
    parser.add_argument("--runs", type=int, default=1)
    return parser.parse_args(argv)


def _warm(problem: Problem, roster: Roster) -> None:
    """Compiled and read once, so that the first case is like the others."""
    standing = Standing(problem, roster.assignments)
    standing.repairs(*place_of(roster.assignments[0]), most=1)


def _once(asked: argparse.Namespace, problem: Problem, roster: Roster) -> dict[str, Any]:
    begin, cpu = time.perf_counter(), time.process_time()
    standing = Standing(open_up(problem, roster.assignments, ()).problem, roster.assignments)
    build = time.perf_counter() - begin, time.process_time() - cpu
    random = np.random.default_rng(asked.seed)
    rows = random.choice(len(roster.assignments), min(asked.cases, len(roster.assignments)), replace=False)
    cases = [_case(standing, problem, roster.assignments[row], asked.most) for row in rows.tolist()]
    walls, cpus = ([1000 * case["spent"][k] for case in cases] for k in (0, 1))
    found = [case["repair"] for case in cases]
    filled = [
        r is not None and any(m.target == c["place"] for m in r.moves)
        for r, c in zip(found, cases, strict=True)
    ]
    reached, best = (sum(max(0.0, case[name]) for case in cases) for name in ("value", "best"))
    same = sum(case["value"] >= case["best"] - 1e-6 for case in cases)
    p50, p95, p99 = np.percentile(walls, [50, 95, 99]).tolist()
    cpu50, cpu95 = np.percentile(cpus, [50, 95]).tolist()
    return {
        "people": asked.people,
        "instance": asked.instance,
        "assignments": len(roster.assignments),
        "cases": len(cases),
        "most": asked.most,
        "p50_ms": round(p50, 3),
        "p95_ms": round(p95, 3),
        "p99_ms": round(p99, 3),
        "cpu_p50_ms": round(cpu50, 3),
        "cpu_p95_ms": round(cpu95, 3),
        "filled_pct": round(100 * sum(filled) / len(cases), 2),
        "worth_it_pct": round(100 * sum(case["value"] > 0 for case in cases) / len(cases), 2),
        "of_best_pct": round(100 * reached / best, 4) if best else 100.0,
        "best_found_pct": round(100 * same / len(cases), 2),
        "changed_assignments_max": max((len(r.touched) for r in found if r), default=0),
        "hard_violations": sum(case["broken"] for case in cases),
        "kinds": Counter(r.kind.value for r in found if r),
        "build_s": round(build[0], 3),
        "build_cpu_s": round(build[1], 3),
        **_at_once(asked, problem, roster, standing),
    }


def _case(standing: Standing, problem: Problem, gone: Assignment, most: int) -> dict[str, Any]:
    shift = standing.register.shifts[gone.shift]
    begin, cpu = time.perf_counter(), time.process_time()
    with standing.without(gone.person, Span(start=shift.start, end=shift.end)):
        found = standing.repairs(gone.post, gone.shift, most=most)
        spent = time.perf_counter() - begin, time.process_time() - cpu
        best = _exhaustive(standing, place_of(gone))
        left = standing.register.assignments()
    return {
        "spent": spent,
        "place": place_of(gone),
        "repair": found[0] if found else None,
        "value": found[0].value if found else 0.0,
        "best": best,
        "broken": len(_broken(problem, left, found[0])) if found else 0,
    }


def _exhaustive(standing: Standing, place: Place) -> float:
    """The best of every fill, move, refill and release, each reckoned, no bound believed; 0 without any."""
    at, ground = standing.place(place), standing.ground
    blind = ground._replace(top=np.full_like(ground.top, SURE), ease=np.full_like(ground.ease, SURE))
    came = fills(standing.board, blind, at, ALL)
    values = [came.value.max(initial=-np.inf), pairs(blind, at, 1).value.max(initial=-np.inf)]
    best = float(max(values if not standing.joinable(place) else values[:1]))
    return best if best > -np.inf else 0.0


def _broken(problem: Problem, left: tuple[Assignment, ...], repair: Repair) -> tuple[object, ...]:
    gone, come = changes(repair)
    after = (*(a for a in left if a not in gone), *come)
    changed = (*gone, *come)
    return violations(problem, after, {a.person for a in changed}, {place_of(a) for a in changed})


def _at_once(
    asked: argparse.Namespace, problem: Problem, roster: Roster, standing: Standing
) -> dict[str, Any]:
    """So many of the largest company's people in one shift fail to come; all of the shift's, if fewer."""
    company = {p.id: p.organisation for p in problem.people}
    counted = Counter((company[a.person], a.shift) for a in roster.assignments)
    (largest, shift), _ = counted.most_common(1)[0]
    there = [a for a in roster.assignments if a.shift == shift]
    there.sort(key=lambda a: company[a.person] != largest)
    gone = there[: asked.at_once]
    span = Span(start=standing.register.shifts[shift].start, end=standing.register.shifts[shift].end)
    begin, cpu = time.perf_counter(), time.process_time()
    for a in gone:
        standing.absent(a.person, span)
    places = Counter(map(place_of, gone))
    made = mend_all(standing, [Opening(post=p, shift=s, people=n) for (p, s), n in sorted(places.items())])
    wall, spent = time.perf_counter() - begin, time.process_time() - cpu
    holes = open_up(problem, roster.assignments, [Absence(person=a.person, span=span) for a in gone])
    return {
        "at_once": len(gone),
        "at_once_s": round(wall, 3),
        "at_once_cpu_s": round(spent, 3),
        "at_once_repairs": len(made.repairs),
        "at_once_open": sum(o.people for o in made.open),
        "at_once_violations": len(check(holes.problem, made.assignments)),
    }
