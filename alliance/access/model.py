"""Sessions and the secrets that open them."""

import hashlib
import secrets
from datetime import datetime
from enum import StrEnum
from http.cookies import CookieError, SimpleCookie
from typing import Annotated

import msgspec
from msgspec import Meta

from alliance.actor import Actor, DistrictId, PersonId
from alliance.errors import Refused

COOKIE = "alliance_session"
CSRF_HEADER = "x-csrf-token"

Login = Annotated[str, Meta(min_length=1, max_length=80)]
Password = Annotated[str, Meta(min_length=1, max_length=200)]


class Kind(StrEnum):
    COOKIE = "cookie"
    TOKEN = "token"


class SessionKey(msgspec.Struct, frozen=True, kw_only=True):
    """What names a session: its district and the hash of its secret. The secret itself is nowhere kept."""

    district: DistrictId
    secret_hash: bytes


class Session(msgspec.Struct, frozen=True, kw_only=True):
    secret_hash: bytes
    person: PersonId
    kind: Kind
    csrf: str
    created_at: datetime
    expires_at: datetime


class Signed(msgspec.Struct, frozen=True, kw_only=True):
    """A session found to be good, and who acts in it."""

    key: SessionKey
    session: Session
    actor: Actor


def digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()


def new_secret(district: DistrictId) -> tuple[str, SessionKey]:
    """The text of a new token or cookie, `<district>.<secret>`, and what is kept of it."""
    secret = secrets.token_urlsafe(32)
    return f"{district}.{secret}", SessionKey(district=district, secret_hash=digest(secret))


def session_key(text: str) -> SessionKey:
    """The session in a token's text; refused `not_signed_in` when it has no such form."""
    number, _, secret = text.partition(".")
    if not (number.isascii() and number.isdigit() and len(number) <= 9 and 20 <= len(secret) <= 100):
        raise Refused("not_signed_in", "the token has no form of ours: sign in again")
    return SessionKey(district=DistrictId(int(number)), secret_hash=digest(secret))


def cookie_token(header: str | None) -> str | None:
    """The session's text in a Cookie header, or None."""
    if not header:
        return None
    try:
        morsel = SimpleCookie(header).get(COOKIE)
    except CookieError:
        return None
    return morsel.value if morsel and morsel.value else None
