"""Who could take one open place: the able, ranked with the change in every term, and why others cannot."""

from collections.abc import Collection

import msgspec

from scheduler.check import Violation, nearest_km
from scheduler.holes import Kind, Move, Repair
from scheduler.problem import Assignment, PersonId, PostId, ShiftId
from scheduler.standing import Standing


class Unable(msgspec.Struct, frozen=True, kw_only=True):
    """Someone who can't come as things stand, with every hard rule that it would break."""

    person: PersonId
    km: float | None
    violations: tuple[Violation, ...]


class Candidates(msgspec.Struct, frozen=True, kw_only=True):
    """The able by what it is worth that they come, the unable by distance."""

    able: tuple[Repair, ...]
    unable: tuple[Unable, ...]


def candidates(
    standing: Standing,
    post: PostId,
    shift: ShiftId,
    *,
    people: Collection[PersonId] | None = None,
    most: int = 10,
) -> Candidates:
    """Of these people, or else so many of the able and so many of the nearest who aren't."""
    able = standing.repairs(post, shift, most=most if people is None else len(people) + most, among=people)
    there = {a.person for a in standing.register.at[post, shift]}
    asked = {r.moves[0].person for r in able} | there
    near = distances(standing, post)
    others = sorted(
        (km if km is not None else 0.0, person) for person, km in near.items() if person not in asked
    )
    rest = [person for _, person in others if people is None or person in people]
    unable: list[Unable] = []
    more: list[Repair] = []
    for person in rest if people is not None else rest[: 2 * most]:
        come = Assignment(person=person, post=post, shift=shift)
        broken, by_term = standing.register.judge((), (come,))
        if broken:
            unable.append(Unable(person=person, km=near[person], violations=broken))
        else:
            more.append(_fill(come, by_term))
    ranked = sorted((*able, *more), key=lambda r: (-round(r.value, 9), r.touched))
    return Candidates(able=tuple(ranked), unable=tuple(unable if people is not None else unable[:most]))


def _fill(come: Assignment, by_term: dict[str, float]) -> Repair:
    """One whose role the shift doesn't ask for, which no hard rule forbids."""
    return Repair(
        kind=Kind.FILL,
        moves=(Move(person=come.person, source=None, target=(come.post, come.shift)),),
        by_term=by_term,
        preference=0.0,
        value=sum(by_term.values()),
        touched=(come.person,),
        standby=False,
    )


def distances(standing: Standing, post: PostId) -> dict[PersonId, float | None]:
    """Kilometres from everyone's home to the post's beat, none where no home is known."""
    register = standing.register
    people = [p for p in register.problem.people if p.home is not None]
    centres = register.beats[register.posts[post].beat].centres
    km = nearest_km([p.home for p in people if p.home is not None], centres)
    known: dict[PersonId, float | None] = {p.id: None for p in register.problem.people}
    known.update((p.id, round(d, 3)) for p, d in zip(people, km, strict=True))
    return known
