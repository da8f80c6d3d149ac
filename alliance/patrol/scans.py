"""Somebody on duty scans a checkpoint's code: a visit of its cell that counts, however short."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import numpy as np

from alliance import events
from alliance.actor import Actor, Code, DistrictId
from alliance.db.pool import Connection
from alliance.errors import Refused
from alliance.events import Event, Tx
from alliance.patrol import checkpoint_store, duties, fixes, scan_store, store
from alliance.patrol.checkpoint_store import Keyed
from alliance.patrol.model import CLOCK_AHEAD_MS, MINUTE_MS, TAKEN_AFTER_END_MS, Duty
from alliance.patrol.partitions import ensure_partitions
from alliance.times import from_ms, to_ms
from geo import cell as hexes
from geo.index import CellIndex
from geo.tracks import Visits
from geo.tracks import visits as placed

SCANNED = "checkpoint_scanned"
# No duty that may still be told of began longer ago.
LONGEST_AGO_MS = TAKEN_AFTER_END_MS + 2 * 24 * 60 * MINUTE_MS
DETAIL = {
    **fixes.DETAIL,
    "off_duty": "at: you were not on duty then, or on a break: check in, then scan it again",
    "clock_ahead": "at: more than two minutes ahead of the service; set the clock, then scan it again",
    "no_consent": "a scan tells where you are: give your consent to positions first, then scan it again",
}


async def scan(tx: Tx, actor: Actor, key: str, at: int, now: datetime) -> dict[str, Any]:
    """`key` is the checkpoint's; raises Refused."""
    found = await _checkpoint(tx.conn, tx.district, key, at)
    duty = await _duty(tx.conn, actor, at, to_ms(now))
    await ensure_partitions(tx.conn, [duty.duty_day])
    new = await scan_store.insert(
        tx.conn,
        tx.district,
        (duty.id, at, hexes.to_int(found.cell)),
        checkpoint=found.id,
        day=duty.duty_day,
        received_at=to_ms(now),
    )
    if new:
        _record(tx, duty, found.beat, at, now)
    return {
        "checkpoint": found.id,
        "code": found.code,
        "name": found.name,
        "cell": found.cell,
        "assignment": duty.id,
        "at": at,
    }


async def _checkpoint(conn: Connection, district: DistrictId, key: str, at: int) -> Keyed:
    found = await checkpoint_store.by_key(conn, district, key)
    if found is None:
        raise Refused(
            "unknown_key", "checkpoint: no checkpoint of this district has that code; tell the police room"
        )
    if found.revoked_at is not None and at >= found.revoked_at:
        raise Refused(
            "unknown_key",
            f"checkpoint: the code of {found.code} {found.name} was revoked; tell the police room",
        )
    return found


async def _duty(conn: Connection, actor: Actor, at: int, now: int) -> Duty:
    """The duty that the actor was on, as it stays until the transaction ends."""
    if at > now + CLOCK_AHEAD_MS:
        raise _refused("clock_ahead")
    if at < now - LONGEST_AGO_MS:
        raise _refused("too_late")
    theirs = await duties.of_people(conn, actor.district, [actor.person], from_ms(at))
    chosen = next(
        iter([d for d in theirs if d.on_duty(at)] or [d for d in theirs if d.start <= at < d.end]), None
    )
    if chosen is None:
        raise _refused("off_duty")
    await scan_store.lock_duty(conn, actor.district, chosen.id)
    current = next(iter(await store.duties(conn, actor.district, [chosen.id])), None)
    for refusal in fixes.judge(current, actor.person, [at], now):
        raise _refused(refusal.code)
    return current or chosen


def _refused(code: str) -> Refused:
    return Refused(code, DETAIL[code])


def _record(tx: Tx, duty: Duty, beat: Code, at: int, now: datetime) -> None:
    """No more of the place than a check-in tells: facts stay, while visits go in time."""
    data = {"assignment": duty.id, "person": duty.person, "beat": beat, "at": at}
    events.record(
        tx,
        Event(
            kind=SCANNED,
            at=now,
            actor=duty.person,
            areas=(beat,),
            people=(duty.person,),
            organisation=duty.organisation,
            data=data,
        ),
    )


async def visits_of(
    conn: Connection, district: DistrictId, index: CellIndex, assignments: Iterable[int]
) -> Visits:
    """The visits that the assignments' scans are."""
    return _visits(index, await scan_store.of(conn, district, sorted(assignments)))


async def visits_still(
    conn: Connection, district: DistrictId, index: CellIndex, found: Sequence[tuple[int, int]]
) -> Visits:
    """The visits of those scans, named by assignment and time, that no check-out has taken back."""
    return _visits(index, await scan_store.still(conn, district, found))


def _visits(index: CellIndex, found: Sequence[tuple[int, int, int]]) -> Visits:
    columns = np.array(found, dtype=np.int64).reshape(-1, 3)
    return placed(
        index,
        assignment=columns[:, 0],
        cell=columns[:, 2].astype(np.uint64),
        from_at=columns[:, 1],
        to_at=columns[:, 1],
        checkpoint=np.ones(len(columns), dtype=np.bool_),
    )
