"""What may happen to a duty: people check in and out, alone, for their unit, or forgetfully."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec
import numpy as np

from alliance import events, keys
from alliance.actor import COMMAND, Actor, AssignmentId, PersonId, Role
from alliance.areas.places import Places
from alliance.db.pool import Connection
from alliance.errors import Refused
from alliance.events import Event, Tx
from alliance.patrol import fix_store, scan_store, store, visit_store
from alliance.patrol.model import (
    CLOCK_AHEAD_MS,
    EARLY_MS,
    MINUTE_MS,
    OPEN_AFTER_END_MS,
    RADIUS_M,
    TAKEN_AFTER_END_MS,
    Duty,
    Point,
    Stamp,
    StampKind,
    Taken,
    Wanted,
)
from alliance.patrol.spans import gaps
from alliance.patrol.store import AttendanceRow, Gap
from alliance.roster import absences
from alliance.times import from_ms, to_ms
from geo import cell as hexes

FOR_EVER = 2**62
AUTO_AT_ONCE = 500
ATTESTING = (*COMMAND, Role.CHIEF, Role.OFFICER)

# A batch's stamps are told apart by (person, key), those without a key by their place in it.
Slot = tuple[PersonId, str] | int


class Counted(msgspec.Struct, frozen=True, kw_only=True):
    """A wanted stamp that may be, and the duties it is for."""

    wanted: Wanted
    duties: tuple[Duty, ...]


async def stamp(tx: Tx, actor: Actor, wanted: Stamp, now: datetime, places: Places | None = None) -> Taken:
    """Check in or out; raises Refused."""
    (outcome,) = await stamp_many(tx, [Wanted(actor=actor, stamp=wanted)], now, places)
    if isinstance(outcome, Refused):
        raise outcome
    return outcome


async def stamp_many(
    tx: Tx, wanted: Sequence[Wanted], now: datetime, places: Places | None = None
) -> list[Taken | Refused]:
    """Check-ins and check-outs of many people in a few statements, as they come in storms at shift change."""
    slots = [_slot(n, one) for n, one in enumerate(wanted)]
    earlier = await keys.once_many(tx, [slot for slot in set(slots) if isinstance(slot, tuple)])
    outcomes: dict[Slot, Taken | Refused] = {slot: Taken(result=result) for slot, result in earlier.items()}
    fresh: dict[Slot, Wanted] = {}
    for slot, one in zip(slots, wanted, strict=True):
        if slot not in outcomes:
            fresh.setdefault(slot, one)
    counted, refused = await _judge_all(tx.conn, fresh, to_ms(now))
    outcomes.update(refused)
    changed = await _write(tx, list(counted.values()), now, places)
    coming = [d.id for one in counted.values() if one.wanted.stamp.kind is StampKind.IN for d in one.duties]
    if coming:
        await absences.came(tx, coming, now)
    for slot, stored in counted.items():
        duties = tuple(changed[duty.id] for duty in stored.duties)
        outcomes[slot] = Taken(result=_result(stored, duties), duties=duties)
    new = {slot: outcomes[slot] for slot in counted if isinstance(slot, tuple)}
    await keys.remember_many(tx, {slot: o.result for slot, o in new.items() if isinstance(o, Taken)}, now)
    return [outcomes[slot] for slot in slots]


def _slot(n: int, one: Wanted) -> Slot:
    return n if one.stamp.key is None else (one.actor.person, one.stamp.key)


async def _judge_all(
    conn: Connection, fresh: Mapping[Slot, Wanted], now: int
) -> tuple[dict[Slot, Counted], dict[Slot, Refused]]:
    if not fresh:
        return {}, {}
    district = next(iter(fresh.values())).actor.district
    ids = sorted({one.stamp.assignment for one in fresh.values()})
    duties = {duty.id: duty for duty in await store.duties(conn, district, ids)}
    counted: dict[Slot, Counted] = {}
    refused: dict[Slot, Refused] = {}
    for slot, one in fresh.items():
        try:
            duty = judge(one, duties.get(one.stamp.assignment), now)
            others = await _attested(conn, one, duty, now) if one.stamp.people else ()
            counted[slot] = Counted(wanted=one, duties=(duty, *others))
        except Refused as error:
            refused[slot] = error
    return counted, refused


def judge(one: Wanted, duty: Duty | None, now: int) -> Duty:
    """The duty, when the stamp may be taken; raises Refused."""
    wanted = one.stamp
    if duty is None:
        raise Refused("unknown_assignment", f"assignment: there is no published duty {wanted.assignment}")
    own = duty.person == one.actor.person
    if not own and not one.actor.has(*ATTESTING, beat=duty.beat):
        raise Refused("not_yours", f"assignment: {wanted.assignment} is somebody else's duty")
    if wanted.at > now + CLOCK_AHEAD_MS:
        raise Refused("clock_ahead", "at: more than two minutes ahead of the service; set the clock")
    if now > duty.end + TAKEN_AFTER_END_MS:
        raise Refused("too_late", "the shift ended more than 72 hours ago")
    if own and wanted.fix is not None and not duty.consented:
        raise Refused("no_consent", "fix: give your consent to positions first, or leave the fix out")
    if wanted.at < duty.start - EARLY_MS:
        raise Refused("too_early", f"at: from {EARLY_MS // MINUTE_MS} minutes before the shift's start")
    if wanted.kind is StampKind.IN and wanted.at > duty.end:
        raise Refused("too_late", "at: the shift had ended")
    if wanted.kind is StampKind.OUT:
        _must_close(duty, wanted.at)
    return duty


def _must_close(duty: Duty, at: int) -> None:
    if at > duty.end + OPEN_AFTER_END_MS:
        raise Refused("too_late", "at: the duty was closed with the shift's end, 30 minutes before")
    if not any(mark.kind is StampKind.IN and mark.at <= at for mark in duty.marks):
        raise Refused("off_duty", "at: nobody had checked in before that")


async def _attested(conn: Connection, one: Wanted, own: Duty, now: int) -> tuple[Duty, ...]:
    """The duties, at the same time, of the people of the actor's unit."""
    units = [grant.unit for grant in one.actor.grants if grant.role is Role.LEAD and grant.unit]
    led = await store.led_by(conn, one.actor, units)
    strangers = [person for person in one.stamp.people if person not in led]
    if strangers:
        raise Refused("forbidden", f"people: {strangers[0]} is not of a unit that you lead")
    people = [person for person in dict.fromkeys(one.stamp.people) if person != own.person]
    district = one.actor.district
    found = await store.duties_of(conn, district, people, from_ms(own.start), from_ms(own.end))
    by_person = {duty.person: duty for duty in reversed(found)}
    missing = [person for person in people if person not in by_person]
    if missing:
        raise Refused("unknown_assignment", f"people: {missing[0]} has no duty at that time")
    duties = tuple(by_person[person] for person in people)
    for duty in duties:
        plain = Stamp(kind=one.stamp.kind, assignment=duty.id, at=one.stamp.at)
        judge(Wanted(actor=_as(one.actor, duty), stamp=plain), duty, now)
    return duties


