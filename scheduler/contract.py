"""What people and their organisation agree on: tighter limits, maximums, successions, and soft minimums."""

import enum

import msgspec


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """Tighter limits than the table of hard rules; null leaves the table's own."""

    day_hours: float | None = None
    week_hours: float | None = None
    overtime_hours: float | None = None
    rest_hours: float | None = None
    run_days: int | None = None
    nights: int | None = None


class Measure(enum.Enum):
    """What a contract counts; a weekend is one when a duty starts on its Saturday or Sunday."""

    HOURS = "hours"
    DUTIES = "duties"
    NIGHTS = "nights"
    WEEKENDS = "weekends"


class Per(enum.Enum):
    """ISO week, calendar month, or all days of the horizon, by duty day; a weekend goes by its Saturday."""

    WEEK = "week"
    MONTH = "month"
    HORIZON = "horizon"


class Most(msgspec.Struct, frozen=True, kw_only=True):
    """Hard: no more than this; with kinds, of duties in shifts of these kinds alone."""

    what: Measure
    per: Per
    most: float
    kinds: tuple[str, ...] = ()


class Least(msgspec.Struct, frozen=True, kw_only=True):
    """Soft: each hour or one that is missing costs the weight, in every week or month that ends within the
    horizon, or once for the horizon."""

    what: Measure
    per: Per
    least: float
    weight: float = 1.0
    kinds: tuple[str, ...] = ()


class Succession(msgspec.Struct, frozen=True, kw_only=True, array_like=True):
    """Hard: after a duty of kind `earlier` the next one, if on the same or the following duty day, is not of
    kind `later`; in JSON a list of the two."""

    earlier: str
    later: str


class Stretch(msgspec.Struct, frozen=True, kw_only=True):
    """Soft lengths of a run of days in a row; each day too few or too many costs the weight."""

    least: int = 1
    most: int | None = None
    weight: float = 1.0


class Contract(msgspec.Struct, frozen=True, kw_only=True):
    """What people who share it have agreed: `limits`, `most` and `never` are hard, the rest is soft.

    `working` is a run of duty days, whose hard maximum is `limits.run_days`, `off` one of days off.
    """

    code: str
    limits: Limits = Limits()
    most: tuple[Most, ...] = ()
    never: tuple[Succession, ...] = ()
    least: tuple[Least, ...] = ()
    working: Stretch = Stretch()
    off: Stretch = Stretch()
