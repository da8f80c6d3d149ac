"""A published roster of two days with a few guards: what is left of it when life happens."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx

from alliance.actor import Code, DistrictId, PersonId, Role
from alliance.areas import actions as areas
from alliance.db.pool import Connection
from alliance.events import transaction
from alliance.people.model import Held
from alliance.roster import absences, offering, swapping
from tests import make
from tests.make import NOW
from tests.service import Service, running

DISTRICT = DistrictId(1)
HOME = make.CELLS["b1"][0]
TODAY = NOW.date()
TOMORROW = TODAY + timedelta(days=1)
# Local times of the patterns, as UTC hours of the duty day.
HOURS = {"early": (-2, 6), "late": (6, 14), "night": (14, 22)}


async def guard(
    conn: Connection, organisation: int, name: str, *, certified: bool = True, home: str = HOME
) -> PersonId:
    """Any time of the week, willing by night."""
    made = await make.person(conn, organisation, Role.GUARD, name=name, home=home)  # type: ignore[arg-type]
    await conn.execute("update person set night_consent = true where district_id = 1 and id = $1", made)
    if certified:
        await conn.execute(
            """
            insert into certificate (district_id, person, kind, valid_from, valid_until)
            values (1, $1, 'guard', '2025-01-01', '2027-01-01')
            """,
            made,
        )
    await conn.executemany(
        """
        insert into availability (district_id, person, weekday, start_minute, end_minute)
        values (1, $1, $2, 0, 1920)
        """,
        [(made, weekday) for weekday in range(7)],
    )
    return made


def instant(day: datetime, pattern: str) -> tuple[datetime, datetime]:
    start, end = HOURS[pattern]
    midnight = day.replace(hour=0, minute=0)
    return midnight + timedelta(hours=start), midnight + timedelta(hours=end)


class Force:
    """People by name, tokens by name, shifts by (days after today, pattern), posts by code."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self.people: dict[str, PersonId] = {}
        self.posts: dict[str, int] = {}
        self.shifts: dict[tuple[int, str], int] = {}
        self.duty: dict[str, int] = {}
        self.roster = 0
        self.company = self.police = 0
        self._tokens: dict[str, str] = {}

    @property
    def pool(self) -> Any:
        return self.service.pool

    async def found(self, guards: Sequence[str]) -> None:
        async with self.pool.acquire() as conn:
            await make.district(conn)
            self.company = await make.organisation(conn)
            self.police = await make.organisation(conn, code="p", kind="police")
            for name in guards:
                self.people[name] = await guard(conn, self.company, name)
            plan = {
                "commander": Held(role=Role.COMMANDER),
                "administrator": Held(role=Role.ADMINISTRATOR),
                "officer": Held(role=Role.OFFICER, area=Code("b1")),
                "elsewhere": Held(role=Role.OFFICER, area=Code("b3")),
            }
            for name, held in plan.items():
                self.people[name] = await make.person(conn, self.police, held, name=name)
            boss = Held(role=Role.MANAGER, organisation=self.company)
            self.people["manager"] = await make.person(conn, self.company, boss, name="manager")
            for code, beat in (("P1", "b1"), ("P2", "b2")):
                self.posts[code] = await post(conn, code, beat)
            self.roster = await conn.fetchval(
                """
                insert into roster (district_id, first_day, last_day, state, made_at, published_at)
                values (1, $1, $2, 'published', $3, $3) returning id
                """,
                *(TODAY, TOMORROW, NOW),
            )
            for day in (0, 1):
                for pattern in HOURS:
                    self.shifts[day, pattern] = await shift(conn, day, pattern)

    async def put(self, name: str, day: int, pattern: str, code: str = "P1") -> int:
        """A published duty; its number."""
        start, end = instant(NOW + timedelta(days=day), pattern)
        number: int = await self.pool.fetchval(
            """
            insert into assignment
                (district_id, roster, person, shift, post, duty_day, starts_at, ends_at, published)
            values (1, $1, $2, $3, $4, $5, $6, $7, true) returning id
            """,
            *(self.roster, self.people[name], self.shifts[day, pattern], self.posts[code]),
            *(TODAY + timedelta(days=day), start, end),
        )
        return number

    async def as_(
        self, name: str, method: str, path: str, body: Any = None, **headers: str
    ) -> httpx.Response:
        if name not in self._tokens:
            self._tokens[name] = await self.service.token(self.people[name])
        return await self.service.ask(method, path, self._tokens[name], body, **headers)

    async def done(self, name: str, path: str, body: Any = None, **headers: str) -> dict[str, Any]:
        """Something that is taken."""
        answer = await self.as_(name, "POST", path, body, **headers)
        assert answer.is_success, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def refused(self, name: str, path: str, body: Any = None) -> dict[str, Any]:
        """Something that is not: the problem, with its status."""
        answer = await self.as_(name, "POST", path, body)
        assert answer.status_code >= 400, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def get(self, name: str, path: str) -> Any:
        answer = await self.as_(name, "GET", path)
        assert answer.is_success, answer.text
        return answer.json()

    async def items(self, name: str, path: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = (await self.get(name, path))["items"]
        return found

    async def offers(self, name: str) -> list[dict[str, Any]]:
        """Those that wait for an answer."""
        return [one for one in await self.items(name, "/me/offers") if one["state"] == "asked"]

    async def duties(self, name: str) -> list[tuple[str, int]]:
        """(post, start) of the published duties of a person."""
        found = await self.items(name, f"/me/assignments?from_day={TODAY}")
        return [(one["post_name"], one["start"]) for one in found]

    async def tick(self) -> int:
        """What the timed job of the offers does; how many more were asked."""
        async with transaction(self.pool, DISTRICT) as tx:
            await offering.expire(tx, self.service.clock.now)
        async with transaction(self.pool, DISTRICT) as tx:
            places = await areas.places(tx.conn, DISTRICT)
            return await offering.fall_through(tx, places, self.service.clock.now)

    async def look_for_no_shows(self) -> int:
        async with transaction(self.pool, DISTRICT) as tx:
            return await absences.find_no_shows(tx, self.service.clock.now)

    async def expire_swaps(self) -> int:
        async with transaction(self.pool, DISTRICT) as tx:
            return await swapping.expire(tx, self.service.clock.now)

    async def kinds(self) -> list[str]:
        """What was recorded, in order."""
        return [kind for (kind,) in await self.pool.fetch("select kind from event order by id")]


async def post(conn: Connection, code: str, beat: str) -> int:
    number: int = await conn.fetchval(
        "insert into post (district_id, code, name, beat) values (1, $1, $1, $2) returning id", code, beat
    )
    await conn.executemany(
        """
        insert into need (district_id, post, pattern, minimum, desired, certified)
        values (1, $1, $2, 2, 2, 1)
        """,
        [(number, pattern) for pattern in HOURS],
    )
    return number


async def shift(conn: Connection, day: int, pattern: str) -> int:
    start, end = instant(NOW + timedelta(days=day), pattern)
    number: int = await conn.fetchval(
        """
        insert into shift (district_id, pattern, duty_day, starts_at, ends_at)
        values (1, $1, $2, $3, $4) returning id
        """,
        *(pattern, TODAY + timedelta(days=day), start, end),
    )
    return number


@asynccontextmanager
async def force(dsn: str, data: Path, guards: Sequence[str], **settings: Any) -> AsyncIterator[Force]:
    async with running(dsn, data, **settings) as service:
        made = Force(service)
        await made.found(guards)
        yield made
