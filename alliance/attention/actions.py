"""What asks for attention is raised and resolved by the rules, acknowledged, and closed with a reason."""

from collections.abc import Sequence
from datetime import datetime
from itertools import groupby
from typing import Any

from alliance.actor import COMMAND, Actor, Code, OrganisationId, Role
from alliance.attention import store
from alliance.attention.model import Cause, Kind, NewThresholds, Occurrence, Standing, Thresholds
from alliance.attention.store import Asked, Reach
from alliance.db.pool import Connection
from alliance.errors import Refused, not_found
from alliance.events import Event, Tx
from alliance.patrol import sos
from alliance.rest import must_match

DESK = (*COMMAND, Role.CHIEF, Role.OFFICER)


async def settle(tx: Tx, new: Sequence[Cause], over: Sequence[Standing], now: datetime) -> list[Standing]:
    """Raises what is new, which stands from now on, and resolves what has lost its cause."""
    raised = await store.insert(tx.conn, tx.district, new, now) if new else []
    untold = await store.leave(tx.conn, tx.district, [one.id for one in over], now) if over else set()
    _tell(tx, "attention_raised", raised, now)
    _tell(tx, "attention_resolved", [one for one in over if one.id in untold], now)
    return raised


async def acknowledge(tx: Tx, actor: Actor, numbers: Sequence[int], now: datetime) -> list[Occurrence]:
    """Somebody sees to it. A call for help is acknowledged as such."""
    actor.must(*DESK)
    found = await _mine(tx, actor, numbers)
    fresh = [one for one in found if one.state == "open"]
    for one in fresh:
        if one.kind is Kind.SOS and one.sos is not None:
            await sos.acknowledge(tx, actor, one.sos, now)
    await store.acknowledge(tx.conn, tx.district, [one.id for one in fresh], actor.person, now)
    _tell(tx, "attention_acknowledged", fresh, now, actor)
    return await store.some(tx.conn, tx.district, numbers)


async def close(tx: Tx, actor: Actor, number: int, reason: str, now: datetime) -> Occurrence:
    """It needs no more attention though its cause may last; the same cause isn't raised again."""
    actor.must(*DESK)
    (found,) = await _mine(tx, actor, [number])
    if not reason.strip():
        raise Refused("bad_request", "reason: say why it is closed")
    if found.state == "resolved":
        raise Refused("out_of_order", "it was resolved by itself")
    if found.state != "closed":
        if found.kind is Kind.SOS and found.sos is not None:
            await sos.close(tx, actor, found.sos, reason, now)
        await store.close(tx.conn, tx.district, number, by=actor.person, reason=reason.strip(), now=now)
        _tell(tx, "attention_closed", [found], now, actor)
    return (await store.some(tx.conn, tx.district, [number]))[0]


async def listed(conn: Connection, actor: Actor, asked: Asked) -> list[Occurrence]:
    """Command sees all, officers what is on the own beats, managers what is about the own people."""
    reach = reach_of(actor)
    if reach.beats == [] and not reach.organisations:
        return []
    return await store.listed(conn, actor.district, reach, asked)


def reach_of(actor: Actor) -> Reach:
    if actor.is_command():
        return Reach(beats=None, organisations=[])
    beats: set[Code] = set()
    organisations: set[OrganisationId] = set()
    for grant in actor.grants:
        # A unit's lead answers for the unit, not for all who are on the beat.
        of_an_area = grant.role is Role.LEAD and grant.unit is None and grant.organisation is None
        if grant.role in (Role.CHIEF, Role.OFFICER) or of_an_area:
            beats |= grant.beats
        if grant.role is Role.MANAGER and grant.organisation is not None:
            organisations.add(grant.organisation)
    return Reach(beats=sorted(beats), organisations=sorted(organisations))


def may_handle(actor: Actor, one: Cause) -> bool:
    return actor.is_command() or (one.beat is not None and actor.has(*DESK, beat=one.beat))


async def set_thresholds(
    tx: Tx, actor: Actor, given: NewThresholds, *, wanted_version: int, now: datetime
) -> tuple[Thresholds, int]:
    actor.must(*COMMAND)
    before, version = await store.thresholds(tx.conn, tx.district)
    must_match(version, wanted_version)
    after = given.on(before)
    await store.set_thresholds(tx.conn, tx.district, after, version=version + 1, by=actor.person, now=now)
    data = {"before": before, "after": after}
    tx.record(Event(kind="attention_thresholds_set", at=now, actor=actor.person, data=data))
    return after, version + 1


async def thresholds(conn: Connection, actor: Actor) -> tuple[Thresholds, int]:
    """For those at a desk."""
    actor.must(*DESK, Role.MANAGER)
    return await store.thresholds(conn, actor.district)


async def _mine(tx: Tx, actor: Actor, numbers: Sequence[int]) -> list[Occurrence]:
    """All of them, or a refusal."""
    found = [one for one in await store.some(tx.conn, tx.district, numbers) if may_handle(actor, one)]
    missing = sorted(set(numbers) - {one.id for one in found})
    if missing:
        raise not_found("attention", missing[0])
    return found


def _tell(
    tx: Tx, kind: str, found: Sequence[Standing | Occurrence], now: datetime, by: Actor | None = None
) -> None:
    """One fact for all of a kind on a beat; it names nobody, and reaches no one but the desks."""
    by_scope = sorted(found, key=_scope)
    for (of, beat, organisation), some in groupby(by_scope, key=_scope):
        data = {"kind": of, "beat": beat or None, "items": [_item(one) for one in some]}
        tx.record(
            Event(
                kind=kind,
                at=now,
                actor=by.person if by else None,
                areas=(Code(beat),) if beat else (),
                organisation=OrganisationId(organisation) if organisation else None,
                data=data,
            )
        )


def _scope(one: Cause) -> tuple[str, str, int]:
    return one.kind.value, one.beat or "", one.organisation or 0


def _item(one: Standing | Occurrence) -> dict[str, Any]:
    names = ("id", "person", "assignment", "cell", "sos", "since")
    return {name: value for name in names if (value := getattr(one, name)) is not None}
