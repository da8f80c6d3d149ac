"""The rules of attention once more, one duty after the other, as the documentation has them."""

from alliance.attention.judging import BATTERY_RISES, Scene
from alliance.attention.model import MINUTE_MS, Key, Kind, Thresholds
from geo import cell as hexes

Row = dict[str, int]


def judged(scene: Scene, limits: Thresholds, now: int, low: set[int]) -> dict[Key, int]:
    """Which rules are met, and since when."""
    found: dict[Key, int] = {}
    for raw in scene.rows:
        row = {name: raw[name].item() for name in scene.rows.dtype.names or ()}
        for kind, since in _about(row, limits, now, row["assignment"] in low, row["person"] in scene.ordered):
            if row["beat"] >= 0:
                found[kind, str(row["assignment"])] = since
    for n, beat in enumerate(scene.beats):
        since = max(int(scene.empty_since[n]), int(scene.began[n]))
        empty = scene.empty_since[n] > 0 and scene.needed[n] > 0
        if limits.unstaffed and empty and now >= since + limits.unstaffed * MINUTE_MS:
            found[Kind.UNSTAFFED, beat] = since
    for n, cell in enumerate(scene.cells):
        since = int(scene.cold_since[n])
        if limits.cold and since and now > since + limits.cold * int(scene.target[n]):
            found[Kind.COLD, cell] = since
    for call in scene.calls:
        found[Kind.SOS, str(call.id)] = call.at
    return found


def _about(row: Row, limits: Thresholds, now: int, was_low: bool, ordered: bool) -> list[tuple[Kind, int]]:
    found = []
    absent = not row["arrived"] and row["start"] + limits.not_arrived * MINUTE_MS <= now < row["end"]
    if limits.not_arrived and absent:
        found.append((Kind.NOT_ARRIVED, row["start"]))
    if not row["open_from"] or now > row["open_until"]:
        return found
    bound = limits.battery + BATTERY_RISES - 1 if was_low else limits.battery
    if limits.battery and 0 <= row["battery"] <= bound:
        found.append((Kind.BATTERY, row["heard"]))
    if not row["tracked"]:
        return found
    heard = max(row["heard"], row["open_from"])
    if limits.silent and now >= heard + limits.silent * MINUTE_MS:
        found.append((Kind.SILENT, heard))
    left = max(row["outside_since"], row["open_from"])
    long_away = row["at"] >= left + limits.left_beat * MINUTE_MS
    if limits.left_beat and row["outside_since"] and not ordered and long_away:
        found.append((Kind.LEFT_BEAT, left))
    stood = max(row["still_since"], row["open_from"])
    long_there = row["at"] >= stood + limits.still * MINUTE_MS
    if limits.still and row["still_since"] and row["roving"] and long_there:
        found.append((Kind.STILL, stood))
    return found


class Follower:
    """One person's fixes, one after the other: (at, lat, lon, beat, battery, usable)."""

    def __init__(self, beat: int) -> None:
        self.beat = beat
        self.heard = self.at = self.still_since = self.outside_since = 0
        self.battery, self.here = -1, -1
        self.stood = (0.0, 0.0)

    def take(self, at: int, lat: float, lon: float, beat: int, battery: int, usable: bool) -> None:
        if at <= self.heard:
            return
        self.heard = at
        if battery >= 0:
            self.battery = battery
        if not usable:
            return
        self.at, self.here = at, beat
        if not self.still_since or hexes.distance_m(*self.stood, lat, lon) > 60:
            self.still_since, self.stood = at, (lat, lon)
        if beat == self.beat:
            self.outside_since = 0
        elif not self.outside_since:
            self.outside_since = at
