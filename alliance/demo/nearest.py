"""A roster made plainly, the nearest first: legal, and there before the solver is ready. Pure."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from zoneinfo import ZoneInfo

import msgspec
import numpy as np

from geo.cell import Floats, Ints
from scheduler.check import certified_on, nearest_km
from scheduler.duties import EPOCH, HOUR, Flags, is_night, local_days
from scheduler.problem import Assignment, BeatCode, Need, Person, Point, Post, Problem, Role, Shift
from scheduler.roster import Lack, Reason, Roster, Shortfall, Why
from scheduler.terms import terms, worth

REST_MS = 11 * HOUR
LONGEST_MS = {Role.GUARD: 8 * HOUR, Role.VOLUNTEER: 4 * HOUR}
# So much further before somebody certified is taken where nobody certified is asked for.
SPARED_KM = 3.0
NOWHERE = Point(lat=90.0, lon=0.0)


class Took(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody on a place, so many km from home."""

    person: int
    km: float


class Crowd:
    """Who could serve in a shift: indexes of people, who of them is certified, who is taken already."""

    def __init__(self, problem: Problem, shift: Shift, day: int, *, who: list[int], dark: bool) -> None:
        self.shift, self.dark = shift, dark
        self.who = np.asarray(who, dtype=np.int64)
        people = [problem.people[n] for n in who]
        self.certified = np.asarray([certified_on(problem, person, day) for person in people], dtype=np.bool_)
        self.taken = np.zeros(len(who), dtype=np.bool_)
        self._near: dict[BeatCode, tuple[Ints, Floats]] = {}

    def near(self, beat: BeatCode, km: Floats, limit: Floats) -> tuple[Ints, Floats]:
        """Those within their distance of the beat, the nearest first, and how far each is."""
        if beat not in self._near:
            away = km[self.who]
            inside = np.flatnonzero(away <= limit[self.who])
            order = np.argsort(away[inside] + SPARED_KM * self.certified[inside], kind="stable")
            self._near[beat] = inside[order], away[inside[order]]
        return self._near[beat]


