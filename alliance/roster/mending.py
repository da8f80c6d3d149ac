"""Ranked minimal changes that fill a hole, and carrying one of them out."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import msgspec
from msgspec import Meta

from alliance.actor import Actor, Code, PersonId
from alliance.areas.places import Places
from alliance.db.pool import Connection
from alliance.errors import Refused, not_found
from alliance.events import Tx
from alliance.roster import absences, candidates, change_store, changing, hole_store, judging, offering
from alliance.roster.changing import Place
from alliance.roster.hole_model import Cause, Hole
from alliance.roster.judging import Change
from alliance.roster.model import Planned, PostId, ShiftId
from alliance.roster.narrow import Narrow
from alliance.roster.scored import Scored
from alliance.times import to_ms
from scheduler import ahead
from scheduler.holes import Opening
from scheduler.problem import PostId as AskedPost
from scheduler.problem import ShiftId as AskedShift

if TYPE_CHECKING:
    from scheduler.holes import Repair

MOST = 8
LOOKED_AT = 30
Id = Annotated[int, Meta(ge=0, le=2**53)]


class Spot(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    post: Id
    shift: Id


class Step(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One person from a post and shift, or from nothing, to another, or home."""

    person: Id
    source: Spot | None = None
    target: Spot | None = None


class Steps(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    steps: Annotated[list[Step], Meta(min_length=1, max_length=6)]


class Option(msgspec.Struct, frozen=True, kw_only=True):
    """`kind` as the solver names it; `value` is by how much the roster gains, `change` term by term."""

    kind: str
    steps: list[Step]
    value: float
    change: dict[str, float]


class Carried(msgspec.Struct, frozen=True, kw_only=True):
    """A step with the duty that it ends."""

    step: Step
    leaves: Planned | None


async def options(conn: Connection, places: Places, hole: Hole, now: datetime) -> list[Option]:
    """The best ways to put one more person there, the best first; who was asked is left to answer.

    People come from near: the free ones, and those of the same shift on the beat and around it. Nobody is
    taken from a duty that has begun.
    """
    if ahead.compiling():
        raise Refused("unavailable", "the solver is being compiled for its first use: try again in a minute")
    free = await candidates.free(conn, places, hole)
    around = places.beat_neighbours.get(hole.beat, frozenset()) | {hole.beat}
    there = await change_store.standing(conn, places.district, hole.shift, sorted(around))
    people = {one.person for one, _ in free} | {person for person, _ in there}
    spots = {(hole.post, hole.shift)} | {(post, hole.shift) for _, post in there}
    near = await judging.around(conn, places, sorted(people), sorted(spots), [hole.duty_day])
    # Once the shift runs, some of what is found would take people from it.
    most = LOOKED_AT if hole.starts_at <= now else MOST
    found = await asyncio.to_thread(_sought, near, hole, to_ms(now), most=most)
    begun = {shift.id for shift in near.problem.shifts if shift.start <= to_ms(now)}
    made = [_option(one) for one in found]
    return [one for one in made if not any(s.source and s.source.shift in begun for s in one.steps)][:MOST]


def _sought(near: Narrow, hole: Hole, now: int, *, most: int) -> Sequence["Repair"]:
    # Here and not above: a process that is never asked for a repair is spared the solver's weight.
    from scheduler.repair import repairs

    certified = 1 if 0 < hole.missing <= hole.certified else 0
    opening = Opening(post=AskedPost(hole.post), shift=AskedShift(hole.shift), people=1, certified=certified)
    choices = repairs(near.problem, near.standing, [opening], most=most, since=now)
    return choices[0].repairs if choices else ()


def _option(repair: "Repair") -> Option:
    return Option(
        kind=repair.kind.value,
        steps=[
            Step(person=move.person, source=_spot(move.source), target=_spot(move.target))
            for move in repair.moves
        ],
        value=round(repair.value, 6),
        change={name: round(by, 6) for name, by in repair.by_term.items() if abs(by) > 1e-9},
    )


def _spot(place: tuple[int, int] | None) -> Spot | None:
    return None if place is None else Spot(post=place[0], shift=place[1])


async def carry_out(
    tx: Tx, actor: Actor, number: int, given: Steps, *, places: Places, now: datetime
) -> Hole:
    """Looked at again at this moment, whatever it was worth when it was shown."""
    hole = await absences.fillable(tx, actor, number, now)
    there = Spot(post=hole.post, shift=hole.shift)
    coming = [step for step in given.steps if step.target == there]
    if not coming:
        raise Refused("bad_request", "steps: one of them must lead to the hole")
    carried = [await _checked(tx, actor, step, now) for step in given.steps]
    missing = await change_store.missing_at(tx.conn, tx.district, hole.post, hole.shift)
    change = await _change(tx, hole, carried, growing=missing > len(coming))
    people = [PersonId(step.person) for step in given.steps]
    scored, broken = await judging.judged(tx.conn, places, change, people)
    judging.must_be_legal(broken)
    await _write(tx, actor, hole, carried, change=change, scored=scored, now=now)
    for step in coming[: hole.missing]:
        await offering.taken(tx, hole, _place(step, there), now)
    return await absences.seen(tx.conn, actor, number)


async def _checked(tx: Tx, actor: Actor, step: Step, now: datetime) -> Carried:
    """The step, when the actor may take it and the person still stands where it begins."""
    if step.target is not None:
        beat = await change_store.post_beat(tx.conn, tx.district, step.target.post)
        if beat is None:
            raise not_found("active post", step.target.post)
        actor.must(*absences.DESK, beat=Code(beat))
    if step.source is None:
        return Carried(step=step, leaves=None)
    number = await change_store.duty_at(
        tx.conn, tx.district, step.person, step.source.post, step.source.shift
    )
    if number is None:
        raise Refused("conflict", f"person {step.person} no longer stands at post {step.source.post}")
    planned = await changing.known(tx.conn, tx.district, number)
    actor.must(*absences.DESK, beat=planned.beat)
    if planned.starts_at <= now:
        raise Refused("too_late", f"person {step.person}: the duty has begun; choose somebody else")
    return Carried(step=step, leaves=planned)


async def _change(tx: Tx, hole: Hole, carried: Sequence[Carried], *, growing: bool) -> Change:
    days = {hole.duty_day} | {one.leaves.duty_day for one in carried if one.leaves}
    for one in carried:
        if one.step.target:
            days.add((await changing.shift(tx.conn, tx.district, one.step.target.shift)).duty_day)
    return Change(
        drop=tuple(one.leaves.id for one in carried if one.leaves),
        add=tuple(_place(one.step, one.step.target) for one in carried if one.step.target),
        days=tuple(sorted(days)),
        growing=growing,
    )


def _place(step: Step, target: Spot) -> Place:
    return Place(person=PersonId(step.person), post=PostId(target.post), shift=ShiftId(target.shift))


async def _write(
    tx: Tx,
    actor: Actor,
    hole: Hole,
    carried: Sequence[Carried],
    *,
    change: Change,
    scored: Scored,
    now: datetime,
) -> None:
    for one in carried:
        if one.leaves:
            reason = f"hole {hole.id}"
            await changing.cancel(tx, one.leaves, kind=Cause.MOVED, reason=reason, by=actor.person, now=now)
    why = {"repair": hole.id, "change": scored.change}
    for place in change.add:
        to = hole.id if (place.post, place.shift) == (hole.post, hole.shift) else None
        await changing.assign(tx, place, hole=to, why=why, by=actor.person, now=now)
    await _leave_holes(tx, actor, carried, scored, now)


async def _leave_holes(
    tx: Tx, actor: Actor, carried: Sequence[Carried], scored: Scored, now: datetime
) -> None:
    """Where a place that somebody left has fewer than it needs, that is the next hole."""
    lacking = {
        (short.post, short.shift): short.after - short.before
        for short in scored.short
        if short.kind == "minimum" and short.after > short.before
    }
    for one in carried:
        planned = one.leaves
        if planned is None or lacking.get((AskedPost(planned.post), AskedShift(planned.shift)), 0) <= 0:
            continue
        lacking[AskedPost(planned.post), AskedShift(planned.shift)] -= 1
        made = await hole_store.insert(
            tx.conn,
            tx.district,
            planned=planned,
            cause=Cause.MOVED,
            reason="",
            by=actor.person,
            now=now,
        )
        await absences.opened(tx, made, actor.person, now)
