"""Everybody who is or should be on duty, one row each in an array: the duty, and what the fixes say."""

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from alliance.areas.places import Places
from alliance.patrol.model import Duty
from alliance.patrol.tracks import Heard
from geo import cell as hexes
from geo.cell import Bools, Ints
from geo.index import OUTSIDE
from geo.track import Flag

# Further than this from where somebody stood is moving; less may be the receiver's wandering.
STILL_RADIUS_M = 60.0
UNUSABLE = int(Flag.COARSE | Flag.MOCK)
NOWHERE = -1
UNKNOWN = -1

Rows = npt.NDArray[np.void]

ROW = np.dtype(
    [
        ("assignment", "i8"),
        ("person", "i8"),
        ("organisation", "i8"),
        ("beat", "i8"),  # a position in the district's beats
        ("start", "i8"),
        ("end", "i8"),
        ("arrived", "?"),
        ("open_from", "i8"),  # the open span's start, 0 without one
        ("open_until", "i8"),
        ("tracked", "?"),  # with consent, and checked in by oneself
        ("roving", "?"),  # of a beat, not of a fixed point
        ("heard", "i8"),  # the newest fix's time, 0 without one
        ("battery", "i8"),  # percent
        ("at", "i8"),  # the newest usable fix's time, and its beat
        ("here", "i8"),
        ("still_since", "i8"),  # since when nobody moved away from that place
        ("still_lat", "f8"),
        ("still_lon", "f8"),
        ("outside_since", "i8"),  # since when outside of the own beat, 0 inside
    ]
)


class Roll:
    """`put` duties as they change and `fold` fixes in; a fix older than the newest one is passed over."""

    def __init__(self, places: Places) -> None:
        self._beat_of = np.append(places.beat, NOWHERE)
        self._beats = {beat: n for n, beat in enumerate(places.beats)}
        self._rows: Rows = np.zeros(64, dtype=ROW)
        self._place: dict[int, int] = {}

    @property
    def rows(self) -> Rows:
        return self._rows[: len(self._place)]

    def __contains__(self, assignment: int) -> bool:
        return assignment in self._place

    def put(self, duties: Iterable[Duty]) -> None:
        for duty in duties:
            n = self._place.get(int(duty.id))
            if n is None:
                n = self._add(int(duty.id))
            row = self._rows[n]
            last = duty.spans[-1] if duty.spans else None
            is_open = last is not None and last.to_at is None
            row["person"], row["organisation"] = duty.person, duty.organisation
            row["beat"] = self._beats.get(duty.beat, NOWHERE)
            row["start"], row["end"], row["open_until"] = duty.start, duty.end, duty.open_until
            row["arrived"] = bool(duty.marks)
            row["open_from"] = last.from_at if last is not None and is_open else 0
            row["tracked"] = duty.consented and last is not None and not last.attested
            row["roving"] = duty.cell is None

    def _add(self, assignment: int) -> int:
        n = self._place[assignment] = len(self._place)
        if n == len(self._rows):
            self._rows = np.concatenate([self._rows, np.zeros(n, dtype=ROW)])
        row = self._rows[n]
        row["assignment"], row["battery"], row["here"] = assignment, UNKNOWN, NOWHERE
        return n

    def keep(self, assignments: Iterable[int]) -> None:
        """Forgets all others."""
        wanted = set(assignments)
        kept = [n for one, n in self._place.items() if one in wanted]
        rows = np.zeros(max(64, len(kept)), dtype=ROW)
        rows[: len(kept)] = self._rows[kept]
        self._rows = rows
        self._place = {one: n for n, one in enumerate(rows["assignment"][: len(kept)].tolist())}

    def fold(self, heard: Heard) -> None:
        """Fixes of duties that were put; of others nothing is kept."""
        row = np.array([self._place.get(one, NOWHERE) for one in heard.assignment.tolist()], dtype=np.int64)
        order = np.lexsort((heard.at, row))
        order = order[row[order] != NOWHERE]
        own = row[order]
        first = np.flatnonzero(np.append(True, own[1:] != own[:-1])[: len(own)])
        turn = np.arange(len(own)) - np.repeat(first, np.diff(np.append(first, len(own))))
        by_turn = np.argsort(turn, kind="stable")
        # One fix of each row at a time, so that every step is an array's.
        for chosen in np.split(order[by_turn], np.flatnonzero(np.diff(turn[by_turn])) + 1):
            if len(chosen):
                self._step(row[chosen], heard, chosen)

    def _step(self, n: Ints, heard: Heard, chosen: Ints) -> None:
        rows = self._rows
        newer = heard.at[chosen] > rows["heard"][n]
        n, chosen = n[newer], chosen[newer]
        rows["heard"][n] = heard.at[chosen]
        told = heard.battery[chosen] >= 0
        rows["battery"][n[told]] = heard.battery[chosen[told]]
        usable = (heard.flags[chosen] & UNUSABLE) == 0
        n, chosen = n[usable], chosen[usable]
        if len(n):
            self._locate(n, heard, chosen)

    def _locate(self, n: Ints, heard: Heard, chosen: Ints) -> None:
        rows = self._rows
        at, lat, lon = heard.at[chosen], heard.lat[chosen], heard.lon[chosen]
        away = hexes.distances_m(rows["still_lat"][n], rows["still_lon"][n], lat, lon) > STILL_RADIUS_M
        moved: Bools = (rows["still_since"][n] == 0) | away
        rows["still_since"][n[moved]] = at[moved]
        rows["still_lat"][n[moved]], rows["still_lon"][n[moved]] = lat[moved], lon[moved]
        rows["at"][n] = at
        # The last place of all stands for what lies outside the district.
        here = self._beat_of[np.where(heard.place[chosen] == OUTSIDE, -1, heard.place[chosen])]
        rows["here"][n] = here
        before = rows["outside_since"][n]
        rows["outside_since"][n] = np.where(here == rows["beat"][n], 0, np.where(before == 0, at, before))
