"""How good the forecast is: a district walked for weeks by simulation, forecast again and again, compared."""

import argparse
from typing import Any

import numpy as np

from alliance.forecast import cooling
from alliance.forecast.model import HOUR_MS, Habits
from alliance.forecast.outlook import COLD_BELOW, Ground, Outlook, instants, outlook
from geo import coverage
from geo.cell import Bools, Floats
from geo.coverage import Weights
from ops.benches.forecast_world import DAY_MS, START, Walked, World

HOURS = 12
EVERY_HOURS = 3


def run(argv: list[str]) -> dict[str, Any]:
    parser = argparse.ArgumentParser(prog="ops/bench forecast")
    parser.add_argument("--days", type=int, default=14, help="days of history")
    parser.add_argument("--tested", type=int, default=3, help="days forecast")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--runs", type=int, default=1, help="accepted for symmetry; the result doesn't vary")
    args = parser.parse_args(argv)
    world = World(np.random.default_rng(args.seed))
    walked = world.walk(args.days + args.tested)
    habits = _learn(world, walked, args.days)
    told: list[dict[str, Floats]] = []
    for day in range(args.days, args.days + args.tested):
        for hour in range(0, 24, EVERY_HOURS):
            now = START + day * DAY_MS + hour * HOUR_MS
            if now + HOURS * HOUR_MS > START + (args.days + args.tested) * DAY_MS:
                continue
            told.append(_compare(world, walked, habits, now))
    found = {name: np.concatenate([one[name].ravel() for one in told]) for name in told[0]}
    return {"days": args.days, "forecasts": len(told), "beats": world.beats} | _figures(found)


def _learn(world: World, walked: Walked, days: int) -> Habits:
    end = START + days * DAY_MS
    past = walked.visits.take(walked.visits.from_at < end)
    attendance, late, early, present = world.learnt(days)
    return Habits(
        days=days,
        attendance=attendance,
        late=late,
        early=early,
        present_h=present,
        rounds=cooling.rounds(past, world.targets),
    )


def _compare(world: World, walked: Walked, habits: Habits, now: int) -> dict[str, Floats]:
    """(beats, hours) forecast, as it came, and as somebody without a forecast would have put it."""
    times = instants(now, HOURS)
    weights = Weights.constant(world.weight, since=0)
    until = coverage.covered_until(walked.visits, world.targets, now)
    ground = Ground(beats=world.beats, beat=world.beat, targets=world.targets, until=until)
    found: Outlook = outlook(world.rostered(now), habits, ground, weights, times)
    hours = [(int(h), int(h) + HOUR_MS) for h in found.hours]
    truth = np.array([_covered(world, walked, weights, *span) for span in hours]).T
    before = _covered(world, walked, weights, now - HOUR_MS, now)
    yesterday = np.array([_covered(world, walked, weights, a - DAY_MS, b - DAY_MS) for a, b in hours]).T
    return {
        "staffing": found.expected,
        "staffing_true": world.present(times),
        "staffing_roster": found.planned,
        "coverage": found.coverage,
        "coverage_true": truth,
        "coverage_last_hour": np.repeat(before[:, None], HOURS, axis=1),
        "coverage_yesterday": yesterday,
    }


def _covered(world: World, walked: Walked, weights: Weights, a: int, b: int) -> Floats:
    near = (walked.visits.from_at < b) & (walked.visits.to_at > a - int(world.targets.max()))
    sums = coverage.over_period(walked.visits.take(near), world.targets, weights, a, b)
    return sums.rolled_up(world.beat, world.beats).shares()


def _figures(found: dict[str, Floats]) -> dict[str, Any]:
    true, forecast = found["coverage_true"], found["coverage"]

    def mae(name: str, of: str) -> float:
        return round(float(np.abs(found[name] - found[of]).mean()), 4)

    return {
        "staffing_mean": round(float(found["staffing_true"].mean()), 3),
        "staffing_mae": mae("staffing", "staffing_true"),
        "staffing_mae_roster": mae("staffing_roster", "staffing_true"),
        "staffing_bias": round(float((found["staffing"] - found["staffing_true"]).mean()), 4),
        "staffing_bias_roster": round(float((found["staffing_roster"] - found["staffing_true"]).mean()), 4),
        "coverage_mean": round(float(true.mean()), 4),
        "coverage_mae": mae("coverage", "coverage_true"),
        "coverage_mae_last_hour": mae("coverage_last_hour", "coverage_true"),
        "coverage_mae_yesterday": mae("coverage_yesterday", "coverage_true"),
        "coverage_bias": round(float((forecast - true).mean()), 4),
        "cold_below": COLD_BELOW,
        "cold_share": round(float((true < COLD_BELOW).mean()), 4),
        **_hits("cold", forecast < COLD_BELOW, true < COLD_BELOW),
        **_hits("cold_last_hour", found["coverage_last_hour"] < COLD_BELOW, true < COLD_BELOW),
        **_hits("cold_yesterday", found["coverage_yesterday"] < COLD_BELOW, true < COLD_BELOW),
    }


def _hits(name: str, said: Bools, was: Bools) -> dict[str, float]:
    """Of the cold beat hours how many were foretold, and of those foretold how many came."""
    both = float((said & was).sum())
    return {
        f"{name}_found": round(both / max(float(was.sum()), 1.0), 4),
        f"{name}_right": round(both / max(float(said.sum()), 1.0), 4),
    }
