"""Organisations, people and what is known of them, teams and units."""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated

import msgspec
from msgspec import UNSET, Meta, UnsetType

from alliance.actor import Code, OrganisationId, PersonId, Role

Name = Annotated[str, Meta(min_length=1, max_length=80, pattern=r"\S")]
ShortCode = Annotated[str, Meta(min_length=1, max_length=40, pattern=r"^[\w.:-]+$")]
Id = Annotated[int, Meta(ge=0, le=2**53)]
Cell = Annotated[str, Meta(pattern=r"^89[0-9a-f]{13}$", description="H3 cell of resolution 9")]
Weekday = Annotated[int, Meta(ge=0, le=6, description="0 is Monday")]
Minute = Annotated[int, Meta(ge=0, le=1439)]
EndMinute = Annotated[int, Meta(ge=1, le=2880, description="from 1440 on it lies on the next day")]
Ms = Annotated[int, Meta(ge=0, le=2**53)]
Metres = Annotated[int, Meta(ge=0, le=200_000)]


class OrganisationKind(StrEnum):
    COMPANY = "company"
    VILLAGE = "village"
    COMMUNITY = "community"
    TRADE = "trade"
    SCHOOL = "school"
    POLICE = "police"


class Organisation(msgspec.Struct, frozen=True, kw_only=True):
    id: OrganisationId
    code: str
    name: str
    name_en: str
    kind: OrganisationKind
    permit: bool
    active: bool
    version: int


class NewOrganisation(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`permit`: the labour office allows it comprehensive working hours."""

    code: ShortCode
    name: Name
    name_en: Annotated[str, Meta(max_length=120)] = ""
    kind: OrganisationKind
    permit: bool = False


class OrganisationChange(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is left out stays as it is."""

    name: Name | UnsetType = UNSET
    name_en: Annotated[str, Meta(max_length=120)] | UnsetType = UNSET
    permit: bool | UnsetType = UNSET
    active: bool | UnsetType = UNSET
    version: int | None = None


class Held(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A role with its scope: an area code, an organisation, a unit; none of them is the whole district."""

    role: Role
    area: Code | None = None
    organisation: OrganisationId | None = None
    unit: str | None = None


class Certificate(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    kind: Annotated[str, Meta(min_length=1, max_length=40)]
    number: Annotated[str, Meta(max_length=60)] = ""
    valid_from: date
    valid_until: date


class Availability(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A weekly offer in local minutes of the weekday it starts on."""

    weekday: Weekday
    start_minute: Minute
    end_minute: EndMinute


class NewLeave(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    start: Ms
    end: Ms
    kind: Annotated[str, Meta(min_length=1, max_length=40)]


class Leave(msgspec.Struct, frozen=True, kw_only=True):
    id: int
    start: int
    end: int
    kind: str


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """As others see them: numbers masked; home, birthday and phone only for who looks after the person."""

    id: PersonId
    name: str
    organisation: OrganisationId
    organisation_name: str
    phone: str | None
    id_number: str | None
    roles: list[Held]
    home: str | None
    born: date | None
    travel_limit_m: int
    night_consent: bool
    overtime_consent: bool
    certificates: list[Certificate]
    availability: list[Availability]
    active: bool
    version: int


class NewPerson(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    name: Name
    organisation: OrganisationId
    phone: Annotated[str, Meta(max_length=30)] | None = None
    id_number: Annotated[str, Meta(max_length=30)] | None = None
    born: date | None = None
    home: Cell | None = None
    travel_limit_m: Metres = 8000
    night_consent: bool = False
    overtime_consent: bool = False
    roles: Annotated[list[Held], Meta(max_length=20)] = []
    certificates: Annotated[list[Certificate], Meta(max_length=20)] = []
    availability: Annotated[list[Availability], Meta(max_length=50)] = []


class PersonChange(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is left out stays as it is; a list that is given replaces the former one."""

    name: Name | UnsetType = UNSET
    organisation: OrganisationId | UnsetType = UNSET
    phone: Annotated[str, Meta(max_length=30)] | UnsetType | None = UNSET
    id_number: Annotated[str, Meta(max_length=30)] | UnsetType | None = UNSET
    born: date | UnsetType | None = UNSET
    home: Cell | UnsetType | None = UNSET
    travel_limit_m: Metres | UnsetType = UNSET
    night_consent: bool | UnsetType = UNSET
    overtime_consent: bool | UnsetType = UNSET
    active: bool | UnsetType = UNSET
    roles: Annotated[list[Held], Meta(max_length=20)] | UnsetType = UNSET
    certificates: Annotated[list[Certificate], Meta(max_length=20)] | UnsetType = UNSET
    availability: Annotated[list[Availability], Meta(max_length=50)] | UnsetType = UNSET
    version: int | None = None


# What a person may change about themself.
OWN = frozenset({"phone", "travel_limit_m", "night_consent", "overtime_consent", "availability", "version"})


class Member(msgspec.Struct, frozen=True, kw_only=True):
    person: PersonId
    name: str


class Team(msgspec.Struct, frozen=True, kw_only=True):
    """A lasting 1+N team: one officer, N people, one beat; `size` counts those of them whom one may see."""

    code: str
    name: str
    beat: Code
    officer: PersonId
    size: int
    members: list[Member]


class Unit(msgspec.Struct, frozen=True, kw_only=True):
    """A coded patrol of three to five with a leader; `size` counts those of them whom one may see."""

    code: str
    name: str
    beat: Code
    leader: PersonId
    size: int
    members: list[Member]


class Consent(msgspec.Struct, frozen=True, kw_only=True):
    text_version: str
    given_at: datetime


class ConsentText(msgspec.Struct, frozen=True, kw_only=True):
    version: str
    zh: str
    en: str
