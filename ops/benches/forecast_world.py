"""A district walked by people who come late, leave early or not at all, and walk from cell to cell."""

import json
from pathlib import Path

import msgspec
import numpy as np

from alliance.actor import OrganisationId
from alliance.forecast.model import COMING, GONE, HOUR_MS, PRESENT, STEP_MS, STEPS, Attendance, Rostered
from geo import district
from geo.cell import Bools, Floats, Ints
from geo.index import OUTSIDE, CellIndex
from geo.tracks import Visits

DEMO = Path(__file__).parents[2] / "alliance" / "areas" / "demo" / "zengcheng.geojson"
# A midnight; hours of the day are counted from it.
START = 1_780_243_200_000
DAY_MS = 24 * HOUR_MS
MINUTE_MS = 60_000
BEATS = 104
ORGANISATIONS = 40
# (first hour, hours, people a beat at least, and at most)
SHIFTS = ((6, 8, 2, 8), (14, 8, 3, 12), (22, 8, 2, 6), (19, 4, 1, 9))
MOVES = 0.4
TARGETS = np.array([15, 60, 240], dtype=np.int64) * MINUTE_MS


class Walked(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    visits: Visits


class World:
    """Beats of cells, organisations more or less to be relied on, and the duties of all days."""

    def __init__(self, rng: np.random.Generator) -> None:
        self._rng = rng
        boundary = district.read(json.loads(DEMO.read_text(encoding="utf-8")))
        self.index = CellIndex(district.cover(boundary))
        count = len(self.index)
        middles = self.index.centres()
        seeds = middles[rng.choice(count, BEATS, replace=False)]
        self.beats = BEATS
        self.beat = np.argmin(((middles[:, None, :] - seeds[None]) ** 2).sum(axis=2), axis=1).astype(np.int64)
        self.weight = 0.2 + rng.gamma(0.5, 2.0, count)
        order = np.argsort(np.argsort(-self.weight))
        self.targets = TARGETS[np.where(order < count * 0.1, 0, np.where(order < count * 0.4, 1, 2))]
        self._beside = self.index.neighbours()
        self._shown = rng.beta(18, 2, ORGANISATIONS)
        self._needs = {shift: rng.integers(shift[2], shift[3] + 1, BEATS) for shift in SHIFTS}
        self._days = 0

    def walk(self, days: int) -> Walked:
        self._roster(days)
        return Walked(visits=self._visits())

    def _roster(self, days: int) -> None:
        rows = []
        for day in range(days):
            for shift in SHIFTS:
                beat = np.repeat(np.arange(BEATS), self._needs[shift])
                start = START + day * DAY_MS + shift[0] * HOUR_MS
                rows.append((beat, np.full(len(beat), start), np.full(len(beat), start + shift[1] * HOUR_MS)))
        self.duty_beat, self.start, self.end = (np.concatenate(column) for column in zip(*rows, strict=True))
        count, rng = len(self.start), self._rng
        self.hour = (self.start - START) // HOUR_MS % 24
        # Beats keep to a few organisations, as in life.
        self.organisation = (self.duty_beat * 3 + rng.integers(0, 3, count)) % ORGANISATIONS
        likely = self._shown[self.organisation] * np.where(self.hour == 22, 0.92, 1.0)
        self.came = rng.random(count) < likely
        late = np.where(rng.random(count) < 0.6, 0, rng.exponential(9 * MINUTE_MS, count)).astype(np.int64)
        early = np.where(rng.random(count) < 0.85, 0, rng.exponential(12 * MINUTE_MS, count)).astype(np.int64)
        self.here_from = np.where(self.came, self.start + late, self.end)
        self.here_to = np.where(self.came, np.maximum(self.end - early, self.here_from), self.end)
        self._late, self._early = late, early

    def _visits(self) -> Visits:
        """Everyone present moves about once in two minutes to a cell beside, rather to one of weight."""
        cell = np.full(len(self.start), OUTSIDE)
        since = np.zeros(len(self.start), dtype=np.int64)
        home = self._homes()
        found: list[tuple[Ints, Ints, Ints, Ints]] = []
        for t in range(START, int(self.end.max()) + MINUTE_MS, MINUTE_MS):
            here = np.flatnonzero((self.here_from <= t) & (t < self.here_to + MINUTE_MS))
            ending = here[self.here_to[here] <= t]
            new = here[(cell[here] == OUTSIDE) & (self.here_to[here] > t)]
            moving = here[(cell[here] != OUTSIDE) & (self._rng.random(len(here)) < MOVES)]
            left = np.union1d(moving, ending[cell[ending] != OUTSIDE])
            found.append((left, cell[left], since[left], np.full(len(left), t)))
            cell[moving] = self._next(moving, cell[moving])
            cell[new] = home[self.duty_beat[new]]
            since[moving], since[new] = t, t
            cell[ending] = OUTSIDE
        who, place, start, end = (np.concatenate(column) for column in zip(*found, strict=True))
        return Visits(
            assignment=who,
            cell=self.index.cells[place],
            place=place,
            from_at=start,
            to_at=end,
            checkpoint=np.zeros(len(who), dtype=np.bool_),
        )

    def _homes(self) -> Ints:
        """Where a beat's people begin: its heaviest cell."""
        order = np.argsort(self.weight)
        home = np.zeros(BEATS, dtype=np.int64)
        home[self.beat[order]] = order
        return home

    def _next(self, who: Ints, cell: Ints) -> Ints:
        beside = self._beside[cell]
        own = (beside != OUTSIDE) & (self.beat[beside] == self.duty_beat[who][:, None])
        pull = np.where(own, self.weight[beside] ** 0.5, 0.0) * self._rng.exponential(1.0, beside.shape)
        best = beside[np.arange(len(cell)), pull.argmax(axis=1)]
        return np.where(own.any(axis=1), best, cell)

    def learnt(self, days: int) -> tuple[list[Attendance], Ints, Ints, Floats]:
        """Attendance, lateness, early leaving and hours of presence a beat, of the first days."""
        past = self.start < START + days * DAY_MS
        seen: dict[tuple[int, int], list[int]] = {}
        for o, h, c in zip(self.organisation[past], self.hour[past], self.came[past], strict=True):
            one = seen.setdefault((int(o), int(h)), [0, 0])
            one[0] += 1
            one[1] += int(c)
        came = past & self.came
        hours = (self.here_to - self.here_from) / HOUR_MS
        return (
            [
                Attendance(organisation=OrganisationId(o), hour=h, planned=n, came=c)
                for (o, h), (n, c) in seen.items()
            ],
            _steps(self._late[came]),
            _steps(self._early[came]),
            np.bincount(self.duty_beat[came], hours[came], BEATS).astype(np.float64),
        )

    def rostered(self, now: int) -> Rostered:
        """The duties that matter from now on, as they stand now."""
        chosen = (self.end > now) & (self.start < now + DAY_MS)
        arrived = self.came & (self.here_from <= now)
        state = np.where(arrived, np.where(self.here_to <= now, GONE, PRESENT), COMING)
        names = {"beat": self.duty_beat, "start": self.start, "end": self.end, "hour": self.hour}
        columns = {name: column[chosen] for name, column in names.items()}
        return Rostered(organisation=self.organisation[chosen], state=state[chosen], **columns)

    def present(self, times: Ints) -> Floats:
        """People in each beat, mean of each hour of the instants."""
        minutes = np.arange(int(times[0]), int(times[-1]), MINUTE_MS)
        near = np.flatnonzero((self.here_from < times[-1]) & (self.here_to > times[0]))
        on: Bools = (self.here_from[near, None] <= minutes) & (minutes < self.here_to[near, None])
        hourly = on.reshape(len(near), -1, 60).mean(axis=2)
        found = np.zeros((BEATS, hourly.shape[1]))
        np.add.at(found, self.duty_beat[near], hourly)
        return found


def _steps(spans: Ints) -> Ints:
    return np.bincount(np.minimum(-(-spans // STEP_MS), STEPS - 1), minlength=STEPS)
