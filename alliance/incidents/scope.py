"""Whose reports and incidents an actor may see."""

from typing import Any

import msgspec

from alliance.actor import COMMAND, Actor, Code, OrganisationId, PersonId, Role
from alliance.areas import point
from alliance.db.pool import Connection


class Scope(msgspec.Struct, frozen=True, kw_only=True):
    """Everything, or what lies in the beats, or what concerns those people or that organisation's people.

    `person` also sees the incidents he or she was ever sent to.
    """

    everything: bool
    beats: frozenset[Code]
    people: frozenset[PersonId]
    organisations: frozenset[OrganisationId]
    units: frozenset[str]
    person: PersonId

    @property
    def arguments(self) -> tuple[Any, ...]:
        """$2 to $7 of the queries that use it."""
        return (
            self.everything,
            list(self.beats),
            list(self.people),
            list(self.organisations),
            list(self.units),
            self.person,
        )

    def police(self, beat: Code | None) -> bool:
        """Whether that place is the actor's to look after, with everyone's names."""
        return self.everything or beat in self.beats


async def of(conn: Connection, actor: Actor) -> Scope:
    """Command sees the district, a chief the station, an officer the own beats and their neighbours;
    a manager the own people's, a lead the own organisation's or unit's, everyone the own.
    """
    own = _beats(actor, Role.OFFICER)
    beats = own | await point.beside(conn, actor.district, own) if own and not actor.is_command() else own
    led = [grant for grant in actor.grants if grant.role in (Role.MANAGER, Role.LEAD)]
    return Scope(
        everything=actor.has(*COMMAND),
        beats=beats | _beats(actor, Role.CHIEF),
        people=frozenset({actor.person}),
        organisations=frozenset(grant.organisation for grant in led if grant.organisation is not None),
        units=frozenset(grant.unit for grant in led if grant.unit is not None),
        person=actor.person,
    )


def _beats(actor: Actor, role: Role) -> frozenset[Code]:
    return frozenset(beat for grant in actor.grants if grant.role == role for beat in grant.beats)
