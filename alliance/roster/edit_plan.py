"""What an edit asks for, with its rows read and its sense and the actor's right checked."""

from collections.abc import Iterable
from datetime import datetime

import msgspec

from alliance.actor import Actor, AssignmentId, DistrictId, PersonId, Role
from alliance.db.pool import Connection
from alliance.errors import Refused, not_found
from alliance.people.scope import sight
from alliance.roster import edit_store, narrow_store
from alliance.roster.edit_model import Edit
from alliance.roster.model import Placed, Post, PostId, Roster, Shift, ShiftId, State

MAY = (Role.ADMINISTRATOR, Role.COMMANDER, Role.CHIEF, Role.OFFICER)


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """An edit whose assignments, posts and shifts are known."""

    edit: Edit
    removed: list[Placed]
    pinned: list[Placed]
    unpinned: list[Placed]
    posts: dict[PostId, Post]
    shifts: dict[ShiftId, Shift]

    @property
    def people(self) -> set[PersonId]:
        rows = (*self.removed, *self.pinned, *self.unpinned)
        return {*(row.person for row in rows), *(one.person for one in self.edit.add)}

    @property
    def spots(self) -> set[tuple[PostId, ShiftId]]:
        coming = {(one.post, one.shift) for one in self.edit.add}
        return coming | {(row.post, row.shift) for row in self.removed}


async def planned(conn: Connection, actor: Actor, have: Roster, edit: Edit, now: datetime) -> Plan:
    _must_be_open(actor, have)
    asked = {*edit.remove, *edit.pin, *edit.unpin}
    rows = {row.id: row for row in await edit_store.some(conn, actor.district, have.id, asked)}
    for number in sorted(asked - rows.keys()):
        raise not_found(f"assignment of roster {have.id}", number)
    posts = {*(row.post for row in rows.values()), *(one.post for one in edit.add)}
    shifts = {one.shift for one in edit.add}
    plan = Plan(
        edit=edit,
        removed=[rows[number] for number in dict.fromkeys(edit.remove)],
        pinned=[rows[number] for number in dict.fromkeys(edit.pin)],
        unpinned=[rows[number] for number in dict.fromkeys(edit.unpin)],
        posts={post.id: post for post in await narrow_store.posts(conn, actor.district, posts)},
        shifts={shift.id: shift for shift in await narrow_store.shifts(conn, actor.district, shifts)},
    )
    _must_make_sense(plan, have)
    _must_reach(actor, plan.posts.values())
    await _must_know(conn, actor, plan, now)
    if have.state is State.PUBLISHED:
        await _must_be_ahead(conn, actor.district, plan, now)
    return plan


def _must_be_open(actor: Actor, have: Roster) -> None:
    """A draft is command's; what is published also the officers', each on the own beats."""
    actor.must(*(MAY if have.state is State.PUBLISHED else MAY[:2]))
    if have.state not in (State.DRAFT, State.PUBLISHED):
        raise Refused("out_of_order", f"roster {have.id} is {have.state.value} and can't be changed by hand")


def _must_make_sense(plan: Plan, have: Roster) -> None:
    edit = plan.edit
    if not (edit.add or edit.remove or edit.pin or edit.unpin):
        raise Refused("bad_request", "add, remove, pin, unpin: give at least one change")
    if have.state is State.PUBLISHED and not edit.dry and not edit.reason.strip():
        raise Refused("bad_request", "reason: say why, for those who were told otherwise")
    for n, one in enumerate(edit.add):
        shift, post = plan.shifts.get(one.shift), plan.posts.get(one.post)
        if shift is None or not have.first_day <= shift.duty_day <= have.last_day:
            raise Refused("bad_request", f"add[{n}].shift: give a shift of the roster's days")
        if post is None or not post.active:
            raise Refused("bad_request", f"add[{n}].post: give an active post")
    twice = len({(one.person, one.post, one.shift) for one in edit.add}) < len(edit.add)
    if twice or set(edit.pin) & {*edit.unpin, *edit.remove}:
        raise Refused("bad_request", "add, pin: name each once, and pin nothing that goes")


def _must_reach(actor: Actor, posts: Iterable[Post]) -> None:
    for post in posts:
        actor.must(*MAY, beat=post.beat)


async def _must_know(conn: Connection, actor: Actor, plan: Plan, now: datetime) -> None:
    """Nobody is put on a post by one who may not see them."""
    wanted = {one.person for one in plan.edit.add}
    seen = (await sight(conn, actor, now)).ids() if wanted else None
    known = await edit_store.names(conn, actor.district, wanted)
    for person in sorted(wanted):
        if person not in known or (seen is not None and person not in seen):
            raise not_found("person", person)


async def _must_be_ahead(conn: Connection, district: DistrictId, plan: Plan, now: datetime) -> None:
    """What has begun is history: who fails to come is replaced, not rewritten."""
    begun: list[AssignmentId] = await edit_store.started(conn, district, plan.edit.remove, now)
    if begun:
        raise Refused("too_late", f"remove: assignment {begun[0]} has begun; report the absence instead")
    for n, one in enumerate(plan.edit.add):
        if plan.shifts[one.shift].ends_at <= now:
            raise Refused("too_late", f"add[{n}].shift: it is over")
