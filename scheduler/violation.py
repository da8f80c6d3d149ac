"""What breaking a hard rule is called, and the figures that tell it."""

import enum
from collections.abc import Iterator, Sequence
from datetime import date, timedelta

import msgspec

from scheduler.duties import EPOCH, Book, Ints
from scheduler.problem import Assignment, PersonId


class Rule(enum.Enum):
    ONE_PLACE = "one_place"
    AVAILABLE = "available"
    DAY_HOURS = "day_hours"
    WEEK_HOURS = "week_hours"
    REST = "rest"
    RUN = "run"
    NIGHTS = "nights"
    NIGHT_CONSENT = "night_consent"
    CERTIFICATE = "certificate"
    TRAVEL = "travel"
    NOT_ALONE = "not_alone"
    PINNED = "pinned"
    CONTRACT_HOURS = "contract_hours"
    CONTRACT_DUTIES = "contract_duties"
    CONTRACT_NIGHTS = "contract_nights"
    CONTRACT_WEEKENDS = "contract_weekends"
    SUCCESSION = "succession"


class Violation(msgspec.Struct, frozen=True, kw_only=True):
    """A broken rule; `explanation` holds the figures a sentence about it needs."""

    rule: Rule
    people: tuple[PersonId, ...]
    assignments: tuple[Assignment, ...]
    explanation: dict[str, float | str | None]


Found = Iterator[Violation]


def of_person(book: Book, rule: Rule, rows: Ints, **explanation: float | str | None) -> Found:
    """A violation of these duties of one person, if any of them is an assignment."""
    mine = [book.assignments[n] for n in book.duties.assignment[rows] if n >= 0]
    if mine:
        yield violation_of(rule, mine, **explanation)


def violation_of(rule: Rule, mine: Sequence[Assignment], **explanation: float | str | None) -> Violation:
    people = tuple(dict.fromkeys(a.person for a in mine))
    return Violation(rule=rule, people=people, assignments=tuple(mine), explanation=explanation)


def date_of(day: int) -> date:
    return EPOCH.date() + timedelta(days=int(day))


def iso(day: int) -> str:
    return date_of(day).isoformat()
