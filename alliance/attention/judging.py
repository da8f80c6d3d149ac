"""The rules: a pure function of live state, thresholds, time and what stands → what changes."""

from collections.abc import Iterator

import msgspec
import numpy as np

from alliance.actor import AssignmentId, Code, OrganisationId, PersonId
from alliance.attention.book import Book
from alliance.attention.model import MINUTE_MS, Cause, Kind, Standing, Thresholds
from alliance.attention.roll import NOWHERE, Rows
from geo.cell import Bools, Cell, Ints

# A battery that was low must rise by so much before it no longer is.
BATTERY_RISES = 5
# Rules that aren't about a duty.
PLACED = (Kind.SOS, Kind.UNSTAFFED, Kind.COLD)


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


def news(scene: Scene, limits: Thresholds, now: int, standing: Book) -> tuple[list[Cause], list[Standing]]:
    """What is to be raised, and which of the standing ones have lost their cause.

    What stands and goes on costs a comparison of arrays only: after a failure of the network it is everybody.
    """
    found = [*map(_call, scene.calls), *_unstaffed(scene, limits, now), *_cold(scene, limits, now)]
    raised = [cause for cause in found if cause.key not in standing]
    met = {cause.key for cause in found}
    over = [one for kind in PLACED for one in standing.of(kind) if one.key not in met]
    for kind, where, since in _met(scene, limits, now, standing.numbers(Kind.BATTERY)):
        rows = np.flatnonzero(where & (scene.rows["beat"] != NOWHERE))
        numbers, known = scene.rows["assignment"][rows], standing.numbers(kind)
        fresh = ~np.isin(numbers, known)
        raised += [_of_duty(scene, kind, n, int(since[n])) for n in rows[fresh].tolist()]
        over += [standing.about(kind, one) for one in known[~np.isin(known, numbers)].tolist()]
    return raised, over


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


def _of_duty(scene: Scene, kind: Kind, n: int, since: int) -> Cause:
    row = scene.rows[n]
    return Cause(
        kind=kind,
        subject=str(row["assignment"]),
        since=since,
        beat=scene.beats[int(row["beat"])],
        person=PersonId(int(row["person"])),
        organisation=OrganisationId(int(row["organisation"])),
        assignment=AssignmentId(int(row["assignment"])),
    )


def _met(scene: Scene, limits: Thresholds, now: int, low: Ints) -> Iterator[tuple[Kind, Bools, Ints]]:
    """Each rule about a duty: where it is met, and since when what it looks at has been so.

    `low` are the assignments whose battery was low before.
    """
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
    was_low = np.isin(rows["assignment"], low)
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
