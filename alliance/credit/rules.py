"""What help is worth: versioned rule sets as data, and the sums that follow from them."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

import msgspec

from alliance.actor import PersonId
from alliance.credit.model import Grade
from alliance.incidents.model import Kind

Amount = Annotated[int, msgspec.Meta(ge=0, le=1_000_000)]
Percent = Annotated[int, msgspec.Meta(ge=100, le=1000)]
Minute = Annotated[int, msgspec.Meta(ge=0, le=1439)]

TOUCHING = timedelta(seconds=120)
TRACKED_PERCENT = 80


class Rules(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Amounts in hundredths of a point, for the whole incident however many were caught or helped."""

    amounts: dict[Kind, Amount]
    duty_hour: dict[Grade, Amount]
    night_percent: Percent
    night_from: Minute
    night_to: Minute
    holiday_percent: Percent
    holidays: tuple[date, ...]
    month_cap: Amount | None
    # Rules from before there was a reserve give nothing for it.
    standby_hour: Amount = 0

    def __post_init__(self) -> None:
        for kind in Kind:
            if kind not in self.amounts:
                raise ValueError(f"amounts: {kind} is missing; give each kind an amount, 0 for none")
        for grade in Grade:
            if grade not in self.duty_hour:
                raise ValueError(f"duty_hour: {grade} is missing; give each grade an amount, 0 for none")


class RuleSet(msgspec.Struct, frozen=True, kw_only=True):
    version: int
    starts_on: date
    rules: Rules


# The statutory days of rest of China; a later year comes with a later rule set.
HOLIDAYS = (
    *(
        date(2026, month, day)
        for month, day in (
            (1, 1),
            (2, 16),
            (2, 17),
            (2, 18),
            (2, 19),
            (4, 5),
            (5, 1),
            (5, 2),
            (6, 19),
            (9, 25),
            (10, 1),
            (10, 2),
            (10, 3),
        )
    ),
    *(
        date(2027, month, day)
        for month, day in (
            (1, 1),
            (2, 5),
            (2, 6),
            (2, 7),
            (2, 8),
            (4, 5),
            (5, 1),
            (5, 2),
            (6, 9),
            (9, 15),
            (10, 1),
            (10, 2),
            (10, 3),
        )
    ),
)

FIRST = Rules(
    amounts={
        Kind.INCIDENT: 200,
        Kind.ARREST: 1000,
        Kind.DISPUTE: 300,
        Kind.PUBLICITY: 100,
        Kind.HAZARD: 100,
        Kind.LEAD: 200,
        Kind.LOST_PERSON: 500,
        Kind.MEDICAL: 500,
        Kind.FIRE: 500,
    },
    duty_hour={Grade.TRACKED: 100, Grade.ATTESTED: 80, Grade.GRANTED: 80},
    night_percent=150,
    night_from=22 * 60,
    night_to=6 * 60,
    holiday_percent=200,
    holidays=HOLIDAYS,
    month_cap=20_000,
    standby_hour=20,
)


class Worth(msgspec.Struct, frozen=True, kw_only=True):
    """An incident's amount and how it came about; `reason` is night, holiday or empty."""

    kind: Kind
    base: int
    percent: int
    reason: str
    amount: int


def in_force(rule_sets: Iterable[RuleSet], day: date) -> RuleSet:
    """The rule set of a duty day: the latest that had begun; before the first began, the first."""
    ordered = sorted(rule_sets, key=lambda one: one.starts_on)
    begun = [one for one in ordered if one.starts_on <= day]
    return begun[-1] if begun else ordered[0]


def percent(rules: Rules, at: datetime, duty_day: date, zone: ZoneInfo) -> tuple[int, str]:
    """The larger of the multipliers that apply; they don't add up."""
    local = at.astimezone(zone)
    minute = local.hour * 60 + local.minute
    over_midnight = rules.night_from > rules.night_to
    after, before = minute >= rules.night_from, minute < rules.night_to
    night = (after or before) if over_midnight else (after and before)
    applying = [(100, "")]
    if night:
        applying.append((rules.night_percent, "night"))
    if duty_day in rules.holidays:
        applying.append((rules.holiday_percent, "holiday"))
    return max(applying, key=lambda one: one[0])


def worth(rules: Rules, kinds: Iterable[Kind], at: datetime, duty_day: date, zone: ZoneInfo) -> Worth:
    """Of the kinds reported the one worth most counts, once; rounded half up on the incident's amount."""
    kind = max(sorted(set(kinds)), key=lambda one: rules.amounts[one])
    base = rules.amounts[kind]
    share, reason = percent(rules, at, duty_day, zone)
    return Worth(kind=kind, base=base, percent=share, reason=reason, amount=(base * share + 50) // 100)


def shares(amount: int, weights: Mapping[PersonId, int]) -> dict[PersonId, int]:
    """Parts in proportion to the weights that sum exactly: largest remainder, ties by person id."""
    whole = sum(weights.values())
    if amount < 0 or not weights or min(weights.values()) < 0 or whole == 0:
        raise ValueError("an amount of at least 0 is shared among at least one positive weight")
    parts = {person: amount * weight // whole for person, weight in weights.items()}
    left = amount - sum(parts.values())
    by_remainder = sorted(weights, key=lambda person: (-(amount * weights[person] % whole), person))
    for person in by_remainder[:left]:
        parts[person] += 1
    return dict(sorted(parts.items()))


def served(spans: Iterable[tuple[datetime, datetime]]) -> timedelta:
    return sum((end - start for start, end in spans), timedelta())


def duty_amount(rules: Rules, spans: Iterable[tuple[datetime, datetime]], grade: Grade) -> int:
    """Hours by the grade's rate, by the millisecond, rounded half up once."""
    ms = served(spans) // timedelta(milliseconds=1)
    hour = 3_600_000
    return (2 * ms * rules.duty_hour[grade] + hour) // (2 * hour)


def standby_amount(rules: Rules, start: datetime, end: datetime) -> int:
    """Hours on call at the rate of the rules, rounded half up."""
    ms, hour = (end - start) // timedelta(milliseconds=1), 3_600_000
    return (2 * ms * rules.standby_hour + hour) // (2 * hour)


def grade(
    spans: Iterable[tuple[datetime, datetime]],
    visits: Iterable[tuple[datetime, datetime]],
    *,
    attested: bool = False,
    granted: bool = False,
) -> Grade | None:
    """The best proof there is; None is no proof and earns nothing."""
    spans = sorted(spans)
    whole = served(spans)
    known = sum((_known(span, sorted(visits)) for span in spans), timedelta()) if whole else timedelta()
    if whole and known * 100 >= whole * TRACKED_PERCENT:
        return Grade.TRACKED
    if attested:
        return Grade.ATTESTED
    return Grade.GRANTED if granted else None


def _known(span: tuple[datetime, datetime], visits: list[tuple[datetime, datetime]]) -> timedelta:
    """How much of a span lies in visits, or in gaps of at most two minutes beside them."""
    start, end = span
    inside = [(max(begin, start), min(stop, end)) for begin, stop in visits if begin <= end and stop >= start]
    if not inside:
        return timedelta()
    known, reached = timedelta(), start
    for begin, stop in [*inside, (end, end)]:
        if begin > reached and begin - reached > TOUCHING:
            reached = begin
        if stop > reached or begin > reached:
            known += max(stop, begin) - reached
            reached = max(stop, begin)
    return known


def over_cap(rules: Rules, total: int) -> int:
    """The amount of a month's cap entry: 0, or what lies above the cap, negative."""
    if rules.month_cap is None:
        return 0
    return -max(0, total - rules.month_cap)
