"""What Traccar Client and OwnTracks send, in each of their forms → whose it is and which fixes."""

import base64
import binascii
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl

import msgspec

from alliance.feed import wire
from alliance.feed.wire import Fix

# What an app that doesn't say how accurate it is is taken for.
UNSAID_M = 50.0
# Seconds since 1970 stay below this for a long while, milliseconds lie above it.
MILLISECONDS = 100_000_000_000
MOST = 500


class Sent(msgspec.Struct, frozen=True, kw_only=True):
    """`unreadable` says why something of it is left out."""

    token: str
    fixes: list[Fix]
    unreadable: str = ""


def traccar(query: Mapping[str, str], kind: str, body: bytes, now: int) -> Sent:
    """The OsmAnd protocol: parameters in the address or a form, or (Traccar Client 9) JSON."""
    if kind == "application/json" or body.lstrip()[:1] == b"{":
        return _traccar_json(body, now)
    form = dict(parse_qsl(body.decode("utf-8", "replace"))) if "form" in kind else {}
    found = {**form, **query}
    token = found.get("id") or found.get("deviceid", "")
    if found.get("valid", "true").lower() in ("false", "0") or not ("lat" in found or "location" in found):
        return Sent(token=token, fixes=[])
    return _read(token, [found], lambda one: _osmand(one, now))


def owntracks(authorization: str, body: bytes, now: int) -> Sent:
    """HTTP mode: one JSON object; the token is the password."""
    token = _password(authorization)
    if not body.strip():
        return Sent(token=token, fixes=[])
    try:
        message = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return Sent(token=token, fixes=[], unreadable="no JSON")
    if not isinstance(message, dict) or message.get("_type") != "location":
        # Way points, transitions, status: nothing that is kept here.
        return Sent(token=token, fixes=[])
    return _read(token, [message], lambda one: _owntracks(one, now))


def _traccar_json(body: bytes, now: int) -> Sent:
    try:
        message = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return Sent(token="", fixes=[], unreadable="no JSON")
    if not isinstance(message, dict):
        return Sent(token="", fixes=[], unreadable="no JSON object")
    found = message.get("location")
    several = found if isinstance(found, list) else [found] if found else []
    return _read(str(message.get("device_id", "")), several[:MOST], lambda one: _background(one, now))


def _read(token: str, several: list[Any], fix: Any) -> Sent:
    fixes, unreadable = list[Fix](), ""
    for one in several:
        try:
            fixes.append(msgspec.convert(fix(one), wire.Fix))
        except (
            msgspec.ValidationError,
            ValueError,
            TypeError,
            KeyError,
            AttributeError,
            OverflowError,
        ) as error:
            unreadable = f"{type(error).__name__}: {error}"
    return Sent(token=token, fixes=fixes, unreadable=unreadable)


def _osmand(found: Mapping[str, str], now: int) -> list[Any]:
    lat, lon = found["location"].split(",") if "location" in found else (found["lat"], found["lon"])
    accuracy = found.get("accuracy")
    battery = found.get("batt") or found.get("battery") or found.get("batteryLevel")
    return [
        _at(found.get("timestamp"), now),
        float(lat),
        float(lon),
        UNSAID_M if accuracy is None else float(accuracy),
        _share(battery, 100),
        found.get("mock", "").lower() in ("true", "1"),
    ]


def _background(found: Mapping[str, Any], now: int) -> list[Any]:
    coords = found["coords"]
    level = found.get("battery", {}).get("level")
    return [
        _at(found.get("timestamp"), now),
        coords["latitude"],
        coords["longitude"],
        float(coords.get("accuracy", UNSAID_M)),
        _share(level, 1),
        bool(found.get("mock", False)),
    ]


def _owntracks(found: Mapping[str, Any], now: int) -> list[Any]:
    at, accuracy = _at(found.get("tst"), now), float(found.get("acc", UNSAID_M))
    return [at, found["lat"], found["lon"], accuracy, _share(found.get("batt"), 100), False]


def _at(said: Any, now: int) -> int:
    """Seconds or milliseconds since 1970, or ISO 8601; without a zone it is UTC."""
    if said is None or said == "":
        return now
    text = str(said)
    try:
        number = float(text)
    except ValueError:
        moment = datetime.fromisoformat(text)
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return round(moment.timestamp() * 1000)
    return round(number if number >= MILLISECONDS else number * 1000)


def _share(said: Any, whole: int) -> float | None:
    """Of a battery; negative is unknown."""
    level = -1.0 if said is None or said == "" else float(said) / whole
    return min(level, 1.0) if level >= 0 else None


def _password(authorization: str) -> str:
    scheme, _, given = authorization.partition(" ")
    if scheme.lower() != "basic":
        return ""
    try:
        return base64.b64decode(given, validate=True).decode().partition(":")[2]
    except (binascii.Error, UnicodeDecodeError):
        return ""
