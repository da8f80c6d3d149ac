"""The only door: a sound problem and a budget in, a legal roster with its bound out."""

import time
from collections.abc import Callable, Sequence

import msgspec
import numpy as np

from scheduler.board import Board
from scheduler.calendar import Ints
from scheduler.company import Company, charged, no_company
from scheduler.composing import Composer, Heard, is_company
from scheduler.finishing import empty, finished, gap_of, with_prices
from scheduler.layout import lay_out, plain
from scheduler.mixing import Mixer, mixer_of
from scheduler.offers import with_offers
from scheduler.prices import Prices, Steps, best_prices, bound, crew
from scheduler.problem import Assignment, Problem
from scheduler.regions import Effort, Improver, areas
from scheduler.renew import Renewer
from scheduler.roster import Charge, Price, Roster
from scheduler.search import (
    Search,
    Stop,
    assignments,
    count,
    longest,
    mend,
    nobody,
    settle,
    stand,
    sweeps,
    unsound,
)
from scheduler.sharpen import charges_of, company_of, sharper
from scheduler.sound import must_be_sound
from scheduler.stood import improved, lawful, legal_part, resume
from scheduler.sweep import LOOSE
from scheduler.terms import terms
from scheduler.whole import Asked, best_whole, is_small

FINE, SHAKEN, STRAY, FEW = 1e-6, 5, 0.5, 500
TRUST = (0.97, 0.95, 0.9, 0.8, 0.6, 0.3)


class Budget(msgspec.Struct, frozen=True, kw_only=True):
    """Work, not time: the same budget gives the same roster on any machine that lets it finish.

    `bound_steps` rounds of prices bring the bound, and with `guided` sweeps led by them. `renewals` times
    some neighbours choose anew, and `exact_turns` times all is solved region by region; with either, a small
    problem is solved whole. `gap` ends it once reached, `seconds` when they are over: the one part that
    depends on the machine.
    """

    loose_sweeps: int = 2
    legal_sweeps: int = 2
    bound_steps: int = 0
    guided: bool = False
    renewals: int = 0
    exact_turns: int = 0
    effort: Effort = Effort()
    gap: float = 0.0
    seconds: float | None = None
    seed: int = 0


class Progress(msgspec.Struct, frozen=True, kw_only=True):
    phase: str
    incumbent: float
    bound: float | None
    gap: float | None


Told = Callable[[Progress], None]
Clock = Callable[[], float]


def never() -> bool:
    return False


def unheard(_: Progress) -> None:
    return


def solve(
    problem: Problem,
    budget: Budget,
    *,
    start: Sequence[Assignment] | None = None,
    stop: Stop = never,
    told: Told = unheard,
    clock: Clock = time.monotonic,
) -> Roster:
    """Raises Unsound before any search; `stop`, asked often, ends it early, still legal.

    Never worse than what is legal of `start`, by default of what is published, and always legal.
    """
    started = clock()
    must_be_sound(problem)
    course = _Course(problem, budget, told)
    random = np.random.default_rng(budget.seed)

    def left() -> float:
        if stop() or course.near_enough():
            return 0.0
        return 1e9 if budget.seconds is None else budget.seconds - (clock() - started)

    course.stand_on(problem.published if start is None else start, stop)
    if budget.bound_steps and course.mixer is not None:
        course.compose(course.mixer, random, left)
        if not course.begun:
            course.begin(1, 1, random, stop)
        return course.roster(budget.seed)
    course.begin(budget.loose_sweeps, budget.legal_sweeps, random, stop)
    course.tell("first")
    if budget.bound_steps:
        course.find_prices(budget.bound_steps, lambda: left() <= 0)
    if budget.guided and left() > 0:
        course.follow_prices(random, lambda: left() <= 0)
    if budget.renewals or budget.exact_turns:
        if left() > 0 and course.prove(left):
            return course.roster(budget.seed)
        course.sharpen(budget.bound_steps, lambda: left() <= 0)
        course.renew(random, lambda: left() <= 0)
    for turn in range(budget.exact_turns if course.prices is not None else 0):
        if left() <= 0:
            break
        course.improve(turn, left)
    return course.roster(budget.seed)


