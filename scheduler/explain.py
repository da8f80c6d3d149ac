"""Why this one, and why not filled: the figures behind assignments and shortfalls."""

from typing import NamedTuple

import numpy as np

from scheduler.board import ELSEWHERE, FREE, Board
from scheduler.calendar import Flags, Floats, Ints
from scheduler.compiled import compiled
from scheduler.offers import admitted, personal, rank
from scheduler.path import step
from scheduler.place import CERTIFIED, CERTIFIED_GUARD, PEOPLE, entry
from scheduler.problem import Assignment, Problem
from scheduler.roster import Lack, Reason, Shortfall, Why
from scheduler.state import WIDTH
from scheduler.sweep import Stand

WORTH, KM, OWN, BETTER, OTHER = range(5)


class Candidates(NamedTuple):
    """How many others, stage by stage, could still fill a place."""

    offering: int
    certified: int
    near: int
    free: int
    elsewhere: int


def whys(problem: Problem, board: Board, nodes: Ints, stand: Stand) -> tuple[Why, ...]:
    """One per given node, each of which has a choice."""
    figures = np.zeros((len(nodes), 5))
    who = np.searchsorted(board.nodes.first, nodes, side="right") - 1
    _weigh(board, np.stack([who, nodes], axis=1), stand, figures)
    kept = set(problem.published)
    posts, shifts = problem.posts, problem.shifts
    found = []
    rows = zip(who.tolist(), nodes.tolist(), figures.tolist(), strict=True)
    for n, node, (worth, km, _, better, best) in rows:
        person, post = problem.people[n], posts[stand.choice[node]]
        mine = Assignment(person=person.id, post=post.id, shift=shifts[board.nodes.duty[node]].id)
        found.append(
            Why(
                worth=round(worth, 4),
                km=round(km, 3),
                wish=float(board.nodes.wish[node]),
                team=post.beat in person.beats,
                kept=mine in kept,
                other=posts[int(best)].id if best >= 0 else None,
                other_better=round(better, 4) if best >= 0 else 0.0,
            )
        )
    return tuple(found)


@compiled
def _weigh(board: Board, rows: Ints, stand: Stand, figures: Floats) -> None:
    """Rows of person and node."""
    for n in range(len(rows)):
        who, k = rows[n]
        d, mine = board.nodes.duty[k], stand.choice[k]
        counted, place = rank(board, who, d), board.places.at[mine, d]
        last = min(stand.counts[place, PEOPLE] - 1, board.places.gain.shape[1] - 1)
        figures[n, WORTH] = board.places.gain[place, last]
        scarce = stand.counts[place, CERTIFIED] <= board.places.certified[place]
        if scarce and counted == CERTIFIED_GUARD:
            figures[n, WORTH] += board.places.missing
        figures[n, BETTER], figures[n, OTHER] = -np.inf, -1
        for r in range(board.reach.first[who], board.reach.first[who + 1]):
            post = board.reach.post[r]
            if post == mine:
                figures[n, KM], figures[n, OWN] = board.reach.km[r], personal(board, who, k, r)
            elif admitted(board, who, d, post):
                worth = entry(board.places, stand.counts, board.places.at[post, d], counted, True)
                worth += personal(board, who, k, r)
                if worth > figures[n, BETTER]:
                    figures[n, BETTER], figures[n, OTHER] = worth, post
        figures[n, BETTER] -= figures[n, WORTH] + figures[n, OWN]


def shortfalls(problem: Problem, board: Board, stand: Stand) -> tuple[Shortfall, ...]:
    found = []
    who = np.repeat(np.arange(len(board.law.guard)), np.diff(board.nodes.first))
    for place, need in enumerate(problem.needs):
        for lack, asked, there in (
            (Lack.PEOPLE, need.minimum, stand.counts[place, PEOPLE]),
            (Lack.CERTIFIED, need.certified, stand.counts[place, CERTIFIED]),
        ):
            if there >= asked:
                continue
            stages = _candidates(board, who, place, lack is Lack.CERTIFIED, stand.choice)
            found.append(
                Shortfall(
                    post=need.post,
                    shift=need.shift,
                    lack=lack,
                    missing=int(asked - there),
                    reason=_reason(stages),
                    **stages._asdict(),
                )
            )
    return tuple(found)


def _reason(stages: Candidates) -> Reason:
    if not stages.offering:
        return Reason.NOBODY_AVAILABLE
    if not stages.certified:
        return Reason.CERTIFICATE
    if not stages.near:
        return Reason.DISTANCE
    return Reason.NOT_WORTH_IT if stages.free or stages.elsewhere else Reason.LIMITS_REACHED


def _candidates(board: Board, who: Ints, place: int, guards: bool, choice: Ints) -> Candidates:
    post, d = board.places.post[place], board.places.shift[place]
    nodes = np.flatnonzero((board.nodes.duty == d) & (board.nodes.post == FREE) & (choice != post))
    people = who[nodes]
    asked, day = board.papers.asked[post], board.duty.day[d]
    fit: Flags = np.ones(len(nodes), dtype=np.bool_)
    if asked >= 0:
        fit = board.papers.until[people, asked] >= day
    if guards:
        fit = fit & (board.papers.guard[people] >= day)
    close = np.zeros(len(board.law.guard), dtype=np.bool_)
    reached = np.flatnonzero(board.reach.post == post)
    close[np.searchsorted(board.reach.first, reached, side="right") - 1] = True
    near = fit & close[people]
    busy = near & (choice[nodes] >= 0)
    free = sum(_fits(board, int(people[n]), int(nodes[n]), choice) for n in np.flatnonzero(near & ~busy))
    return Candidates(len(nodes), int(fit.sum()), int(near.sum()), int(free), int(busy.sum()))


@compiled
def _fits(board: Board, who: int, extra: int, choice: Ints) -> bool:
    """Whether the person's duties stay legal with one node more."""
    before, after = board.law.state[who].copy(), np.zeros(WIDTH, dtype=np.int64)
    for k in range(board.nodes.first[who], board.nodes.first[who + 1]):
        if choice[k] >= 0 or k == extra or board.nodes.post[k] == ELSEWHERE:
            if not step(board, who, board.nodes.duty[k], before, after):
                return False
            before[:] = after
    return True
