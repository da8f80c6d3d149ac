"""What can be made of a message that can't be read: whom the refusal answers, and any call for help."""

from typing import Any

import msgspec

from alliance.feed import wire


class Hints(msgspec.Struct, frozen=True, kw_only=True):
    """The members of a message that are as they should be."""

    type: str | None = None
    seq: int | None = None
    key: str | None = None
    at: int | None = None
    fix: wire.Fix | None = None


def hints(raw: bytes) -> Hints:
    try:
        found = msgspec.json.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return Hints()
    if not isinstance(found, dict):
        return Hints()
    return Hints(
        type=_as(found.get("type"), str),
        seq=_as(found.get("seq"), wire.Id) if found.get("type") == "fixes" else None,
        key=_as(found.get("key"), wire.Key),
        at=_as(found.get("at"), wire.Ms),
        fix=_as(found.get("fix"), wire.Fix),
    )


def sos(found: Hints, now: int) -> wire.Sos | None:
    """A call for help is never refused for anything it lacks; without a key its time stands for it."""
    if found.type != "sos":
        return None
    at = now if found.at is None else found.at
    return wire.Sos(key=found.key or f"sos/{at}", at=at, fix=found.fix)


def _as(value: Any, kind: Any) -> Any:
    try:
        return msgspec.convert(value, kind)
    except msgspec.ValidationError:
        return None