class _Course:
    """One solve under way: the best roster so far and the lowest bound."""

    def __init__(self, problem: Problem, budget: Budget, told: Told) -> None:
        self._problem, self._budget, self._told = problem, budget, told
        board, self.mixer = ground_of(problem)
        self.search = nobody(board)
        self.prices: Prices | None = None
        self._slopes: tuple[float, ...] = ()
        self._company = no_company()
        self.begun = False
        self._floor: Search | None = None
        self._bound: float | None = None
        self._reached, self._empty = 0.0, empty(problem)

    def stand_on(self, told: Sequence[Assignment], stop: Stop) -> None:
        """What is legal of a roster, made better from where it stands, in orders of its own: what is found
        from nothing is as it would be without."""
        if not told:
            return
        stood = lawful(resume(self._problem, self.search.board, told))
        self._floor = legal_part(stood)
        random = np.random.default_rng(self._budget.seed)
        better = improved(stood, self._budget.legal_sweeps, random, stop)
        self.search = max(legal_part(stood), better, key=self._rank)
        self._reached = self._value(self.search)

    def begin(self, loose: int, legal: int, random: np.random.Generator, stop: Stop) -> None:
        """From nothing; what stands already stays if that is better."""
        other = nobody(self.search.board)
        settle(other, loose, legal, random, stop)
        if self._floor is not None:
            mend(other)
            other = max(self.search, other, key=self._rank)
        self.search = other

    def _rank(self, search: Search) -> tuple[int, float]:
        """Conflicts first, then the objective."""
        return -len(unsound(search)), self._value(search)

    def tell(self, phase: str, reached: float | None = None) -> None:
        self._reached = self._value(self.search) if reached is None else reached
        gap = None if self._bound is None else gap_of(self._bound, self._reached)
        self._told(Progress(phase=phase, incumbent=self._reached, bound=self._bound, gap=gap))

    def near_enough(self) -> bool:
        return self._bound is not None and gap_of(self._bound, self._reached) <= self._budget.gap

    def find_prices(self, steps: int, stop: Stop) -> None:
        board = self.search.board

        def lower(limit: float) -> None:
            self._bound = limit + self._empty
            self.tell("bound", self._reached)

        with crew(longest(board)) as hands:
            limit, prices = best_prices(
                board, self.search.counts, hands, steps=Steps(steps), stop=stop, told=lower
            )
        if limit is not None:
            self.prices, self._bound = prices, limit + self._empty

    def sharpen(self, steps: int, stop: Stop) -> None:
        """Whatever lowers the bound stays."""
        if self.prices is None or len(unsound(self.search)):
            return

        def found(limit: float, prices: Prices, company: Company) -> None:
            if self._bound is not None and limit + self._empty < self._bound:
                self.prices, self._company, self._bound = prices, company, limit + self._empty
                self.tell("bound", self._reached)

        sharper(self.search.board, self.search.counts, self.prices, rounds=steps, stop=stop, found=found)

    def renew(self, random: np.random.Generator, stop: Stop) -> None:
        """A few neighbours at a time choose anew at the prices; only what is better stays."""
        if self.prices is None:
            return
        self._lead(self.search, self.prices)
        renewer = Renewer(self._problem, self.search, random)
        renewer.turns(self._budget.renewals, stop, lambda gain: self.tell("renewed", self._reached + gain))
        self.search.trust = 0.0
        self._reached = self._value(self.search)

    def _lead(self, search: Search, prices: Prices) -> None:
        """At first nobody is lured by more than usual: to where people lack, the nearest should go."""
        search.guide = np.stack(prices, axis=1)
        search.stray = STRAY * float(np.abs(prices.people).mean()) if len(prices.people) else 0.0

    def follow_prices(self, random: np.random.Generator, stop: Stop) -> None:
        """From nothing again, the prices trusted less and less; the better roster stays."""
        if self.prices is None:
            return
        other = nobody(self.search.board)
        other.sweeps = self.search.sweeps
        self._lead(other, self.prices)
        for other.trust in TRUST:
            sweeps(other, LOOSE, 1, random, stop)
        other.trust = 0.0
        settle(other, 1, self._budget.legal_sweeps, random, stop)
        worse_off = len(unsound(other)) > len(unsound(self.search))
        if not worse_off and (value := self._value(other)) > self._reached:
            self.search = other
            self.tell("guided", value)

    def prove(self, left: Callable[[], float]) -> bool:
        """Solves the whole as one model where it is small; true when the best, or near enough, is known."""
        board = self.search.board
        if not is_small(board):
            return False
        near = self._budget.gap * abs(self._reached)
        asked = Asked(near, left(), lambda: left() <= 0)
        above = best_whole(board, stand(self.search), self.search.room, asked)
        if above is None:
            return False
        self._reached = self._value(self.search)
        limit = self._reached + above
        self._bound = limit if self._bound is None else max(self._reached, min(self._bound, limit))
        self.tell("whole", self._reached)
        return above <= near + FINE

    def improve(self, turn: int, left: Callable[[], float]) -> None:
        if self.prices is None:
            return
        board, effort = self.search.board, self._budget.effort
        improver = Improver(board, self.prices, effort, self.search.room)
        parts = areas(self._problem, board, effort.people, turn)
        improver.turn(
            parts, stand(self.search), left=left, done=lambda gain: self.tell("exact", self._reached + gain)
        )

    def compose(self, mixer: Mixer, random: np.random.Generator, left: Callable[[], float]) -> None:
        """An organisation's roster: the bound of the best mixture of ways, then one way for each."""

        def lower(limit: float) -> None:
            self._bound = limit + self._empty
            self.tell("bound", self._reached)

        if self._floor is None:
            self._reached = self._empty
        composer = Composer(mixer, random, Heard(lower, self._better))
        mixed = composer.bound(self.search.choice, self.search.counts, left)
        duals = mixed.duals
        self.prices = Prices(np.maximum(duals.people, 0.0), np.maximum(duals.certified, 0.0))
        self._slopes = (*duals.slope.tolist(), *duals.mate.tolist())
        composer.first(left)
        for _ in range(self._budget.exact_turns):
            if left() <= 0:
                break
            composer.around(self.search.choice, left)
            if left() > 0:
                composer.part(self.search.choice, left)

    def _better(self, phase: str, choice: Ints) -> bool:
        """Takes a choice over unless it is no better."""
        other = nobody(self.search.board)
        other.choice[:] = choice
        count(other)
        mend(other)
        value = self._value(other)
        if value <= self._reached or len(unsound(other)) > len(unsound(self.search)):
            return False
        other.sweeps, self.search, self.begun = self.search.sweeps, other, True
        self.tell(phase, value)
        return True

    def roster(self, seed: int) -> Roster:
        mend(self.search)
        if self._floor is not None:
            self.search = max(self.search, self._floor, key=self._rank)
        found = msgspec.structs.replace(finished(self._problem, self.search, seed), slopes=self._slopes)
        charges = charges_of(self._problem, self.search.board, self._company)
        proved = with_prices(self._problem, found, self._bound, self.prices)
        return msgspec.structs.replace(proved, company=charges)

    def _value(self, search: Search) -> float:
        return sum(terms(self._problem, assignments(self._problem, search)).values())


