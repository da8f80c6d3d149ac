"""The made-up Zengcheng, seeded once for this module into a real database."""

import asyncio
import itertools
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from alliance.access import actions as access
from alliance.access.model import Kind
from alliance.access.passwords import Passwords
from alliance.actor import PersonId, Role
from alliance.areas import actions as areas
from alliance.areas.places import Places
from alliance.config import Unusable
from alliance.credit.ledger import verify
from alliance.db.pool import Connection, connect, open_pool
from alliance.demo import happenings, land, logins, names, offers, people, seeding
from alliance.demo.seeding import NUMBER, Seed
from alliance.people.sealed import Seal
from tests.conftest import clone

# Two in the morning in the district.
NOW = datetime(2026, 3, 3, 18, 0, tzinfo=UTC)
SEAL = Seal(b"k" * 32)


@pytest.fixture(scope="module")
def seeded(server: str, template: str, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    """The address of the database, and the file with the logins."""
    dsn = clone(server, "demo_seeded")
    file = tmp_path_factory.mktemp("demo") / "data" / "demo-logins.txt"
    asyncio.run(_seed(dsn, file))
    return dsn, file


async def _seed(dsn: str, file: Path) -> None:
    pool = await open_pool(dsn, size=2)
    passwords = Passwords(2)
    try:
        given = Seed(seed=1, now=NOW, logins=file, seal=SEAL, passwords=passwords)
        await seeding.seed(pool, given, lambda _: None)
    finally:
        passwords.close()
        await pool.close()


@pytest.fixture
async def demo(seeded: tuple[str, Path]) -> AsyncIterator[Connection]:
    conn = await connect(seeded[0])
    try:
        yield conn
    finally:
        await conn.close()


@pytest.fixture
async def places(demo: Connection) -> Places:
    return await areas.places(demo, NUMBER)


async def count(demo: Connection, sql: str) -> dict[str, int]:
    return {str(record[0]): record[1] for record in await demo.fetch(sql)}


async def test_it_has_the_size_of_the_real_thing(demo: Connection, places: Places) -> None:
    sizes = (len(places), len(places.towns), len(places.stations), len(places.beats), len(places.grids))
    assert sizes == (16_254, 13, 30, 104, 1636)
    assert await count(
        demo, "select kind, count(*) from organisation where kind in ('company', 'police') group by 1"
    ) == {
        "company": 6,
        "police": 1,
    }
    villages = "select 'all', count(*) from organisation where kind in ('village', 'community')"
    assert await count(demo, villages) == {"all": 40}
    roles = await count(demo, "select role, count(distinct person) from person_role group by 1")
    assert (roles["guard"], roles["volunteer"], roles["officer"], roles["chief"]) == (8000, 17_000, 123, 30)
    assert await count(demo, "select 'teams', count(*) from team") == {"teams": 123}
    covered = await demo.fetchval("select count(distinct beat) from team")
    assert covered == 104
    sizes_of_units = await demo.fetch("select distinct count(*) from unit_member group by unit order by 1")
    assert [record[0] for record in sizes_of_units] == [3, 4, 5]


async def test_people_are_plausible(demo: Connection) -> None:
    names = [record["name"] for record in await demo.fetch("select name from person")]
    assert len(set(names)) > 0.6 * len(names)
    assert all(2 <= len(name) <= 4 for name in names)
    ages = await demo.fetchrow(
        "select min($1::date - born) / 365.25 as least, max($1::date - born) / 365.25 as most from person",
        NOW.date(),
    )
    assert 18 <= ages["least"] < ages["most"] <= 72
    night = "select count(*) from person where night_consent and $1::date - born > 59 * 366"
    assert await demo.fetchval(night, NOW.date()) == 0
    unconsented = (
        "select count(*) from person p where not exists (select from consent c where c.person = p.id)"
    )
    assert await demo.fetchval(unconsented) == 0
    lapsed = await demo.fetchval(
        "select count(*) from certificate where kind = 'guard' and valid_until < $1", NOW.date()
    )
    soon = await demo.fetchval(
        "select count(*) from certificate where kind = 'guard' and valid_until between $1 and $1 + 31",
        NOW.date(),
    )
    assert 200 < lapsed < 500
    assert 200 < soon < 500
    sealed = await demo.fetchval("select phone from person order by id limit 1")
    assert SEAL.unseal(sealed, "phone") == "12000000000"


async def test_towns_keep_their_names_and_all_else_says_that_it_is_made_up(demo: Connection) -> None:
    listed = await areas.areas(demo, NUMBER)
    assert {area.name for area in listed} >= {"荔城街道", "新塘镇", "新塘第一派出所", "新塘第一所1号警务区"}
    assert all(area.made_up for area in listed)
    assert len({(area.kind, area.name) for area in listed}) == len(listed)


async def test_ninety_days_of_calls_and_confirmed_incidents(demo: Connection) -> None:
    days = await demo.fetchval(
        "select count(distinct (at at time zone 'Asia/Shanghai')::date) from call where at < $1", NOW
    )
    assert days == happenings.DAYS
    assert await demo.fetchval("select max(at) from call") < NOW
    states = await count(demo, "select state, count(*) from incident group by 1")
    assert list(states) == ["confirmed"]
    assert 1500 < states["confirmed"] < 3000
    verdict = await verify(demo, NUMBER)
    assert verdict.broken is None
    assert verdict.entries > states["confirmed"]
    own_case = """
        select count(*) from participant p join report r on r.id = p.report
        join incident_transition t on t.incident = r.incident
        where t.actor = p.person and t.to_state = 'confirmed'
    """
    assert await demo.fetchval(own_case) == 0


async def test_demand_makes_tiers_and_posts(demo: Connection, places: Places) -> None:
    weights = np.mean([w.columns.mean(axis=0) for w in places.weightings], axis=0)
    assert (
        weights[places.tier == 1].min()
        >= weights[places.tier == 2].max()
        >= weights[places.tier == 3].max() - 1e-9
    )
    wanted = await count(demo, "select pattern, sum(desired) from need group by 1")
    assert all(600 < number < 1500 for number in wanted.values())
    alone = await demo.fetch("select solo, unit_size, certificate from post where cell is not null")
    assert len(alone) == 30
    assert all(record["solo"] and record["certificate"] == "guard" for record in alone)


async def test_the_logins_are_the_owners_secret_and_open_the_doors(seeded: tuple[str, Path]) -> None:
    dsn, file = seeded
    assert file.stat().st_mode & 0o777 == 0o600
    found = {one.role: one for one in logins.read(file)}
    assert set(found) == {role.value for role in seeding.STAFF}
    assert found["officer"].note.endswith("警务区")
    assert found["manager"].note
    assert len({one.password for one in found.values()}) == len(found)
    pool = await open_pool(dsn, size=2)
    passwords = Passwords(1)
    try:
        for role in (Role.ADMINISTRATOR, Role.OFFICER):
            entry = await access.sign_in(
                pool,
                access.Attempt(
                    district=NUMBER,
                    login=found[role].login,
                    password=found[role].password,
                    address="127.0.0.1",
                    kind=Kind.TOKEN,
                ),
                passwords,
                life=timedelta(hours=1),
                now=NOW,
            )
            assert entry.actor.has(role)
            assert entry.name == found[role].name
    finally:
        passwords.close()
        await pool.close()


async def test_it_is_seeded_once(seeded: tuple[str, Path]) -> None:
    before = seeded[1].read_text()
    with pytest.raises(Unusable, match="already"):
        await _seed(*seeded)
    assert seeded[1].read_text() == before


async def test_one_seed_gives_one_district(places: Places) -> None:
    shares = land.residents(5, places.hexes.centres(), land.towns())
    offices = people.organisations(5, places, shares)
    today = NOW.date()

    def drawn(seed: int) -> tuple[object, ...]:
        one = people.people(seed, places, shares, offices, today)
        called = happenings.calls(seed, shares, today, places.zone)
        return (
            one.name,
            one.home.tolist(),
            one.born,
            called,
            offers.leave(seed, one, [PersonId(n) for n in range(len(one))], today),
        )

    assert drawn(5) == drawn(5)
    assert all(a != b for a, b in zip(drawn(5), drawn(6), strict=True))


def test_names_differ_enough_to_tell_people_apart() -> None:
    rng = np.random.default_rng(1)
    found = names.people(rng, rng.random(1000) < 0.5)
    assert all(a != b for name in found for a, b in itertools.pairwise(name[-2:]))
    assert len(set(names.villages(rng, 40))) == 40


async def test_each_station_has_a_checkpoint_at_its_guarded_point(demo: Connection) -> None:
    hung = await demo.fetch("select name, cell, beat, key from checkpoint where revoked_at is null")
    guarded = await demo.fetch("select name, cell, beat from post where cell is not null")
    assert {(row["cell"], row["beat"]) for row in hung} == {(row["cell"], row["beat"]) for row in guarded}
    assert len({row["key"] for row in hung}) == len(hung) == 30
