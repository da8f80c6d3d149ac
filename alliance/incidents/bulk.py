"""Confirmed incidents of the past in one go by COPY: for a seeded district; what is given is trusted."""

from collections.abc import Iterator, Sequence
from datetime import datetime

import msgspec

from alliance.actor import DistrictId, PersonId
from alliance.db.pool import Connection
from alliance.incidents.model import ALWAYS_FOUND, FOUND_ON_DUTY, IncidentId, Kind, Place, State

FOUND = (*ALWAYS_FOUND, *FOUND_ON_DUTY)


class Past(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One report, by `people[0]`, that opened an incident which `officer` closed and confirmed."""

    kind: Kind
    place: Place
    opened_at: datetime
    closed_at: datetime
    confirmed_at: datetime
    people: tuple[PersonId, ...]
    officer: PersonId
    text: str


async def copy_past(conn: Connection, district: DistrictId, given: Sequence[Past]) -> list[IncidentId]:
    """Their ids, in order."""
    numbers = await _reserve(conn, "incident", len(given))
    reports = await _reserve(conn, "report", len(given))
    await conn.copy_records_to_table(
        "incident",
        columns=[
            *("district_id", "id", "kind", "state", "opened_at", "closed_at", "by_patrol", "version"),
            *Place.__struct_fields__,
        ],
        records=[
            (
                *(district, number, one.kind, State.CONFIRMED, one.opened_at, one.closed_at),
                *(one.kind in FOUND, 3),
                *msgspec.structs.astuple(one.place),
            )
            for number, one in zip(numbers, given, strict=True)
        ],
    )
    await _copy_transitions(conn, district, numbers, given)
    await _copy_reports(conn, district, numbers, reports, given=given)
    return [IncidentId(number) for number in numbers]


async def _reserve(conn: Connection, table: str, count: int) -> list[int]:
    records = await conn.fetch(
        "select nextval(pg_get_serial_sequence($1, 'id')) as id from generate_series(1, $2) order by id",
        table,
        count,
    )
    return [record["id"] for record in records]


async def _copy_transitions(
    conn: Connection, district: DistrictId, numbers: Sequence[int], given: Sequence[Past]
) -> None:
    await conn.copy_records_to_table(
        "incident_transition",
        columns=["district_id", "incident", "n", "from_state", "to_state", "at", "actor"],
        records=[
            (district, number, n, *step)
            for number, one in zip(numbers, given, strict=True)
            for n, step in enumerate(_steps(one), 1)
        ],
    )


def _steps(one: Past) -> Iterator[tuple[State | None, State, datetime, PersonId]]:
    yield None, State.OPEN, one.opened_at, one.people[0]
    yield State.OPEN, State.CLOSED, one.closed_at, one.officer
    yield State.CLOSED, State.CONFIRMED, one.confirmed_at, one.officer


async def _copy_reports(
    conn: Connection,
    district: DistrictId,
    numbers: Sequence[int],
    reports: Sequence[int],
    *,
    given: Sequence[Past],
) -> None:
    await conn.copy_records_to_table(
        "report",
        columns=[
            *("district_id", "id", "incident", "person", "kind", "at", "received_at"),
            *("lat", "lon", "cell", "text"),
        ],
        records=[
            (
                *(district, report, number, one.people[0], one.kind, one.opened_at, one.opened_at),
                *(one.place.lat, one.place.lon, one.place.cell, one.text),
            )
            for number, report, one in zip(numbers, reports, given, strict=True)
        ],
    )
    await conn.copy_records_to_table(
        "participant",
        columns=["district_id", "report", "person"],
        records=[
            (district, report, person)
            for report, one in zip(reports, given, strict=True)
            for person in one.people
        ],
    )
