"""A world for tests of who sees whom: two districts, someone of every role, and strangers."""

from datetime import timedelta

import msgspec

from alliance.actor import Code, OrganisationId, PersonId, Role
from alliance.db.pool import Connection
from alliance.people.model import Held
from tests import make
from tests.make import CELLS, NOW

STRANGERS_TEXT = "外人之事"


class World(msgspec.Struct, frozen=True, kw_only=True):
    """People by the name of their role; `names` are what must not be seen by whom it doesn't concern."""

    people: dict[str, PersonId]
    names: dict[str, str]
    company: OrganisationId
    other_company: OrganisationId


# name of the one who looks → names of those who may be seen, oneself included
OWN_DISTRICT = (
    *("administrator", "commander", "chief", "officer", "manager", "lead", "guard", "colleague", "volunteer"),
    *("observer", "nobody", "stranger"),
)
SEEN = {
    "administrator": OWN_DISTRICT,
    "commander": OWN_DISTRICT,
    "chief": ("chief", "officer", "lead", "guard", "volunteer"),
    "officer": ("officer", "lead", "guard"),
    "manager": ("manager", "lead", "guard", "colleague", "nobody"),
    "lead": ("lead", "guard"),
    "guard": ("guard", "lead"),
    "volunteer": ("volunteer",),
    "observer": ("observer",),
    "nobody": ("nobody",),
    "foreigner": ("foreigner", "foreign_guard"),
}


async def world(conn: Connection) -> World:
    """District 1 with everyone of `SEEN`, and district 2 with a foreign administrator and guard.

    The stranger is a guard of the other company on beat b3; nobody is of the company but holds no role.
    """
    await make.district(conn, 1)
    await make.district(conn, 2)
    police = await make.organisation(conn, code="police", kind="police")
    company = await make.organisation(conn, code="company")
    other = await make.organisation(conn, code="other")
    foreign = await make.organisation(conn, 2, code="foreign")
    home = {beat: cells[0] for beat, cells in CELLS.items()}
    guard, lead = Held(role=Role.GUARD), Held(role=Role.LEAD, unit="u1")
    plan: dict[str, tuple[OrganisationId, Held | None, str | None]] = {
        "administrator": (police, Held(role=Role.ADMINISTRATOR), None),
        "commander": (police, Held(role=Role.COMMANDER), None),
        "chief": (police, Held(role=Role.CHIEF, area=Code("s1")), None),
        "officer": (police, Held(role=Role.OFFICER, area=Code("b1")), None),
        "manager": (company, Held(role=Role.MANAGER, organisation=company), None),
        "lead": (company, lead, home["b1"]),
        "guard": (company, guard, home["b1"]),
        "colleague": (company, guard, home["b3"]),
        "volunteer": (other, Held(role=Role.VOLUNTEER), home["b2"]),
        "observer": (other, Held(role=Role.OBSERVER), None),
        "nobody": (company, None, None),
        "stranger": (other, guard, home["b3"]),
        "foreigner": (foreign, Held(role=Role.ADMINISTRATOR), None),
        "foreign_guard": (foreign, guard, home["b1"]),
    }
    people: dict[str, PersonId] = {}
    names = {name: f"姓名{number:02}甲" for number, name in enumerate(plan, 10)}
    for name, (organisation, held, cell) in plan.items():
        people[name] = await make.person(
            conn,
            organisation,
            *([held] if held else []),
            number=2 if organisation == foreign else 1,
            name=names[name],
            home=cell,
        )
    await make.unit(conn, "u1", "b1", [people["lead"], people["guard"]])
    await make.unit(conn, "u3", "b3", [people["stranger"]])
    await make.team(conn, "t-b3", "b3", people["commander"], [people["stranger"]])
    await happenings(conn, people)
    return World(people=people, names=names, company=company, other_company=other)


async def happenings(conn: Connection, people: dict[str, PersonId]) -> None:
    """In each district the guards' duties, and an incident that only the stranger or foreigner reported."""
    await duties(conn, 1, {"b1": (people["guard"], people["lead"]), "b3": (people["stranger"],)})
    await duties(conn, 2, {"b1": (people["foreign_guard"],)})
    await incident(conn, 1, people["stranger"], "b3")
    await incident(conn, 2, people["foreign_guard"], "b1")
    await sos(conn, 1, people["stranger"], "b3")


async def duties(conn: Connection, number: int, posted: dict[str, tuple[PersonId, ...]]) -> None:
    """A published roster of today's early shift with a post on each beat."""
    start, end = NOW - timedelta(hours=6), NOW + timedelta(hours=2)
    shift = await conn.fetchval(
        """
        insert into shift (district_id, pattern, duty_day, starts_at, ends_at)
        values ($1, 'early', $2, $3, $4) returning id
        """,
        number,
        NOW.date(),
        start,
        end,
    )
    roster = await conn.fetchval(
        """
        insert into roster (district_id, first_day, last_day, state, made_at, published_at)
        values ($1, $2, $2, 'published', $3, $3) returning id
        """,
        number,
        NOW.date(),
        start,
    )
    for beat, people in posted.items():
        post = await conn.fetchval(
            "insert into post (district_id, code, name, beat) values ($1, $2, $2, $3) returning id",
            number,
            f"p-{beat}",
            beat,
        )
        await conn.executemany(
            """
            insert into assignment (district_id, roster, person, shift, post, duty_day, starts_at, ends_at,
                                    published)
            values ($1, $2, $3, $4, $5, $6, $7, $8, true)
            """,
            [(number, roster, person, shift, post, NOW.date(), start, end) for person in people],
        )


async def incident(conn: Connection, number: int, person: PersonId, beat: str) -> None:
    """An open incident with one report, whose text is nobody else's business."""
    town, station = make.BEATS[beat]
    made = await conn.fetchval(
        """
        insert into incident (district_id, kind, state, opened_at, lat, lon, cell, grid, beat, station, town,
                              by_patrol)
        values ($1, 'dispute', 'open', $2, 23.25, 113.65, $3, $4, $5, $6, $7, false) returning id
        """,
        number,
        NOW,
        CELLS[beat][0],
        f"g{beat[1:]}",
        beat,
        station,
        town,
    )
    await conn.execute(
        """
        insert into incident_transition (district_id, incident, n, from_state, to_state, at, actor)
        values ($1, $2, 1, null, 'open', $3, $4)
        """,
        number,
        made,
        NOW,
        person,
    )
    report = await conn.fetchval(
        """
        insert into report (district_id, person, kind, at, received_at, lat, lon, cell, text, incident)
        values ($1, $2, 'dispute', $3, $3, 23.25, 113.65, $4, $5, $6) returning id
        """,
        number,
        person,
        NOW,
        CELLS[beat][0],
        STRANGERS_TEXT,
        made,
    )
    await conn.execute(
        "insert into participant (district_id, report, person) values ($1, $2, $3)", number, report, person
    )


async def sos(conn: Connection, number: int, person: PersonId, beat: str) -> None:
    await conn.execute(
        """
        insert into sos (district_id, person, at, received_at, lat, lon, beat)
        values ($1, $2, $3, $3, 23.25, 113.65, $4)
        """,
        number,
        person,
        NOW,
        beat,
    )
