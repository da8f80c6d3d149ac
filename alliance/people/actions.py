"""What may happen to organisations and people, and who sees them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import asyncpg
import msgspec
from msgspec import UNSET

from alliance import events, rest
from alliance.actor import Actor, Code, DistrictId, OrganisationId, PersonId, Role
from alliance.db.pool import Connection
from alliance.errors import Refused, not_found
from alliance.events import Event, Tx
from alliance.people import person_store, scope, scope_store, sealed, store
from alliance.people.consent import TEXT
from alliance.people.model import (
    OWN,
    Availability,
    Certificate,
    Consent,
    Held,
    NewOrganisation,
    NewPerson,
    Organisation,
    OrganisationChange,
    Person,
    PersonChange,
    Team,
    Unit,
)
from alliance.people.person_store import Columns, Filter, Found
from alliance.people.sealed import Seal


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """What a list of people is asked for."""

    beat: str | None = None
    filter: Filter = Filter()


async def organisations(
    conn: Connection, actor: Actor, *, after: int = 0, limit: int = 100
) -> list[Organisation]:
    seen = scope.organisations_of(actor)
    return await store.organisations(conn, actor.district, seen, after=after, limit=limit)


async def organisation(conn: Connection, actor: Actor, number: int) -> Organisation:
    seen = scope.organisations_of(actor)
    if seen is None or number in seen:
        found = await store.organisations(conn, actor.district, [OrganisationId(number)])
        if found:
            return found[0]
    raise not_found("organisation", number)


async def add_organisation(tx: Tx, actor: Actor, new: NewOrganisation, now: datetime) -> Organisation:
    actor.must(Role.ADMINISTRATOR)
    try:
        made = await store.insert_organisation(tx.conn, tx.district, new)
    except asyncpg.UniqueViolationError as error:
        raise Refused("conflict", f"code: {new.code} is taken by another organisation") from error
    _record_organisation(tx, "organisation_added", actor, made, now)
    return made


async def change_organisation(
    tx: Tx, actor: Actor, number: int, change: OrganisationChange, *, version: int, now: datetime
) -> Organisation:
    """The manager may change the names; permit and active are the administrator's."""
    await organisation(tx.conn, actor, number)
    actor.must(Role.ADMINISTRATOR, Role.MANAGER, organisation=OrganisationId(number))
    if not actor.has(Role.ADMINISTRATOR) and (change.permit is not UNSET or change.active is not UNSET):
        raise Refused("forbidden", "permit, active: only an administrator changes them")
    have = await store.lock_organisation(tx.conn, tx.district, OrganisationId(number))
    if have is None:
        raise not_found("organisation", number)
    rest.must_match(have.version, version)
    changed = msgspec.structs.replace(have, version=have.version + 1, **_given(change, Organisation))
    await store.update_organisation(tx.conn, tx.district, changed)
    _record_organisation(tx, "organisation_changed", actor, changed, now)
    return changed


async def people(
    conn: Connection, actor: Actor, wanted: Wanted, seal: Seal, *, after: int, limit: int, now: datetime
) -> list[Person]:
    """Those of the wanted whom the actor may see, by id."""
    sight = await scope.sight(conn, actor, now)
    ids = sight.ids()
    if wanted.beat is not None:
        there = await scope_store.of_beats(conn, actor.district, [Code(wanted.beat)], now)
        ids = frozenset(there) if ids is None else ids & there
    found = await person_store.find(conn, actor.district, wanted.filter, ids, after=after, limit=limit)
    return [_shown(one, seal, near=sight.is_near(one.id)) for one in found]


async def person(conn: Connection, actor: Actor, number: int, seal: Seal, now: datetime) -> Person:
    sight = await scope.sight(conn, actor, now)
    ids, wanted = sight.ids(), PersonId(number)
    if ids is None or wanted in ids:
        found = await person_store.find(conn, actor.district, Filter(), [wanted], limit=1)
        if found:
            return _shown(found[0], seal, near=sight.is_near(wanted))
    raise not_found("person", number)


async def add_person(tx: Tx, actor: Actor, new: NewPerson, seal: Seal, now: datetime) -> Person:
    scope.must_care(actor, new.organisation, (held.role for held in new.roles))
    scope.must_grant(actor, new.organisation, [], new.roles)
    made = await put_person(tx, new, seal, now, by=actor.person)
    return await person(tx.conn, actor, made, seal, now)


