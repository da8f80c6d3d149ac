"""Local days, weeks, months and nights of many spans at once, as the solver counts them."""

from datetime import UTC, datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Shorts = NDArray[np.int32]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
HOUR = 3_600_000
DAY = 24 * HOUR


class Duty(NamedTuple):
    """Spans by index, the problem's shifts first; days count from 1970, weeks by their Monday."""

    start: Ints
    end: Ints
    day: Ints
    week: Ints
    month: Ints
    night: Ints
    weekend: Ints


def duties(start: Ints, end: Ints, zone: str) -> Duty:
    """`month` numbers the month of the week's Thursday, to which the week's overtime belongs."""
    before, after = offsets(start, zone), offsets(end, zone)
    day = (start + before) // DAY
    dark = np.zeros(len(start), dtype=np.int64)
    for k in (-1, 0, 1):
        evening = (day + k) * DAY + 22 * HOUR - before
        morning = (day + k + 1) * DAY + 6 * HOUR - after
        dark += np.maximum(0, np.minimum(end, morning) - np.maximum(start, evening))
    weekday = (day + 3) % 7
    thursday = (day - weekday + 3).astype("datetime64[D]")
    month = thursday.astype("datetime64[M]").astype(np.int64)
    night, weekend = (dark >= 3 * HOUR).astype(np.int64), (weekday >= 5).astype(np.int64)
    return Duty(start, end, day, day - weekday, month, night, weekend)


def offsets(moments: Ints, zone: str) -> Ints:
    """Milliseconds that local time is ahead of UTC, looked up once per quarter of an hour."""
    there, step = ZoneInfo(zone), HOUR // 4
    known, where = np.unique(moments // step, return_inverse=True)
    found = []
    for quarter in known.tolist():
        offset = datetime.fromtimestamp(quarter * step / 1000, tz=UTC).astimezone(there).utcoffset()
        found.append(0 if offset is None else round(offset.total_seconds() * 1000))
    return np.asarray(found, dtype=np.int64)[where]