def _as(actor: Actor, duty: Duty) -> Actor:
    return msgspec.structs.replace(actor, person=duty.person)


async def _write(
    tx: Tx, counted: Sequence[Counted], now: datetime, places: Places | None
) -> dict[AssignmentId, Duty]:
    """Stores the stamps and returns their duties as they are then."""
    if not counted:
        return {}
    found = [_row(one, duty, places) for one in counted for duty in one.duties]
    await store.insert_attendance(tx.conn, tx.district, found, received_at=now, auto=False)
    for one in counted:
        for duty in one.duties:
            _record(tx, one.wanted, duty, now)
    leaving = {d.id for one in counted if one.wanted.stamp.kind is StampKind.OUT for d in one.duties}
    return await _settled(tx, sorted({row.assignment for row in found}), leaving)


def _row(one: Counted, duty: Duty, places: Places | None) -> AttendanceRow:
    wanted, actor = one.wanted.stamp, one.wanted.actor.person
    fix = wanted.fix if duty.person == actor else None
    return AttendanceRow(
        assignment=duty.id,
        kind=wanted.kind,
        at=wanted.at,
        attested_by=None if duty.person == actor else actor,
        lat=fix.lat if fix else None,
        lon=fix.lon if fix else None,
        accuracy=fix.accuracy if fix else None,
        flags=() if fix is None else tuple(_flags(duty, fix, places)),
    )