async def put_person(tx: Tx, new: NewPerson, seal: Seal, now: datetime, *, by: PersonId | None) -> PersonId:
    """Add someone; who may is decided before. `by` is None for the operator at the shell."""
    await _must_be_real(tx, new.organisation, new.roles)
    _must_be_spans(new.availability, new.certificates)
    numbers = _sealed(new, seal)
    columns = Columns(
        organisation=new.organisation,
        name=new.name.strip(),
        born=new.born,
        home=new.home,
        travel_limit_m=new.travel_limit_m,
        night_consent=new.night_consent,
        overtime_consent=new.overtime_consent,
        active=True,
        **{"phone": None, "phone_hash": None, "id_number": None, "id_number_hash": None, **numbers},
    )
    try:
        made = await person_store.insert(tx.conn, tx.district, columns, now)
    except asyncpg.UniqueViolationError as error:
        raise _taken(error) from error
    await person_store.replace_roles(tx.conn, tx.district, made, new.roles)
    await person_store.replace_certificates(tx.conn, tx.district, made, new.certificates)
    await person_store.replace_availability(tx.conn, tx.district, made, new.availability)
    _record_person(tx, "person_added", by, made, organisation=new.organisation, now=now, more={})
    return made


async def change_person(
    tx: Tx, actor: Actor, number: int, change: PersonChange, *, version: int, seal: Seal, now: datetime
) -> Person:
    """Administrators and managers change the people in their care, everyone what is theirs to say."""
    have = await changeable(tx.conn, actor, number, change, seal=seal, now=now)
    given = _given(change, PersonChange)
    locked = await person_store.lock(tx.conn, tx.district, have.id)
    if locked is None:
        raise not_found("person", number)
    columns, have_version = locked
    rest.must_match(have_version, version)
    if change.organisation is not UNSET or change.roles is not UNSET:
        await _must_be_real(tx, given.get("organisation", columns.organisation), given.get("roles", []))
    _must_be_spans(given.get("availability", []), given.get("certificates", []))
    simple = {name: value for name, value in given.items() if name in Columns.__struct_fields__}
    simple |= _sealed(change, seal)
    try:
        await person_store.update(tx.conn, tx.district, have.id, msgspec.structs.replace(columns, **simple))
    except asyncpg.UniqueViolationError as error:
        raise _taken(error) from error
    await _replace_lists(tx, have.id, change)
    organisation = given.get("organisation", columns.organisation)
    more = {"fields": sorted(given)}
    _record_person(tx, "person_changed", actor.person, have.id, organisation=organisation, now=now, more=more)
    return await person(tx.conn, actor, number, seal, now)


async def changeable(
    conn: Connection, actor: Actor, number: int, change: PersonChange, *, seal: Seal, now: datetime
) -> Person:
    """The person, whom the actor may change in this way."""
    have = await person(conn, actor, number, seal, now)
    _may_change(actor, have, change, set(_given(change, PersonChange)))
    return have


async def numbers_kept(conn: Connection) -> bool:
    """Whether any phone or card number was encrypted yet: then the key must not be made anew."""
    return await person_store.sealed_exists(conn)


async def teams(conn: Connection, actor: Actor, *, members: bool) -> list[Team]:
    return await store.teams(conn, actor.district, _watcher(actor), members=members)


async def units(conn: Connection, actor: Actor, *, members: bool) -> list[Unit]:
    return await store.units(conn, actor.district, _watcher(actor), members=members)


def _watcher(actor: Actor) -> store.Watcher:
    seen = scope.scope_of(actor)
    beats = None if seen.everyone else seen.beats
    return store.Watcher(beats=beats, person=actor.person, organisations=seen.organisations)


async def home(conn: Connection, actor: Actor) -> store.Home:
    """The actor's own name, organisation and district."""
    return await store.home(conn, actor.district, actor.person)


async def consent(conn: Connection, district: DistrictId, person: PersonId) -> Consent | None:
    return await store.consent(conn, district, person)


async def consented(
    conn: Connection, district: DistrictId, people: Sequence[PersonId]
) -> frozenset[PersonId]:
    """Those of the people who have consented to their positions being taken, as of now."""
    return await store.consented(conn, district, people)


async def set_consent(
    tx: Tx, actor: Actor, *, text_version: str, given: bool, now: datetime
) -> Consent | None:
    """Give consent to the present text, or withdraw it; for oneself only."""
    have = await store.consent(tx.conn, tx.district, actor.person)
    if given and text_version != TEXT.version:
        raise Refused("conflict", "text_version: the text has changed; read it again", version=TEXT.version)
    if (have.text_version if have else None) == (text_version if given else None):
        return have
    if have is not None:
        await store.withdraw_consent(tx.conn, tx.district, actor.person, now)
    if given:
        await store.insert_consent(tx.conn, tx.district, actor.person, text_version, now)
    kind = "consent_given" if given else "consent_withdrawn"
    data = {"text_version": text_version if given else have.text_version if have else ""}
    _record_person(tx, kind, actor.person, actor.person, organisation=actor.organisation, now=now, more=data)
    return await store.consent(tx.conn, tx.district, actor.person)


