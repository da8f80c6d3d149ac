"""Looking at somebody's track: for a purpose, by those whose business it is, and never in secret."""

from datetime import datetime

from alliance.actor import COMMAND, Actor, PersonId, Role
from alliance.errors import Refused, not_found
from alliance.events import Tx
from alliance.patrol import duties, fix_store, visit_store
from alliance.patrol.model import Duty
from alliance.patrol.shapes import Track

LOOKING = (*COMMAND, Role.CHIEF, Role.OFFICER)


async def track(
    tx: Tx, actor: Actor, person: PersonId, assignment: int, *, purpose: str, now: datetime
) -> Track:
    found = await duties.numbered(tx.conn, tx.district, [assignment])
    duty = next((one for one in found if one.person == person and _may_look(actor, one)), None)
    if duty is None:
        raise not_found("duty", assignment)
    if duty.person != actor.person:
        if not purpose.strip():
            raise Refused("bad_request", "purpose: say what the track is looked at for")
        await fix_store.audit(tx.conn, actor, person, purpose=purpose.strip(), now=now)
    points = await fix_store.track(tx.conn, tx.district, duty.duty_day, duty.id)
    visits = await visit_store.of(tx.conn, tx.district, duty.duty_day, duty.id)
    return Track(
        assignment=duty.id,
        person=duty.person,
        day=duty.duty_day,
        fixes=[(p.at, p.lat, p.lon, round(p.accuracy, 2), p.battery, p.mock) for p in points],
        visits=visits,
    )


def _may_look(actor: Actor, duty: Duty) -> bool:
    if duty.person == actor.person or actor.has(*LOOKING, beat=duty.beat):
        return True
    return actor.has(Role.MANAGER, organisation=duty.organisation)
