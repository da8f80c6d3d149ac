"""Who acts: a plain value of a district, a person, roles with their scopes, and what follows from them."""

from enum import StrEnum
from typing import NewType

import msgspec

from alliance.errors import Refused

DistrictId = NewType("DistrictId", int)
PersonId = NewType("PersonId", int)
OrganisationId = NewType("OrganisationId", int)
AssignmentId = NewType("AssignmentId", int)
Code = NewType("Code", str)


class Role(StrEnum):
    ADMINISTRATOR = "administrator"
    COMMANDER = "commander"
    CHIEF = "chief"
    OFFICER = "officer"
    MANAGER = "manager"
    LEAD = "lead"
    GUARD = "guard"
    VOLUNTEER = "volunteer"
    OBSERVER = "observer"


# Roles that see and act in the whole district.
COMMAND = (Role.ADMINISTRATOR, Role.COMMANDER)


class Grant(msgspec.Struct, frozen=True, kw_only=True):
    """One role with its scope as it is stored, and the beats that scope amounts to."""

    role: Role
    area: Code | None = None
    organisation: OrganisationId | None = None
    unit: str | None = None
    beats: frozenset[Code] = frozenset()


class Actor(msgspec.Struct, frozen=True, kw_only=True):
    """`organisation` is the person's own; `grants` are the roles held."""

    district: DistrictId
    person: PersonId
    organisation: OrganisationId
    grants: tuple[Grant, ...]

    @property
    def roles(self) -> tuple[Role, ...]:
        return tuple(dict.fromkeys(grant.role for grant in self.grants))

    def has(self, *roles: Role, beat: Code | None = None, organisation: OrganisationId | None = None) -> bool:
        """Whether one of the roles is held for that beat or organisation; command has its own anywhere."""
        return any(
            grant.role in roles and _reaches(grant, beat=beat, organisation=organisation)
            for grant in self.grants
        )

    def must(
        self, *roles: Role, beat: Code | None = None, organisation: OrganisationId | None = None
    ) -> None:
        """Raises Refused `forbidden` unless `has`."""
        if not self.has(*roles, beat=beat, organisation=organisation):
            where = f" for {beat or organisation}" if beat or organisation else ""
            raise Refused("forbidden", f"this needs the role {' or '.join(roles)}{where}", roles=roles)

    def is_command(self) -> bool:
        return self.has(*COMMAND)


def _reaches(grant: Grant, *, beat: Code | None, organisation: OrganisationId | None) -> bool:
    if grant.role in COMMAND:
        return True
    if organisation is not None and grant.organisation != organisation:
        return False
    return beat is None or beat in grant.beats
