"""HTTP of the forecast."""

from datetime import datetime
from typing import Annotated

import msgspec
import numpy as np
from litestar import get
from litestar.params import Parameter

from alliance.actor import Actor, Code
from alliance.areas.places import Places
from alliance.areas.routes import PLACES
from alliance.db.pool import Pool
from alliance.forecast import actions
from alliance.forecast.actions import Forecast
from alliance.forecast.outlook import COLD_BELOW
from alliance.forecast.shows import Rates
from geo.cell import Floats

Hours = Annotated[int, Parameter(ge=1, le=24, description="how many hours ahead")]
Below = Annotated[float, Parameter(ge=0, le=1, description="a beat is cold below this coverage")]


class BeatOutlook(msgspec.Struct, frozen=True, kw_only=True):
    """By the hour: people needed, rostered and expected, and the coverage expected; `cold` are hours."""

    beat: Code
    needed: list[float]
    planned: list[float]
    expected: list[float]
    coverage: list[float]
    cold: list[int]


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """`hours` are starts in ms; beats with the most lost weight in cold hours come first.

    `days` of the past taught `show_rate`, the share of the rostered who come, and the rest.
    """

    at: int
    hours: list[int]
    cold_below: float
    days: int
    show_rate: float
    planned: list[float]
    expected: list[float]
    needed: list[float]
    coverage: list[float]
    beats: list[BeatOutlook]


@get("/forecast", dependencies=PLACES, tags=["forecast"])
async def forecast(
    actor: Actor, pool: Pool, places: Places, now: datetime, hours: Hours = 12, cold_below: Below = COLD_BELOW
) -> Shown:
    """People and coverage to be expected in the next hours, by beat, and which beats will go cold."""
    async with pool.acquire() as conn:
        found = await actions.forecast(conn, actor, places, now, hours)
    return _shown(found, places, cold_below)


def _shown(found: Forecast, places: Places, below: float) -> Shown:
    made = found.outlook
    own = [places.beats.index(beat) for beat in found.shown]
    weight = made.weight[own].sum(axis=0)
    covered = made.covered_weight[own].sum(axis=0)
    worst_first = sorted(own, key=lambda n: _worst(found, n, below))
    return Shown(
        at=found.at,
        hours=made.hours.tolist(),
        cold_below=below,
        days=found.habits.days,
        show_rate=round(Rates(found.habits.attendance).overall, 4),
        planned=_list(made.planned[own].sum(axis=0), 1),
        expected=_list(made.expected[own].sum(axis=0), 1),
        needed=_list(found.needed[own].sum(axis=0), 1),
        coverage=_list(np.divide(covered, weight, out=np.zeros(len(weight)), where=weight > 0), 4),
        beats=[_beat(found, n, places.beats[n], below) for n in worst_first],
    )


def _worst(found: Forecast, n: int, below: float) -> tuple[float, float]:
    """First those with the most weight to be lost below the bound, then the least covered."""
    row, weight = found.outlook.coverage[n], found.outlook.weight[n]
    lacking = float((np.maximum(below - row, 0) * weight).sum())
    return -lacking, float(row.min(initial=1.0))


def _beat(found: Forecast, n: int, beat: Code, below: float) -> BeatOutlook:
    made = found.outlook
    return BeatOutlook(
        beat=beat,
        needed=_list(found.needed[n], 1),
        planned=_list(made.planned[n], 1),
        expected=_list(made.expected[n], 1),
        coverage=_list(made.coverage[n], 4),
        cold=np.flatnonzero(made.coverage[n] < below).tolist(),
    )


def _list(values: Floats, digits: int) -> list[float]:
    return values.round(digits).tolist()  # type: ignore[no-any-return]


ROUTES = [forecast]
