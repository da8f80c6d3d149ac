"""A change of a roster by hand: what is asked, what it would do, what was done."""

from datetime import datetime
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from alliance.actor import AssignmentId, PersonId
from alliance.roster.model import Placed, PostId, RosterId, ShiftId

MOST = 200
Numbers = Annotated[list[AssignmentId], Meta(max_length=MOST)]


class Put(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A person to stand on a post in a shift."""

    person: PersonId
    post: PostId
    shift: ShiftId
    pinned: bool = False


class Edit(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`remove`, `pin` and `unpin` name assignments; `dry` only scores; `reason` is a must once published."""

    add: Annotated[list[Put], Meta(max_length=MOST)] = []
    remove: Numbers = []
    pin: Numbers = []
    unpin: Numbers = []
    reason: Annotated[str, Meta(max_length=1000)] = ""
    dry: bool = False


class Changed(msgspec.Struct, frozen=True, kw_only=True):
    added: list[Placed] = []
    removed: list[Placed] = []
    pinned: list[AssignmentId] = []
    unpinned: list[AssignmentId] = []


class Done(msgspec.Struct, frozen=True, kw_only=True):
    """An edit as it is kept; `version` is what the roster became by it, `terms` the difference it made."""

    roster: RosterId
    version: int
    at: datetime
    actor: PersonId
    reason: str
    change: Changed
    terms: dict[str, float]


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """A broken rule with the figures a sentence about it needs, and what its people are called."""

    rule: str
    people: list[int]
    names: list[str]
    assignments: list[dict[str, int]]
    explanation: dict[str, Any]


class Lack(msgspec.Struct, frozen=True, kw_only=True):
    """How many are missing from a need (`minimum`, `certified`) before and after."""

    post: int
    shift: int
    kind: str
    before: int
    after: int


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """The roster's figures after an edit."""

    version: int
    objective: float | None
    bound: float | None
    gap: float | None
    terms: dict[str, float]


class Edited(msgspec.Struct, frozen=True, kw_only=True):
    """What an edit does, or with `dry` would do; `undo` is the edit that takes it back."""

    roster: RosterId
    version: int
    dry: bool
    objective: float | None
    gap: float | None
    value: float
    terms: dict[str, float]
    violations: list[Found]
    mended: list[Found]
    shortfalls: list[Lack]
    added: list[AssignmentId]
    undo: Edit
