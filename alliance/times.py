"""Instants and local days: the wire's milliseconds, PostgreSQL's timestamps, a district's calendar."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

# What says what time it is; tests give their own.
Clock = Callable[[], datetime]

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)


def to_ms(instant: datetime) -> int:
    """Whole milliseconds since 1970 UTC; what is below a millisecond is cut off."""
    return (instant - EPOCH) // MILLISECOND


def from_ms(ms: int) -> datetime:
    return EPOCH + ms * MILLISECOND


def duty_day(start: datetime, zone: ZoneInfo) -> date:
    """The duty day of what starts then: the local date of its start."""
    return start.astimezone(zone).date()


def at_minute(day: date, minute: int, zone: ZoneInfo) -> datetime:
    """The instant of a local minute of a day; from 1440 on it lies on the next day."""
    # Within one zone datetime adds wall-clock time, also across a change of the clock.
    local = datetime(day.year, day.month, day.day, tzinfo=zone) + timedelta(minutes=minute)
    return local.astimezone(UTC)
