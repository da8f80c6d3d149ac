"""What a change to a published roster would mean: the terms it moves, the rules it would break."""

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

import msgspec

from alliance.actor import AssignmentId, PersonId
from alliance.areas.places import Places
from alliance.db.pool import Connection
from alliance.errors import Refused
from alliance.roster import asked, change_store
from alliance.roster.changing import Place
from alliance.roster.model import PostId, ShiftId
from alliance.roster.narrow import Narrow, narrow
from alliance.roster.narrow_store import Scope
from alliance.roster.scored import Scored, changed, score
from scheduler.check import Rule, Violation, check, not_alone
from scheduler.duties import open_book
from scheduler.problem import Assignment, Need, Problem
from scheduler.problem import PostId as AskedPost
from scheduler.problem import ShiftId as AskedShift
from scheduler.terms import terms_of


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """Duties that end and duties that begin; `days` are the duty days of all of them.

    `growing`: more people are still being sought for what is added, so being few there is no fault yet.
    """

    drop: tuple[AssignmentId, ...] = ()
    add: tuple[Place, ...] = ()
    days: tuple[date, ...]
    growing: bool = False


async def around(
    conn: Connection,
    places: Places,
    people: Sequence[PersonId],
    at: Sequence[tuple[PostId, ShiftId]],
    days: Sequence[date],
) -> Narrow:
    """Who was missed doesn't stand there; what is needed in addition counts."""
    scope = Scope(draft=None, first_day=min(days), last_day=max(days))
    near = await narrow(conn, places, scope, people=people, at=at)
    missed = await change_store.missed(conn, places.district, [row.id for row in near.rows.values()])
    extra = await change_store.extra(conn, places.district, [shift.id for shift in near.problem.shifts])
    return msgspec.structs.replace(
        near,
        problem=msgspec.structs.replace(near.problem, needs=tuple(_needs(near.problem, extra))),
        standing=tuple(one for one in near.standing if near.rows[one].id not in missed),
    )


def _needs(problem: Problem, extra: Sequence[change_store.Extra]) -> Iterable[Need]:
    more: defaultdict[tuple[int, int], list[change_store.Extra]] = defaultdict(list)
    posts: set[int] = {post.id for post in problem.posts}
    for one in extra:
        if one.post in posts:
            more[one.post, one.shift].append(one)
    for need in problem.needs:
        added = more.pop((need.post, need.shift), [])
        people = sum(one.people for one in added)
        yield msgspec.structs.replace(
            need,
            minimum=need.minimum + people,
            desired=need.desired + people,
            certified=need.certified + sum(one.certified for one in added),
        )
    for (post, shift), added in more.items():
        people, certified = sum(one.people for one in added), sum(one.certified for one in added)
        yield Need(
            post=AskedPost(post), shift=AskedShift(shift), minimum=people, desired=people, certified=certified
        )


async def judged(
    conn: Connection, places: Places, change: Change, people: Sequence[PersonId]
) -> tuple[Scored, list[Violation]]:
    """The change in every term, and the rules that forbid it; `people` are all whom it touches."""
    near = await around(conn, places, people, [(one.post, one.shift) for one in change.add], change.days)
    return await asyncio.to_thread(weighed, near, change)


def of_one(near: Narrow, person: PersonId, post: PostId, shift: ShiftId) -> Narrow:
    """As much of it as one person's taking a place depends on."""
    there: tuple[int, int] = (post, shift)
    own: int = person
    standing = tuple(one for one in near.standing if one.person == own or (one.post, one.shift) == there)
    wanted: set[int] = {one.person for one in standing} | {own}
    people = tuple(one for one in near.problem.people if one.id in wanted)
    needs = tuple(one for one in near.problem.needs if (one.post, one.shift) == there)
    problem = msgspec.structs.replace(near.problem, people=people, needs=needs)
    return msgspec.structs.replace(near, problem=problem, standing=standing)


def taking(
    near: Narrow, person: PersonId, post: PostId, shift: ShiftId, *, growing: bool
) -> dict[str, float] | None:
    """The change in every term where somebody comes there, None where a rule forbids it: as `weighed` says,
    at a third of the work, as the others there needn't be gone through rule by rule."""
    part = of_one(near, person, post, shift)
    new = asked.assignment(person, post, shift)
    after = (*part.standing, new)
    # What a new duty is part of was not there before; anything else may have been.
    own = [new in one.assignments for one in _own(part.problem, new, after)]
    if any(own):
        return None
    if own:
        change = Change(add=(Place(person=person, post=post, shift=shift),), days=(), growing=growing)
        found, broken = weighed(part, change)
        return None if broken else found.change
    then = open_book(part.problem, after)
    if not growing and any(new in one.assignments for one in not_alone(then)):
        return None
    was, is_ = terms_of(open_book(part.problem, part.standing)), terms_of(then)
    return {name: is_[name] - was[name] for name in is_}


def _own(problem: Problem, new: Assignment, after: Sequence[Assignment]) -> list[Violation]:
    """The rules that the person's duties break, but for company."""
    mine = tuple(one for one in after if one.person == new.person)
    alone = msgspec.structs.replace(
        problem,
        people=tuple(one for one in problem.people if one.id == new.person),
        pinned=tuple(one for one in problem.pinned if one.person == new.person),
    )
    return [one for one in check(alone, mine) if one.rule is not Rule.NOT_ALONE]


def weighed(near: Narrow, change: Change) -> tuple[Scored, list[Violation]]:
    gone = {near.of(number) for number in change.drop}
    new = [asked.assignment(one.person, one.post, one.shift) for one in change.add]
    after = changed(near.standing, drop=[one for one in gone if one is not None], add=new)
    found = score(near.problem, near.standing, after)
    return found, forbidding(found, new, growing=change.growing)


def forbidding(found: Scored, new: Sequence[Assignment], *, growing: bool) -> list[Violation]:
    """Where more are still sought, that there are too few yet forbids nothing."""
    spots = {(one.post, one.shift) for one in new} if growing else set()
    return [
        one
        for one in found.broken
        if one.rule is not Rule.NOT_ALONE or not any((a.post, a.shift) in spots for a in one.assignments)
    ]


def must_be_legal(broken: Sequence[Violation]) -> None:
    if broken:
        raise refusal(shown(broken))


def refusal(broken: Sequence[dict[str, Any]]) -> Refused:
    """Of violations as they are shown: names each rule; their figures travel beside."""
    rules = ", ".join(dict.fromkeys(one["rule"] for one in broken))
    return Refused("rule_broken", f"the checker says no: {rules}", violations=list(broken))


def shown(broken: Sequence[Violation]) -> list[dict[str, Any]]:
    return [
        {"rule": one.rule.value, "people": list(one.people), "explanation": one.explanation} for one in broken
    ]
