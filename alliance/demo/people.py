"""The demo's force, drawn column by column: staff, guards of six companies, volunteers of forty villages."""

from datetime import date, timedelta

import msgspec
import numpy as np
import numpy.typing as npt

from alliance.actor import Role
from alliance.areas.places import Places
from alliance.demo import land, names
from geo.cell import Bools, Floats, Ints

GUARDS = 8_000
VOLUNTEERS = 17_000
COMPANIES = 6
VILLAGES = 40
TEAMS = 123
COMMANDERS = 3
OBSERVERS = 2
VILLAGE_M = 1500.0


class Organisation(msgspec.Struct, frozen=True, kw_only=True):
    """`cell` is the place of its office among the district's cells, for villages."""

    code: str
    name: str
    name_en: str
    kind: str
    permit: bool = False
    cell: int = -1


class People(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """Columns of equal length; `organisation` and `home` are positions, `role` the one a person came for."""

    role: npt.NDArray[np.str_]
    organisation: Ints
    name: list[str]
    born: list[date]
    home: Ints
    travel_limit_m: Ints
    night: Bools
    overtime: Bools

    def __len__(self) -> int:
        return len(self.name)

    def of(self, role: Role) -> Ints:
        return np.flatnonzero(self.role == role.value)


def organisations(seed: int, places: Places, shares: Floats) -> list[Organisation]:
    """The police first, then the companies, then the villages, one in three a community."""
    rng = land.stream(seed, "organisations")
    found = [Organisation(code="P00", name="增城区公安分局", name_en="District police", kind="police")]
    for n, (name, name_en) in enumerate(names.COMPANIES[:COMPANIES], 1):
        found.append(
            Organisation(code=f"C{n:02}", name=name, name_en=name_en, kind="company", permit=n % 3 == 0)
        )
    offices = land.draw(rng, shares, VILLAGES)
    for n, name in enumerate(names.villages(rng, VILLAGES), 1):
        community = n % 3 == 0
        found.append(
            Organisation(
                code=f"V{n:02}",
                name=f"{name}社区居委会" if community else f"{name}村民委员会",
                name_en=f"{'Community' if community else 'Village'} {n}",
                kind="community" if community else "village",
                cell=int(offices[n - 1]),
            )
        )
    return found


def people(seed: int, places: Places, shares: Floats, offices: list[Organisation], today: date) -> People:
    rng = land.stream(seed, "people")
    roles, organisation = _staff(len(places.stations), offices)
    guards = rng.integers(1, COMPANIES + 1, GUARDS)
    volunteers = rng.integers(1 + COMPANIES, len(offices), VOLUNTEERS)
    role = np.array([*roles, *[Role.GUARD.value] * GUARDS, *[Role.VOLUNTEER.value] * VOLUNTEERS])
    organisation = np.concatenate([organisation, np.sort(guards), np.sort(volunteers)]).astype(np.int64)
    count = len(role)
    is_guard, is_volunteer = role == Role.GUARD.value, role == Role.VOLUNTEER.value
    women = rng.random(count) < np.where(is_guard, 0.12, np.where(is_volunteer, 0.46, 0.25))
    ages = np.where(is_volunteer, rng.triangular(18, 48, 71, count), rng.triangular(20, 38, 61, count))
    young = ages < 59
    return People(
        role=role,
        organisation=organisation,
        name=names.people(rng, women),
        born=[today - timedelta(days=int(age * 365.25)) for age in ages.tolist()],
        home=_homes(rng, places, shares, offices, organisation),
        travel_limit_m=np.where(
            is_volunteer,
            rng.choice([2000, 3000, 4000, 6000], count),
            rng.choice([8000, 10_000, 15_000], count),
        ),
        night=young & (rng.random(count) < np.where(is_guard, 0.75, 0.08)),
        overtime=is_guard & (rng.random(count) < 0.6),
    )


def _staff(stations: int, offices: list[Organisation]) -> tuple[list[str], Ints]:
    """The police from the administrator to an officer per team, then a manager per organisation."""
    police = (
        [Role.ADMINISTRATOR] + [Role.COMMANDER] * COMMANDERS + [Role.OBSERVER] * OBSERVERS
        + [Role.CHIEF] * stations + [Role.OFFICER] * TEAMS
    )  # fmt: skip
    managed = np.arange(1, len(offices))
    roles = [role.value for role in police] + [Role.MANAGER.value] * len(managed)
    return roles, np.concatenate([np.zeros(len(police), dtype=np.int64), managed])


def _homes(
    rng: np.random.Generator,
    places: Places,
    shares: Floats,
    offices: list[Organisation],
    organisation: Ints,
) -> Ints:
    """Those of a village live around its office, the others anywhere."""
    homes = land.draw(rng, shares, len(organisation))
    middles = places.hexes.centres()
    for n, office in enumerate(offices):
        if office.cell < 0:
            continue
        lat, lon = middles[office.cell]
        away = land.from_point(middles, lat, lon)
        near = shares * np.exp(-((away / VILLAGE_M) ** 2))
        own = np.flatnonzero(organisation == n)
        homes[own] = land.draw(rng, near, len(own))
    return homes
