"""Lays a problem out as a board: who can do which shift, how far it is to each post, what history left."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

import numpy as np

from scheduler.board import ELSEWHERE, FREE, Board, Kept, Law, Nodes, Papers, Places, Taste
from scheduler.calendar import DAY, HOUR, Duty, Flags, Floats, Ints, duties
from scheduler.compiled import compiled
from scheduler.law import limits, night_ages
from scheduler.layout_contracts import bonds_of, clauses_of, weigh_history
from scheduler.offers import no_offers, with_offers
from scheduler.path import step
from scheduler.place import gains
from scheduler.problem import Person, Problem, Role
from scheduler.reach import first_of, reach_of
from scheduler.state import NIGHTS, WEEKENDS
from scheduler.ways import no_ways, with_ways

NO_KINDS: dict[str, int] = {}


class Fixed(NamedTuple):
    """Duties decided elsewhere: whose, which duty of the board, whether before everything decided here."""

    person: Ints
    duty: Ints
    past: Flags


def lay_out(problem: Problem) -> Board:
    return with_offers(with_ways(plain(problem)))


def plain(problem: Problem) -> Board:
    """Without ways and offers."""
    duty, fixed, kind, kinds = _duties(problem)
    law = limits(problem)
    nodes = _nodes(problem, duty, law, fixed)
    board = Board(
        duty=duty,
        law=law,
        taste=_taste(problem),
        nodes=nodes,
        reach=reach_of(problem),
        kept=_kept(problem),
        places=_places(problem, duty),
        papers=_papers(problem),
        ways=no_ways(len(problem.people)),
        offers=no_offers(),
        clauses=clauses_of(problem, duty, kind, kinds),
        bonds=bonds_of(problem, nodes),
    )
    _remember(board, fixed)
    weigh_history(board)
    return board


def spans_of(people: Iterable[Person], name: str, kinds: Mapping[str, int] = NO_KINDS) -> Ints:
    """Rows of person, start, end, kind of duty, ordered by person and start."""
    rows = []
    for n, person in enumerate(people):
        of = person.history_kinds if kinds and person.history_kinds else ("",) * len(getattr(person, name))
        spans = getattr(person, name)
        rows += [(n, s.start, s.end, kinds.get(k, 0)) for s, k in zip(spans, of, strict=True)]
    table = np.asarray(rows, dtype=np.int64).reshape(-1, 4)
    return table[np.lexsort((table[:, 2], table[:, 1], table[:, 0]))]


def _duties(problem: Problem) -> tuple[Duty, Fixed, Ints, dict[str, int]]:
    """The shifts, then each different duty of history, with their kinds and the kinds' numbers."""
    kinds = {name: n for n, name in enumerate(("", *problem.kinds))}
    spans = np.asarray([(s.start, s.end, kinds[s.kind]) for s in problem.shifts], dtype=np.int64).reshape(
        -1, 3
    )
    history = spans_of(problem.people, "history", kinds)
    _, begins = np.unique(history[:, 1], return_inverse=True)
    keys = begins * (100 * DAY) + np.minimum(history[:, 2] - history[:, 1], 99 * DAY)
    keys = keys * len(kinds) + history[:, 3]
    _, once, where = np.unique(keys, return_index=True, return_inverse=True)
    known = np.concatenate([spans, history[once, 1:]])
    first = spans[:, 0].min() if len(spans) else 0
    start, end, kind = (np.ascontiguousarray(known[:, n]) for n in range(3))
    fixed = Fixed(np.ascontiguousarray(history[:, 0]), len(spans) + where, history[:, 1] < first)
    return duties(start, end, problem.zone), fixed, kind, kinds


def _remember(board: Board, fixed: Fixed) -> None:
    """What the past left of everybody's limits, nights and weekends."""
    past = fixed.past
    room = np.zeros(board.law.state.shape[1], dtype=np.int64)
    _fold(board, fixed.person[past], fixed.duty[past], room)
    for column, flag in ((NIGHTS, board.duty.night), (WEEKENDS, board.duty.weekend)):
        np.add.at(board.law.state[:, column], fixed.person, flag[fixed.duty])


