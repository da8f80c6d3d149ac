"""Why somebody has these nights and not fewer: beside the others of the role, and night by night."""

import msgspec

from alliance.actor import Actor, AssignmentId, PersonId
from alliance.areas.places import Places
from alliance.db.pool import Connection
from alliance.errors import not_found
from alliance.roster import actions, asked, board, board_store, burden_store, why
from alliance.roster.board_store import PersonDuty
from alliance.roster.burden_store import Carried
from alliance.roster.model import Placed, RosterId
from alliance.times import to_ms
from scheduler import problem as ask
from scheduler import reasons, told
from scheduler.fairness import Load
from scheduler.holes import Kind, Move, Repair

# The nearest others who are tried in each night, and nights that are reasoned: of a long roster the first.
TRIED, NIGHTS = 12, 10


class Night(msgspec.Struct, frozen=True, kw_only=True):
    assignment: AssignmentId
    start: int
    end: int
    why: why.Because


class Burden(msgspec.Struct, frozen=True, kw_only=True):
    """`standing`: the share of the `peers`, those of the role who offer any time, who carry as much or less.

    `nights` are at most the first ten, and `zh` and `en` tell all of it.
    """

    person: PersonId
    role: ask.Role
    peers: int
    carried: dict[Load, float]
    standing: dict[Load, float]
    nights: list[Night]
    zh: str
    en: str


async def burden(
    conn: Connection, actor: Actor, places: Places, number: RosterId, person: PersonId
) -> Burden:
    actor.must(*board.COMMAND)
    have = await actions.roster(conn, actor, number)
    dark = await board.nights(conn, actor, have)
    found = await burden_store.carried(conn, actor.district, number, person, dark)
    if found is None:
        raise not_found(f"person of roster {number}", person)
    duties = await board_store.duties(conn, actor.district, number, [person])
    mine = [duty for duty in duties if duty.shift in set(dark)][:NIGHTS]
    because = [await why.reasons(conn, places, have, _placed(duty), tried=TRIED) for duty in mine]
    carries = _figures(found, mine, because)
    people = {PersonId(person), *(one.best.person for one in because if one.best)}
    known = await burden_store.names(conn, actor.district, people)
    text = told.burden(carries, _names(places, known, mine))
    return Burden(
        person=person,
        role=carries.role,
        peers=found.peers,
        carried=carries.carried,
        standing=carries.standing,
        nights=[
            Night(assignment=duty.id, start=to_ms(duty.starts_at), end=to_ms(duty.ends_at), why=one)
            for duty, one in zip(mine, because, strict=True)
        ],
        zh=text.zh,
        en=text.en,
    )


def _placed(duty: PersonDuty) -> Placed:
    return Placed(id=duty.id, person=duty.person, post=duty.post, shift=duty.shift, pinned=duty.pinned)


def _names(places: Places, people: dict[PersonId, str], duties: list[PersonDuty]) -> told.Names:
    """As much of a problem as is told of: the shifts."""
    shifts = {
        duty.shift: ask.Shift(
            id=ask.ShiftId(duty.shift), start=to_ms(duty.starts_at), end=to_ms(duty.ends_at)
        )
        for duty in duties
    }
    empty = ask.Problem(
        zone=places.zone.key,
        horizon=ask.Span(start=0, end=0),
        organisations=(),
        people=(),
        shifts=tuple(shifts.values()),
        beats=(),
        posts=(),
        needs=(),
    )
    return told.Names(
        empty,
        {ask.PersonId(person): name for person, name in people.items()},
        {ask.PostId(duty.post): duty.post_name for duty in duties},
    )


def _figures(found: Carried, mine: list[PersonDuty], because: list[why.Because]) -> reasons.Burden:
    return reasons.Burden(
        person=ask.PersonId(found.person),
        role=ask.Role.GUARD if found.guard else ask.Role.VOLUNTEER,
        carried={Load.HOURS: found.hours, Load.NIGHTS: found.nights, Load.WEEKENDS: found.weekends},
        standing={
            Load.HOURS: found.hours_share,
            Load.NIGHTS: found.nights_share,
            Load.WEEKENDS: found.weekends_share,
        },
        nights=tuple(_because(duty, one) for duty, one in zip(mine, because, strict=True)),
    )


def _because(duty: PersonDuty, one: why.Because) -> reasons.Because:
    place = (ask.PostId(duty.post), ask.ShiftId(duty.shift))
    best = one.best
    return reasons.Because(
        assignment=asked.assignment(duty.person, duty.post, duty.shift),
        by_term=one.terms,
        value=one.value,
        lone=one.lone,
        instead=None if best is None else _repair(best, one.value, place),
        behind=None if best is None else -best.value,
        among=one.tried,
    )


def _repair(best: why.Instead, value: float, place: tuple[ask.PostId, ask.ShiftId]) -> Repair:
    who = ask.PersonId(best.person)
    return Repair(
        kind=Kind.FILL,
        moves=(Move(person=who, source=None, target=place),),
        by_term={},
        preference=0.0,
        value=value + best.value,
        touched=(who,),
        standby=False,
    )
