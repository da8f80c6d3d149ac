"""What may happen to shifts, rosters and assignments."""

from collections import defaultdict
from datetime import date, datetime, timedelta

from alliance import events
from alliance.actor import Actor, AssignmentId, DistrictId, OrganisationId, PersonId, Role
from alliance.areas import actions as areas
from alliance.db.pool import Connection
from alliance.errors import Refused, not_found
from alliance.events import Event, Tx
from alliance.rest import must_match
from alliance.roster import assignment_store, store
from alliance.roster.assignment_store import Filter
from alliance.roster.model import Planned, Post, Roster, RosterId, Shift, Shortfall, State
from alliance.times import at_minute

# People named in one event, so that the phones concerned hear of it and no event grows large.
NOTICE = 500
READERS = (Role.ADMINISTRATOR, Role.COMMANDER, Role.CHIEF, Role.OFFICER)


async def ensure_shifts(tx: Tx, first_day: date, last_day: date, now: datetime) -> int:
    """Make the shifts of every pattern for these duty days; returns how many are new."""
    if not 0 <= (last_day - first_day).days < 60:
        raise Refused("bad_request", "last_day: must lie 0 to 59 days after first_day")
    district = await areas.district(tx.conn, tx.district)
    zone = areas.zone_of(district)
    wanted = []
    for pattern in await areas.patterns(tx.conn, tx.district):
        for n in range((last_day - first_day).days + 1):
            day = first_day + timedelta(days=n)
            start = at_minute(day, pattern.start_minute, zone)
            end = at_minute(day, pattern.start_minute + pattern.minutes, zone)
            wanted.append((pattern.code, day, start, end))
    if not wanted:
        return 0
    made = await store.insert_shifts(tx.conn, tx.district, wanted)
    if made:
        data = {"first_day": first_day.isoformat(), "last_day": last_day.isoformat(), "shifts": made}
        events.record(tx, Event(kind="shift_made", at=now, actor=None, data=data))
    return made


async def add_shifts(tx: Tx, actor: Actor, first_day: date, last_day: date, now: datetime) -> list[Shift]:
    actor.must(Role.ADMINISTRATOR, Role.COMMANDER)
    await ensure_shifts(tx, first_day, last_day, now)
    return await store.shifts(tx.conn, tx.district, first_day, last_day)


async def shifts(conn: Connection, actor: Actor, first_day: date, last_day: date) -> list[Shift]:
    return await store.shifts(conn, actor.district, first_day, last_day)


async def posts(conn: Connection, actor: Actor, beat: str | None) -> list[Post]:
    return await store.posts(conn, actor.district, None if beat is None else [beat])


async def rosters(conn: Connection, actor: Actor, before: int, limit: int) -> list[Roster]:
    actor.must(*READERS)
    return await store.rosters(conn, actor.district, before, limit)


async def roster(conn: Connection, actor: Actor, number: RosterId) -> Roster:
    actor.must(*READERS)
    return await known(conn, actor.district, number)


async def shortfalls(conn: Connection, actor: Actor, number: RosterId) -> list[Shortfall]:
    actor.must(*READERS)
    return await store.shortfalls(conn, actor.district, number)


async def assignments(
    conn: Connection, actor: Actor, wanted: Filter, after: int, limit: int
) -> list[Planned]:
    """Command sees all; chief and officer those on their beats; manager and lead the own people's."""
    beats: set[str] = set()
    organisations: set[OrganisationId] = set()
    for grant in actor.grants:
        if grant.role in (Role.CHIEF, Role.OFFICER):
            beats |= grant.beats
        if grant.role in (Role.MANAGER, Role.LEAD) and grant.organisation is not None:
            organisations.add(grant.organisation)
    scoped = Filter(
        roster=wanted.roster,
        published=wanted.published if actor.is_command() else True,
        beat=wanted.beat,
        first_day=wanted.first_day,
        last_day=wanted.last_day,
        person=wanted.person,
        everyone=actor.is_command(),
        in_beats=tuple(sorted(beats)),
        of_organisations=tuple(sorted(organisations)),
        own=actor.person,
    )
    return await assignment_store.planned(conn, actor.district, scoped, after, limit)


