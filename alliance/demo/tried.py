"""In whose shoes the demo can be tried: a login for a person of each role."""

from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec

from alliance.access import actions as access
from alliance.access.passwords import Passwords
from alliance.actor import DistrictId, PersonId, Role
from alliance.db.pool import Pool
from alliance.demo import logins, store
from alliance.demo.logins import DemoLogin
from alliance.demo.store import OnDuty
from alliance.events import Tx, transaction

PATROL = (Role.GUARD, Role.VOLUNTEER)
AHEAD = timedelta(days=2)


class Who(msgspec.Struct, frozen=True, kw_only=True):
    """`note` says where the person works."""

    person: PersonId
    name: str
    note: str


async def login(tx: Tx, passwords: Passwords, role: Role, who: Who, now: datetime) -> DemoLogin:
    """Named like the role, with a password drawn now."""
    word = logins.password()
    await access.put_login(tx, who.person, login=role.value, password=word, passwords=passwords, now=now)
    return DemoLogin(
        role=role.value, login=role.value, password=word, person=who.person, name=who.name, note=who.note
    )


async def patrol_logins(
    pool: Pool, district: DistrictId, file: Path, passwords: Passwords, *, zone: ZoneInfo, now: datetime
) -> bool:
    """Add a guard and a volunteer with a published duty to the file; False while one has none."""
    made = {one.role: one for one in logins.read(file)}
    async with transaction(pool, district) as tx:
        beat, _ = await store.place(tx.conn, district, made[Role.OFFICER.value].person)
        for role in PATROL:
            found = await store.on_duty(tx.conn, district, role, near=beat, now=now, before=now + AHEAD)
            if role.value not in made and found is not None:
                who = Who(person=found.person, name=found.name, note=_duty(found, zone))
                made[role.value] = await login(tx, passwords, role, who, now)
        logins.write(file, list(made.values()))
    return all(role.value in made for role in PATROL)


def _duty(found: OnDuty, zone: ZoneInfo) -> str:
    start, end = found.starts_at.astimezone(zone), found.ends_at.astimezone(zone)
    return f"{found.beat_name} {start:%m-%d %H:%M}–{end:%H:%M}"
