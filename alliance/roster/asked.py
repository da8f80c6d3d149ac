"""What the solver is asked: a problem made of a district's rows. Pure, and quick for 25,000 people."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import msgspec
import numpy as np

from alliance.actor import Code, PersonId
from alliance.areas.places import Places
from alliance.people.workforce import Worker, Workforce
from alliance.roster.model import Duty, Need, Post, PostId, Shift, ShiftId
from alliance.times import at_minute, to_ms
from geo import cell as hexes
from geo.cell import Cell, Floats
from scheduler import demand
from scheduler import problem as ask
from scheduler.problem import Span

DAY = timedelta(days=1)
# Planning cells that a unit visits well in a duty.
STAFFING = demand.Staffing(unit=2, cells=2, most=16)
# Above what a post desires, one more must be worth as much as three units among mean cells.
WEIGHTS = ask.Weights(over=3.0)


def weights(given: dict[str, float]) -> ask.Weights:
    """The usual ones but for those given by name."""
    return msgspec.structs.replace(WEIGHTS, **given)


class Rows(msgspec.Struct, frozen=True, kw_only=True):
    """All that a roster's problem is made of; `history` are published duties outside the horizon,
    `published` what those of the horizon were told before."""

    first_day: date
    last_day: date
    places: Places
    workforce: Workforce
    shifts: list[Shift]
    posts: list[Post]
    needs: list[Need]
    history: list[Duty]
    pinned: list[ask.Assignment] = []
    published: list[ask.Assignment] = []
    prices: ask.Weights = WEIGHTS


def problem(rows: Rows) -> ask.Problem:
    zone = rows.places.zone
    offers = _offers(rows, zone)
    history = _spans_by_person((d.person, d.starts_at, d.ends_at) for d in rows.history)
    people = tuple(_person(rows.workforce, worker, offers, history) for worker in rows.workforce.workers)
    beats = {post.beat for post in rows.posts}
    known: set[int] = {worker.id for worker in rows.workforce.workers}
    roles = {pattern.code: pattern.role for pattern in rows.places.patterns}
    return ask.Problem(
        zone=zone.key,
        horizon=Span(start=_midnight(rows.first_day, zone), end=_midnight(rows.last_day + DAY, zone)),
        organisations=tuple(
            ask.Organisation(id=ask.OrganisationId(e.id), active=e.active, permit=e.permit)
            for e in rows.workforce.employers
        ),
        people=people,
        shifts=tuple(_shift(shift, roles[shift.pattern]) for shift in rows.shifts),
        beats=tuple(
            ask.Beat(code=ask.BeatCode(beat), centres=_centres(rows.places, beat)) for beat in sorted(beats)
        ),
        posts=tuple(
            ask.Post(
                id=ask.PostId(post.id),
                beat=ask.BeatCode(post.beat),
                unit=post.unit_size,
                solo=post.solo,
                certificate=post.certificate,
            )
            for post in rows.posts
        ),
        needs=tuple(_needs(rows)),
        weights=rows.prices,
        pinned=tuple(one for one in rows.pinned if one.person in known),
        published=tuple(rows.published),
    )


def assignment(person: PersonId, post: PostId, shift: ShiftId) -> ask.Assignment:
    return ask.Assignment(person=ask.PersonId(person), post=ask.PostId(post), shift=ask.ShiftId(shift))


def _midnight(day: date, zone: ZoneInfo) -> int:
    return to_ms(at_minute(day, 0, zone))


def _shift(shift: Shift, role: str) -> ask.Shift:
    roles = () if role == "any" else (ask.Role(role),)
    return ask.Shift(
        id=ask.ShiftId(shift.id), start=to_ms(shift.starts_at), end=to_ms(shift.ends_at), roles=roles
    )


def _person(
    force: Workforce,
    worker: Worker,
    offers: dict[PersonId, tuple[Span, ...]],
    history: dict[PersonId, tuple[Span, ...]],
) -> ask.Person:
    return ask.Person(
        id=ask.PersonId(worker.id),
        role=ask.Role.GUARD if worker.guard else ask.Role.VOLUNTEER,
        organisation=ask.OrganisationId(worker.organisation),
        active=worker.active,
        born=worker.born,
        night_consent=worker.night_consent,
        overtime_consent=worker.overtime_consent,
        certificates=tuple(
            ask.Certificate(kind=kind, until=until) for kind, until in force.certificates.get(worker.id, ())
        ),
        availability=offers.get(worker.id, ()),
        leave=tuple(Span(start=to_ms(a), end=to_ms(b)) for a, b in force.leave.get(worker.id, ())),
        home=_point(worker.home) if worker.home else None,
        travel_km=worker.travel_limit_m / 1000 if worker.home else None,
        limits=msgspec.convert(worker.limits, ask.Limits),
        beats=tuple(ask.BeatCode(beat) for beat in force.beats.get(worker.id, ())),
        history=history.get(worker.id, ()),
    )


def _offers(rows: Rows, zone: ZoneInfo) -> dict[PersonId, tuple[Span, ...]]:
    """Weekly offers laid out over the horizon and a day around it, touching ones joined."""
    days = [rows.first_day + DAY * n for n in range(-1, (rows.last_day - rows.first_day).days + 2)]

    @cache
    def laid(weekly: tuple[tuple[int, int, int], ...]) -> tuple[Span, ...]:
        spans = sorted(
            (to_ms(at_minute(day, start, zone)), to_ms(at_minute(day, end, zone)))
            for day in days
            for weekday, start, end in weekly
            if day.weekday() == weekday
        )
        return tuple(Span(start=start, end=end) for start, end in _joined(spans))

    return {person: laid(tuple(weekly)) for person, weekly in rows.workforce.offers.items()}


def _joined(spans: Sequence[tuple[int, int]]) -> Iterable[tuple[int, int]]:
    begun: tuple[int, int] | None = None
    for start, end in spans:
        if begun and start <= begun[1]:
            begun = (begun[0], max(begun[1], end))
            continue
        if begun:
            yield begun
        begun = (start, end)
    if begun:
        yield begun


def _spans_by_person(
    duties: Iterable[tuple[PersonId, datetime, datetime]],
) -> dict[PersonId, tuple[Span, ...]]:
    found: defaultdict[PersonId, list[Span]] = defaultdict(list)
    for person, start, end in duties:
        found[person].append(Span(start=to_ms(start), end=to_ms(end)))
    return {person: tuple(spans) for person, spans in found.items()}


@cache
def _point(cell: str) -> ask.Point:
    lat, lon = hexes.centre(Cell(cell))
    return ask.Point(lat=lat, lon=lon)


def _centres(places: Places, beat: Code) -> tuple[ask.Point, ...]:
    """Centres of the planning cells that hold a cell of the beat."""
    cells = places.cells[places.beat_cells(beat)]
    planning = np.unique(hexes.parents(cells, hexes.PLANNING))
    return tuple(_point(hexes.from_int(int(cell))) for cell in planning)


def _needs(rows: Rows) -> Iterable[ask.Need]:
    """One need per post and shift that the post staffs, worth by the weights of the beat's planning cells."""
    wanted: defaultdict[str, list[Need]] = defaultdict(list)
    for need in rows.needs:
        wanted[need.pattern].append(need)
    posts = {post.id: post for post in rows.posts}
    beats = {post.beat for post in rows.posts}
    for shift in rows.shifts:
        worth = _worths(rows.places, to_ms(shift.starts_at), beats)
        for need in wanted[shift.pattern]:
            post = posts.get(need.post)
            if post is not None:
                yield ask.Need(
                    post=ask.PostId(post.id),
                    shift=ask.ShiftId(shift.id),
                    minimum=need.minimum,
                    desired=max(need.minimum, need.desired),
                    certified=min(need.certified, need.minimum),
                    worth=_point_worth(need, post) if post.cell else worth[post.beat],
                )


def _worths(places: Places, at: int, beats: Iterable[Code]) -> dict[Code, tuple[float, ...]]:
    """For each beat the worth of its units at that hour; a unit among mean planning cells is worth 1."""
    return {beat: demand.worths(cells, STAFFING) for beat, cells in planning(places, at, beats).items()}


def planning(places: Places, at: int, beats: Iterable[Code]) -> dict[Code, Floats]:
    """For each beat the weights of its planning cells at that hour, the mean over the district being 1 for
    as many cells as a unit visits."""
    beat_of, pair = places.planning
    sums = np.bincount(pair, weights=places.weights_at(at), minlength=len(beat_of))
    scale = 1.0 / max(float(sums.mean()) * STAFFING.cells, 1e-12)
    return {code: sums[beat_of == places.beats.index(code)] * scale for code in beats}


def _point_worth(need: Need, post: Post) -> tuple[float, ...]:
    """A fixed point is worth its desired people, and nothing more."""
    return (1.0,) * -(-max(need.desired, need.minimum) // post.unit_size)
