"""Which people and organisations an actor sees and may change."""

from collections.abc import Iterable
from datetime import datetime

import msgspec

from alliance.actor import Actor, Code, OrganisationId, PersonId, Role
from alliance.db.pool import Connection
from alliance.errors import Refused
from alliance.people import scope_store
from alliance.people.model import Held

# Roles a manager may give to and take from the own people.
ORDINARY = frozenset({Role.GUARD, Role.VOLUNTEER})
# Who holds only these is in a manager's care.
IN_CARE = ORDINARY | {Role.LEAD}


class Scope(msgspec.Struct, frozen=True, kw_only=True):
    """Whom an actor looks after: everyone, or oneself and the people of organisations, beats and units."""

    everyone: bool
    organisations: tuple[OrganisationId, ...]
    beats: tuple[Code, ...]
    units: tuple[str, ...]


class Sight(msgspec.Struct, frozen=True, kw_only=True):
    """Whom an actor sees: `near` with their particulars, `peers` by name; None is everyone."""

    near: frozenset[PersonId] | None
    peers: frozenset[PersonId] = frozenset()

    def ids(self) -> frozenset[PersonId] | None:
        return None if self.near is None else self.near | self.peers

    def is_near(self, person: PersonId) -> bool:
        return self.near is None or person in self.near


def scope_of(actor: Actor) -> Scope:
    """Command sees all; manager and lead the organisation's; chief, officer and lead those on the beats.

    A lead of a unit sees its people.
    """
    organisations: set[OrganisationId] = set()
    beats: set[Code] = set()
    units: set[str] = set()
    for grant in actor.grants:
        if grant.role in (Role.MANAGER, Role.LEAD) and grant.organisation is not None:
            organisations.add(grant.organisation)
        if grant.role is Role.LEAD and grant.unit is not None:
            units.add(grant.unit)
        elif grant.role in (Role.CHIEF, Role.OFFICER, Role.LEAD):
            beats |= grant.beats
    return Scope(
        everyone=actor.is_command(),
        organisations=tuple(sorted(organisations)),
        beats=tuple(sorted(beats)),
        units=tuple(sorted(units)),
    )


async def sight(conn: Connection, actor: Actor, now: datetime) -> Sight:
    """Everyone sees oneself, and by name who shares a unit; the rest is the scope."""
    scope = scope_of(actor)
    if scope.everyone:
        return Sight(near=None)
    near = {actor.person}
    if scope.organisations:
        near |= await scope_store.of_organisations(conn, actor.district, scope.organisations)
    if scope.units:
        near |= await scope_store.of_units(conn, actor.district, scope.units)
    if scope.beats:
        near |= await scope_store.of_beats(conn, actor.district, scope.beats, now)
    peers = await scope_store.peers(conn, actor.district, actor.person)
    return Sight(near=frozenset(near), peers=frozenset(peers))


def organisations_of(actor: Actor) -> list[OrganisationId] | None:
    """Those whose particulars the actor sees; None means all."""
    if actor.has(Role.ADMINISTRATOR, Role.COMMANDER, Role.CHIEF, Role.OFFICER):
        return None
    managed = {grant.organisation for grant in actor.grants if grant.organisation is not None}
    return sorted({actor.organisation, *managed})


def must_care(actor: Actor, organisation: OrganisationId, roles: Iterable[Role]) -> None:
    """Raises `forbidden` unless the actor may write about someone of the organisation with these roles."""
    actor.must(Role.ADMINISTRATOR, Role.MANAGER, organisation=organisation)
    if not actor.has(Role.ADMINISTRATOR) and not IN_CARE.issuperset(roles):
        raise Refused(
            "forbidden", "only an administrator changes people who are more than guard, volunteer or lead"
        )


def must_grant(actor: Actor, organisation: OrganisationId, before: list[Held], after: list[Held]) -> None:
    """Raises unless the actor may change one list of roles into the other."""
    for held in after:
        if held.role is Role.MANAGER and held.organisation is None:
            raise Refused("bad_request", "roles: a manager needs an organisation")
    if actor.has(Role.ADMINISTRATOR):
        return
    changed = [held for held in after if held not in before] + [held for held in before if held not in after]
    for held in changed:
        if held.role not in ORDINARY:
            raise Refused("forbidden", f"roles: only an administrator gives or takes {held.role.value}")
        if held.area or held.unit or held.organisation not in (None, organisation):
            raise Refused("forbidden", "roles: only an administrator gives a scope beyond the organisation")