@compiled
def _fold(board: Board, person: Ints, past: Ints, after: Ints) -> None:
    for n in range(len(person)):
        state = board.law.state[person[n]]
        after[:] = state
        step(board, person[n], past[n], state, after)
        state[:] = after


def offered(people: tuple[Person, ...], duty: Duty, shifts: int) -> Flags:
    """[person, shift]: inside the availability, touching spans as one, and clear of leave."""
    spans, leave = spans_of(people, "availability"), spans_of(people, "leave")
    free = np.zeros((len(people), shifts), dtype=np.bool_)
    who, start, end = joined(spans)
    for s in range(shifts):
        free[who[(start <= duty.start[s]) & (end >= duty.end[s])], s] = True
        free[leave[(leave[:, 1] < duty.end[s]) & (leave[:, 2] > duty.start[s]), 0], s] = False
    return free


def joined(spans: Ints) -> tuple[Ints, Ints, Ints]:
    """Rows of person, start, end with touching and overlapping spans of a person made one."""
    if not len(spans):
        return spans[:, 0], spans[:, 1], spans[:, 2]
    who, low = spans[:, 0], spans[:, 1].min()
    shift = who * (spans[:, 2].max() - low + 1) - low
    reached = np.maximum.accumulate(spans[:, 2] + shift)
    fresh = np.ones(len(spans), dtype=np.bool_)
    fresh[1:] = (who[1:] != who[:-1]) | (spans[1:, 1] + shift[1:] > reached[:-1])
    begin = np.flatnonzero(fresh)
    last = np.append(begin[1:], len(spans)) - 1
    return who[begin], spans[begin, 1], reached[last] - shift[last]


def _nodes(problem: Problem, duty: Duty, law: Law, fixed: Fixed) -> Nodes:
    shifts, people = len(problem.shifts), problem.people
    free = offered(people, duty, shifts) & _fit(problem, duty, law)
    wish = _wishes(problem, duty)
    index = {person.id: n for n, person in enumerate(people)}
    shift_at, post_at = (
        {s.id: n for n, s in enumerate(problem.shifts)},
        {p.id: n for n, p in enumerate(problem.posts)},
    )
    pins = np.asarray(
        [(index[a.person], shift_at[a.shift], post_at[a.post]) for a in problem.pinned], dtype=np.int64
    )
    pins = pins.reshape(-1, 3)
    free[pins[:, 0], pins[:, 1]] = False
    who, which = np.nonzero(free)
    person = np.concatenate([who, pins[:, 0], fixed.person[~fixed.past]])
    node = np.concatenate([which, pins[:, 1], fixed.duty[~fixed.past]])
    post = np.concatenate([np.full(len(who), FREE), pins[:, 2], np.full((~fixed.past).sum(), ELSEWHERE)])
    order = np.lexsort((duty.end[node], duty.start[node], person))
    person, node, post = person[order], node[order], post[order]
    wishes = np.where(node < shifts, wish[person, np.minimum(node, shifts - 1)] if shifts else 0.0, 0.0)
    return Nodes(first_of(person, len(people)), node, post, wishes)


def _fit(problem: Problem, duty: Duty, law: Law) -> Flags:
    """[person, shift]: asked for the role, active, short enough, and allowed at night."""
    shifts = len(problem.shifts)
    active = {o.id for o in problem.organisations if o.active}
    working = np.asarray([p.active and p.organisation in active for p in problem.people], dtype=np.bool_)
    guard = law.guard == 1
    for_guards = np.asarray([not s.roles or Role.GUARD in s.roles for s in problem.shifts], dtype=np.bool_)
    for_others = np.asarray(
        [not s.roles or Role.VOLUNTEER in s.roles for s in problem.shifts], dtype=np.bool_
    )
    asked = np.where(guard[:, None], for_guards[None], for_others[None])
    short = (duty.end - duty.start)[None, :shifts] <= law.day_ms[:, None]
    adult, old = night_ages(problem.people)
    day = duty.day[None, :shifts]
    grown = (adult[:, None] <= day) & (day < old[:, None])
    fit: Flags = working[:, None] & asked & short & (grown | (duty.night[None, :shifts] == 0))
    return fit


