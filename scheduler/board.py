"""A problem laid out as flat arrays, the only form in which the compiled parts see it."""

from typing import NamedTuple

from scheduler.calendar import Duty, Floats, Ints, Shorts

FREE, ELSEWHERE = -1, -2


class Law(NamedTuple):
    """Each person's own limits, in milliseconds and days; `state` is what history left behind."""

    guard: Ints
    day_ms: Ints
    week_ms: Ints
    overtime_ms: Ints
    rest_ms: Ints
    run: Ints
    nights: Ints
    state: Ints


class Taste(NamedTuple):
    """What a person's own sums cost; a target below 0 is none."""

    hours: float
    nights: float
    weekends: float
    target_ms: Ints


class Clauses(NamedTuple):
    """Per person the contract or −1; per contract its counters and, by kind of shift, what never follows what
    (`strict` if anything). Kind 0 is none.

    Per counter and duty: window (−1 outside the horizon), amount in ms or ones, price of one missing to
    `least`. `asked` are the fewest and most days of a run and off, `cost` the price of a day of each; `alone`
    is what history by itself comes to; `day` is each duty's and `horizon` the first and the last.
    """

    of: Ints
    first: Ints
    owner: Ints
    weekend: Ints
    most: Ints
    least: Floats
    window: Ints
    amount: Ints
    price: Floats
    kind: Ints
    never: Ints
    strict: Ints
    stretches: Ints
    asked: Ints
    cost: Floats
    alone: Floats
    day: Ints
    horizon: Ints


class Bonds(NamedTuple):
    """Per node the same duty's nodes of those kept together or apart, bond by bond, and a bond's weight;
    `credit` is as much as company there could ever add, shared by all of a bond."""

    first: Ints
    mate: Ints
    bond: Ints
    weight: Floats
    credit: Floats


class Nodes(NamedTuple):
    """Per person, by start, the duties that can or must be theirs: `post` FREE, ELSEWHERE, or the pinned."""

    first: Ints
    duty: Ints
    post: Ints
    wish: Floats


class Reach(NamedTuple):
    """Per person the posts near enough, with what distance and teams make of a duty there."""

    first: Ints
    post: Ints
    base: Floats
    km: Floats


class Kept(NamedTuple):
    """Per person the published duties, each worth `bonus` if kept."""

    first: Ints
    post: Ints
    shift: Ints
    bonus: float


class Places(NamedTuple):
    """Needs by place; `at[post, shift]` is −1 without one; `gain[place, n]` is what person n + 1 adds."""

    at: Ints
    post: Ints
    shift: Ints
    gain: Floats
    certified: Ints
    missing: float
    solo: Ints
    night: Ints
    pinned: Ints


class Papers(NamedTuple):
    """Last valid days: `until[person, kind]`; `asked[post]` is a kind or −1; `guard` is a guard's own."""

    until: Ints
    asked: Ints
    guard: Ints


class Ways(NamedTuple):
    """Per person the graph of legal ways or −1; per graph its states, and its arcs, earlier ones first.

    An arc takes the person's node `slot`, or −1 none, and is worth what that makes of the own sums.
    """

    of: Ints
    states: Ints
    first: Ints
    tail: Shorts
    head: Shorts
    slot: Shorts
    worth: Floats


class Offers(NamedTuple):
    """Per node the places admitted within reach, and what the person's own terms make of a duty there."""

    first: Ints
    place: Shorts
    worth: Floats
    certified: Ints


class Board(NamedTuple):
    duty: Duty
    law: Law
    taste: Taste
    nodes: Nodes
    reach: Reach
    kept: Kept
    places: Places
    papers: Papers
    ways: Ways
    offers: Offers
    clauses: Clauses
    bonds: Bonds
