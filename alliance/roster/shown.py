"""What the HTTP interface shows of shifts, rosters and assignments: times in milliseconds, days as dates."""

from datetime import date
from typing import Any

import msgspec

from alliance.roster.model import Planned, Roster, Shift, Shortfall
from alliance.times import to_ms


class ShownShift(msgspec.Struct, frozen=True, kw_only=True):
    id: int
    pattern: str
    duty_day: date
    start: int
    end: int


class ShownRoster(msgspec.Struct, frozen=True, kw_only=True):
    """`unmet`: people missing from needed minimums; `progress.phase` says what a worker does now."""

    id: int
    first_day: date
    last_day: date
    state: str
    progress: dict[str, Any]
    seed: int
    weights: dict[str, float]
    objective: float | None
    bound: float | None
    gap: float | None
    terms: dict[str, float]
    hard_violations: int | None
    assignments: int
    unmet: int
    shortfalls: list[Shortfall]
    made_by: int | None
    made_at: int
    published_by: int | None
    published_at: int | None
    version: int


class Beside(msgspec.Struct, frozen=True, kw_only=True):
    person: int
    name: str


class ShownAssignment(msgspec.Struct, frozen=True, kw_only=True):
    """`state`: draft, planned, cancelled; `why` is what spoke for this person."""

    id: int
    roster: int
    person: int
    name: str
    organisation: int
    post: int
    post_name: str
    post_name_en: str = ""
    beat: str
    beat_name: str
    beat_name_en: str = ""
    shift: int
    duty_day: date
    start: int
    end: int
    state: str
    pinned: bool
    accepted: bool
    why: dict[str, Any]


class MyAssignment(msgspec.Struct, frozen=True, kw_only=True):
    """`people` are the others on the same post and shift; check-in is taken from `check_in_from` to `end`."""

    id: int
    post: int
    post_name: str
    post_name_en: str = ""
    beat: str
    beat_name: str
    beat_name_en: str = ""
    duty_day: date
    start: int
    end: int
    check_in_from: int
    accepted: bool
    people: list[Beside]


def shown_shift(shift: Shift) -> ShownShift:
    return ShownShift(
        id=shift.id,
        pattern=shift.pattern,
        duty_day=shift.duty_day,
        start=to_ms(shift.starts_at),
        end=to_ms(shift.ends_at),
    )


def shown_roster(roster: Roster, shortfalls: list[Shortfall]) -> ShownRoster:
    return ShownRoster(
        id=roster.id,
        first_day=roster.first_day,
        last_day=roster.last_day,
        state=roster.state.value,
        progress=msgspec.to_builtins(roster.progress),
        seed=roster.seed,
        weights=roster.weights,
        objective=roster.objective,
        bound=roster.bound,
        gap=roster.gap,
        terms=roster.terms,
        hard_violations=roster.hard_violations,
        assignments=roster.assignments,
        unmet=roster.unmet,
        shortfalls=shortfalls,
        made_by=roster.made_by,
        made_at=to_ms(roster.made_at),
        published_by=roster.published_by,
        published_at=None if roster.published_at is None else to_ms(roster.published_at),
        version=roster.version,
    )


def shown_assignment(planned: Planned) -> ShownAssignment:
    return ShownAssignment(
        id=planned.id,
        roster=planned.roster,
        person=planned.person,
        name=planned.name,
        organisation=planned.organisation,
        post=planned.post,
        post_name=planned.post_name,
        post_name_en=planned.post_name_en,
        beat=planned.beat,
        beat_name=planned.beat_name,
        beat_name_en=planned.beat_name_en,
        shift=planned.shift,
        duty_day=planned.duty_day,
        start=to_ms(planned.starts_at),
        end=to_ms(planned.ends_at),
        state=_state(planned),
        pinned=planned.pinned,
        accepted=planned.accepted_at is not None,
        why=planned.why,
    )


def shown_own(planned: Planned, people: list[tuple[int, str]], early_ms: int) -> MyAssignment:
    start = to_ms(planned.starts_at)
    return MyAssignment(
        id=planned.id,
        post=planned.post,
        post_name=planned.post_name,
        post_name_en=planned.post_name_en,
        beat=planned.beat,
        beat_name=planned.beat_name,
        beat_name_en=planned.beat_name_en,
        duty_day=planned.duty_day,
        start=start,
        end=to_ms(planned.ends_at),
        check_in_from=start - early_ms,
        accepted=planned.accepted_at is not None,
        people=[Beside(person=person, name=name) for person, name in people],
    )


def _state(planned: Planned) -> str:
    if planned.cancelled_at is not None:
        return "cancelled"
    return "planned" if planned.published else "draft"