def _wishes(problem: Problem, duty: Duty) -> Floats:
    shift_at = {s.id: n for n, s in enumerate(problem.shifts)}
    shifts = len(problem.shifts)
    wish = np.zeros((len(problem.people), shifts))
    for n, person in enumerate(problem.people):
        for asked in person.wishes:
            wish[n, shift_at[asked.shift]] += problem.weights.wish * asked.weight
        for timed in person.time_wishes:
            met = (timed.span.start < duty.end[:shifts]) & (duty.start[:shifts] < timed.span.end)
            wish[n, met] += problem.weights.wish * timed.weight
    return wish


def _taste(problem: Problem) -> Taste:
    target = [-1 if p.target_hours is None else round(p.target_hours * HOUR) for p in problem.people]
    weights = problem.weights
    return Taste(weights.hours, weights.nights, weights.weekends, np.asarray(target, dtype=np.int64))


def _kept(problem: Problem) -> Kept:
    person = {p.id: n for n, p in enumerate(problem.people)}
    post, shift = (
        {p.id: n for n, p in enumerate(problem.posts)},
        {s.id: n for n, s in enumerate(problem.shifts)},
    )
    rows = [
        (person[a.person], post[a.post], shift[a.shift])
        for a in problem.published
        if a.person in person and a.post in post and a.shift in shift
    ]
    table = np.asarray(sorted(set(rows)), dtype=np.int64).reshape(-1, 3)
    columns = [np.ascontiguousarray(table[:, k]) for k in range(3)]
    return Kept(first_of(columns[0], len(person)), columns[1], columns[2], problem.weights.stability)


def _places(problem: Problem, duty: Duty) -> Places:
    post_at = {p.id: n for n, p in enumerate(problem.posts)}
    shift_at = {s.id: n for n, s in enumerate(problem.shifts)}
    post = np.asarray([post_at[n.post] for n in problem.needs], dtype=np.int64)
    shift = np.asarray([shift_at[n.shift] for n in problem.needs], dtype=np.int64)
    at = np.full((len(post_at), max(1, len(shift_at))), -1, dtype=np.int64)
    at[post, shift] = np.arange(len(post))
    pinned = np.zeros(len(post), dtype=np.int64)
    for pin in problem.pinned:
        pinned[at[post_at[pin.post], shift_at[pin.shift]]] += 1
    return Places(
        at=at,
        post=post,
        shift=shift,
        gain=gains(problem.needs, [problem.posts[p].unit for p in post], problem.weights),
        certified=np.asarray([n.certified for n in problem.needs], dtype=np.int64),
        missing=problem.weights.certified,
        solo=np.asarray([int(problem.posts[p].solo) for p in post], dtype=np.int64),
        night=duty.night[shift],
        pinned=pinned,
    )


def _papers(problem: Problem) -> Papers:
    kinds = sorted(
        {problem.guard_certificate, *(p.certificate for p in problem.posts if p.certificate is not None)}
    )
    column = {kind: n for n, kind in enumerate(kinds)}
    until = np.full((len(problem.people), len(kinds)), -(1 << 40), dtype=np.int64)
    for n, person in enumerate(problem.people):
        for paper in person.certificates:
            if paper.kind in column:
                day = paper.until.toordinal() - 719_163
                until[n, column[paper.kind]] = max(until[n, column[paper.kind]], day)
    asked = [column[p.certificate] if p.certificate is not None else -1 for p in problem.posts]
    guard = np.asarray([p.role is Role.GUARD for p in problem.people], dtype=np.bool_)
    own = np.where(guard, until[:, column[problem.guard_certificate]], -(1 << 40))
    return Papers(until, np.asarray(asked, dtype=np.int64), own)
