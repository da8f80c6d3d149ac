"""A small district of eight guards and two posts, as its commander works with it over HTTP."""

import asyncio
from typing import Any

import httpx

from alliance.actor import Code, OrganisationId, PersonId, Role
from alliance.db.pool import Connection
from alliance.people.model import Held
from tests import make
from tests.service import Service

MONDAY, SUNDAY = "2026-03-09", "2026-03-15"
HOME = make.CELLS["b1"][0]
GUARDS = 8
# Of a tenth of a second each: the first worker of a fresh checkout compiles the solver.
SETTLED_TRIES = 2000


async def guard(conn: Connection, organisation: OrganisationId, n: int) -> PersonId:
    """Certified, any time but on Sundays, willing by night."""
    made = await make.person(conn, organisation, Role.GUARD, name=f"卫{n}", home=HOME)
    await conn.execute("update person set night_consent = true where district_id = 1 and id = $1", made)
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
        [(made, weekday) for weekday in range(6)],
    )
    return made


async def post(conn: Connection, code: str, beat: str) -> None:
    number = await conn.fetchval(
        "insert into post (district_id, code, name, beat) values (1, $1, $1, $2) returning id", code, beat
    )
    await conn.executemany(
        """
        insert into need (district_id, post, pattern, minimum, desired, certified)
        values (1, $1, $2, 2, 2, 1)
        """,
        [(number, pattern) for pattern in ("early", "late", "night")],
    )


class District:
    """The people of the tests by what they are."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self.guards: list[PersonId] = []

    async def fill(self) -> None:
        async with self.service.pool.acquire() as conn:
            await make.district(conn)
            company = await make.organisation(conn)
            police = await make.organisation(conn, code="p", kind="police")
            self.guards = [await guard(conn, company, n) for n in range(GUARDS)]
            await post(conn, "P1", "b1")
            await post(conn, "P3", "b3")
            chief = await make.person(conn, police, Role.COMMANDER, name="指挥")
            officer = await make.person(conn, police, Held(role=Role.OFFICER, area=Code("b3")), name="民警")
            other = await make.organisation(conn, code="o2")
            manager = await make.person(conn, other, Held(role=Role.MANAGER, organisation=other), name="经理")
        self.chief = chief
        self.commander = await self.service.token(chief)
        self.officer = await self.service.token(officer)
        self.stranger = await self.service.token(manager)

    async def drafted(self, first: str = MONDAY, last: str = SUNDAY, **options: Any) -> dict[str, Any]:
        asked = await self.service.ask(
            "POST", "/rosters", self.commander, {"first_day": first, "last_day": last, **options}
        )
        assert asked.status_code == 202, asked.text
        return await self.settled(asked.json()["id"])

    async def settled(self, number: int) -> dict[str, Any]:
        for _ in range(SETTLED_TRIES):
            found = (await self.service.ask("GET", f"/rosters/{number}", self.commander)).json()
            if found["state"] != "solving":
                return dict(found)
            await asyncio.sleep(0.1)
        raise AssertionError(f"still solving: {found}")

    async def publish(self, roster: dict[str, Any], version: int | None = None) -> httpx.Response:
        match = f'"{version or roster["version"]}"'
        return await self.service.ask(
            "POST", f"/rosters/{roster['id']}/publish", self.commander, if_match=match
        )
