"""Numbers of people: normalised, encrypted so that only the right key reads them, masked, found again."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alliance.config import Unusable
from alliance.errors import Refused
from alliance.people import sealed
from alliance.people.sealed import Seal, open_seal

SEAL = Seal(b"k" * 32)


@given(st.text(min_size=1))
def test_a_number_comes_back_and_is_found_by_its_hash(text: str) -> None:
    first, second = SEAL.seal(text, "phone"), SEAL.seal(text, "phone")
    assert first != second
    assert SEAL.unseal(first, "phone") == SEAL.unseal(second, "phone") == text
    assert SEAL.digest(text, "phone") == SEAL.digest(text, "phone")
    assert SEAL.digest(text, "phone") != SEAL.digest(text, "id_number")


@pytest.mark.parametrize("place", [0, 13, -1])
def test_a_changed_byte_another_column_or_another_key_reads_nothing(place: int) -> None:
    kept = bytearray(SEAL.seal("13800138000", "phone"))
    kept[place] ^= 1
    for seal, stored, field in (
        (SEAL, bytes(kept), "phone"),
        (SEAL, SEAL.seal("13800138000", "phone"), "id_number"),
        (Seal(b"x" * 32), SEAL.seal("13800138000", "phone"), "phone"),
    ):
        with pytest.raises(Unusable, match="ALLIANCE_KEY_FILE"):
            seal.unseal(stored, field)


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("13800138000", "13800138000"),
        ("+86 138-0013-8000", "13800138000"),
        ("0086 138 0013 8000", "13800138000"),
        ("+852 5123 4567", "+85251234567"),
        ("020-8266 1234", "02082661234"),
    ],
)
def test_phone_numbers_are_written_one_way(text: str, plain: str) -> None:
    assert sealed.phone(text) == plain


@pytest.mark.parametrize("text", ["", "1234", "13800138000a", "1" * 16, "一二三四五"])
def test_what_is_no_phone_number_is_refused(text: str) -> None:
    with pytest.raises(Refused, match="phone"):
        sealed.phone(text)


def test_identity_card_numbers_carry_a_check_digit() -> None:
    assert sealed.id_number("11010519491231002x") == "11010519491231002X"
    for digit in "0123456789":
        with pytest.raises(Refused, match="id_number"):
            sealed.id_number("11010519491231002" + digit)


@given(st.text(alphabet="0123456789", min_size=5, max_size=18))
def test_a_masked_number_hides_at_least_half_of_a_short_and_four_of_a_long_one(number: str) -> None:
    shown = sealed.masked(number)
    assert len(shown) == len(number)
    assert shown.count("*") >= (2 if len(number) >= 9 else len(number) // 2)
    assert all(mine in ("*", theirs) for mine, theirs in zip(shown, number, strict=True))


def test_the_key_is_made_once_for_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "key"
    made = open_seal(path, make=True)
    assert path.stat().st_mode & 0o777 == 0o600
    assert open_seal(path, make=True).unseal(made.seal("1", "phone"), "phone") == "1"
    path.unlink()
    with pytest.raises(Unusable, match="missing: restore"):
        open_seal(path, make=False)
    path.write_bytes(b"short")
    with pytest.raises(Unusable, match="damaged"):
        open_seal(path, make=True)
