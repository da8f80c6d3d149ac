"""HTTP of a person's phones: which background apps may send the person's positions."""

from datetime import datetime
from typing import Annotated, Any

import msgspec
from litestar import delete, get, post
from msgspec import Meta

from alliance import events
from alliance.access import phones, setups
from alliance.access.phone_store import Phone
from alliance.access.setups import OwnTracksSetup, TraccarSetup
from alliance.actor import Actor, PersonId
from alliance.db.pool import Pool
from alliance.rest import Page, PathId
from alliance.times import to_ms


class PhoneBody(msgspec.Struct, frozen=True, kw_only=True):
    name: Annotated[
        str, Meta(min_length=1, max_length=80, description="to tell it apart, such as 'OwnTracks'")
    ]
    address: (
        Annotated[
            str,
            Meta(
                pattern=r"^https?://[A-Za-z0-9.:\[\]-]{1,200}$",
                description="where the phone finds this service: with it the answer has the apps' set-ups",
            ),
        ]
        | None
    ) = None


class ShownPhone(msgspec.Struct, frozen=True, kw_only=True):
    id: int
    person: PersonId
    name: str
    made_at: int
    made_by: PersonId
    used_at: int | None


class BoundPhone(ShownPhone, frozen=True, kw_only=True):
    """`token`, and the set-ups that contain it, are shown this once."""

    token: str
    traccar: TraccarSetup | None = None
    owntracks: OwnTracksSetup | None = None


@get("/people/{number:int}/phones")
async def shown(actor: Actor, pool: Pool, number: PathId) -> Page[ShownPhone]:
    """The background apps that may send the person's positions."""
    async with pool.acquire() as conn:
        found = await phones.listed(conn, actor, number)
    return Page(items=[ShownPhone(**_columns(phone)) for phone in found])


@post("/people/{number:int}/phones")
async def bind(actor: Actor, pool: Pool, now: datetime, number: PathId, data: PhoneBody) -> BoundPhone:
    """Bind one more; put the token into the app."""
    async with events.transaction(pool, actor.district) as tx:
        text, phone = await phones.bind(tx, actor, number, name=data.name, now=now)
    if data.address is None:
        return BoundPhone(**_columns(phone), token=text)
    return BoundPhone(
        **_columns(phone),
        token=text,
        traccar=setups.traccar(data.address, text),
        owntracks=setups.owntracks(data.address, text),
    )


@delete("/people/{number:int}/phones/{phone:int}")
async def let_go(actor: Actor, pool: Pool, now: datetime, number: PathId, phone: PathId) -> None:
    """Its token is no longer good."""
    async with events.transaction(pool, actor.district) as tx:
        await phones.let_go(tx, actor, number, phone=phone, now=now)


def _columns(phone: Phone) -> dict[str, Any]:
    used = None if phone.used_at is None else to_ms(phone.used_at)
    return msgspec.structs.asdict(phone) | {"made_at": to_ms(phone.made_at), "used_at": used}


ROUTES = [shown, bind, let_go]
