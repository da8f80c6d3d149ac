"""HTTP of changes to people and organisations that take published duties away."""

from datetime import datetime

import msgspec
from litestar import Response, get, patch, post

from alliance import events, keys
from alliance.actor import Actor, OrganisationId, PersonId
from alliance.areas.places import Places
from alliance.areas.routes import PLACES
from alliance.db.pool import Pool
from alliance.events import Tx
from alliance.people import actions, leave
from alliance.people.model import (
    Leave,
    NewLeave,
    Organisation,
    OrganisationChange,
    Person,
    PersonChange,
)
from alliance.people.sealed import Seal
from alliance.rest import IdempotencyKey, IfMatch, Page, PathId, etag, wanted_version
from alliance.roster import fitness
from alliance.roster.hole_model import HoleId
from alliance.roster.unfit_store import Lost
from alliance.times import to_ms

# What of a person decides which duties they may do.
DECISIVE = (
    "active",
    "organisation",
    "roles",
    "certificates",
    "born",
    "night_consent",
    "overtime_consent",
)


class ChangedPerson(Person, frozen=True, kw_only=True):
    """`holes`: left by published duties that the person may no longer do."""

    holes: list[HoleId]


class ChangedOrganisation(Organisation, frozen=True, kw_only=True):
    """`holes`: left by published duties that its people may no longer do."""

    holes: list[HoleId]


class AddedLeave(Leave, frozen=True, kw_only=True):
    """`holes`: left by published duties that lie in it."""

    holes: list[HoleId]


class ShownLost(msgspec.Struct, frozen=True, kw_only=True):
    """`kind` and `reason` say why; `by` is null where the service itself did it."""

    id: int
    post_name: str
    post_name_en: str = ""
    beat_name: str
    beat_name_en: str = ""
    start: int
    end: int
    kind: str
    reason: str
    by: int | None


@patch("/people/{number:int}", dependencies=PLACES)
async def change_person(
    actor: Actor,
    pool: Pool,
    seal: Seal,
    now: datetime,
    places: Places,
    number: PathId,
    data: PersonChange,
    if_match: IfMatch = None,
) -> Response[ChangedPerson]:
    """Published duties that have not begun and that the person may do no longer are cancelled."""
    version = wanted_version(if_match, data.version)
    decisive = any(getattr(data, name) is not msgspec.UNSET for name in DECISIVE)
    async with events.transaction(pool, actor.district) as tx:
        have = await actions.changeable(tx.conn, actor, number, data, seal=seal, now=now)
        was = await fitness.before(tx, places, have.id, now) if decisive else {}
        made = await actions.change_person(tx, actor, number, data, version=version, seal=seal, now=now)
        holes = await fitness.settle(tx, places, was, by=actor.person, now=now)
    changed = ChangedPerson(**msgspec.structs.asdict(made), holes=holes)
    return Response(changed, headers=etag(made.version))


@post("/people/{number:int}/leave", dependencies=PLACES)
async def add_leave(
    actor: Actor,
    pool: Pool,
    seal: Seal,
    now: datetime,
    places: Places,
    number: PathId,
    data: NewLeave,
    key: IdempotencyKey = None,
) -> AddedLeave:
    """Published duties that have not begun and lie in it are cancelled."""

    async def work(tx: Tx) -> AddedLeave:
        await leave.of(tx.conn, actor, number, seal, now)
        was = await fitness.before(tx, places, PersonId(number), now)
        made = await leave.add(tx, actor, number, data, seal=seal, now=now)
        holes = await fitness.settle(tx, places, was, by=actor.person, now=now)
        return AddedLeave(**msgspec.structs.asdict(made), holes=holes)

    return await keys.answer(pool, actor, key, now, work=work, kind=AddedLeave)


@patch("/organisations/{number:int}", dependencies=PLACES)
async def change_organisation(
    actor: Actor,
    pool: Pool,
    now: datetime,
    places: Places,
    number: PathId,
    data: OrganisationChange,
    if_match: IfMatch = None,
) -> Response[ChangedOrganisation]:
    """Without its people's duties where it is no longer active, and the last ones that its permit allowed."""
    version = wanted_version(if_match, data.version)
    decisive = not (data.active in (True, msgspec.UNSET) and data.permit in (True, msgspec.UNSET))
    async with events.transaction(pool, actor.district) as tx:
        made = await actions.change_organisation(tx, actor, number, data, version=version, now=now)
        holes = (
            await fitness.settle_members(tx, places, OrganisationId(number), by=actor.person, now=now)
            if decisive
            else []
        )
    changed = ChangedOrganisation(**msgspec.structs.asdict(made), holes=holes)
    return Response(changed, headers=etag(made.version))


@get("/me/cancelled")
async def my_cancelled(actor: Actor, pool: Pool, now: datetime) -> Page[ShownLost]:
    """Own duties to come that were cancelled, and why; not those that somebody took over."""
    async with pool.acquire() as conn:
        found = await fitness.lost(conn, actor, now)
    return Page(items=[_shown(one) for one in found])


def _shown(one: Lost) -> ShownLost:
    same = {
        name: getattr(one, name) for name in ShownLost.__struct_fields__ if name in Lost.__struct_fields__
    }
    return ShownLost(**same, start=to_ms(one.starts_at), end=to_ms(one.ends_at))


ROUTES = [my_cancelled, change_person, add_leave, change_organisation]
