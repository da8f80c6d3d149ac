"""What the HTTP interface shows of a change by hand."""

from collections.abc import Sequence

import msgspec

from alliance.actor import AssignmentId
from alliance.roster.edit_model import Changed, Done, Edit, Edited, Found, Lack, Put, Standing
from alliance.roster.edit_plan import Plan
from alliance.roster.model import Placed, Roster
from alliance.roster.scored import Scored
from alliance.times import to_ms
from scheduler.check import Violation


def standing(have: Roster, plan: Plan, scored: Scored, *, dry: bool) -> Standing:
    """A bound found under pins says nothing once one of them is loosened."""
    names = {**have.terms, **scored.change}
    terms = {name: have.terms.get(name, 0.0) + scored.change.get(name, 0.0) for name in names}
    objective = None if have.objective is None else have.objective + scored.value
    bound = None if any(row.pinned for row in (*plan.unpinned, *plan.removed)) else have.bound
    if bound is not None and objective is not None and objective > bound + 1e-6:
        bound = None
    gap = None if bound is None or objective is None else (bound - objective) / max(abs(bound), 1e-9)
    version = have.version if dry else have.version + 1
    return Standing(version=version, objective=objective, bound=bound, gap=gap, terms=terms)


def edited(
    have: Roster, plan: Plan, scored: Scored, *, names: dict[int, str], added: Sequence[Placed] | None
) -> Edited:
    """`added` are the rows of what came, None where nothing was done."""
    after = standing(have, plan, scored, dry=added is None)
    made = [] if added is None else [row.id for row in added]
    return Edited(
        roster=have.id,
        version=after.version,
        dry=added is None,
        objective=after.objective,
        gap=after.gap,
        value=scored.value,
        terms=scored.change,
        violations=[found(one, names) for one in scored.broken],
        mended=[found(one, names) for one in scored.mended],
        shortfalls=lacks(scored),
        added=made,
        undo=undo(plan, made),
    )


def undo(plan: Plan, made: list[AssignmentId]) -> Edit:
    return Edit(
        add=[
            Put(person=row.person, post=row.post, shift=row.shift, pinned=row.pinned) for row in plan.removed
        ],
        remove=made,
        pin=[row.id for row in plan.unpinned if row.pinned and row not in plan.removed],
        unpin=[row.id for row in plan.pinned if not row.pinned],
    )


def found(violation: Violation, names: dict[int, str]) -> Found:
    return Found(
        rule=violation.rule.value,
        people=list(violation.people),
        names=[names.get(person, "") for person in violation.people],
        assignments=[
            {"person": one.person, "post": one.post, "shift": one.shift} for one in violation.assignments
        ],
        explanation=violation.explanation,
    )


def lacks(scored: Scored) -> list[Lack]:
    return [
        Lack(post=one.post, shift=one.shift, kind=one.kind, before=one.before, after=one.after)
        for one in scored.short
    ]


class ShownEdit(msgspec.Struct, frozen=True, kw_only=True):
    """A change by hand; `value` is by how much the objective rose."""

    roster: int
    version: int
    at: int
    actor: int
    reason: str
    change: Changed
    value: float
    terms: dict[str, float]


def shown_edit(done: Done) -> ShownEdit:
    return ShownEdit(
        roster=done.roster,
        version=done.version,
        at=to_ms(done.at),
        actor=done.actor,
        reason=done.reason,
        change=done.change,
        value=sum(done.terms.values()),
        terms=done.terms,
    )
