"""The reserve on call, as the desk and the people on it see it."""

from datetime import date, datetime, timedelta

from alliance import events
from alliance.actor import COMMAND, Actor, DistrictId, Role
from alliance.areas import actions as areas
from alliance.areas.places import Places
from alliance.db.pool import Connection
from alliance.errors import Refused, not_found
from alliance.events import Event, Tx
from alliance.roster import standby_store
from alliance.roster.model import RosterId
from alliance.roster.standby_store import OnCall
from alliance.times import at_minute, duty_day

DESK = (*COMMAND, Role.CHIEF, Role.OFFICER)
AHEAD = timedelta(days=14)
DAY = timedelta(days=1)


async def wanting(conn: Connection, district: DistrictId, now: datetime) -> list[RosterId]:
    """Rosters whose reserve is to be chosen."""
    zone = areas.zone_of(await areas.district(conn, district))
    return await standby_store.wanting(conn, district, duty_day(now, zone))


async def of_day(conn: Connection, actor: Actor, places: Places, day: date) -> list[OnCall]:
    """Command sees all towns, chief and officer those of their beats."""
    actor.must(*DESK)
    beats = {beat for grant in actor.grants if grant.role in DESK for beat in grant.beats}
    towns = None if actor.is_command() else sorted({places.town_of[beat] for beat in beats})
    return await standby_store.on_call(
        conn,
        actor.district,
        first=at_minute(day, 0, places.zone),
        last=at_minute(day + DAY, 0, places.zone),
        towns=towns,
    )


async def own(conn: Connection, actor: Actor, now: datetime) -> list[OnCall]:
    return await standby_store.on_call(
        conn, actor.district, first=now, last=now + AHEAD, towns=None, person=actor.person
    )


async def release(tx: Tx, actor: Actor, number: int, reason: str, now: datetime) -> None:
    """Somebody can't be on call; command may say so for anyone."""
    found = await standby_store.one(tx.conn, tx.district, number)
    if found is None or (found.person != actor.person and not actor.is_command()):
        raise not_found("time on call of yours", number)
    if found.ends_at <= now or found.released_at is not None:
        raise Refused("too_late", "it is over already")
    if found.assignment is not None:
        raise Refused("out_of_order", "the call became a duty: say there that you can't come")
    await standby_store.release(tx.conn, tx.district, found.id, actor.person, reason=reason, now=now)
    data = {"standby": found.id, "person": found.person, "shift": found.shift, "town": found.town}
    events.record(
        tx,
        Event(
            kind="standby_released",
            at=now,
            actor=actor.person,
            people=(found.person,),
            areas=(found.town,),
            organisation=found.organisation,
            data=data,
        ),
    )
