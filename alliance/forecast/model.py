"""What a day teaches, what the days taught together, and what is expected of the next hours."""

from datetime import date

import msgspec
import numpy as np

from alliance.actor import Code, OrganisationId
from geo.cell import Floats, Ints

HOUR_MS = 3_600_000
# Lateness and early leaving are counted in steps of five minutes up to an hour.
STEP_MS = 300_000
STEPS = 13


class Attendance(msgspec.Struct, frozen=True, kw_only=True, array_like=True):
    """Duties of one organisation that began in one local hour, and how many of their people came."""

    organisation: OrganisationId
    hour: int
    planned: int
    came: int


class HabitDay(msgspec.Struct, frozen=True, kw_only=True):
    """One duty day. `late[i]` counts those who came i steps late, `early[i]` who left i steps early."""

    duty_day: date
    attendance: list[Attendance]
    late: list[int]
    early: list[int]
    presence: dict[Code, float]
    """Hours somebody was present, by beat."""


class Rounds(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """Per cell: how often somebody came by in all, and how long they stayed about in all (ms)."""

    sessions: Ints
    session_ms: Ints


class Habits(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """The days together. `present_h` is per beat, `rounds` per cell."""

    days: int
    attendance: list[Attendance]
    late: Ints
    early: Ints
    present_h: Floats
    rounds: Rounds


class Rostered(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """Duties as columns: `state` is COMING, PRESENT or GONE."""

    beat: Ints
    organisation: Ints
    hour: Ints
    start: Ints
    end: Ints
    state: Ints

    def __len__(self) -> int:
        return len(self.beat)


COMING, PRESENT, GONE = 0, 1, 2


class Staffing(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """People per beat at the instants, by the roster and as they are likely to be there."""

    instants: Ints
    planned: Floats
    expected: Floats


def no_rounds(cells: int) -> Rounds:
    nothing = np.zeros(cells, dtype=np.int64)
    return Rounds(sessions=nothing, session_ms=nothing)
