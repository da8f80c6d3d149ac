"""How people are: when they come and go, what they report and how they answer; every chance in one place."""

import random

import msgspec

from alliance.demo import texts
from alliance.feed.wire import Fix, Report

NO_SHOW = 0.03
FORGETS_CHECK_OUT = 0.03
LOSES_NETWORK_PER_HOUR = 0.35
REPORTS_PER_HOUR = 0.06
SOS_PER_HOUR = 0.0004
DECLINES = 0.12
TAKES_OFFER, REFUSES_OFFER = 0.5, 0.3
ANSWERS_AFTER_S = (4.0, 20.0)
STAYS_S = (120.0, 420.0)
DEGREE_M = 111_195.0


class Temper(msgspec.Struct, frozen=True, kw_only=True):
    """What one person does in one duty; times in milliseconds."""

    comes: bool
    check_in_at: int
    check_out_at: int | None


def temper(rng: random.Random, start: int, end: int, now: int) -> Temper:
    """Someone whose duty already runs comes within seconds, so that a simulation starts alive."""
    planned = start + int(rng.gauss(-180_000, 240_000))
    check_in = max(planned, start - 1_750_000)
    if check_in < now:
        check_in = now + rng.randint(0, 15_000)
    leaves = end + rng.randint(-120_000, 240_000)
    forgets = rng.random() < FORGETS_CHECK_OUT
    return Temper(
        comes=rng.random() >= NO_SHOW, check_in_at=check_in, check_out_at=None if forgets else leaves
    )


def happens(rng: random.Random, per_hour: float, over_ms: int) -> bool:
    return rng.random() < per_hour * over_ms / 3_600_000


def fix(rng: random.Random, place: tuple[float, float], *, at: int, battery: float) -> Fix:
    """As a phone measures it: some metres off, now and then badly."""
    accuracy = rng.uniform(4, 25) if rng.random() > 0.01 else rng.uniform(110, 400)
    spread = accuracy / 3 / DEGREE_M
    return Fix(
        at=at,
        lat=place[0] + rng.gauss(0, spread),
        lon=place[1] + rng.gauss(0, spread),
        accuracy=round(accuracy, 1),
        battery=round(battery, 2),
    )


def report(rng: random.Random, place: tuple[float, float], *, key: str, at: int, others: list[int]) -> Report:
    kind, text = texts.drawn(rng)
    return Report(
        key=key,
        kind=kind,
        at=at,
        lat=place[0],
        lon=place[1],
        text=text,
        participants=others if rng.random() < 0.7 else [],
    )


def offer_reply(rng: random.Random) -> str | None:
    """What becomes of a question: taken, declined, or not answered at all."""
    drawn = rng.random()
    if drawn < TAKES_OFFER:
        return "accept"
    return "decline" if drawn < TAKES_OFFER + REFUSES_OFFER else None


def next_fix_ms(rng: random.Random, moving: bool, speed: float) -> int:
    """15 to 20 s on the move and 60 s standing; quicker patrols measure more often."""
    if moving:
        return int(rng.uniform(15_000, 20_000) / min(max(speed, 1.0), 3.0))
    return int(rng.uniform(55_000, 62_000) / min(max(speed, 1.0), 3.0))
