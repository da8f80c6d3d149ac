"""Solved to the end: prices that bound, sweeps they guide, and regions solved exactly."""

import itertools

import msgspec
import numpy as np
import pytest

from scheduler.check import check
from scheduler.instance import instance
from scheduler.layout import lay_out
from scheduler.path import best_path, scratch
from scheduler.problem import Bond, PersonId
from scheduler.regions import Effort
from scheduler.solve import Budget, Progress, bound_at, solve
from scheduler.ways import best_way, no_ways

QUICK = Budget(bound_steps=40, guided=True, exact_turns=1, effort=Effort(people=30))


def test_regions_come_close_to_the_bound_legally_and_the_same_each_time() -> None:
    asked = instance(400, 7, 5)
    rough = solve(asked, Budget(bound_steps=40))
    found = solve(asked, QUICK)
    assert check(asked, found.assignments) == ()
    assert rough.gap is not None
    assert found.gap is not None
    assert found.gap < 0.002 < rough.gap
    assert bound_at(asked, found.prices, company=found.company) == pytest.approx(found.bound)
    assert solve(asked, QUICK) == found


def test_every_rule_at_once_stays_legal() -> None:
    asked = instance(300, 7, 8, full=True)
    found = solve(asked, QUICK)
    assert check(asked, found.assignments) == ()
    assert found.gap is not None
    assert 0 <= found.gap < 0.003


def test_renewals_move_those_of_a_bond_and_reckon_with_it() -> None:
    """What is told after each turn is the objective, as the terms have it."""
    plain, heard = instance(200, 5, 5, full=True), list[Progress]()
    groups = [(n, n + 3, n + 6, n + 60)[: 2 + n % 3] for n in range(1, 140, 11)]
    bonds = (
        Bond(people=tuple(PersonId(n) for n in group), weight=weight)
        for group, weight in zip(groups, itertools.cycle((1.0, 3.0, -3.0)), strict=False)
    )
    asked = msgspec.structs.replace(plain, bonds=tuple(bonds))
    work = Budget(bound_steps=10, guided=True)
    rough, found = (
        solve(asked, work),
        solve(asked, msgspec.structs.replace(work, renewals=60), told=heard.append),
    )
    assert check(asked, found.assignments) == ()
    assert heard[-1].phase == "renewed"
    assert found.objective == pytest.approx(heard[-1].incumbent, abs=1e-6)
    assert found.objective > rough.objective
    bound = {n for group in groups for n in group}
    moved = {a.person for a in set(found.assignments) ^ set(rough.assignments)}
    assert len(bound & moved) > 3


def test_progress_rises_to_the_roster_and_ends_at_the_gap_asked_for() -> None:
    heard: list[Progress] = []
    budget = Budget(bound_steps=40, guided=True, exact_turns=5, gap=0.05)
    found = solve(instance(200, 7, 3), budget, told=heard.append)
    reached, bounds = [p.incumbent for p in heard], [p.bound for p in heard if p.bound is not None]
    assert heard[0].phase == "first"
    assert reached == sorted(reached)
    assert bounds == sorted(bounds, reverse=True)
    assert "exact" not in {p.phase for p in heard}
    assert found.objective == pytest.approx(heard[-1].incumbent)


def test_time_asked_for_is_kept_by_the_clock_given() -> None:
    ticks = itertools.count()
    budget = Budget(bound_steps=40, guided=True, exact_turns=5, seconds=3)
    found = solve(instance(200, 7, 3), budget, clock=lambda: next(ticks))
    assert check(instance(200, 7, 3), found.assignments) == ()


def test_a_proof_called_off_leaves_a_legal_roster_below_its_bound() -> None:
    asked, heard = instance(10, 4, 3, full=True), list[Progress]()
    budget = Budget(bound_steps=5, guided=True, exact_turns=1)
    proved = solve(asked, budget)
    cut = solve(asked, budget, told=heard.append, stop=lambda: any(p.phase == "guided" for p in heard))
    assert proved.gap == pytest.approx(0.0, abs=1e-6)
    assert check(asked, cut.assignments) == ()
    assert cut.bound is not None
    assert cut.objective <= proved.objective + 1e-6 <= cut.bound + 2e-6


@pytest.mark.parametrize("full", [False, True])
def test_the_graph_of_ways_finds_what_labels_find(full: bool) -> None:
    board = lay_out(instance(120, 10, 4, full=full))
    random, room = np.random.default_rng(1), scratch(64)
    plain = board._replace(ways=no_ways(len(board.law.guard)))
    for who in range(len(board.law.guard)):
        begin, end = board.nodes.first[who], board.nodes.first[who + 1]
        if begin == end or board.ways.of[who] < 0:
            continue
        gains = random.normal(0.5, 1.0, end - begin)
        room.kind[: end - begin] = 0
        room.gain[: end - begin] = gains
        by_graph, taken = best_way(board, who, room), room.taken[: end - begin].copy()
        room.gain[: end - begin] = gains
        assert by_graph == pytest.approx(best_path(plain, who, board.nodes.duty[begin:end], room))
        assert taken.tolist() == room.taken[: end - begin].tolist()