def _flags(duty: Duty, fix: Point, places: Places | None) -> list[str]:
    flags = ["mock"] if fix.mock else []
    if places is not None and _away(duty, fix, places):
        flags.append("out_of_radius")
    return flags


def _away(duty: Duty, fix: Point, places: Places) -> bool:
    """Whether the fix lies further than the radius from the post, or from the beat's cells."""
    if duty.cell is not None:
        lat, lon = hexes.centre(duty.cell)
        return hexes.distance_m(fix.lat, fix.lon, lat, lon) > RADIUS_M
    centres = hexes.centres(places.cells[places.beat_cells(duty.beat)])
    here = np.array([[fix.lat, fix.lon]])
    away = hexes.distances_m(here[:, 0], here[:, 1], centres[:, 0], centres[:, 1])
    return bool(away.min(initial=float("inf")) > RADIUS_M)


def _record(tx: Tx, wanted: Wanted, duty: Duty, now: datetime, *, auto: bool = False) -> None:
    one = wanted.stamp
    kind = "checked_in" if one.kind is StampKind.IN else "checked_out"
    data = {"assignment": duty.id, "person": duty.person, "beat": duty.beat, "at": one.at}
    if one.kind is StampKind.OUT:
        data["auto"] = auto
    events.record(
        tx,
        Event(
            kind=kind,
            at=now,
            actor=None if auto else wanted.actor.person,
            areas=(duty.beat,),
            people=(duty.person,),
            organisation=duty.organisation,
            data=data,
        ),
    )


async def _settled(
    tx: Tx, assignments: Sequence[AssignmentId], leaving: set[AssignmentId]
) -> dict[AssignmentId, Duty]:
    """The duties with their new spans; what those who left sent from outside of them is dropped."""
    duties = {duty.id: duty for duty in await store.duties(tx.conn, tx.district, assignments)}
    closed = [duty for duty in duties.values() if duty.id in leaving]
    if closed:
        outside = [_gap(duty, *edges) for duty in closed for edges in gaps(duty.spans)]
        await fix_store.delete(tx.conn, tx.district, outside)
        await scan_store.delete(tx.conn, tx.district, outside)
    broken = {duty.id: duty.duty_day for duty in closed if len(duty.spans) > 1}
    if broken:
        await visit_store.mark_stale(tx.conn, tx.district, broken)
    return duties


def _gap(duty: Duty, after: int | None, before: int | None) -> Gap:
    return Gap(
        assignment=duty.id,
        duty_day=duty.duty_day,
        after=-FOR_EVER if after is None else after,
        before=FOR_EVER if before is None else before,
    )


def _result(one: Counted, duties: Sequence[Duty]) -> dict[str, Any]:
    own = duties[0]
    return {
        "assignment": own.id,
        "kind": one.wanted.stamp.kind.value,
        "at": one.wanted.stamp.at,
        "spans": [[span.from_at, span.to_at] for span in own.spans],
        "people": [duty.person for duty in duties[1:]],
    }


async def check_out_forgotten(tx: Tx, now: datetime) -> int:
    """Closes duties 30 minutes after their shift's end with the time of that end; how many (call until 0)."""
    due = now - timedelta(milliseconds=OPEN_AFTER_END_MS)
    oldest = now - timedelta(milliseconds=2 * TAKEN_AFTER_END_MS)
    ids = await store.forgotten(tx.conn, tx.district, due, oldest, AUTO_AT_ONCE)
    duties = await store.duties(tx.conn, tx.district, ids)
    open_ones = [duty for duty in duties if duty.spans and duty.spans[-1].to_at is None]
    found = [AttendanceRow(assignment=duty.id, kind=StampKind.OUT, at=duty.end) for duty in open_ones]
    await store.insert_attendance(tx.conn, tx.district, found, received_at=now, auto=True)
    for duty in open_ones:
        nobody = Actor(district=tx.district, person=duty.person, organisation=duty.organisation, grants=())
        out = Stamp(kind=StampKind.OUT, assignment=duty.id, at=duty.end)
        _record(tx, Wanted(actor=nobody, stamp=out), duty, now, auto=True)
    await _settled(tx, [duty.id for duty in open_ones], {duty.id for duty in open_ones})
    return len(open_ones)
