"""Mixtures of ways: places alike are alike, company is shared out fairly, and what is promised is met."""

import itertools
from random import Random

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scheduler.alike import alike, classes_of
from scheduler.board import Board
from scheduler.calendar import Ints
from scheduler.check import check
from scheduler.choosing import Effort
from scheduler.crowd import IDLE, best_numbers
from scheduler.finishing import empty
from scheduler.instance_company import company
from scheduler.layout import plain
from scheduler.mates import Mates, mates_of
from scheduler.mixing import Mixer, mixer_of
from scheduler.offers import with_offers
from scheduler.problem import Assignment, Bond, PersonId, Problem
from scheduler.search import assignments, count, nobody
from scheduler.terms import terms
from tests.scheduler.mixed import mixed

EFFORT = Effort(1e-6, 200, 1e9)


def board_of(problem: Problem) -> Board:
    return with_offers(plain(problem))


def mixer_for(problem: Problem) -> Mixer:
    mixer = mixer_of(board_of(problem))
    assert mixer is not None
    return mixer


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000))
def test_places_alike_can_be_exchanged_by_everybody(seed: int) -> None:
    problem = mixed(Random(seed), 5, 3, 8)
    kept = tuple(
        Assignment(person=problem.people[0].id, post=n.post, shift=n.shift) for n in problem.needs[:2]
    )
    board = board_of(msgspec.structs.replace(problem, published=kept, pinned=()))
    found, offers, places = alike(board, classes_of(board)), board.offers, board.places
    assert found.many.sum() == len(places.post)
    worth = np.full((len(board.nodes.duty), len(places.post)), -np.inf)
    for k in range(len(board.nodes.duty)):
        for n in range(offers.first[k], offers.first[k + 1]):
            worth[k, offers.place[n]] = offers.worth[n]
    for one, other in itertools.combinations(range(len(places.post)), 2):
        same = places.shift[one] == places.shift[other] and places.solo[one] == places.solo[other]
        same = same and places.certified[one] == places.certified[other]
        same = same and bool(np.array_equal(places.gain[one], places.gain[other]))
        same = same and bool(np.allclose(worth[:, one], worth[:, other]))
        assert (found.of[one] == found.of[other]) == same


@settings(max_examples=200, deadline=None)
@given(st.lists(st.floats(-1, 3), min_size=2, max_size=5), st.floats(0.1, 4))
def test_shares_of_company_are_never_less_than_what_it_is_worth(charges: list[float], weight: float) -> None:
    nodes = np.arange(len(charges))
    mates = Mates(np.zeros(len(charges), dtype=np.int64), nodes, np.asarray([weight]), {})
    paid = mates.paid(np.asarray(charges), len(charges))
    for many in range(1, len(charges) + 1):
        for there in itertools.combinations(range(len(charges)), many):
            assert paid[list(there)].sum() >= weight * (many - 1) - 1e-9


def test_bonds_to_be_kept_apart_share_nothing() -> None:
    asked = company(10, 2, 1)
    pairs = ((1, 2, 2.0), (3, 4, -2.0))
    bonds = tuple(Bond(people=(PersonId(a), PersonId(b)), weight=w) for a, b, w in pairs)
    board = board_of(msgspec.structs.replace(asked, bonds=bonds))
    of = np.repeat(np.arange(10), np.diff(board.nodes.first))
    mates = mates_of(board)
    assert set(of[mates.node].tolist()) == {0, 1}
    assert mates.weight == pytest.approx(2.0 * asked.weights.together)
    for group in set(mates.group.tolist()):
        nodes = mates.node[mates.group == group]
        assert len(nodes) == 2
        assert len(set(board.nodes.duty[nodes].tolist())) == 1


@pytest.mark.parametrize("seed", [0, 1, 2, 3])
def test_what_a_part_promises_is_what_its_roster_is_worth(seed: int) -> None:
    """Without bonds, whose people may be seated apart; people whom no place takes are promised as a loss."""
    asked = msgspec.structs.replace(company(10 + seed % 11, 2, seed), bonds=())
    mixer, search = mixer_for(asked), nobody(board_of(asked))
    search.choice[:] = mixer.staffed(mixer.dive(1, lambda: False))
    few = mixer.people[seed % 5 :: 3]
    found = mixer.part(search.choice, few, 2, 30, EFFORT)
    assert found is not None
    post = mixer.seated(found)
    before, after = valued(asked, search.choice), valued(asked, post)
    astray = len(found.nodes) - int((post >= 0).sum())
    assert after - empty(asked) >= found.value - 1e-5
    assert astray or after - empty(asked) == pytest.approx(found.value, abs=1e-5)
    assert after >= before - 1e-5


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_shuffles_are_worth_what_they_reckon_and_lose_nothing(seed: int) -> None:
    """Without bonds; at places of several kinds those chosen may be staffed better still."""
    asked = msgspec.structs.replace(company(10 + 5 * seed, 2, seed), bonds=())
    mixer, search = mixer_for(asked), nobody(board_of(asked))
    search.choice[:] = mixer.staffed(mixer.dive(1, lambda: False))
    shuffler = mixer.shuffler(np.zeros(len(mixer.made.frame.owner)), np.random.default_rng(seed))
    shuffler.begin(search.choice)
    begun = valued(asked, search.choice) - empty(asked)
    assert shuffler.value() == pytest.approx(begun)
    for _ in range(3):
        nodes = shuffler.batch()
        if nodes is None:
            continue
        post = mixer.staffed(nodes)
        if (post >= 0).sum() == len(nodes):
            assert valued(asked, post) - empty(asked) >= shuffler.value() - 1e-5
    assert shuffler.value() >= begun
    assert valued(asked, mixer.staffed(shuffler.nodes())) - empty(asked) >= begun


@settings(max_examples=40, deadline=None)
@given(
    st.integers(1, 3),
    st.lists(st.tuples(st.integers(1, 3), st.integers(0, 2), st.integers(-2, 9)), min_size=1, max_size=4),
)
def test_so_many_at_places_alike_are_worth_the_best_way_to_staff_them(
    many: int, offers: list[tuple[int, int, float]]
) -> None:
    size = 8
    table = best_numbers(many, offers, size)
    for people, papers in itertools.product(range(size), repeat=2):
        best = -float("inf")
        for staffs in itertools.product([(0, 0, 0.0), *offers], repeat=many):
            there, asked = sum(s[0] for s in staffs), sum(s[1] for s in staffs)
            if there <= people and asked <= papers:
                best = max(best, sum(s[2] for s in staffs) - IDLE * (people - there))
        assert table[people, papers] == pytest.approx(best)


def valued(asked: Problem, choice: Ints) -> float:
    """The worth of a choice that the checker finds legal."""
    search = nobody(board_of(asked))
    search.choice[:] = choice
    count(search)
    made = assignments(asked, search)
    assert check(asked, made) == ()
    return sum(terms(asked, made).values())
