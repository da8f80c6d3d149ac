"""How many wrong passwords are borne: per account and address together, per account, and per address."""

from datetime import datetime, timedelta

import msgspec

WINDOW = timedelta(minutes=5)
WINDOWS = 3

# A whole station sits behind one address, so an address alone is borne far longer than a guess at an account.
PAIR = 5
ACCOUNT = 50
ADDRESS = 300


class Failures(msgspec.Struct, frozen=True, kw_only=True):
    """Attempts of the last windows that did not succeed, the present one included."""

    pair: int
    account: int
    address: int


def window(now: datetime) -> datetime:
    """The start of the window `now` falls into."""
    return now - (now - now.replace(hour=0, minute=0, second=0, microsecond=0)) % WINDOW


def oldest(now: datetime) -> datetime:
    """The start of the oldest window that still counts."""
    return window(now) - (WINDOWS - 1) * WINDOW


def wait(failures: Failures, now: datetime) -> int:
    """Seconds until the next attempt is looked at; 0 when this one may be."""
    worst = max(failures.pair / PAIR, failures.account / ACCOUNT, failures.address / ADDRESS)
    if worst <= 1:
        return 0
    # At least until this window has passed; up to all of them for one who goes on regardless.
    left = (window(now) + WINDOW - now).total_seconds()
    more = min(WINDOWS - 1, int(worst) - 1) * WINDOW.total_seconds()
    return int(left + more) + 1
