"""People taken in from a spreadsheet by the operator: each row whole or not at all, with the reason."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import asyncpg
import msgspec

from alliance.actor import PersonId, Role
from alliance.errors import Refused
from alliance.events import Tx
from alliance.people import actions, store
from alliance.people.model import NewPerson
from alliance.people.sealed import Seal
from alliance.people.sheet import Line, Sheet
from geo import cell as hexes
from geo.datum import Datum, to_wgs84

ROLES = {
    "管理员": Role.ADMINISTRATOR,
    "指挥": Role.COMMANDER,
    "所长": Role.CHIEF,
    "民警": Role.OFFICER,
    "经理": Role.MANAGER,
    "队长": Role.LEAD,
    "保安": Role.GUARD,
    "保安员": Role.GUARD,
    "志愿者": Role.VOLUNTEER,
    "群防队员": Role.VOLUNTEER,
    "观察员": Role.OBSERVER,
} | {role.value: role for role in Role}
YES = ("yes", "true", "1", "y", "是", "愿意", "同意")
NO = ("no", "false", "0", "n", "否", "不愿意", "不同意")
# Weekdays from 1 (Monday) to 7, and the time offered on each of them.
OFFER = re.compile(r"([1-7])(?:-([1-7]))?\s+(\d{1,2}):(\d{2})-(\d{1,2}):(\d{2})")
DAY_MINUTES = 1440


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """`wrong` are the rows that were not taken, and why."""

    taken: list[PersonId]
    wrong: list[tuple[Line, str]]


async def take_in(tx: Tx, sheet: Sheet, seal: Seal, now: datetime, *, datum: Datum = Datum.WGS84) -> Outcome:
    """Add everyone whose row is right; organisations are named by code or by name."""
    codes = await _organisations(tx)
    taken: list[PersonId] = []
    wrong: list[tuple[Line, str]] = []
    for line in sheet.lines:
        try:
            new = person_of(line.fields, codes, datum)
            async with tx.conn.transaction():
                taken.append(await actions.put_person(tx, new, seal, now, by=None))
        except Refused as refused:
            wrong.append((line, refused.detail))
        except asyncpg.DataError:
            wrong.append((line, "a value is out of the range that can be stored"))
    return Outcome(taken=taken, wrong=wrong)


async def _organisations(tx: Tx) -> dict[str, int]:
    found: dict[str, int] = {}
    for one in await store.organisations(tx.conn, tx.district, None, limit=100_000):
        found.setdefault(one.name, one.id)
        found[one.code] = one.id
    return found


def person_of(fields: Mapping[str, str], organisations: Mapping[str, int], datum: Datum) -> NewPerson:
    """Raises Refused with the name of the column."""
    organisation = organisations.get(_needed(fields, "organisation"))
    if organisation is None:
        raise Refused(
            "bad_request", f"organisation: there is none with the code or name {fields['organisation']}"
        )
    given: dict[str, Any] = {
        "name": _needed(fields, "name"),
        "organisation": organisation,
        "roles": [_role(fields, organisation)],
        "home": _home(fields, datum),
        **{name: fields[name] for name in ("phone", "id_number", "born", "travel_limit_m") if name in fields},
        **{name: _yes(fields, name) for name in ("night_consent", "overtime_consent") if name in fields},
        "certificates": _certificates(fields),
        "availability": _offers(fields.get("availability", "")),
    }
    try:
        return msgspec.convert(given, NewPerson, strict=False)
    except msgspec.ValidationError as error:
        raise Refused("bad_request", _plain(str(error))) from error


def _plain(message: str) -> str:
    """msgspec's sentence with the column first."""
    what, _, path = message.partition(" - at `$.")
    return f"{path.rstrip('`')}: {what}" if path else what


def _needed(fields: Mapping[str, str], name: str) -> str:
    if name not in fields:
        raise Refused("bad_request", f"{name}: this must not be empty")
    return fields[name]


def _role(fields: Mapping[str, str], organisation: int) -> dict[str, Any]:
    text = _needed(fields, "role")
    role = ROLES.get(text.strip().lower())
    if role is None:
        raise Refused("bad_request", f"role: {text} is none; there are: {', '.join(Role)}")
    held = {"role": role.value, "area": fields.get("area"), "unit": fields.get("unit")}
    return held | ({"organisation": organisation} if role is Role.MANAGER else {})


def _home(fields: Mapping[str, str], datum: Datum) -> str | None:
    """The cell of the home: given as one, or by a point."""
    if "home" in fields or not ("lat" in fields or "lon" in fields):
        return fields.get("home")
    try:
        lat, lon = float(_needed(fields, "lat")), float(_needed(fields, "lon"))
    except ValueError as error:
        raise Refused("bad_request", "lat, lon: write degrees such as 23.2905, 113.8108") from error
    if not (-90 <= lat <= 90 and -180 <= lon <= 180):
        raise Refused("bad_request", "lat, lon: out of range; are they the other way round?")
    return hexes.from_int(hexes.at_int(*to_wgs84(lat, lon, datum)))


def _yes(fields: Mapping[str, str], name: str) -> bool:
    text = fields[name].strip().lower()
    if text not in YES + NO:
        raise Refused("bad_request", f"{name}: write yes or no (是 or 否), not {fields[name]}")
    return text in YES


def _certificates(fields: Mapping[str, str]) -> list[dict[str, str]]:
    if "certificate" not in fields:
        return []
    return [
        {
            "kind": fields["certificate"],
            "number": fields.get("certificate_number", ""),
            "valid_from": _needed(fields, "valid_from"),
            "valid_until": _needed(fields, "valid_until"),
        }
    ]


def _offers(text: str) -> list[dict[str, int]]:
    """Such as `1-5 19:00-23:00; 6 08:00-12:00`; an end before its start lies on the next day."""
    offers: list[dict[str, int]] = []
    for part in re.split(r"[;；]", text):
        if not part.strip():
            continue
        found = OFFER.fullmatch(part.strip().replace("：", ":"))
        if found is None:
            raise Refused("bad_request", f"availability: write it like 1-5 19:00-23:00, not {part.strip()}")
        first, last, *times = (int(number) if number else None for number in found.groups())
        offers += _on_days(first or 1, last or first or 1, [time or 0 for time in times])
    return offers


def _on_days(first: int, last: int, times: Sequence[int]) -> list[dict[str, int]]:
    start, end = times[0] * 60 + times[1], times[2] * 60 + times[3]
    if first > last or max(times[1], times[3]) > 59 or start >= DAY_MINUTES or end > DAY_MINUTES:
        raise Refused("bad_request", "availability: days from 1 (Monday) to 7, times from 00:00 to 24:00")
    end += DAY_MINUTES if end <= start else 0
    return [{"weekday": day - 1, "start_minute": start, "end_minute": end} for day in range(first, last + 1)]
