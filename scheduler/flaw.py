"""A flaw of a problem, and what is wrong with single values."""

import math
from collections.abc import Iterator

import msgspec

from scheduler.problem import Limits, Point, Span

WIDEST = Limits(day_hours=12, week_hours=80, overtime_hours=36, rest_hours=11, run_days=6, nights=3)


class Flaw(msgspec.Struct, frozen=True, kw_only=True):
    """`path` as in the JSON form, such as people[17].leave[0]; `remedy` says what would be right."""

    path: str
    value: str
    remedy: str


Flaws = Iterator[Flaw]


def limits_of(path: str, limits: Limits) -> Flaws:
    """Only tighter than the table: rest longer, everything else shorter."""
    for name in Limits.__struct_fields__:
        value, widest = getattr(limits, name), getattr(WIDEST, name)
        if value is None:
            continue
        if name == "rest_hours" and not widest <= value < math.inf:
            yield flaw_of(f"{path}.{name}", value, f"give at least {widest} h, or null")
        elif name != "rest_hours" and not 0 <= value <= widest:
            yield flaw_of(f"{path}.{name}", value, f"give 0 to {widest}, or null")


def span_of(path: str, span: Span) -> Flaws:
    if span.start >= span.end:
        yield flaw_of(path, [span.start, span.end], "let the start lie before the end")


def point_of(path: str, point: Point) -> Flaws:
    if not (-90 <= point.lat <= 90 and -180 <= point.lon <= 180):
        yield flaw_of(path, [point.lat, point.lon], "give WGS-84 degrees [lat, lon]")


def flaw_of(path: str, value: object, remedy: str) -> Flaw:
    return Flaw(path=path, value=str(value), remedy=remedy)
