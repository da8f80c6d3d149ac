"""Every failure as an RFC 9457 problem document with a stable code, and nothing of the inside in it."""

import logging
import secrets
from typing import Any

import asyncpg
import msgspec
from litestar import Request, Response
from litestar.exceptions import HTTPException, ValidationException

from alliance.errors import STATUS, Refused

log = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"
TITLES = {
    400: "The request can't be understood",
    401: "Sign in first",
    403: "Not allowed",
    404: "Not found",
    405: "Not a method of this address",
    409: "Not now",
    412: "Changed meanwhile",
    413: "Too large",
    415: "Not a type that is taken",
    428: "A version is needed",
    429: "Too many requests",
    500: "Something broke on the server",
    503: "Not available at the moment",
}
CODES = {
    400: "bad_request",
    401: "not_signed_in",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    413: "too_large",
    415: "bad_media",
    429: "too_many",
    503: "unavailable",
}
# What PostgreSQL answers while it restarts, is full or has to choose a loser; a retry helps.
PASSING = (
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.TransactionRollbackError,
    asyncpg.LockNotAvailableError,
    ConnectionError,
    FileNotFoundError,  # the socket of a server on this machine that is down
    TimeoutError,
)
RETRY_SECONDS = 2


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """RFC 9457; `code` is stable, `detail` is for a person to read."""

    type: str
    title: str
    status: int
    detail: str
    code: str


Json = dict[str, Any]


def document(code: str, detail: str, status: int | None = None, extra: Json | None = None) -> Json:
    number = STATUS[code] if status is None else status
    return {
        **(extra or {}),
        "type": f"urn:lian:problem:{code}",
        "title": TITLES.get(number, TITLES[500 if number >= 500 else 400]),
        "status": number,
        "detail": detail,
        "code": code,
    }


def answer(code: str, detail: str, *, status: int | None = None, extra: Json | None = None) -> Response[Any]:
    """The response of a refusal; `retry_after` among the extras becomes the header too."""
    body = document(code, detail, status, extra)
    headers = {"Cache-Control": "no-store"}
    if extra and "retry_after" in extra:
        headers["Retry-After"] = str(extra["retry_after"])
    if body["status"] == 401:
        headers["WWW-Authenticate"] = 'Bearer realm="alliance"'
    return Response(
        msgspec.json.encode(body), status_code=body["status"], media_type=MEDIA_TYPE, headers=headers
    )


def on_refused(request: Request[Any, Any, Any], refused: Refused) -> Response[Any]:
    return answer(refused.code, refused.detail, extra=refused.extra)


def on_http(request: Request[Any, Any, Any], error: HTTPException) -> Response[Any]:
    """What the framework refuses: unknown addresses, methods, wrong values, bodies too large."""
    status = error.status_code if error.status_code in TITLES or error.status_code < 500 else 500
    code = CODES.get(status, "bad_request" if status < 500 else "internal")
    if status >= 500:
        return on_broken(request, error)
    response = answer(code, _sentence(error), status=status)
    for name, value in (error.headers or {}).items():
        response.headers[name] = value
    return response


def on_broken(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    """A fault of ours, or a database out of reach; the log has the rest under the number in the answer."""
    route = request.scope.get("path_template") or "unmatched"
    if isinstance(error, PASSING):
        log.warning("%s %s: database: %s", request.method, route, type(error).__name__)
        extra = {"retry_after": RETRY_SECONDS}
        return answer("unavailable", "the database can't answer at the moment; try again", extra=extra)
    if isinstance(error, asyncpg.DataError | asyncpg.CharacterNotInRepertoireError):
        return answer("bad_request", "a value is out of the range that can be stored")
    number = request.scope.get("state", {}).get("request") or secrets.token_hex(8)
    log.error("%s %s failed, number %s", request.method, route, number, exc_info=error)
    return answer("internal", f"the server failed; its log has more under {number}", extra={"number": number})


def _sentence(error: HTTPException) -> str:
    """The refusal in words: for wrong values each field with what is wrong about it."""
    if isinstance(error, ValidationException) and isinstance(error.extra, list):
        parts = [
            f"{part.get('key', 'value')}: {part['message']}" for part in error.extra if "message" in part
        ]
        if parts:
            return "; ".join(parts)
    return error.detail.split(" for http", 1)[0] or TITLES.get(error.status_code, TITLES[400])


HANDLERS: dict[Any, Any] = {Refused: on_refused, HTTPException: on_http, Exception: on_broken}