def with_bound(problem: Problem, roster: Roster, steps: int, *, stop: Stop = never) -> Roster:
    """The same roster with a bound from so many rounds of prices."""
    search = resume(problem, lay_out(problem), roster.assignments)
    with crew(longest(search.board)) as hands:
        limit, prices = best_prices(search.board, search.counts, hands, steps=Steps(steps), stop=stop)
    return with_prices(problem, roster, None if limit is None else limit + empty(problem), prices)


def bound_at(
    problem: Problem,
    prices: Sequence[Price],
    slopes: Sequence[float] = (),
    company: Sequence[Charge] = (),
) -> float | None:
    """Certifies again what published prices prove: no legal roster of the problem is worth more."""
    board, mixer = ground_of(problem)
    at = {(p.post, p.shift): p for p in prices}
    known = [at[need.post, need.shift] for need in problem.needs]
    asked = Prices(np.asarray([p.people for p in known]), np.asarray([p.certified for p in known]))
    if mixer is not None and slopes:
        limit = mixer.respond(mixer.duals(asked, np.asarray(slopes)))
    else:
        board = charged(board, company_of(problem, board, tuple(company)))
        with crew(longest(board)) as hands:
            limit, _ = bound(board, asked, hands, never)
    return limit + empty(problem) if np.isfinite(limit) else None


def ground_of(problem: Problem) -> tuple[Board, Mixer | None]:
    """The board, and of an organisation what mixes its ways; what can be solved whole needs no mixing."""
    if len(problem.people) * len(problem.shifts) <= FEW and is_small(board := lay_out(problem)):
        return board, None
    if is_company(problem):
        board = with_offers(plain(problem))
        if (mixer := mixer_of(board)) is not None:
            return board, mixer
    return lay_out(problem), None
