"""Who is asking: a session for every route that is not public, a CSRF token for a browser's writes."""

import hmac
from datetime import datetime, timedelta
from typing import Any

from litestar import Request
from litestar.connection import ASGIConnection
from litestar.handlers.base import BaseRouteHandler

from alliance.access import actions
from alliance.access.model import CSRF_HEADER, Kind, Signed
from alliance.access.origin import same_origin
from alliance.actor import Actor
from alliance.config import Config
from alliance.db.pool import Pool
from alliance.errors import Refused

PUBLIC = "public"
SAFE = ("GET", "HEAD", "OPTIONS")

Connection = ASGIConnection[Any, Any, Any, Any]


async def signed_in(connection: Connection, handler: BaseRouteHandler) -> None:
    """Find the session of a request (bearer token first, else the cookie); routes marked public need none."""
    method = connection.scope.get("method", "GET")
    if method not in SAFE and "authorization" not in connection.headers:
        must_be_ours(connection)
    if handler.opt.get(PUBLIC) or method == "OPTIONS":
        return
    state = connection.app.state
    pool: Pool = state.pool
    now: datetime = state.clock()
    bearer = _bearer(connection)
    async with pool.acquire() as conn:
        if bearer is not None:
            signed = await actions.authenticate_token(conn, bearer, now)
        else:
            signed = await actions.authenticate_cookie(conn, connection.headers.get("cookie"), now)
            if method not in SAFE:
                _must_carry_csrf(connection, signed)
            life = timedelta(hours=state.config.session_hours)
            until = await actions.slide(conn, signed, life=life, now=now)
            if until is not None:
                connection.scope["state"]["slid_until"] = until
    connection.scope["state"]["signed"] = signed


def must_be_ours(connection: Connection) -> None:
    """A browser names the page a write comes from; one of another origin is refused, log-in included."""
    config: Config = connection.app.state.config
    origin = connection.headers.get("origin")
    if origin is None:
        if connection.headers.get("sec-fetch-site", "same-origin") in ("same-origin", "none"):
            return
    elif same_origin(
        origin,
        secure=secure(connection),
        host=connection.headers.get("host", ""),
        allowed=config.origins,
    ):
        return
    raise Refused("csrf", "this page is not one of ours: set ALLIANCE_ORIGINS if it should be")


def secure(connection: Connection) -> bool:
    """Whether the browser speaks TLS, to us or to the trusted proxy before us."""
    return connection.scope["scheme"] in ("https", "wss")


def signed_of(request: Request[Any, Any, Any]) -> Signed:
    signed: Signed | None = request.scope["state"].get("signed")
    if signed is None:
        raise Refused("not_signed_in", "sign in first")
    return signed


def actor_of(request: Request[Any, Any, Any]) -> Actor:
    return signed_of(request).actor


def _bearer(connection: Connection) -> str | None:
    header = connection.headers.get("authorization")
    if header is None:
        return None
    scheme, _, token = header.partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise Refused("not_signed_in", "Authorization: send `Bearer <token>`")
    return token.strip()


def _must_carry_csrf(connection: Connection, signed: Signed) -> None:
    given = connection.headers.get(CSRF_HEADER, "")
    if signed.session.kind is not Kind.COOKIE or not hmac.compare_digest(
        given.encode(), signed.session.csrf.encode()
    ):
        raise Refused("csrf", "X-CSRF-Token: send the `csrf` that the log-in or /me answered with")
