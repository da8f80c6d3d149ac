"""The pure rules of access: weak passwords, same origin, how long to wait, forms of tokens."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alliance.access import throttle
from alliance.access.model import cookie_token, digest, new_secret, session_key
from alliance.access.origin import same_origin
from alliance.access.passwords import weakness
from alliance.access.throttle import Failures
from alliance.actor import DistrictId
from alliance.errors import Refused

NOW = datetime(2026, 3, 4, 4, 2, tzinfo=UTC)


@pytest.mark.parametrize(
    "password",
    [
        "short",
        "password123",
        "aaaaaaaaaaaa",
        "1234567890",
        "wangwei2026!"[:9],
        "wangwei123456",
        "Passw0rd111111",
    ],
)
def test_weak_passwords_are_named_weak(password: str) -> None:
    assert weakness(password, "wangwei")


@pytest.mark.parametrize("password", ["correct horse battery", "纸鸢过江无人知晓呀", "k7v2-m9qx-4hpt-zzra"])
def test_good_passwords_pass(password: str) -> None:
    assert weakness(password, "wangwei") is None


@pytest.mark.parametrize(
    ("origin", "secure", "host", "ours"),
    [
        ("http://desk.example", False, "desk.example", True),
        ("http://desk.example:80", False, "desk.example", True),
        ("https://Desk.Example", True, "desk.example:443", True),
        ("http://127.0.0.1:8080", False, "127.0.0.1:8080", True),
        ("http://[::1]:8080", False, "[::1]:8080", True),
        ("https://patrol.example", False, "desk.example", True),
        ("http://desk.example", True, "desk.example", False),
        ("http://desk.example:81", False, "desk.example", False),
        ("http://desk.example.evil.example", False, "desk.example", False),
        ("http://evil.example/http://desk.example", False, "desk.example", False),
        ("null", False, "desk.example", False),
        ("", False, "", False),
        ("http://desk.example:bad", False, "desk.example", False),
    ],
)
def test_same_origin(origin: str, secure: bool, host: str, ours: bool) -> None:
    assert same_origin(origin, secure=secure, host=host, allowed=("https://patrol.example",)) is ours


@pytest.mark.parametrize(
    ("failures", "waits"),
    [
        (Failures(pair=throttle.PAIR, account=throttle.PAIR, address=throttle.PAIR), False),
        (Failures(pair=throttle.PAIR + 1, account=9, address=9), True),
        (Failures(pair=1, account=throttle.ACCOUNT, address=9), False),
        (Failures(pair=1, account=throttle.ACCOUNT + 1, address=9), True),
        (Failures(pair=1, account=1, address=throttle.ADDRESS), False),
        (Failures(pair=1, account=1, address=throttle.ADDRESS + 1), True),
    ],
)
def test_too_many_failures_wait(failures: Failures, waits: bool) -> None:
    assert (throttle.wait(failures, NOW) > 0) is waits


@given(st.datetimes(timezones=st.just(UTC)), st.integers(6, 1000))
def test_the_wait_is_never_longer_than_the_failures_count(now: datetime, pair: int) -> None:
    wait = timedelta(seconds=throttle.wait(Failures(pair=pair, account=pair, address=pair), now))
    assert timedelta(0) < wait
    assert throttle.oldest(now + wait - timedelta(seconds=1)) <= throttle.window(now) + throttle.WINDOW
    assert wait <= throttle.WINDOWS * throttle.WINDOW + timedelta(seconds=1)


def test_a_token_names_its_district_and_keeps_its_secret() -> None:
    text, key = new_secret(DistrictId(440118))
    assert session_key(text) == key
    assert key.district == 440118
    assert key.secret_hash == digest(text.split(".", 1)[1])


@given(st.text() | st.from_regex(r"[0-9]{0,12}\.\w{0,30}", fullmatch=True))
def test_what_has_another_form_is_no_token(text: str) -> None:
    number, _, secret = text.partition(".")
    if number.isascii() and number.isdigit() and len(number) <= 9 and 20 <= len(secret) <= 100:
        assert session_key(text).district == int(number)
    else:
        with pytest.raises(Refused, match="sign in again"):
            session_key(text)


@given(st.text())
def test_any_cookie_header_is_borne(header: str) -> None:
    cookie_token(header)
    assert cookie_token("a=b; alliance_session=1.secret; c=d") == "1.secret"