def must_publish(actor: Actor, have: Roster, version: int) -> None:
    """Refuses early what `publish` would refuse, before the checker takes its seconds."""
    actor.must(Role.ADMINISTRATOR, Role.COMMANDER)
    must_match(have.version, version)
    _must_be_draft(have)


def _must_be_draft(have: Roster) -> None:
    if have.state is not State.DRAFT:
        state = have.state.value
        raise Refused("out_of_order", f"roster {have.id} is {state}; only a draft can be published")


async def publish(tx: Tx, actor: Actor, number: RosterId, version: int, now: datetime) -> Roster:
    have = await locked(tx, number)
    must_publish(actor, have, version)
    return await publish_checked(tx, have, actor.person, now)


async def publish_checked(tx: Tx, have: Roster, by: PersonId | None, now: datetime) -> Roster:
    """Publish a draft that the checker has just found legal; days are never published twice."""
    _must_be_draft(have)
    # Two officers who publish overlapping weeks at once must not both get through.
    await tx.conn.execute("select pg_advisory_xact_lock(hashtext('publish'), $1)", tx.district)
    taken = await store.published_days(tx.conn, tx.district, have.first_day, have.last_day)
    if taken:
        raise Refused(
            "conflict",
            f"roster {taken[0]} is published for some of these days: choose other days",
            roster=taken[0],
        )
    if have.hard_violations != 0:
        raise Refused(
            "rule_broken",
            f"roster {have.id} breaks hard rules {have.hard_violations} times: make another draft",
            violations=have.progress.violations,
        )
    await assignment_store.publish(tx.conn, tx.district, have.id)
    await store.set_state(tx.conn, tx.district, have.id, State.PUBLISHED, actor=by, now=now)
    people = await assignment_store.people_of(tx.conn, tx.district, have.id)
    data = {"roster": have.id, "first_day": have.first_day.isoformat(), "last_day": have.last_day.isoformat()}
    for begin in range(0, max(len(people), 1), NOTICE):
        part = tuple(people[begin : begin + NOTICE])
        events.record(tx, Event(kind="roster_published", at=now, actor=by, people=part, data=data))
    return await known(tx.conn, tx.district, have.id)


async def my_assignments(
    conn: Connection, actor: Actor, first_day: date, last_day: date
) -> list[tuple[Planned, list[tuple[int, str]]]]:
    """The actor's published duties, each with (person, name) of the others on the same post and shift."""
    own = await assignment_store.of_person(conn, actor.district, actor.person, first_day, last_day)
    found = await assignment_store.beside(conn, actor.district, [a.post for a in own], [a.shift for a in own])
    others: defaultdict[tuple[int, int], list[tuple[int, str]]] = defaultdict(list)
    for post, shift, person, name in found:
        if person != actor.person:
            others[post, shift].append((person, name))
    return [(a, others[a.post, a.shift]) for a in own]


async def accept(tx: Tx, actor: Actor, assignment: AssignmentId, now: datetime) -> None:
    if not await assignment_store.accept(tx.conn, tx.district, assignment, actor.person, now):
        raise not_found("assignment of yours", assignment)
    events.record(
        tx,
        Event(
            kind="assignment_accepted",
            at=now,
            actor=actor.person,
            people=(actor.person,),
            organisation=actor.organisation,
            data={"assignment": assignment},
        ),
    )


async def known(conn: Connection, district: DistrictId, number: RosterId) -> Roster:
    found = await store.roster(conn, district, number)
    if found is None:
        raise not_found("roster", number)
    return found


async def locked(tx: Tx, number: RosterId) -> Roster:
    found = await store.locked(tx.conn, tx.district, number)
    if found is None:
        raise not_found("roster", number)
    return found
