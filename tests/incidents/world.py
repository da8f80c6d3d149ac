"""A small district with one of everybody, signed in, as the tests of incidents and credit need it."""

from datetime import date, datetime, timedelta
from typing import Any

import httpx

from alliance.actor import Code, OrganisationId, PersonId, Role
from alliance.people.model import Held
from alliance.times import to_ms
from geo import cell
from tests import make
from tests.service import Service

METRE = 1 / 111_195


def place(beat: str = "b1", *, north: float = 0, onwards: float = 0) -> dict[str, Any]:
    """A point so many metres north of the middle of a beat's first cell, or onwards to that of its second."""
    lat, lon = cell.centre(cell.Cell(make.CELLS[beat][0]))
    next_lat, next_lon = cell.centre(cell.Cell(make.CELLS[beat][1]))
    part = onwards / cell.distance_m(lat, lon, next_lat, next_lon)
    return {"lat": lat + north * METRE + (next_lat - lat) * part, "lon": lon + (next_lon - lon) * part}


class World:
    """`ask` speaks for a person by name; `people` are their ids."""

    def __init__(self, service: Service, district: int) -> None:
        self.service = service
        self.district = district
        self.people: dict[str, PersonId] = {}
        self.tokens: dict[str, str] = {}
        self.organisations: dict[str, OrganisationId] = {}

    async def add(self, name: str, organisation: str, *roles: Held | Role) -> PersonId:
        async with self.service.pool.acquire() as conn:
            if organisation not in self.organisations:
                kind = "police" if organisation == "police" else "company"
                self.organisations[organisation] = await make.organisation(
                    conn, self.district, organisation, kind=kind
                )
            made = await make.person(
                conn, self.organisations[organisation], *roles, number=self.district, name=name
            )
        self.people[name] = made
        self.tokens[name] = await self.service.token(made, self.district)
        return made

    async def ask(
        self, name: str, method: str, path: str, body: Any = None, **headers: str
    ) -> httpx.Response:
        return await self.service.ask(method, path, self.tokens[name], body, **headers)

    async def get(self, name: str, path: str) -> Any:
        answer = await self.ask(name, "GET", path)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def turn_to(self, instant: datetime) -> None:
        """Set the clock and sign everybody in again."""
        self.service.clock.now = instant
        for name, person in self.people.items():
            self.tokens[name] = await self.service.token(person, self.district)

    def now(self, **ago: float) -> int:
        return to_ms(self.service.clock.now - timedelta(**ago))

    async def report(self, name: str, kind: str = "incident", **fields: Any) -> dict[str, Any]:
        body = {"kind": kind, "at": self.now(), **place(), "text": "有人打架", **fields}
        answer = await self.ask(name, "POST", "/reports", body)
        assert answer.status_code == 201, answer.text
        told: dict[str, Any] = answer.json()
        return told

    async def step(self, name: str, incident: int, transition: str, **body: Any) -> httpx.Response:
        """A transition with the version as it is now, unless the body names one."""
        if "version" not in body:
            body["version"] = (await self.get("commander", f"/incidents/{incident}"))["version"]
        return await self.ask(name, "POST", f"/incidents/{incident}/{transition}", body)

    async def events(self, kind: str) -> list[Any]:
        async with self.service.pool.acquire() as conn:
            records = await conn.fetch(
                "select data from event where district_id = $1 and kind = $2 order by id", self.district, kind
            )
        return [record["data"] for record in records]

    async def on_duty(self, name: str, beat: str = "b1", *, north: float | None = 0, unit: str = "") -> int:
        """Put someone on a shift that began an hour ago, checked in, with a position if `north` says one."""
        now = self.service.clock.now
        async with self.service.pool.acquire() as conn:
            assignment = await self.assign(conn, name, beat, now - timedelta(hours=1), 8)
            await conn.execute(
                """
                insert into attendance (district_id, assignment, kind, at, received_at)
                values ($1, $2, 'in', $3, $3)
                """,
                self.district,
                assignment,
                now - timedelta(hours=1),
            )
            if north is not None:
                await self.fix(conn, assignment, to_ms(now), place(beat, north=north))
        return assignment

    async def assign(self, conn: Any, name: str, beat: str, start: datetime, hours: float) -> int:
        """A published assignment on the beat's post."""
        day = (start + timedelta(hours=8)).date()
        post = await conn.fetchval(
            """
            insert into post (district_id, code, name, beat) values ($1, $2, $2, $2)
            on conflict (district_id, code) do update set name = excluded.name returning id
            """,
            self.district,
            beat,
        )
        shift = await conn.fetchval(
            """
            insert into shift (district_id, pattern, duty_day, starts_at, ends_at)
            values ($1, 'early', $2, $3, $4) on conflict (district_id, duty_day, pattern)
            do update set starts_at = excluded.starts_at returning id
            """,
            self.district,
            day,
            start,
            start + timedelta(hours=hours),
        )
        roster = await self.roster(conn, day, start)
        made: int = await conn.fetchval(
            """
            insert into assignment (district_id, roster, person, shift, post, duty_day, starts_at, ends_at,
                                    published)
            values ($1, $2, $3, $4, $5, $6, $7, $8, true) returning id
            """,
            self.district,
            roster,
            self.people[name],
            shift,
            post,
            day,
            start,
            start + timedelta(hours=hours),
        )
        return made

    async def roster(self, conn: Any, day: date, now: datetime) -> int:
        made: int = await conn.fetchval(
            """
            insert into roster (district_id, first_day, last_day, state, made_at)
            values ($1, $2, $2, 'published', $3) returning id
            """,
            self.district,
            day,
            now,
        )
        return made

    async def fix(self, conn: Any, assignment: int, at: int, point: dict[str, float]) -> None:
        day = await conn.fetchval(
            "select duty_day from assignment where district_id = $1 and id = $2", self.district, assignment
        )
        await conn.execute(
            f"""
            create table if not exists fix_{day:%Y%m%d} partition of fix
            for values from ('{day}') to ('{day + timedelta(days=1)}')
            """
        )
        await conn.execute(
            """
            insert into fix (assignment, ms, delay_ms, district_id, duty_day, lat, lon, accuracy, battery,
                             flags)
            values ($1, $2 - day_start($4), 0, $3, $4, $5, $6, 10, 50, 0)
            """,
            assignment,
            at,
            self.district,
            day,
            round(point["lat"] * 1e7),
            round(point["lon"] * 1e7),
        )


async def a_world(service: Service, district: int) -> World:
    """One of everybody in a district of their own."""
    service.clock.now = make.NOW
    async with service.pool.acquire() as conn:
        await make.district(conn, district)
    world = World(service, district)
    await world.add("admin", "police", Role.ADMINISTRATOR)
    await world.add("commander", "police", Role.COMMANDER)
    await world.add("chief", "police", Held(role=Role.CHIEF, area=Code("s1")))
    await world.add("officer", "police", Held(role=Role.OFFICER, area=Code("b1")))
    await world.add("other officer", "police", Held(role=Role.OFFICER, area=Code("b1")))
    await world.add("far officer", "police", Held(role=Role.OFFICER, area=Code("b3")))
    for company in ("o1", "o2"):
        await world.add(f"{company} guard", company, Role.GUARD)
        await world.add(f"{company} volunteer", company, Role.VOLUNTEER)
        manager = Held(role=Role.MANAGER, organisation=world.organisations[company])
        await world.add(f"{company} manager", company, manager)
    await world.add("observer", "police", Role.OBSERVER)
    return world
