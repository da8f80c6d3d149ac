"""The order in which people are asked, against a slow obvious one."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from alliance.actor import OrganisationId, PersonId
from alliance.roster.candidates import EQUAL, Candidate, in_order

LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)


@st.composite
def candidates(draw: st.DrawFn) -> list[Candidate]:
    count = draw(st.integers(0, 8))
    return [
        Candidate(
            person=PersonId(n),
            name=str(n),
            organisation=OrganisationId(1),
            guard=True,
            certified=True,
            standby=draw(st.booleans()),
            km=None,
            last_asked=draw(st.none() | st.integers(0, 3).map(lambda days: LONG_AGO + timedelta(days=days))),
            value=draw(st.sampled_from([-3.0, -0.1, 0.0, 0.1, 0.2, 0.3, 5.0, 5.1])),
            change={},
        )
        for n in range(count)
    ]


def goes_before(one: Candidate, other: Candidate) -> bool:
    """The rule, one comparison after the other."""
    if one.standby != other.standby:
        return one.standby
    steps = one.value // EQUAL, other.value // EQUAL
    if steps[0] != steps[1]:
        return steps[0] > steps[1]
    if one.last_asked != other.last_asked:
        if one.last_asked is None or other.last_asked is None:
            return one.last_asked is None
        return one.last_asked < other.last_asked
    if one.value != other.value:
        return one.value > other.value
    return one.person < other.person


@given(candidates())
def test_standby_first_then_worth_then_the_least_recently_asked(given_: list[Candidate]) -> None:
    ordered = in_order(given_)
    assert sorted(one.person for one in ordered) == [one.person for one in given_]
    for n, one in enumerate(ordered):
        assert all(goes_before(one, other) for other in ordered[n + 1 :])
