"""The rules: a pure function of the live state, the thresholds and the time → what asks for attention now."""

from collections.abc import Collection, Iterable, Iterator

import msgspec
import numpy as np

from alliance.actor import AssignmentId, Code, OrganisationId, PersonId
from alliance.attention.model import MINUTE_MS, Cause, Key, Kind, Standing, Thresholds
from alliance.attention.roll import NOWHERE, Rows
from geo.cell import Bools, Cell, Ints

# A battery that was low must rise by so much before it no longer is.
BATTERY_RISES = 5


class Call(msgspec.Struct, frozen=True, kw_only=True):
    """An open call for help."""

    id: int
    at: int
    person: PersonId
    organisation: OrganisationId
    assignment: AssignmentId | None
    beat: Code | None


class Scene(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """The live state of a district at an instant; times are ms, 0 where they don't apply."""

    rows: Rows
    ordered: Ints
    """People under an order to go somewhere: they may leave their beat."""
    beats: tuple[Code, ...]
    needed: Ints
    """Per beat: people needed by the shifts that run, and when the latest of these began."""
    began: Ints
    empty_since: Ints
    cells: list[Cell]
    """Those of high demand: their beat, their target interval, and since when they are cold."""
    cell_beat: Ints
    target: Ints
    cold_since: Ints
    calls: tuple[Call, ...] = ()


def judge(scene: Scene, limits: Thresholds, now: int, low: Collection[int] = ()) -> list[Cause]:
    """Every rule that is met; `low` are the assignments whose battery was low before."""
    return [
        *(_call(call) for call in scene.calls),
        *_unstaffed(scene, limits, now),
        *_duties(scene, limits, now, low),
        *_cold(scene, limits, now),
    ]


def _call(call: Call) -> Cause:
    return Cause(
        kind=Kind.SOS,
        subject=str(call.id),
        since=call.at,
        beat=call.beat,
        person=call.person,
        organisation=call.organisation,
        assignment=call.assignment,
        sos=call.id,
    )


def _unstaffed(scene: Scene, limits: Thresholds, now: int) -> Iterator[Cause]:
    since = np.maximum(scene.empty_since, scene.began)
    met = (scene.needed > 0) & (scene.empty_since > 0) & (now - since >= limits.unstaffed * MINUTE_MS)
    for n in np.flatnonzero(met & (limits.unstaffed > 0)).tolist():
        beat = scene.beats[n]
        yield Cause(kind=Kind.UNSTAFFED, subject=beat, since=int(since[n]), beat=beat)


def _cold(scene: Scene, limits: Thresholds, now: int) -> Iterator[Cause]:
    met = (scene.cold_since > 0) & (now - scene.cold_since > limits.cold * scene.target)
    for n in np.flatnonzero(met & (limits.cold > 0)).tolist():
        cell, beat = scene.cells[n], scene.beats[int(scene.cell_beat[n])]
        yield Cause(kind=Kind.COLD, subject=cell, since=int(scene.cold_since[n]), beat=beat, cell=cell)


def _duties(scene: Scene, limits: Thresholds, now: int, low: Collection[int]) -> Iterator[Cause]:
    rows = scene.rows
    for kind, met, since in _met(scene, limits, now, low):
        for n in np.flatnonzero(met & (rows["beat"] != NOWHERE)).tolist():
            yield Cause(
                kind=kind,
                subject=str(rows["assignment"][n]),
                since=int(since[n]),
                beat=scene.beats[int(rows["beat"][n])],
                person=PersonId(int(rows["person"][n])),
                organisation=OrganisationId(int(rows["organisation"][n])),
                assignment=AssignmentId(int(rows["assignment"][n])),
            )


def _met(
    scene: Scene, limits: Thresholds, now: int, low: Collection[int]
) -> Iterator[tuple[Kind, Bools, Ints]]:
    """Each rule about a duty: where it is met, and since when what it looks at has been so."""
    rows = scene.rows
    present = is_present(rows, now)
    tracked = present & rows["tracked"]
    late_from = rows["start"] + limits.not_arrived * MINUTE_MS
    absent = ~rows["arrived"] & (now >= late_from) & (now < rows["end"])
    yield Kind.NOT_ARRIVED, absent & (limits.not_arrived > 0), rows["start"]
    heard = np.maximum(rows["heard"], rows["open_from"])
    silent = tracked & (now - heard >= limits.silent * MINUTE_MS)
    yield Kind.SILENT, silent & (limits.silent > 0), heard
    left = np.maximum(rows["outside_since"], rows["open_from"])
    away = tracked & (rows["outside_since"] > 0) & (rows["at"] - left >= limits.left_beat * MINUTE_MS)
    away &= ~np.isin(rows["person"], scene.ordered)
    yield Kind.LEFT_BEAT, away & (limits.left_beat > 0), left
    stood = np.maximum(rows["still_since"], rows["open_from"])
    still = tracked & rows["roving"] & (rows["at"] - stood >= limits.still * MINUTE_MS)
    yield Kind.STILL, still & (rows["still_since"] > 0) & (limits.still > 0), stood
    was_low = np.isin(rows["assignment"], np.array(sorted(low), dtype=np.int64))
    bound = np.where(was_low, limits.battery + BATTERY_RISES - 1, limits.battery)
    empty = present & (rows["battery"] >= 0) & (rows["battery"] <= bound)
    yield Kind.BATTERY, empty & (limits.battery > 0), rows["heard"]


def is_present(rows: Rows, now: int) -> Bools:
    present: Bools = (rows["open_from"] > 0) & (now <= rows["open_until"])
    return present


def occupied(rows: Rows, beats: int, fresh_ms: int, now: int) -> Bools:
    """Beats with somebody in them: by a fresh position, else by the duty of who is present without one."""
    present = is_present(rows, now)
    seen = present & (rows["at"] >= rows["open_from"]) & (now - rows["at"] <= fresh_ms)
    where = np.where(seen, rows["here"], rows["beat"])[present]
    found = np.zeros(beats, dtype=np.bool_)
    found[where[where != NOWHERE]] = True
    return found


def emptied(before: Ints, somebody: Bools, now: int) -> Ints:
    """Since when each beat has been empty: 0 while somebody is there."""
    return np.where(somebody, 0, np.where(before == 0, now, before))


def cooled(before: Ints, covered_before: Ints, covered: Ints, now: int) -> Ints:
    """Since when each cell has been cold: 0 while covered, else from when its last covering ended."""
    ended = np.where((covered_before > 0) & (covered_before <= now), covered_before, now)
    return np.where(covered > now, 0, np.where(before == 0, ended, before))


def difference(standing: Iterable[Standing], causes: Iterable[Cause]) -> tuple[list[Cause], list[Standing]]:
    """What is to be raised, and which of the standing ones have lost their cause."""
    known = {one.key: one for one in standing}
    found: dict[Key, Cause] = {cause.key: cause for cause in causes}
    return (
        [cause for key, cause in found.items() if key not in known],
        [one for key, one in known.items() if key not in found],
    )
