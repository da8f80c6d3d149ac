"""What the past duty days teach, written down day by day so that a forecast needs to read little."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from alliance.actor import OrganisationId
from alliance.areas.places import Places
from alliance.db.pool import Connection
from alliance.events import Tx
from alliance.forecast import cooling, store
from alliance.forecast.model import HOUR_MS, STEP_MS, STEPS, Attendance, HabitDay, Habits, Rounds
from alliance.forecast.store import CellDay
from alliance.patrol import duties, tracks
from alliance.patrol.model import Duty
from alliance.times import at_minute, from_ms, to_ms
from geo.cell import Ints
from geo.tracks import Visits

DAYS = 14
# Messages come in up to 72 hours late; by then a day no longer changes.
UNSETTLED_DAYS = 4


async def missing(conn: Connection, places: Places, now: datetime) -> list[date]:
    """The days to be learnt (again): those never learnt, and those that may have changed."""
    today = now.astimezone(places.zone).date()
    past = [today - timedelta(days=n) for n in range(DAYS, 0, -1)]
    known = {day.duty_day for day in await store.days(conn, places.district, past[0], past[-1])}
    return [day for day in past if day not in known or (today - day).days <= UNSETTLED_DAYS]


async def learn(tx: Tx, places: Places, day: date, now: datetime) -> None:
    start, end = (to_ms(at_minute(day, minute, places.zone)) for minute in (0, 1440))
    found = [duty for duty in await duties.running(tx.conn, tx.district, start, end) if duty.duty_day == day]
    await store.put_day(tx.conn, tx.district, attended(found, day, places.zone), now)
    columns = np.zeros((4, len(places)), dtype=np.int64)
    async for visits in tracks.visits_of_day(tx.conn, tx.district, places.hexes, day):
        columns += await asyncio.to_thread(_totals, visits, places.target_ms)
    # Without visits retention may have been here, and the totals that it kept stay.
    if columns[0].any():
        await store.put_cells(tx.conn, tx.district, day, _cells(columns, places))


def attended(found: Sequence[Duty], day: date, zone: ZoneInfo) -> HabitDay:
    """Pure: who came, how late, who left how early, and how long somebody was in each beat."""
    counts: dict[tuple[OrganisationId, int], list[int]] = {}
    late, early, presence = [0] * STEPS, [0] * STEPS, dict.fromkeys((duty.beat for duty in found), 0.0)
    for duty in found:
        hour = from_ms(duty.start).astimezone(zone).hour
        one = counts.setdefault((duty.organisation, hour), [0, 0])
        one[0] += 1
        if not duty.spans:
            continue
        one[1] += 1
        late[_step(duty.spans[0].from_at - duty.start)] += 1
        ends = [duty.end if span.to_at is None else span.to_at for span in duty.spans]
        early[_step(duty.end - ends[-1])] += 1
        served = sum(max(end - span.from_at, 0) for span, end in zip(duty.spans, ends, strict=True))
        presence[duty.beat] += served / HOUR_MS
    # Hours at which nobody at all came were not worked with the service, or it was down.
    in_use = {hour for (_, hour), (_, came) in counts.items() if came}
    return HabitDay(
        duty_day=day,
        attendance=[one for one in _listed(counts) if one.hour in in_use],
        late=late,
        early=early,
        presence={beat: round(hours, 3) for beat, hours in presence.items()},
    )


def _listed(counts: Mapping[tuple[OrganisationId, int], Sequence[int]]) -> list[Attendance]:
    return [
        Attendance(organisation=organisation, hour=hour, planned=planned, came=came)
        for (organisation, hour), (planned, came) in sorted(counts.items())
    ]


def _step(ms: int) -> int:
    return min(max(-(-ms // STEP_MS), 0), STEPS - 1)


def _totals(visits: Visits, targets: Ints) -> Ints:
    """Per cell: visits, their seconds, sessions, their seconds."""
    inside = visits.take(visits.place >= 0)
    length = (inside.to_at - inside.from_at).astype(np.float64)
    rounds = cooling.rounds(inside, targets)
    visited = np.bincount(inside.place, minlength=len(targets))
    dwell = np.bincount(inside.place, weights=length, minlength=len(targets)) // 1000
    return np.stack([visited, dwell.astype(np.int64), rounds.sessions, rounds.session_ms // 1000])


def _cells(columns: Ints, places: Places) -> list[CellDay]:
    visited = np.flatnonzero(columns[0])
    numbers = places.cells[visited].astype(np.int64).tolist()
    return [
        CellDay(cell=cell, visits=v, dwell_s=d, sessions=s, session_s=length)
        for cell, (v, d, s, length) in zip(numbers, columns[:, visited].T.tolist(), strict=True)
    ]


async def learnt(conn: Connection, places: Places, now: datetime) -> Habits:
    """The last days together."""
    today = now.astimezone(places.zone).date()
    first, last = today - timedelta(days=DAYS), today - timedelta(days=1)
    found = await store.days(conn, places.district, first, last)
    totals = await store.cells(conn, places.district, [day.duty_day for day in found])
    return together(found, totals, places)


def together(found: Sequence[HabitDay], totals: Iterable[CellDay], places: Places) -> Habits:
    present = np.zeros(len(places.beats))
    numbers = {beat: n for n, beat in enumerate(places.beats)}
    for day in found:
        for beat, hours in day.presence.items():
            if beat in numbers:
                present[numbers[beat]] += hours
    sessions, lengths = np.zeros(len(places), dtype=np.int64), np.zeros(len(places), dtype=np.int64)
    for one in totals:
        place = places.index(one.cell)
        if place >= 0:
            sessions[place], lengths[place] = one.sessions, one.session_s * 1000
    return Habits(
        days=len(found),
        attendance=[one for day in found for one in day.attendance],
        late=np.sum([day.late for day in found] or [[0] * STEPS], axis=0),
        early=np.sum([day.early for day in found] or [[0] * STEPS], axis=0),
        present_h=present,
        rounds=Rounds(sessions=sessions, session_ms=lengths),
    )
