"""The district's first people, made by nobody but the operator."""

from datetime import datetime

from alliance import events
from alliance.actor import PersonId, Role
from alliance.events import Event, Tx
from alliance.people import person_store, store
from alliance.people.model import Held, NewOrganisation, OrganisationKind
from alliance.people.person_store import Columns

POLICE = NewOrganisation(code="police", name="公安分局", name_en="Police", kind=OrganisationKind.POLICE)


async def administrator(tx: Tx, name: str, now: datetime) -> PersonId:
    """An administrator in the police organisation, which is made where there is none."""
    have = await store.organisations(tx.conn, tx.district, None, limit=1000)
    police = next((one for one in have if one.kind is OrganisationKind.POLICE), None)
    if police is None:
        police = await store.insert_organisation(tx.conn, tx.district, POLICE)
        data = {"organisation": police.id, "code": police.code, "name": police.name}
        events.record(tx, Event(kind="organisation_added", at=now, actor=None, data=data))
    columns = Columns(
        organisation=police.id,
        name=name,
        phone=None,
        phone_hash=None,
        id_number=None,
        id_number_hash=None,
        born=None,
        home=None,
        travel_limit_m=0,
        night_consent=False,
        overtime_consent=False,
        active=True,
    )
    made = await person_store.insert(tx.conn, tx.district, columns, now)
    await person_store.replace_roles(tx.conn, tx.district, made, [Held(role=Role.ADMINISTRATOR)])
    fact = Event(
        kind="person_added",
        at=now,
        actor=None,
        people=(made,),
        organisation=police.id,
        data={"person": made, "organisation": police.id},
    )
    events.record(tx, fact)
    return made