def _may_change(actor: Actor, have: Person, change: PersonChange, fields: set[str]) -> None:
    if have.id == actor.person and OWN.issuperset(fields):
        return
    scope.must_care(actor, have.organisation, (held.role for held in have.roles))
    if change.organisation is not UNSET and change.organisation != have.organisation:
        actor.must(Role.ADMINISTRATOR)
    if change.roles is not UNSET:
        scope.must_grant(actor, have.organisation, have.roles, change.roles)


def _given(change: msgspec.Struct, kind: type[msgspec.Struct]) -> dict[str, Any]:
    """The fields of a change that were sent and that the kind has, but for the version."""
    return {
        name: value
        for name in change.__struct_fields__
        if (value := getattr(change, name)) is not UNSET
        and name != "version"
        and name in kind.__struct_fields__
    }


def _sealed(source: NewPerson | PersonChange, seal: Seal) -> dict[str, bytes | None]:
    """The four columns of the two numbers, of those that were given."""
    columns: dict[str, bytes | None] = {}
    for field, normalise in (("phone", sealed.phone), ("id_number", sealed.id_number)):
        text = getattr(source, field)
        if text is UNSET:
            continue
        plain = normalise(text) if text else None
        columns[field] = seal.seal(plain, field) if plain else None
        columns[f"{field}_hash"] = seal.digest(plain, field) if plain else None
    return columns


def _shown(found: Found, seal: Seal, *, near: bool) -> Person:
    """Numbers masked; to those who only share a unit no more than name, organisation and roles."""
    return Person(
        id=found.id,
        name=found.name,
        organisation=found.organisation,
        organisation_name=found.organisation_name,
        phone=_masked(seal, found.phone, "phone") if near else None,
        id_number=_masked(seal, found.id_number, "id_number") if near else None,
        roles=found.roles,
        home=found.home if near else None,
        born=found.born if near else None,
        travel_limit_m=found.travel_limit_m,
        night_consent=found.night_consent,
        overtime_consent=found.overtime_consent,
        certificates=found.certificates if near else [],
        availability=found.availability if near else [],
        active=found.active,
        version=found.version,
    )


def _masked(seal: Seal, number: bytes | None, field: str) -> str | None:
    return None if number is None else sealed.masked(seal.unseal(number, field))


async def _replace_lists(tx: Tx, person: PersonId, change: PersonChange) -> None:
    if change.roles is not UNSET:
        await person_store.replace_roles(tx.conn, tx.district, person, change.roles)
    if change.certificates is not UNSET:
        await person_store.replace_certificates(tx.conn, tx.district, person, change.certificates)
    if change.availability is not UNSET:
        await person_store.replace_availability(tx.conn, tx.district, person, change.availability)


async def _must_be_real(tx: Tx, organisation: OrganisationId, roles: Sequence[Held]) -> None:
    """Organisations, areas and units that are named exist in the district."""
    named = {organisation, *(held.organisation for held in roles if held.organisation is not None)}
    have = await store.organisations(tx.conn, tx.district, sorted(named))
    missing: list[object] = [*sorted(named - {one.id for one in have})]
    areas = [held.area for held in roles if held.area is not None]
    missing += await person_store.unknown_areas(tx.conn, tx.district, areas)
    codes = [held.unit for held in roles if held.unit is not None]
    missing += await person_store.unknown_units(tx.conn, tx.district, codes)
    if missing:
        raise Refused("bad_request", f"organisation, roles: {missing[0]} is not in this district")


def _must_be_spans(offers: Sequence[Availability], certificates: Sequence[Certificate]) -> None:
    for offer in offers:
        if not offer.start_minute < offer.end_minute <= offer.start_minute + 1440:
            raise Refused("bad_request", "availability: end_minute comes after start_minute, within a day")
    if len({(offer.weekday, offer.start_minute) for offer in offers}) < len(offers):
        raise Refused("bad_request", "availability: two offers start at the same time")
    if any(certificate.valid_until < certificate.valid_from for certificate in certificates):
        raise Refused("bad_request", "certificates: valid_until comes before valid_from")


def _taken(error: asyncpg.UniqueViolationError) -> Refused:
    field = "id_number" if "id_number" in str(error.constraint_name) else "phone"
    return Refused("conflict", f"{field}: another person of this district has it")


def _record_person(
    tx: Tx,
    kind: str,
    by: PersonId | None,
    person: PersonId,
    *,
    organisation: OrganisationId,
    now: datetime,
    more: dict[str, Any],
) -> None:
    data = {"person": person, "organisation": organisation, **more}
    fact = Event(kind=kind, at=now, actor=by, people=(person,), organisation=organisation, data=data)
    events.record(tx, fact)


def _record_organisation(tx: Tx, kind: str, actor: Actor, organisation: Organisation, now: datetime) -> None:
    data = {"organisation": organisation.id, "code": organisation.code, "name": organisation.name}
    events.record(tx, Event(kind=kind, at=now, actor=actor.person, organisation=organisation.id, data=data))
