"""Linking reports: limits, symmetry, what joins by itself and what is only proposed."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from alliance.incidents import linking
from alliance.incidents.linking import Known, Sighting
from alliance.incidents.model import IncidentId, Kind, ReportId, State
from geo.cell import distance_m

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
LAT, LON = 23.29, 113.82
METRE = 1 / 111_195

kinds = st.sampled_from(list(Kind))
sightings = st.builds(
    lambda kind, seconds, north, east: Sighting(
        kind=kind, at=NOW + timedelta(seconds=seconds), lat=LAT + north * METRE, lon=LON + east * METRE
    ),
    kinds,
    st.integers(-1500, 1500),
    st.floats(-220, 220),
    st.floats(-220, 220),
)
known = st.builds(
    lambda one, report, incident, state: Known(
        kind=one.kind, at=one.at, lat=one.lat, lon=one.lon, report=report, incident=incident, state=state
    ),
    sightings,
    st.integers(1, 1000).map(ReportId),
    st.integers(1, 6).map(IncidentId),
    st.sampled_from(list(State)),
)


def sighting(kind: Kind = Kind.INCIDENT, *, north: float = 0, minutes: float = 0) -> Sighting:
    return Sighting(kind=kind, at=NOW + timedelta(minutes=minutes), lat=LAT + north * METRE, lon=LON)


def stored(one: Sighting, *, incident: int = 1, state: State = State.OPEN) -> Known:
    return Known(
        kind=one.kind,
        at=one.at,
        lat=one.lat,
        lon=one.lon,
        report=ReportId(incident * 10),
        incident=IncidentId(incident),
        state=state,
    )


@given(sightings, sightings)
def test_likeness_is_the_same_both_ways(one: Sighting, other: Sighting) -> None:
    there, back = linking.likeness(one, other), linking.likeness(other, one)
    assert (there is None) == (back is None)
    if there and back:
        assert abs(there.score - back.score) < 1e-9


@given(sightings, sightings)
def test_nothing_links_beyond_200_metres_20_minutes_or_unlike_kinds(one: Sighting, other: Sighting) -> None:
    found = linking.likeness(one, other)
    beyond = (
        distance_m(one.lat, one.lon, other.lat, other.lon) > 200
        or abs(one.at - other.at) > timedelta(minutes=20)
        or linking.compatible(one.kind, other.kind) == 0
    )
    assert (found is None) == beyond
    if found:
        assert 0 < found.score <= 1


@given(sightings, sightings, st.floats(0, 1))
def test_nearer_in_space_and_time_never_scores_less(one: Sighting, other: Sighting, part: float) -> None:
    nearer = Sighting(
        kind=other.kind,
        at=one.at + (other.at - one.at) * part,
        lat=one.lat + (other.lat - one.lat) * part,
        lon=one.lon + (other.lon - one.lon) * part,
    )
    far, near = linking.likeness(one, other), linking.likeness(one, nearer)
    if far:
        assert near
        assert near.score >= far.score - 1e-9


@given(sightings, st.lists(known, max_size=8))
def test_at_most_one_incident_joins_and_never_a_decided_one(one: Sighting, others: list[Known]) -> None:
    found = linking.matches(one, others)
    assert sum(match.joins for match in found) <= 1
    assert len({match.incident for match in found}) == len(found)
    states = {(other.incident, other.report): other.state for other in others}
    for match in found:
        assert match.likeness.score >= linking.PROPOSE
        if match.joins:
            assert match.likeness.score >= linking.JOIN
    assert all(match.joins is False for match in found[1:])
    assert states.keys() >= {(match.incident, match.report) for match in found}


@given(sightings, st.lists(known, max_size=8), st.randoms())
def test_the_choice_does_not_depend_on_the_order_found(one: Sighting, others: list[Known], random) -> None:  # type: ignore[no-untyped-def]
    unique = list({other.incident: other for other in others}.values())
    shuffled = unique[:]
    random.shuffle(shuffled)
    assert linking.matches(one, unique) == linking.matches(one, shuffled)


def test_two_neighbours_seeing_the_same_fight_are_one_incident() -> None:
    found = linking.matches(sighting(north=100, minutes=5), [stored(sighting())])
    assert [match.joins for match in found] == [True]
    assert found[0].likeness.why() == {"kinds": 1.0, "metres": 100.0, "seconds": 300.0}


def test_at_the_edge_of_both_limits_it_is_only_proposed() -> None:
    found = linking.matches(sighting(north=195, minutes=20), [stored(sighting())])
    assert [match.joins for match in found] == [False]


def test_a_weak_pair_of_kinds_at_the_edge_is_not_even_proposed() -> None:
    other = stored(sighting(Kind.LEAD))
    assert linking.matches(sighting(Kind.ARREST, north=195, minutes=20), [other]) == []
    assert linking.matches(sighting(Kind.PUBLICITY), [other]) == []


def test_a_confirmed_incident_is_proposed_to_the_officer() -> None:
    found = linking.matches(sighting(), [stored(sighting(), state=State.CONFIRMED)])
    assert [match.joins for match in found] == [False]


def test_the_likest_open_incident_wins_over_a_likelier_decided_one() -> None:
    others = [stored(sighting(), incident=1, state=State.STRUCK), stored(sighting(north=50), incident=2)]
    found = linking.matches(sighting(), others)
    assert [(match.incident, match.joins) for match in found] == [(2, True), (1, False)]
