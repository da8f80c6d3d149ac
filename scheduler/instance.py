"""Made-up districts of any size: the base problem of the benchmarks, and the same with every rule in use."""

from datetime import date, timedelta

import numpy as np

from scheduler.calendar import DAY, HOUR, Floats, Ints
from scheduler.demand import Pattern, Staffing, needs
from scheduler.problem import (
    Beat,
    BeatCode,
    Certificate,
    Organisation,
    OrganisationId,
    Person,
    PersonId,
    Point,
    Post,
    PostId,
    Problem,
    Role,
    Shift,
    ShiftId,
    Span,
    Wish,
)

ZONE, AHEAD = "Asia/Shanghai", 8 * HOUR
MONDAY = date(2026, 6, 1)
PATTERNS = (
    Pattern(code="morning", start=360, end=840),
    Pattern(code="afternoon", start=840, end=1320),
    Pattern(code="night", start=1320, end=1800),
    Pattern(code="evening", start=1140, end=1380),
)
PROFILE = (0.8, 1.0, 0.7, 1.1)
CELL_KM, CELLS_PER_BEAT = 0.9225, 22
SOUTH, WEST, KM_PER_DEGREE = 23.10, 113.55, 111.2


def instance(people: int, days: int, seed: int, *, full: bool = False) -> Problem:
    """The base problem is concave units, rules of one person and not_alone; full adds minimum, certified
    guards, history, leave, wishes and teams. One third are guards."""
    random = np.random.default_rng(seed)
    beats, weight = _places(random, int(np.clip(people // 100, 4, 104)))
    shifts = _shifts(days)
    posts = tuple(Post(id=PostId(n + 1), beat=beat.code) for n, beat in enumerate(beats))
    first = np.cumsum([0, *(len(b.centres) for b in beats)])
    cells = {b.code: np.arange(first[n], first[n + 1]) for n, b in enumerate(beats)}
    staffing = Staffing(minimum_share=0.1, certified=1) if full else Staffing()
    return Problem(
        zone=ZONE,
        horizon=Span(start=_at(0, 0), end=_at(days, 0)),
        organisations=tuple(Organisation(id=OrganisationId(n)) for n in range(1, 47)),
        people=_people(random, people, days, (beats, weight), full),
        shifts=shifts,
        beats=beats,
        posts=posts,
        kinds=tuple(pattern.code for pattern in PATTERNS),
        needs=needs(posts, shifts, cells, weight, patterns=PATTERNS, zone=ZONE, staffing=staffing),
    )


def _at(day: int, minute: float) -> int:
    """Milliseconds of a local minute of a day of the horizon."""
    since = (MONDAY - date(1970, 1, 1)).days + day
    return since * DAY + int(minute * 60_000) - AHEAD


def _shifts(days: int) -> tuple[Shift, ...]:
    found: list[Shift] = []
    for day in range(days):
        for pattern in PATTERNS:
            role = Role.VOLUNTEER if pattern.code == "evening" else Role.GUARD
            start, end = _at(day, pattern.start), _at(day, pattern.end)
            found.append(
                Shift(id=ShiftId(len(found) + 1), start=start, end=end, roles=(role,), kind=pattern.code)
            )
    return tuple(found)


def _places(random: np.random.Generator, many: int) -> tuple[tuple[Beat, ...], Floats]:
    """Beats of hexagons laid in rows, and weights [cell, weekday, pattern] with a few hot spots."""
    across = max(4, round(np.sqrt(many * CELLS_PER_BEAT * 0.7)))
    down = -(-many * CELLS_PER_BEAT // across)
    row, column = np.divmod(np.arange(across * down), across)
    x, y = (column + row % 2 / 2) * CELL_KM, row * CELL_KM * np.sqrt(3) / 2
    groups = _split(np.stack([x, y], axis=1), np.arange(len(x)), many)
    order = np.concatenate(groups)
    spots = random.integers(0, len(x), max(3, many // 8))
    near = np.hypot(x[:, None] - x[spots], y[:, None] - y[spots])
    level = 0.3 + (np.exp(-((near / 2.5) ** 2)) * random.uniform(1, 6, len(spots))).sum(axis=1)
    level *= random.lognormal(0.0, 0.5, len(x))
    week = np.asarray([1, 1, 1, 1, 1.1, 1.2, 1.15])
    weight = level[order, None, None] * week[None, :, None] * np.asarray(PROFILE)[None, None, :]
    weight *= random.lognormal(0.0, 0.2, weight.shape)
    lat, lon = SOUTH + y / KM_PER_DEGREE, WEST + x / (KM_PER_DEGREE * np.cos(np.radians(SOUTH)))
    beats = [
        Beat(
            code=BeatCode(f"b{n + 1:03}"),
            centres=tuple(Point(lat=float(lat[c]), lon=float(lon[c])) for c in group),
        )
        for n, group in enumerate(groups)
    ]
    return tuple(beats), weight


def _split(at: Floats, cells: Ints, parts: int) -> list[Ints]:
    """Halves the longer side again and again into so many parts of like size."""
    if parts == 1:
        return [cells]
    side = int(np.argmax(np.ptp(at[cells], axis=0)))
    ordered = cells[np.argsort(at[cells, side], kind="stable")]
    cut = len(cells) * (parts // 2) // parts
    return _split(at, ordered[:cut], parts // 2) + _split(at, ordered[cut:], parts - parts // 2)


def _people(
    random: np.random.Generator, many: int, days: int, where: tuple[tuple[Beat, ...], Floats], full: bool
) -> tuple[Person, ...]:
    beats, weight = where
    centres = [(beat.code, point) for beat in beats for point in beat.centres]
    level = weight.mean(axis=(1, 2))
    homes = random.choice(len(centres), many, p=level / level.sum())
    return tuple(_person(random, n, days, centres[home], full) for n, home in enumerate(homes.tolist()))


def _person(
    random: np.random.Generator, n: int, days: int, lives: tuple[BeatCode, Point], full: bool
) -> Person:
    guard = n % 3 == 0
    chance: list[float] = random.random(8).tolist()
    papers = (Certificate(kind="guard", until=MONDAY + timedelta(days=int(400 * chance[0]) - 20)),)
    span = Span(start=_at(0, 0), end=_at(days + 1, 360))
    offers = (span,) if guard else _evenings(random, days)
    return Person(
        id=PersonId(n + 1),
        role=Role.GUARD if guard else Role.VOLUNTEER,
        organisation=OrganisationId(1 + n % 6 if guard else 7 + n % 40),
        born=date(1962 + int(44 * chance[1]), 1 + n % 12, 1 + n % 28),
        night_consent=guard and chance[2] < 0.8,
        overtime_consent=full and guard and chance[3] < 0.3,
        certificates=papers if guard and chance[0] > 0.05 else (),
        availability=offers,
        leave=_leave(days, chance[4]) if full and chance[5] < 0.1 else (),
        home=lives[1],
        travel_km=round(3 + 9 * chance[6], 1) if guard else round(2 + 4 * chance[6], 1),
        target_hours=(40.0 if guard else 8.0) * days / 7,
        beats=(lives[0],) if full and chance[7] < 0.5 else (),
        wishes=(Wish(shift=ShiftId(1 + n % (4 * days)), weight=1.0 if n % 2 else -1.0),) if full else (),
        history=_history(n, guard) if full else (),
    )


def _evenings(random: np.random.Generator, days: int) -> tuple[Span, ...]:
    """Five evenings of seven or so."""
    offered = np.flatnonzero(random.random(days) < 0.7).tolist()
    return tuple(Span(start=_at(day, 1080), end=_at(day, 1440)) for day in offered)


def _leave(days: int, chance: float) -> tuple[Span, ...]:
    day = int(chance * days)
    return (Span(start=_at(day, 0), end=_at(day + 2, 0)),)


def _history(n: int, guard: bool) -> tuple[Span, ...]:
    """A guard's last week in one shift, some of it nights up to the horizon; a volunteer's evening."""
    if not guard:
        return (Span(start=_at(-2 - n % 4, 1140), end=_at(-2 - n % 4, 1380)),)
    pattern = PATTERNS[n // 3 % 3]
    worked = range(-3, 0) if pattern.code == "night" else range(-5 - n % 2, -n % 2 - 1)
    return tuple(Span(start=_at(day, pattern.start), end=_at(day, pattern.end)) for day in worked)
