"""Who can be tried in the demo: plain people with a duty ahead."""

from datetime import timedelta
from pathlib import Path

from alliance.access.passwords import Passwords
from alliance.actor import Code, DistrictId, OrganisationId, PersonId, Role
from alliance.areas import actions as areas
from alliance.db.pool import Connection, Pool
from alliance.demo import logins
from alliance.demo.tried import Who, login, patrol_logins
from alliance.events import transaction
from alliance.people.model import Held
from tests import make

DISTRICT = DistrictId(1)
HOURS = timedelta(hours=1)


async def duty(conn: Connection, person: PersonId, in_hours: int) -> None:
    start = make.NOW + in_hours * HOURS
    await conn.execute(
        """
        insert into assignment
            (district_id, roster, person, shift, post, duty_day, starts_at, ends_at, published)
        select 1, r.id, $1, s.id, p.id, $2::timestamptz::date, $2, $3, true from roster r, shift s, post p
        """,
        person,
        start,
        start + 8 * HOURS,
    )


async def ground(conn: Connection) -> OrganisationId:
    await make.district(conn)
    await conn.execute(
        """
        insert into roster (district_id, first_day, last_day, state, made_at) values
            (1, '2026-01-01', '2026-01-02', 'published', now());
        insert into shift (district_id, pattern, duty_day, starts_at, ends_at)
            values (1, 'evening', '2026-01-01', now(), now() + interval '8 hours');
        insert into post (district_id, code, name, beat) values (1, 'P1', '北门', 'b1')
        """
    )
    return await make.organisation(conn)


async def test_the_guard_to_be_tried_is_only_that_at_work_and_not_away(pool: Pool, tmp_path: Path) -> None:
    async with pool.acquire() as conn:
        await tried(pool, conn, tmp_path)


async def tried(pool: Pool, conn: Connection, tmp_path: Path) -> None:
    company = await ground(conn)
    lead = await make.person(
        conn, company, Held(role=Role.GUARD), Held(role=Role.LEAD, area=Code("b1")), name="又是队长"
    )
    away = await make.person(conn, company, Held(role=Role.GUARD), name="休假的")
    plain = await make.person(conn, company, Held(role=Role.GUARD), name="张保安")
    later = await make.person(conn, company, Held(role=Role.GUARD), name="以后的")
    helper = await make.person(conn, company, Held(role=Role.VOLUNTEER), name="林志愿")
    officer = await make.person(conn, company, Held(role=Role.OFFICER, area=Code("b1")), name="何民警")
    await conn.execute(
        "insert into consent (district_id, person, text_version, given_at) select 1, id, 'x', $1 from person",
        make.NOW,
    )
    await conn.execute(
        "insert into leave (district_id, person, starts_at, ends_at, kind) values (1, $1, $2, $3, 'sick')",
        *(away, make.NOW + 30 * HOURS, make.NOW + 40 * HOURS),
    )
    for person in (lead, away, plain):
        await duty(conn, person, -1)
    await duty(conn, later, 9)
    passwords, file = Passwords(1), tmp_path / "logins.txt"
    zone = areas.zone_of(await areas.district(conn, DISTRICT))
    try:
        async with transaction(pool, DISTRICT) as tx:
            who = Who(person=officer, name="何民警", note="b1")
            logins.write(file, [await login(tx, passwords, Role.OFFICER, who, make.NOW)])
        assert not await patrol_logins(pool, DISTRICT, file, passwords, zone=zone, now=make.NOW)
        await duty(conn, helper, 20)
        assert await patrol_logins(pool, DISTRICT, file, passwords, zone=zone, now=make.NOW)
    finally:
        passwords.close()
    found = {one.role: one for one in logins.read(file)}
    assert (found["guard"].person, found["guard"].name) == (plain, "张保安")
    assert found["volunteer"].person == helper
    assert logins.tried(file) == {officer, plain, helper}
    assert "–" in found["guard"].note
