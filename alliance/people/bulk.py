"""Many people at once by COPY: for a seeded district and for benchmarks; what is given is trusted."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime

import msgspec

from alliance.actor import Code, DistrictId, OrganisationId, PersonId, Role
from alliance.db.pool import Connection
from alliance.people.consent import TEXT
from alliance.people.model import NewOrganisation


class PersonRow(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Numbers are sealed by the caller."""

    organisation: OrganisationId
    name: str
    phone: bytes | None = None
    phone_hash: bytes | None = None
    born: date | None = None
    home: str | None = None
    travel_limit_m: int = 8000
    night_consent: bool = False
    overtime_consent: bool = False


class RoleRow(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    person: PersonId
    role: Role
    area: Code | None = None
    organisation: OrganisationId | None = None
    unit: str | None = None


class CertificateRow(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    person: PersonId
    kind: str
    number: str
    valid_from: date
    valid_until: date


class OfferRow(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    person: PersonId
    weekday: int
    start_minute: int
    end_minute: int


class LeaveRow(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    person: PersonId
    starts_at: datetime
    ends_at: datetime
    kind: str


class TeamRow(msgspec.Struct, frozen=True, kw_only=True):
    code: str
    name: str
    beat: Code
    officer: PersonId
    members: Sequence[PersonId]


class UnitRow(msgspec.Struct, frozen=True, kw_only=True):
    code: str
    name: str
    beat: Code
    leader: PersonId
    members: Sequence[PersonId]


async def _copy(conn: Connection, district: DistrictId, table: str, given: Sequence[msgspec.Struct]) -> None:
    """Rows whose fields are the table's columns."""
    if not given:
        return
    fields = given[0].__struct_fields__
    await conn.copy_records_to_table(
        table,
        columns=("district_id", *fields),
        records=((district, *msgspec.structs.astuple(row)) for row in given),
    )


async def copy_organisations(
    conn: Connection, district: DistrictId, given: Sequence[NewOrganisation]
) -> list[OrganisationId]:
    """Their ids, in order."""
    numbers = await _reserve(conn, "organisation", len(given))
    await conn.copy_records_to_table(
        "organisation",
        columns=("district_id", "id", "code", "name", "name_en", "kind", "permit"),
        records=[
            (district, number, one.code, one.name, one.name_en, one.kind.value, one.permit)
            for number, one in zip(numbers, given, strict=True)
        ],
    )
    return [OrganisationId(number) for number in numbers]


async def copy_people(
    conn: Connection, district: DistrictId, given: Sequence[PersonRow], now: datetime
) -> list[PersonId]:
    """Their ids, in order."""
    numbers = await _reserve(conn, "person", len(given))
    await conn.copy_records_to_table(
        "person",
        columns=("district_id", "id", "created_at", *PersonRow.__struct_fields__),
        records=(
            (district, number, now, *msgspec.structs.astuple(one))
            for number, one in zip(numbers, given, strict=True)
        ),
    )
    return [PersonId(number) for number in numbers]


async def _reserve(conn: Connection, table: str, count: int) -> list[int]:
    records = await conn.fetch(
        "select nextval(pg_get_serial_sequence($1, 'id')) as id from generate_series(1, $2) order by id",
        table,
        count,
    )
    return [record["id"] for record in records]


async def copy_roles(conn: Connection, district: DistrictId, given: Sequence[RoleRow]) -> None:
    await _copy(conn, district, "person_role", given)


async def copy_certificates(conn: Connection, district: DistrictId, given: Sequence[CertificateRow]) -> None:
    await _copy(conn, district, "certificate", given)


async def copy_availability(conn: Connection, district: DistrictId, given: Sequence[OfferRow]) -> None:
    await _copy(conn, district, "availability", given)


async def copy_leave(conn: Connection, district: DistrictId, given: Sequence[LeaveRow]) -> None:
    await _copy(conn, district, "leave", given)


async def copy_consents(
    conn: Connection, district: DistrictId, people: Iterable[PersonId], now: datetime
) -> None:
    """To the present text."""
    await conn.copy_records_to_table(
        "consent",
        columns=("district_id", "person", "text_version", "given_at"),
        records=[(district, person, TEXT.version, now) for person in people],
    )


async def copy_teams(conn: Connection, district: DistrictId, given: Sequence[TeamRow]) -> None:
    await conn.copy_records_to_table(
        "team",
        columns=("district_id", "code", "name", "beat", "officer"),
        records=[(district, one.code, one.name, one.beat, one.officer) for one in given],
    )
    await conn.copy_records_to_table(
        "team_member",
        columns=("district_id", "team", "person"),
        records=[(district, one.code, person) for one in given for person in one.members],
    )


async def copy_units(conn: Connection, district: DistrictId, given: Sequence[UnitRow]) -> None:
    await conn.copy_records_to_table(
        "unit",
        columns=("district_id", "code", "name", "beat", "leader"),
        records=[(district, one.code, one.name, one.beat, one.leader) for one in given],
    )
    await conn.copy_records_to_table(
        "unit_member",
        columns=("district_id", "unit", "person"),
        records=[(district, one.code, person) for one in given for person in one.members],
    )
