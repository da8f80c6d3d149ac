"""Which people and organisations an actor sees and may change."""

from collections.abc import Iterable
from datetime import datetime

from alliance.actor import Actor, Code, OrganisationId, Role
from alliance.errors import Refused
from alliance.people.model import Held
from alliance.people.person_store import Scope

# Roles a manager may give to and take from the own people.
ORDINARY = frozenset({Role.GUARD, Role.VOLUNTEER})
# Who holds only these is in a manager's care.
IN_CARE = ORDINARY | {Role.LEAD}


def scope_of(actor: Actor, now: datetime) -> Scope:
    """Command sees all; manager and lead the organisation's; chief, officer and lead those on the beats.

    A lead of a unit sees its people; everyone sees oneself, and by name who shares a unit.
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
        district=actor.district,
        person=actor.person,
        everyone=actor.is_command(),
        organisations=tuple(sorted(organisations)),
        beats=tuple(sorted(beats)),
        units=tuple(sorted(units)),
        now=now,
    )


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
