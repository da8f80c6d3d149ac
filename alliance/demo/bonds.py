"""Who belongs to what in the demo: teams of an officer and N, units of three to five, leads of grids."""

import numpy as np

from alliance.actor import Code, OrganisationId, PersonId, Role
from alliance.areas.places import Places
from alliance.demo.people import People
from alliance.people.bulk import RoleRow, TeamRow, UnitRow
from geo.cell import Floats, Ints

UNITS_PER_BEAT = 3
UNIT_SIZES = (3, 4, 5)


def teams(
    people: People, ids: list[PersonId], places: Places, shares: Floats, names: dict[Code, str]
) -> list[TeamRow]:
    """One per beat, two where most people live; a person's team is of the beat of the home."""
    officers = people.of(Role.OFFICER).tolist()
    by_residents = np.argsort(-np.bincount(places.beat, weights=shares, minlength=len(places.beats)))
    order = [*range(len(places.beats)), *by_residents.tolist()][: len(officers)]
    count = np.bincount(order, minlength=len(places.beats))
    living = places.beat[people.home]
    force = np.flatnonzero((people.role == Role.GUARD.value) | (people.role == Role.VOLUNTEER.value))
    found, seen = [], [0] * len(places.beats)
    for n, (officer, beat) in enumerate(zip(officers, order, strict=True), 1):
        own = force[living[force] == beat][seen[beat] :: int(count[beat])]
        seen[beat] += 1
        code = places.beats[beat]
        found.append(
            TeamRow(
                code=f"T{n:03}",
                name=f"{names[code]}1+N团队" + ("二" if seen[beat] == 2 else ""),
                beat=code,
                officer=ids[officer],
                members=[ids[i] for i in own.tolist()],
            )
        )
    return found


def units(
    rng: np.random.Generator, people: People, ids: list[PersonId], places: Places, names: dict[Code, str]
) -> list[UnitRow]:
    """Of people who live on one beat, guards first."""
    living = places.beat[people.home]
    guards, volunteers = people.of(Role.GUARD), people.of(Role.VOLUNTEER)
    found: list[UnitRow] = []
    for beat, code in enumerate(places.beats):
        near: Ints = np.concatenate([guards[living[guards] == beat], volunteers[living[volunteers] == beat]])
        start = 0
        for n in range(1, UNITS_PER_BEAT + 1):
            size = int(rng.choice(UNIT_SIZES))
            members = near[start : start + size].tolist()
            start += size
            if len(members) >= UNIT_SIZES[0]:
                found.append(
                    UnitRow(
                        code=f"U{len(found) + 1:03}",
                        name=f"{names[code]}应急{'一二三'[n - 1]}组",
                        beat=code,
                        leader=ids[members[0]],
                        members=[ids[i] for i in members],
                    )
                )
    return found


def roles(
    people: People, ids: list[PersonId], organisations: list[OrganisationId], places: Places, *,
    teams: list[TeamRow], units: list[UnitRow],
) -> list[RoleRow]:  # fmt: skip
    """Everyone's own role with its scope, and that of the leads."""
    beat_of = {team.officer: team.beat for team in teams}
    stations = dict(zip(people.of(Role.CHIEF).tolist(), places.stations, strict=True))
    found = []
    for i, (person, role) in enumerate(zip(ids, people.role.tolist(), strict=True)):
        managed = organisations[int(people.organisation[i])] if role == Role.MANAGER else None
        area = stations.get(i) or beat_of.get(person)
        found.append(RoleRow(person=person, role=Role(role), area=area, organisation=managed))
    found += [RoleRow(person=unit.leader, role=Role.LEAD, unit=unit.code) for unit in units]
    return found + _grid_leads(people, ids, places)


def _grid_leads(people: People, ids: list[PersonId], places: Places) -> list[RoleRow]:
    """The first volunteer who lives in each grid, where one does."""
    volunteers = people.of(Role.VOLUNTEER)
    grids, first = np.unique(places.grid[people.home[volunteers]], return_index=True)
    return [
        RoleRow(person=ids[int(volunteers[n])], role=Role.LEAD, area=places.grids[grid])
        for grid, n in zip(grids.tolist(), first.tolist(), strict=True)
    ]
