"""What all HTTP routes share: cursors of lists, versions of what two may edit, idempotency keys."""

import base64
import binascii
from collections.abc import Sequence
from typing import Annotated, Generic, TypeVar

import msgspec
from litestar.params import HeaderParameter, Parameter
from msgspec import Meta

from alliance.errors import Refused

Item = TypeVar("Item")

Limit = Annotated[int, Parameter(ge=1, le=500, description="longest list to answer with")]
Cursor = Annotated[str | None, Parameter(max_length=400, description="`next` of the list before")]
IfMatch = Annotated[
    str | None,
    HeaderParameter(
        name="If-Match", max_length=40, description="the ETag that was read: the version in quotes"
    ),
]
IdempotencyKey = Annotated[
    str | None,
    HeaderParameter(
        name="Idempotency-Key", min_length=1, max_length=100, description="a repeat gets the first result"
    ),
]
Id = Annotated[int, Meta(ge=0, le=2**53)]
PathId = Annotated[int, Parameter(ge=0, le=2**53)]


class Page(msgspec.Struct, Generic[Item], frozen=True, kw_only=True):
    """A part of a list; `next` is the cursor of what follows, None at the end."""

    items: list[Item]
    next: str | None = None


def cursor(*last: int | str) -> str:
    """An opaque text for the sort key of a page's last item."""
    return base64.urlsafe_b64encode(msgspec.json.encode(last)).decode().rstrip("=")


Key = TypeVar("Key")


def after(cursor: str, kind: type[Key]) -> Key:
    """The sort key in a cursor; `kind` is a tuple type such as tuple[int]."""
    try:
        raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        return msgspec.json.decode(raw, type=kind)
    except (binascii.Error, ValueError) as error:
        raise Refused("bad_request", "cursor: use the `next` of the former answer unchanged") from error


def after_id(cursor: str | None) -> int:
    """The id in the cursor of a list ordered by id; 0 without one."""
    return 0 if cursor is None else after(cursor, tuple[Id])[0]


def page(found: Sequence[Item], limit: int, ids: Sequence[int]) -> Page[Item]:
    """The page of a list ordered by id, from up to `limit` + 1 found items and their ids."""
    more = len(found) > limit
    return Page(items=list(found[:limit]), next=cursor(ids[limit - 1]) if more else None)


def etag(version: int) -> dict[str, str]:
    """The headers that carry a version; private, and asked for anew each time."""
    return {"ETag": f'"{version}"', "Cache-Control": "private, no-cache"}


def wanted_version(if_match: str | None, body: int | None = None) -> int:
    """The version the writer has read: If-Match, or the body's `version`; refused where neither is given."""
    if if_match is None:
        if body is None:
            raise Refused("version_needed", "send the version you have read in If-Match (or `version`)")
        return body
    text = if_match.strip().removeprefix("W/").strip('"')
    if not text.isascii() or not text.isdigit():
        raise Refused("bad_request", 'If-Match: send the ETag as it was received, such as "3"')
    return int(text)


def must_match(have: int, wanted: int) -> None:
    """Raises Refused `stale_version` when someone else has changed it meanwhile."""
    if have != wanted:
        raise Refused(
            "stale_version",
            f"it was changed meanwhile: version {have}, not {wanted}; read it again",
            version=have,
        )
