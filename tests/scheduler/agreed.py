"""The same small problems with what people have agreed: contracts, and whom they are bound to."""

from itertools import combinations
from random import Random

import msgspec

from scheduler.check import Rule, check
from scheduler.contract import Contract, Least, Limits, Measure, Most, Per, Stretch, Succession
from scheduler.problem import (
    Assignment,
    Bond,
    Need,
    Person,
    Problem,
    Role,
    Shift,
    ShiftId,
    Span,
    TimeWish,
    Weights,
)
from scheduler.sound import flaws
from tests.scheduler.make import HOUR, MONDAY, at
from tests.scheduler.mixed import span_of

AGREED = {rule for rule in Rule if rule.value.startswith("contract_")} | {
    Rule.WEEK_HOURS,
    Rule.RUN,
    Rule.NIGHTS,
    Rule.SUCCESSION,
}
KINDS = ("morning", "afternoon", "night")
NEVER = (Succession(earlier="afternoon", later="morning"), Succession(earlier="night", later="night"))
STRETCHES = (
    Stretch(),
    Stretch(least=2, weight=0.75),
    Stretch(most=1, weight=1.5),
    Stretch(least=2, most=3, weight=2.0),
)


def agreed(random: Random, asked: Problem) -> Problem:
    """Some under one of two contracts, some bound to each other, and what else a problem may hold."""
    contracts = tuple(_contract(random, code) for code in ("a", "b"))
    horizon = random.choice((asked.horizon, Span(start=at(0, 0), end=at(7, 0))))
    changed = msgspec.structs.replace(
        asked,
        horizon=horizon,
        kinds=KINDS,
        contracts=contracts,
        shifts=tuple(_shift(random, shift) for shift in asked.shifts),
        people=tuple(_person(random, one, asked) for one in asked.people),
        needs=tuple(_need(random, need) for need in asked.needs),
        bonds=bonds(random, asked),
        weights=_weights(random, asked.weights),
    )
    people = tuple(_eased(changed, one) for one in changed.people)
    changed = msgspec.structs.replace(changed, people=people)
    return msgspec.structs.replace(changed, pinned=()) if flaws(changed) else changed


def _eased(asked: Problem, one: Person) -> Person:
    """Without a contract that duties decided elsewhere break by themselves: such a person gets no duty."""
    kinds = one.history_kinds or ("",) * len(one.history)
    served = [
        Shift(id=ShiftId(n + 1), start=past.start, end=past.end, kind=kind)
        for n, (past, kind) in enumerate(zip(one.history, kinds, strict=True))
    ]
    put = [Assignment(person=one.id, post=asked.posts[0].id, shift=shift.id) for shift in served]
    alone = msgspec.structs.replace(one, history=(), history_kinds=())
    past = msgspec.structs.replace(
        asked, people=(alone,), shifts=tuple(served), needs=(), pinned=(), bonds=()
    )
    first = min(shift.start for shift in asked.shifts)
    late = {shift.id for shift in served if shift.start >= first}
    blamed = [v for v in check(past, put) if v.rule in AGREED and late & {a.shift for a in v.assignments}]
    return msgspec.structs.replace(one, contract=None) if blamed else one


def kind_of(start: int) -> str:
    """By the local hour, in eight-hour steps."""
    return KINDS[(start - MONDAY) // (8 * HOUR) % 3]


def _shift(random: Random, shift: Shift) -> Shift:
    roles = random.choice(((), (), (), (), (Role.GUARD,), (Role.VOLUNTEER,)))
    return msgspec.structs.replace(
        shift, kind=random.choice((kind_of(shift.start),) * 5 + ("",)), roles=roles
    )


def _person(random: Random, one: Person, asked: Problem) -> Person:
    kinds = tuple(kind_of(past.start) for past in one.history) if random.random() < 0.7 else ()
    timed = TimeWish(span=span_of(random.choice(asked.shifts)), weight=random.choice((2.0, -1.0)))
    return msgspec.structs.replace(
        one,
        contract=random.choice((None, "a", "b")),
        history_kinds=kinds,
        time_wishes=(timed,) if random.random() < 0.2 else (),
        **({"home": None, "travel_km": None} if random.random() < 0.1 else {}),
    )


def _need(random: Random, need: Need) -> Need:
    own = {"unmet": 5.0, "under": 1.5, "over": 0.0}
    return msgspec.structs.replace(need, **{name: own[name] for name in own if random.random() < 0.1})


def _weights(random: Random, usual: Weights) -> Weights:
    return msgspec.structs.replace(usual, under=random.choice((0.0, 0.5)), together=0.5, least=2.0, off=0.5)


def bonds(random: Random, asked: Problem) -> tuple[Bond, ...]:
    """Pairs and standing units that overlap, kept together or apart."""
    ids = [one.id for one in asked.people]
    pairs = [group for many in (2, 3, 4) for group in combinations(ids, many)]
    chosen = random.sample(pairs, min(len(pairs), random.choice((0, 1, 2, 3))))
    return tuple(Bond(people=group, weight=random.choice((-8.0, -2.0, 1.0, 3.0, 9.0))) for group in chosen)


Key = tuple[Measure, Per, tuple[str, ...]]


def _contract(random: Random, code: str) -> Contract:
    most = {key: random.randint(0, 3) * _scale(key) for key in _keys(random)}
    least = {key: random.randint(1, 4) * _scale(key) for key in _keys(random)}
    least = {key: amount for key, amount in least.items() if amount <= most.get(key, amount)}
    return Contract(
        code=code,
        limits=random.choice((Limits(), Limits(), Limits(run_days=2), Limits(nights=1, week_hours=20.0))),
        most=tuple(Most(what=key[0], per=key[1], kinds=key[2], most=m) for key, m in most.items()),
        least=tuple(
            Least(
                what=key[0], per=key[1], kinds=key[2], least=m, weight=random.choice((0.5, 2.0)) / _scale(key)
            )
            for key, m in least.items()
        ),
        never=random.choice(((), NEVER[:1], NEVER)),
        working=random.choice(STRETCHES),
        off=random.choice(STRETCHES),
    )


def _keys(random: Random) -> list[Key]:
    found = []
    for _ in range(random.randint(0, 2)):
        what = random.choice(tuple(Measure))
        kinds = random.choice(((), (), KINDS[:1], KINDS[1:]))
        found.append((what, random.choice(tuple(Per)), () if what is Measure.WEEKENDS else kinds))
    return list(dict.fromkeys(found))


def _scale(key: Key) -> float:
    return 8.0 if key[0] is Measure.HOURS else 1.0
