"""The chain by itself: its canonical bytes are what the page for outsiders says they are."""

import hashlib
import json
from datetime import UTC, date, datetime

from hypothesis import given
from hypothesis import strategies as st

from alliance.actor import Code, DistrictId, OrganisationId, PersonId
from alliance.credit import chain
from alliance.credit.model import Entry, EntryNo, SourceKind
from alliance.times import from_ms
from tests.sources import ROOT

ids = st.integers(0, 2**53)
codes = st.none() | st.text(st.characters(exclude_categories=["Cs"]), max_size=12).map(Code)
entries = st.builds(
    Entry,
    district_id=st.integers(1, 2**31 - 1).map(DistrictId),
    n=ids.map(EntryNo),
    person=ids.map(PersonId),
    organisation=ids.map(OrganisationId),
    team=codes,
    grid=codes,
    beat=codes,
    station=codes,
    town=codes,
    duty_day=st.dates(),
    kind=st.text(max_size=12),
    amount=st.integers(-(2**62), 2**62),
    rule_set=st.integers(1, 2**31 - 1),
    source_kind=st.sampled_from(SourceKind),
    source=ids,
    actor=st.none() | ids.map(PersonId),
    at=st.integers(0, 4_000_000_000_000).map(from_ms),
    reverses=st.none() | ids.map(EntryNo),
    hash=st.just(b""),
)

EXAMPLE = Entry(
    district_id=DistrictId(440118),
    n=EntryNo(7),
    person=PersonId(1203),
    organisation=OrganisationId(3),
    team=Code("T-017"),
    grid=Code("G-0311"),
    beat=Code("B-021"),
    station=Code("S-06"),
    town=Code("01"),
    duty_day=date(2026, 11, 23),
    kind="arrest",
    amount=500,
    rule_set=1,
    source_kind=SourceKind.INCIDENT,
    source=88,
    actor=PersonId(41),
    at=datetime(2026, 11, 23, 10, 41, 0, 123_000, tzinfo=UTC),
    reverses=None,
    hash=b"",
)


@given(entries)
def test_any_json_library_gives_the_same_bytes(entry: Entry) -> None:
    given_bytes = chain.canonical(entry)
    again = json.dumps(json.loads(given_bytes), ensure_ascii=False, separators=(",", ":")).encode()
    assert again == given_bytes
    assert len(json.loads(given_bytes)) == 19


def test_the_pages_example_is_what_the_program_makes() -> None:
    page = (ROOT / "docs" / "ledger.md").read_text(encoding="utf-8")
    assert f"    {chain.canonical(EXAMPLE).decode()}\n" in page


def test_the_first_link_hangs_on_zeros() -> None:
    expected = hashlib.sha256(bytes(32) + chain.canonical(EXAMPLE)).digest()
    assert chain.link(chain.GENESIS, EXAMPLE) == expected


@given(entries, entries)
def test_different_entries_have_different_bytes(one: Entry, other: Entry) -> None:
    assert (chain.canonical(one) == chain.canonical(other)) == (one == other)
