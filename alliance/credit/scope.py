"""Whose entries an actor may see."""

from typing import Any

import msgspec

from alliance.actor import COMMAND, Actor, Code, OrganisationId, PersonId, Role
from alliance.credit.model import Entry


class Scope(msgspec.Struct, frozen=True, kw_only=True):
    """Everything, or the entries of those beats, of those organisations' people, and the own."""

    everything: bool
    beats: frozenset[Code]
    organisations: frozenset[OrganisationId]
    person: PersonId

    @property
    def arguments(self) -> tuple[Any, ...]:
        """$2 to $5 of the queries that use it."""
        return self.everything, list(self.beats), list(self.organisations), self.person

    def holds(self, entry: Entry) -> bool:
        return (
            self.everything
            or entry.beat in self.beats
            or entry.organisation in self.organisations
            or entry.person == self.person
        )


def scope_of(actor: Actor) -> Scope:
    """Command sees the district, chiefs and officers their beats, managers and leads the own people."""
    police = [grant for grant in actor.grants if grant.role in (Role.CHIEF, Role.OFFICER)]
    led = [grant for grant in actor.grants if grant.role in (Role.MANAGER, Role.LEAD)]
    return Scope(
        everything=actor.has(*COMMAND),
        beats=frozenset(beat for grant in police for beat in grant.beats),
        organisations=frozenset(grant.organisation for grant in led if grant.organisation is not None),
        person=actor.person,
    )
