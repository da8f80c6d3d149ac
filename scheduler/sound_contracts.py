"""Whether contracts, bonds and timed wishes are sound by themselves and fit the people."""

import math
from collections.abc import Iterable

from scheduler.contract import Contract, Least, Measure, Most, Stretch
from scheduler.flaw import Flaws, flaw_of, limits_of, span_of
from scheduler.problem import Person, Problem

CLAUSES = 12


def clauses(problem: Problem) -> Flaws:
    kinds = set(problem.kinds)
    for n, shift in enumerate(problem.shifts):
        if shift.kind:
            yield from _kind(f"shifts[{n}].kind", shift.kind, kinds)
    for n, contract in enumerate(problem.contracts):
        yield from _contract(f"contracts[{n}]", contract, kinds)
    known = {contract.code for contract in problem.contracts}
    for n, person in enumerate(problem.people):
        yield from _person(f"people[{n}]", person, known, kinds)
    people = {person.id for person in problem.people}
    for n, bond in enumerate(problem.bonds):
        if len(set(bond.people)) < max(2, len(bond.people)):
            yield flaw_of(f"bonds[{n}].people", list(bond.people), "name at least two people, each once")
        for k, one in enumerate(bond.people):
            if one not in people:
                yield flaw_of(f"bonds[{n}].people[{k}]", one, "name a person of the problem")
        if not math.isfinite(bond.weight):
            yield flaw_of(f"bonds[{n}].weight", bond.weight, "give a finite number")


def _contract(path: str, contract: Contract, kinds: set[str]) -> Flaws:
    yield from limits_of(f"{path}.limits", contract.limits)
    for n, pair in enumerate(contract.never):
        yield from _kinds(f"{path}.never[{n}]", (pair.earlier, pair.later), kinds)
    for n, most in enumerate(contract.most):
        yield from _clause(f"{path}.most[{n}]", most, most.most, kinds)
    for n, least in enumerate(contract.least):
        yield from _clause(f"{path}.least[{n}]", least, least.least, kinds)
        yield from _weight(f"{path}.least[{n}].weight", least.weight)
        yield from _within(f"{path}.least[{n}]", least, contract.most)
    both: tuple[Most | Least, ...] = (*contract.most, *contract.least)
    counted = {(clause.what, clause.per, frozenset(clause.kinds)) for clause in both}
    if len(counted) > CLAUSES:
        yield flaw_of(path, len(counted), f"count at most {CLAUSES} different things")
    yield from _once(f"{path}.most", contract.most)
    yield from _once(f"{path}.least", contract.least)
    yield from _stretch(f"{path}.working", contract.working)
    yield from _stretch(f"{path}.off", contract.off)


def _once(path: str, some: Iterable[Most | Least]) -> Flaws:
    seen = set()
    for n, clause in enumerate(some):
        key = (clause.what, clause.per, frozenset(clause.kinds))
        if key in seen:
            yield flaw_of(f"{path}[{n}]", clause.what.value, "count the same only once")
        seen.add(key)


def _clause(path: str, clause: Most | Least, amount: float, kinds: set[str]) -> Flaws:
    if not 0 <= amount < math.inf:
        yield flaw_of(path, amount, "give a finite number ≥ 0")
    if clause.kinds and clause.what is Measure.WEEKENDS:
        yield flaw_of(f"{path}.kinds", list(clause.kinds), "leave kinds empty for weekends")
    yield from _kinds(f"{path}.kinds", clause.kinds, kinds)


def _within(path: str, least: Least, maximums: Iterable[Most]) -> Flaws:
    for most in maximums:
        same = (most.what, most.per, set(most.kinds)) == (least.what, least.per, set(least.kinds))
        if same and most.most < least.least:
            yield flaw_of(path, least.least, f"ask for no more than the maximum of {most.most}")


def _kinds(path: str, named: Iterable[str], kinds: set[str]) -> Flaws:
    for n, kind in enumerate(named):
        yield from _kind(f"{path}[{n}]", kind, kinds)


def _kind(path: str, kind: str, kinds: set[str]) -> Flaws:
    if kind not in kinds:
        yield flaw_of(path, kind, "name a kind listed in kinds, or list it there")


def _stretch(path: str, stretch: Stretch) -> Flaws:
    if stretch.least < 1:
        yield flaw_of(f"{path}.least", stretch.least, "give at least 1 day")
    if stretch.most is not None and stretch.most < stretch.least:
        yield flaw_of(f"{path}.most", stretch.most, f"give at least the {stretch.least} of least, or null")
    yield from _weight(f"{path}.weight", stretch.weight)


def _weight(path: str, weight: float) -> Flaws:
    if not 0 <= weight < math.inf:
        yield flaw_of(path, weight, "give a finite number ≥ 0")


def _person(path: str, person: Person, contracts: set[str], kinds: set[str]) -> Flaws:
    if person.contract is not None and person.contract not in contracts:
        yield flaw_of(f"{path}.contract", person.contract, "name a contract of the problem, or null")
    if person.history_kinds and len(person.history_kinds) != len(person.history):
        remedy = f"give one for each of the {len(person.history)} duties of history, or none"
        yield flaw_of(f"{path}.history_kinds", list(person.history_kinds), remedy)
    yield from _kinds(f"{path}.history_kinds", filter(None, person.history_kinds), kinds)
    for n, wish in enumerate(person.time_wishes):
        yield from span_of(f"{path}.time_wishes[{n}].span", wish.span)
        if not math.isfinite(wish.weight):
            yield flaw_of(f"{path}.time_wishes[{n}].weight", wish.weight, "give a finite number")
