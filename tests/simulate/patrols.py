"""A small district with guards on duty right now, and an outbox that remembers, for simulated patrols."""

from datetime import datetime, timedelta
from typing import ClassVar

from alliance.access.store import put_account
from alliance.actor import DistrictId, PersonId, Role
from alliance.db.pool import Connection
from alliance.feed.wire import CheckIn, Fix, Report
from alliance.people.consent import TEXT
from alliance.simulate.desk import Login
from alliance.simulate.outbox import Keyed, Outbox
from tests import make
from tests.service import CHEAP

LOGIN = Login(login="administrator", password="only-for-simulations-7")
ON_DUTY = 6


class Taken(Outbox):
    """An outbox that remembers what was ever put into it."""

    fixes: ClassVar[list[tuple[int, int]]] = []
    reports: ClassVar[list[str]] = []

    def take(self, fix: Fix) -> None:
        self.fixes.append((self._assignment, fix.at))
        super().take(fix)

    def keep(self, message: Keyed) -> None:
        if isinstance(message, Report):
            self.reports.append(message.key)
        if isinstance(message, CheckIn) and message.fix is not None:
            self.fixes.append((self._assignment, message.fix.at))
        super().keep(message)


async def cast(conn: Connection, now: datetime) -> None:
    """Six guards of a company on one post and shift that runs, an administrator and a commander."""
    await make.district(conn, now=now)
    await conn.execute("insert into event_counter (district_id, last) values (1, 0) on conflict do nothing")
    police = await make.organisation(conn, code="police", kind="police")
    administrator = await make.person(conn, police, Role.ADMINISTRATOR)
    await make.person(conn, police, Role.COMMANDER)
    hashed = CHEAP.hash(LOGIN.password)
    await put_account(conn, DistrictId(1), administrator, login=LOGIN.login, password=hashed, now=now)
    company = await make.organisation(conn, code="company")
    guards = [await make.person(conn, company, Role.GUARD, home=make.CELLS["b1"][0]) for _ in range(ON_DUTY)]
    for guard in guards:
        await conn.execute(
            "insert into consent (district_id, person, text_version, given_at) values (1, $1, $2, $3)",
            guard,
            TEXT.version,
            now - timedelta(days=1),
        )
    await rostered(conn, guards, now)


async def rostered(conn: Connection, guards: list[PersonId], now: datetime) -> None:
    start, end = now - timedelta(hours=1), now + timedelta(hours=7)
    day = (start + timedelta(hours=8)).date()
    await conn.execute(
        """
        with roster as (
            insert into roster (district_id, first_day, last_day, state, made_at, hard_violations)
            values (1, $1, $1, 'published', $2, 0) returning id
        ), shift as (
            insert into shift (district_id, pattern, duty_day, starts_at, ends_at)
            values (1, 'early', $1, $3, $4) returning id
        ), post as (
            insert into post (district_id, code, name, beat) values (1, 'P1', '北门巡逻', 'b1') returning id
        )
        insert into assignment (district_id, roster, person, shift, post, duty_day, starts_at, ends_at,
                                published)
        select 1, roster.id, person, shift.id, post.id, $1, $3, $4, true
        from roster, shift, post, unnest($5::bigint[]) as person
        """,
        day,
        now,
        start,
        end,
        guards,
    )
