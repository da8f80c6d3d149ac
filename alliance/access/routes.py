"""HTTP of signing in and out, of what is one's own, of logins and tokens."""

from datetime import datetime, timedelta
from typing import Annotated, Any, Literal

import msgspec
from litestar import Request, Response, get, post
from litestar.datastructures import Cookie
from litestar.params import Parameter
from msgspec import Meta

from alliance import events
from alliance.access import actions
from alliance.access.guard import PUBLIC, secure, signed_of
from alliance.access.model import COOKIE, Kind, Login, Password
from alliance.access.passwords import Passwords
from alliance.actor import Actor, DistrictId, PersonId, Role
from alliance.config import Config
from alliance.db.pool import Pool
from alliance.people import actions as people
from alliance.people.consent import TEXT
from alliance.people.model import Consent, ConsentText, Held, Id
from alliance.rest import Cursor, Limit, Page, PathId, after_id, page
from alliance.times import to_ms

AnyRequest = Request[Any, Any, Any]


class LoginBody(msgspec.Struct, frozen=True, kw_only=True):
    """`token`: answer with a bearer token instead of setting a cookie."""

    login: Login
    password: Password
    district: Annotated[int, Meta(ge=1, le=999_999_999)] | None = None
    token: bool = False


class LoginAnswer(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    person: PersonId
    name: str
    roles: list[Role]
    csrf: str
    district: DistrictId
    expires_at: int
    token: str | None = None


class OrganisationName(msgspec.Struct, frozen=True, kw_only=True):
    id: int
    name: str


class DistrictName(msgspec.Struct, frozen=True, kw_only=True):
    id: DistrictId
    name: str
    name_en: str
    time_zone: str


class ConsentShown(msgspec.Struct, frozen=True, kw_only=True):
    text_version: str
    given_at: int


class Me(msgspec.Struct, frozen=True, kw_only=True):
    person: PersonId
    name: str
    organisation: OrganisationName
    district: DistrictName
    roles: list[Held]
    csrf: str
    consent: ConsentShown | None
    consent_text: ConsentText


class ConsentBody(msgspec.Struct, frozen=True, kw_only=True):
    text_version: Annotated[str, Meta(max_length=40)]
    given: bool


class ConsentAnswer(msgspec.Struct, frozen=True, kw_only=True):
    consent: ConsentShown | None
    consent_text: ConsentText


class ReadShown(msgspec.Struct, frozen=True, kw_only=True):
    id: int
    at: int
    actor: PersonId
    actor_name: str
    what: str
    purpose: str


class BulkBody(msgspec.Struct, frozen=True, kw_only=True):
    people: Annotated[list[Id], Meta(min_length=1, max_length=actions.MOST_TOKENS)]
    hours: Annotated[int, Meta(ge=1, le=24 * 90)] = 24


class PersonToken(msgspec.Struct, frozen=True, kw_only=True):
    person: PersonId
    token: str


class BulkAnswer(msgspec.Struct, frozen=True, kw_only=True):
    tokens: list[PersonToken]


class PasswordBody(msgspec.Struct, frozen=True, kw_only=True):
    old: Password
    new: Password


class AccountBody(msgspec.Struct, frozen=True, kw_only=True):
    login: Login
    password: Password


@post("/login", opt={PUBLIC: True}, status_code=200)
async def login(
    request: AnyRequest, pool: Pool, config: Config, passwords: Passwords, now: datetime, data: LoginBody
) -> Response[LoginAnswer]:
    async with pool.acquire() as conn:
        district = await actions.the_district(conn, data.district)
    life = timedelta(hours=config.session_hours)
    attempt = actions.Attempt(
        district=district,
        login=data.login,
        password=data.password,
        address=request.client.host if request.client else "",
        kind=Kind.TOKEN if data.token else Kind.COOKIE,
    )
    entry = await actions.sign_in(pool, attempt, passwords, life=life, now=now)
    answer = LoginAnswer(
        person=entry.actor.person,
        name=entry.name,
        roles=list(entry.actor.roles),
        csrf=entry.csrf,
        district=district,
        expires_at=to_ms(entry.expires_at),
        token=entry.text if data.token else None,
    )
    cookies = [] if data.token else [_cookie(request, config, entry.text, life * actions.LONGEST_LIFE)]
    return Response(answer, cookies=cookies)


@post("/logout", status_code=204)
async def logout(request: AnyRequest, pool: Pool, config: Config, now: datetime) -> Response[None]:
    signed = signed_of(request)
    async with events.transaction(pool, signed.actor.district) as tx:
        await actions.sign_out(tx, signed, now)
    return Response(None, status_code=204, cookies=[_cookie(request, config, "", timedelta(0))])


def _cookie(request: AnyRequest, config: Config, text: str, life: timedelta) -> Cookie:
    """The browser keeps it for the longest life a session can have; the server knows when it really ends."""
    strictness: Literal["lax"] = "lax"
    return Cookie(
        key=COOKIE,
        value=text,
        path="/",
        httponly=True,
        samesite=strictness,
        secure=config.secure_cookies or secure(request),
        max_age=int(life.total_seconds()),
    )


@get("/me")
async def me(request: AnyRequest, pool: Pool, actor: Actor) -> Me:
    async with pool.acquire() as conn:
        home = await people.home(conn, actor)
        consent = await people.consent(conn, actor.district, actor.person)
    return Me(
        person=actor.person,
        name=home.name,
        organisation=OrganisationName(id=home.organisation, name=home.organisation_name),
        district=DistrictName(
            id=actor.district,
            name=home.district_name,
            name_en=home.district_name_en,
            time_zone=home.time_zone,
        ),
        roles=[
            Held(role=grant.role, area=grant.area, organisation=grant.organisation, unit=grant.unit)
            for grant in actor.grants
        ],
        csrf=signed_of(request).session.csrf,
        consent=_consent(consent),
        consent_text=TEXT,
    )


def _consent(consent: Consent | None) -> ConsentShown | None:
    if consent is None:
        return None
    return ConsentShown(text_version=consent.text_version, given_at=to_ms(consent.given_at))


@post("/me/consent", status_code=200)
async def set_consent(actor: Actor, pool: Pool, now: datetime, data: ConsentBody) -> ConsentAnswer:
    """Give consent to the text that /me shows, or withdraw it."""
    async with events.transaction(pool, actor.district) as tx:
        consent = await people.set_consent(
            tx, actor, text_version=data.text_version, given=data.given, now=now
        )
    return ConsentAnswer(consent=_consent(consent), consent_text=TEXT)


@get("/me/reads")
async def reads(actor: Actor, pool: Pool, cursor: Cursor = None, limit: Limit = 100) -> Page[ReadShown]:
    """Who looked at my track or file, newest first."""
    before = after_id(cursor) if cursor else 2**53
    async with pool.acquire() as conn:
        found = await actions.reads(conn, actor, before=before, limit=limit + 1)
    shown = [
        ReadShown(
            id=read.id,
            at=to_ms(read.at),
            actor=read.actor,
            actor_name=read.actor_name,
            what=read.what,
            purpose=read.purpose,
        )
        for read in found
    ]
    return page(shown, limit, [read.id for read in found])


@post("/me/password", status_code=204)
async def change_password(
    request: AnyRequest, pool: Pool, passwords: Passwords, now: datetime, data: PasswordBody
) -> None:
    """A new password; ends the person's other sessions."""
    signed = signed_of(request)
    async with events.transaction(pool, signed.actor.district) as tx:
        await actions.change_password(tx, signed, old=data.old, new=data.new, passwords=passwords, now=now)


@post("/people/{number:int}/account", status_code=204)
async def make_account(
    actor: Actor, pool: Pool, passwords: Passwords, now: datetime, number: PathId, data: AccountBody
) -> None:
    """A login for a person, or a new one instead of a forgotten one; ends the person's sessions."""
    async with events.transaction(pool, actor.district) as tx:
        await actions.make_account(
            tx,
            actor,
            PersonId(number),
            login=data.login,
            password=data.password,
            passwords=passwords,
            now=now,
        )


@post("/sessions/bulk", status_code=200)
async def bulk(actor: Actor, pool: Pool, now: datetime, data: BulkBody) -> BulkAnswer:
    """Bearer tokens for many people at once."""
    wanted = [PersonId(person) for person in data.people]
    async with events.transaction(pool, actor.district) as tx:
        made = await actions.tokens(tx, actor, wanted, timedelta(hours=data.hours), now)
    return BulkAnswer(tokens=[PersonToken(person=person, token=token) for person, token in made])


class EventShown(msgspec.Struct, frozen=True, kw_only=True):
    id: int
    kind: str
    at: int
    actor: PersonId | None
    data: dict[str, Any]


class EventPage(msgspec.Struct, frozen=True, kw_only=True):
    """`next` is the `since` of the next request; None when nothing newer is there yet."""

    items: list[EventShown]
    next: int | None
    latest: int


@get("/events")
async def recent(
    actor: Actor, pool: Pool, since: Annotated[int, Parameter(ge=0, le=2**53)] = 0, limit: Limit = 100
) -> EventPage:
    """Facts after number `since` that you may see, oldest first."""
    async with pool.acquire() as conn:
        latest = await events.latest(conn, actor.district)
        seen = await events.seen_since(conn, actor, since, limit)
    return EventPage(
        items=[
            EventShown(id=fact.id, kind=fact.kind, at=to_ms(fact.at), actor=fact.actor, data=fact.data)
            for fact in seen.facts
        ],
        next=seen.read_to if seen.read_to < latest else None,
        latest=latest,
    )


ROUTES = [login, logout, me, set_consent, reads, change_password, make_account, bulk, recent]
