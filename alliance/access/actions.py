"""Signing in and out, who acts in a session, tokens in bulk, accounts."""

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import msgspec

from alliance import events
from alliance.access import scopes, store, throttle
from alliance.access.model import Kind, Session, SessionKey, Signed, cookie_token, new_secret, session_key
from alliance.access.passwords import Passwords, weakness
from alliance.actor import Actor, DistrictId, PersonId, Role
from alliance.areas import actions as areas
from alliance.db.pool import Connection, Pool
from alliance.errors import Refused
from alliance.events import Event, Tx

# A session slides along while it is used, up to this many times its length, and is written only now and then.
LONGEST_LIFE = 4
SLIDE_AFTER = 0.05
MOST_TOKENS = 50_000
# Whose login a manager may make.
ORDINARY = frozenset({Role.GUARD, Role.VOLUNTEER})


class Attempt(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody wants in."""

    district: DistrictId
    login: str
    password: str
    address: str
    kind: Kind


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody is in: the secret's text, shown once."""

    text: str
    csrf: str
    name: str
    actor: Actor
    expires_at: datetime


async def the_district(conn: Connection, named: int | None) -> DistrictId:
    """The district to sign in to: the one named, or the only one there is."""
    if named is not None:
        return DistrictId(named)
    have = await areas.districts(conn)
    if len(have) != 1:
        raise Refused("bad_request", "district: say which one to sign in to")
    return have[0]


async def sign_in(
    pool: Pool, attempt: Attempt, passwords: Passwords, *, life: timedelta, now: datetime
) -> Entry:
    """A new session for the right password; refused `wrong_password`, or `too_many` with a time to wait."""
    district, login = attempt.district, attempt.login
    async with pool.acquire() as conn:
        failures = await store.count_attempt(
            conn,
            district,
            login,
            attempt.address,
            start=throttle.window(now),
            oldest=throttle.oldest(now),
        )
        wait = throttle.wait(failures, now)
        if wait:
            raise Refused(
                "too_many", f"too many wrong passwords: try again in {wait} seconds", retry_after=wait
            )
        account = await store.account(conn, district, login)
    good = await passwords.matches(account.password if account else None, attempt.password)
    if account is None or not good or not account.active:
        raise Refused("wrong_password", "no such login and password")
    text, made = new_secret(district)
    session = _session(made, account.person, attempt.kind, now, now + life)
    async with events.transaction(pool, district) as tx:
        await store.forgive(tx.conn, district, login, attempt.address)
        await store.insert_sessions(tx.conn, district, [session])
        actor = (await scopes.actors(tx.conn, district, [account.person])).get(account.person)
        if actor is None:
            raise Refused("wrong_password", "no such login and password")
        _record(tx, "signed_in", actor, actor.person, now)
    return Entry(text=text, csrf=session.csrf, name=account.name, actor=actor, expires_at=session.expires_at)


async def sign_out(tx: Tx, signed: Signed, now: datetime) -> None:
    await store.end(tx.conn, tx.district, signed.key.secret_hash, now)
    _record(tx, "signed_out", signed.actor, signed.actor.person, now)


async def authenticate(conn: Connection, text: str | None, now: datetime) -> Signed:
    """Who acts with that token or cookie text; refused `not_signed_in`."""
    if not text:
        raise Refused("not_signed_in", "sign in first")
    found = session_key(text)
    signed = (await still_valid(conn, found.district, [found], now)).get(found)
    if signed is None:
        raise Refused("not_signed_in", "the session has ended: sign in again")
    return signed


async def authenticate_token(conn: Connection, token: str, now: datetime) -> Signed:
    """As `authenticate`, for a bearer token only: a cookie's text is none."""
    signed = await authenticate(conn, token, now)
    if signed.session.kind is not Kind.TOKEN:
        raise Refused("not_signed_in", "this is no bearer token")
    return signed


async def authenticate_cookie(conn: Connection, header: str | None, now: datetime) -> Signed:
    """As `authenticate`, from a Cookie header; the caller has checked the Origin."""
    signed = await authenticate(conn, cookie_token(header), now)
    if signed.session.kind is not Kind.COOKIE:
        raise Refused("not_signed_in", "this is no browser session")
    return signed


async def still_valid(
    conn: Connection, district: DistrictId, keys: Sequence[SessionKey], now: datetime
) -> Mapping[SessionKey, Signed]:
    """Those of one district's sessions that are still good, with their actors as they are now.

    Two queries for any number. Who is missing was signed out, has expired or was made inactive.
    """
    hashes = [one.secret_hash for one in keys]
    sessions = await store.open_sessions(conn, district, hashes, now)
    people = list({session.person for session in sessions})
    actors = await scopes.actors(conn, district, people) if people else {}
    found = {}
    for session in sessions:
        if session.person in actors:
            key = SessionKey(district=district, secret_hash=session.secret_hash)
            found[key] = Signed(key=key, session=session, actor=actors[session.person])
    return found


async def slide(conn: Connection, signed: Signed, *, life: timedelta, now: datetime) -> datetime | None:
    """Let a browser's session that is in use last longer; its new end where it was moved."""
    session = signed.session
    end = min(now + life, session.created_at + LONGEST_LIFE * life)
    if session.kind is not Kind.COOKIE or end - session.expires_at < SLIDE_AFTER * life:
        return None
    await store.extend(conn, signed.key.district, session.secret_hash, end)
    return end


async def tokens(
    tx: Tx, actor: Actor, people: Sequence[PersonId], life: timedelta, now: datetime
) -> list[tuple[PersonId, str]]:
    """Bearer tokens for many people at once, for devices; never for other administrators."""
    actor.must(Role.ADMINISTRATOR)
    if len(people) > MOST_TOKENS:
        raise Refused("too_large", f"people: at most {MOST_TOKENS} at once")
    wanted = list(dict.fromkeys(people))
    found = await scopes.actors(tx.conn, tx.district, wanted)
    missing = [person for person in wanted if person not in found]
    if missing:
        raise Refused("not_found", f"people: no active person {missing[0]} in this district")
    if any(found[person].has(Role.ADMINISTRATOR) for person in wanted if person != actor.person):
        raise Refused("forbidden", "people: an administrator signs in with the own password")
    made = [(person, *new_secret(tx.district)) for person in wanted]
    sessions = [_session(key, person, Kind.TOKEN, now, now + life) for person, _, key in made]
    await store.insert_sessions(tx.conn, tx.district, sessions)
    data = {"count": len(made), "until": int((now + life).timestamp() * 1000)}
    events.record(tx, Event(kind="tokens_made", at=now, actor=actor.person, data=data))
    return [(person, text) for person, text, _ in made]


async def change_password(
    tx: Tx, signed: Signed, *, old: str, new: str, passwords: Passwords, now: datetime
) -> None:
    """A new password for oneself; ends all other sessions."""
    account = await store.account_of(tx.conn, tx.district, signed.actor.person)
    if account is None or not await passwords.matches(account.password, old):
        raise Refused("forbidden", "old: this is not your password")
    _must_be_good(new, account.login, account.name)
    hashed = await passwords.hash(new)
    person = signed.actor.person
    await store.put_account(tx.conn, tx.district, person, login=account.login, password=hashed, now=now)
    await store.end_all(tx.conn, tx.district, person, now, but=signed.key.secret_hash)
    _record(tx, "password_changed", signed.actor, person, now)


async def make_account(
    tx: Tx, actor: Actor, person: PersonId, *, login: str, password: str, passwords: Passwords, now: datetime
) -> None:
    """A login for a person, or a new one instead of a forgotten one, by who looks after the person."""
    target = (await scopes.actors(tx.conn, tx.district, [person])).get(person)
    _must_manage(actor, target, person)
    await put_login(tx, person, login=login, password=password, passwords=passwords, now=now)
    await store.end_all(tx.conn, tx.district, person, now)
    _record(tx, "account_made", actor, person, now)


async def put_login(
    tx: Tx, person: PersonId, *, login: str, password: str, passwords: Passwords, now: datetime
) -> None:
    """Without asking who acts: for the first administrator, from the shell."""
    taken = await store.account(tx.conn, tx.district, login)
    if taken is not None and taken.person != person:
        raise Refused("conflict", "login: it is taken by someone else; choose another")
    _must_be_good(password, login)
    hashed = await passwords.hash(password)
    await store.put_account(tx.conn, tx.district, person, login=login, password=hashed, now=now)


async def reads(conn: Connection, actor: Actor, *, before: int, limit: int) -> list[store.Read]:
    """Who looked at the actor's own track or file, newest first."""
    return await store.reads(conn, actor.district, actor.person, before=before, limit=limit)


async def audit(tx: Tx, actor: Actor, person: PersonId, *, what: str, purpose: str, now: datetime) -> None:
    """Write down that the actor looked at a person's data; a purpose must be given."""
    if not purpose.strip():
        raise Refused("bad_request", "purpose: say what it is looked at for")
    await store.insert_read(tx.conn, actor, person, what=what, purpose=purpose.strip(), now=now)


async def tidy(tx: Tx, before: datetime) -> None:
    """Drop what ended before that instant."""
    await store.delete_stale(tx.conn, tx.district, before)


def _session(key: SessionKey, person: PersonId, kind: Kind, now: datetime, until: datetime) -> Session:
    return Session(
        secret_hash=key.secret_hash,
        person=person,
        kind=kind,
        csrf=secrets.token_urlsafe(24) if kind is Kind.COOKIE else "",
        created_at=now,
        expires_at=until,
    )


def _must_manage(actor: Actor, target: Actor | None, person: PersonId) -> None:
    if target is None or not actor.has(Role.ADMINISTRATOR, Role.MANAGER, organisation=target.organisation):
        raise Refused("not_found", f"no person {person} whose login you may make")
    if not actor.has(Role.ADMINISTRATOR) and not ORDINARY.issuperset(target.roles):
        raise Refused("forbidden", "only an administrator makes logins for more than guards and volunteers")


def _must_be_good(password: str, *about: str) -> None:
    weak = weakness(password, *about)
    if weak:
        raise Refused("bad_request", f"password: {weak}")


def _record(tx: Tx, kind: str, actor: Actor, person: PersonId, now: datetime) -> None:
    fact = Event(kind=kind, at=now, actor=actor.person, people=(person,), data={"person": person})
    events.record(tx, fact)