class Plan:
    """The rosters of the shifts so far: since when everyone is free again, and their last duty day."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        zone = ZoneInfo(problem.zone)
        spans = np.asarray([(shift.start, shift.end) for shift in problem.shifts], dtype=np.int64).reshape(
            -1, 2
        )
        self.days = local_days(spans[:, 0], zone)
        self.dark = is_night(spans[:, 0], spans[:, 1], self.days, zone)
        self.free = np.full(len(problem.people), -(2**62))
        self.last = np.full(len(problem.people), -1)
        self.posts = {post.id: post for post in problem.posts}
        self.limit = np.asarray(
            [np.inf if p.travel_km is None else (p.travel_km if p.home else -1.0) for p in problem.people]
        )
        homes = [person.home or NOWHERE for person in problem.people]
        self.km = {b.code: np.asarray(nearest_km(homes, b.centres)) for b in problem.beats}
        active = {o.id for o in problem.organisations if o.active}
        people = enumerate(problem.people)
        self.able = [n for n, p in people if p.active and p.organisation in active and not p.history]

    def crowd(self, n: int) -> Crowd:
        """For the n-th shift."""
        shift, day, dark = self.problem.shifts[n], int(self.days[n]), bool(self.dark[n])
        rested = (self.free <= shift.start) & (self.last < day)
        on = date.fromordinal(EPOCH.toordinal() + day)
        people = self.problem.people
        who = [k for k in self.able if rested[k] and _may(people[k], shift, on, dark=dark)]
        return Crowd(self.problem, shift, day, who=who, dark=dark)

    def seat(self, n: int, person: int) -> None:
        self.free[person] = self.problem.shifts[n].end + REST_MS
        self.last[person] = self.days[n]


def nearest_first(problem: Problem) -> Roster:
    """For at most three days, of people without earlier duties, each at most once a day.

    First what every place needs, then what it desires, the worthiest first.
    """
    plan = Plan(problem)
    needs: defaultdict[int, list[Need]] = defaultdict(list)
    for need in problem.needs:
        needs[need.shift].append(need)
    made: list[tuple[Assignment, Why]] = []
    short: list[Shortfall] = []
    for n in sorted(range(len(problem.shifts)), key=lambda n: problem.shifts[n].start):
        crowd = plan.crowd(n)
        wanted = sorted(needs[crowd.shift.id], key=lambda need: (-sum(need.worth[:1]), need.post))
        teams = {need.post: _least(plan, crowd, need) for need in wanted}
        for need in wanted:
            _more(plan, crowd, need, teams[need.post])
            short += _shortfalls(plan, crowd, need, teams[need.post])
        for need in wanted:
            for k, took in enumerate(teams[need.post]):
                plan.seat(n, took.person)
                made.append(_assigned(plan, need, took, k))
    return _roster(problem, made, short)


def _may(person: Person, shift: Shift, on: date, *, dark: bool) -> bool:
    asked = not shift.roles or person.role in shift.roles
    if not asked or shift.end - shift.start > LONGEST_MS[person.role]:
        return False
    if dark and not (person.night_consent and person.born and 18 <= _age(person.born, on) <= 59):
        return False
    inside = any(span.start <= shift.start and shift.end <= span.end for span in person.availability)
    return inside and not any(span.start < shift.end and shift.start < span.end for span in person.leave)


def _age(born: date, on: date) -> int:
    return on.year - born.year - ((on.month, on.day) < (born.month, born.day))


def _least(plan: Plan, crowd: Crowd, need: Need) -> list[Took]:
    """What it needs, or nobody: alone, or by night without anyone certified, nobody may stand."""
    post = plan.posts[need.post]
    team = _take(plan, crowd, post, need.certified, certified=True)
    lacking = need.certified - len(team)
    team += _take(plan, crowd, post, max(0, need.minimum - need.certified), certified=False)
    alone = len(team) == 1 and not (post.solo and not crowd.dark)
    if alone or (crowd.dark and (lacking or not need.certified)):
        for took in team:
            crowd.taken[np.searchsorted(crowd.who, took.person)] = False
        return []
    return team


def _more(plan: Plan, crowd: Crowd, need: Need, team: list[Took]) -> None:
    if team:
        wanted = max(0, need.desired - len(team))
        team += _take(plan, crowd, plan.posts[need.post], wanted, certified=False)


def _take(plan: Plan, crowd: Crowd, post: Post, many: int, *, certified: bool) -> list[Took]:
    found: list[Took] = []
    if many <= 0:
        return found
    who, km = crowd.near(post.beat, plan.km[post.beat], plan.limit)
    fit: Flags = ~crowd.taken[who]
    if certified or post.certificate is not None:
        fit &= crowd.certified[who]
    for k in np.flatnonzero(fit)[:many]:
        crowd.taken[who[k]] = True
        found.append(Took(person=int(crowd.who[who[k]]), km=float(km[k])))
    return found


def _assigned(plan: Plan, need: Need, took: Took, k: int) -> tuple[Assignment, Why]:
    person, post = plan.problem.people[took.person], plan.posts[need.post]
    why = Why(
        worth=round(worth(need, post.unit, k + 1) - worth(need, post.unit, k), 4),
        km=round(took.km, 3),
        wish=0.0,
        team=post.beat in person.beats,
        kept=False,
        other=None,
        other_better=0.0,
    )
    return Assignment(person=person.id, post=need.post, shift=need.shift), why


def _shortfalls(plan: Plan, crowd: Crowd, need: Need, team: Sequence[Took]) -> list[Shortfall]:
    there = np.searchsorted(crowd.who, [took.person for took in team])
    papers = int(crowd.certified[there].sum()) if team else 0
    lacks = ((Lack.PEOPLE, need.minimum - len(team)), (Lack.CERTIFIED, need.certified - papers))
    return [_shortfall(plan, crowd, need, lack, missing) for lack, missing in lacks if missing > 0]


def _shortfall(plan: Plan, crowd: Crowd, need: Need, lack: Lack, missing: int) -> Shortfall:
    beat = plan.posts[need.post].beat
    who, _ = crowd.near(beat, plan.km[beat], plan.limit)
    wanted = crowd.certified if lack is Lack.CERTIFIED else np.ones(len(crowd.who), dtype=np.bool_)
    near = np.zeros(len(crowd.who), dtype=np.bool_)
    near[who] = True
    counts = {
        Reason.NOBODY_AVAILABLE: len(crowd.who),
        Reason.CERTIFICATE: int(wanted.sum()),
        Reason.DISTANCE: int((wanted & near).sum()),
        Reason.LIMITS_REACHED: int((wanted & near & ~crowd.taken).sum()),
    }
    return Shortfall(
        post=need.post,
        shift=need.shift,
        lack=lack,
        missing=missing,
        reason=next((reason for reason, count in counts.items() if not count), Reason.NOT_WORTH_IT),
        offering=counts[Reason.NOBODY_AVAILABLE],
        certified=counts[Reason.CERTIFICATE],
        near=counts[Reason.DISTANCE],
        free=counts[Reason.LIMITS_REACHED],
        elsewhere=int((wanted & near & crowd.taken).sum()),
    )


def _roster(problem: Problem, made: list[tuple[Assignment, Why]], short: list[Shortfall]) -> Roster:
    assignments = tuple(one for one, _ in made)
    reached = terms(problem, assignments)
    return Roster(
        assignments=assignments,
        why=tuple(why for _, why in made),
        shortfalls=tuple(short),
        conflicts=(),
        terms=reached,
        objective=sum(reached.values()),
        bound=None,
        gap=None,
        prices=(),
        seed=0,
        sweeps=0,
    )
