"""What the solver answers: assignments, what is short and why, the objective by term, and the bound."""

import enum

import msgspec

from scheduler.problem import Assignment, PersonId, PostId, ShiftId


class Reason(enum.Enum):
    NOBODY_AVAILABLE = "nobody_available"
    CERTIFICATE = "certificate"
    DISTANCE = "distance"
    LIMITS_REACHED = "limits_reached"
    NOT_WORTH_IT = "not_worth_it"


class Lack(enum.Enum):
    PEOPLE = "people"
    CERTIFIED = "certified"


class Shortfall(msgspec.Struct, frozen=True, kw_only=True):
    """An unmet minimum; the counts are the others who offer the shift, of them those certified, of them those
    near, and of them those free to come and those who stand elsewhere in the same shift."""

    post: PostId
    shift: ShiftId
    lack: Lack
    missing: int
    reason: Reason
    offering: int
    certified: int
    near: int
    free: int
    elsewhere: int


class Why(msgspec.Struct, frozen=True, kw_only=True, array_like=True, gc=False):
    """What spoke for an assignment: what the place would lose, km to it, wish, team, kept from the published
    roster, and the best other post for the person in that shift with how much better it would be."""

    worth: float
    km: float
    wish: float
    team: bool
    kept: bool
    other: PostId | None
    other_better: float


class Price(msgspec.Struct, frozen=True, kw_only=True, array_like=True, gc=False):
    """What one more person, and on top a certified guard, is worth at a place, by the bound's reckoning."""

    post: PostId
    shift: ShiftId
    people: float
    certified: float


class Charge(msgspec.Struct, frozen=True, kw_only=True, array_like=True, gc=False):
    """In the bound's reckoning the person pays this for going there, and everyone who would be company enough
    (by night a certified guard, for who is none) gets it for going."""

    person: PersonId
    post: PostId
    shift: ShiftId
    price: float


class Conflict(msgspec.Struct, frozen=True, kw_only=True):
    """Pinned people for whom no legal company was found: the one case in which a hard rule stays broken."""

    post: PostId
    shift: ShiftId
    pinned: tuple[Assignment, ...]


class Roster(msgspec.Struct, frozen=True, kw_only=True):
    """`why` runs beside `assignments`; `objective` is the sum of `terms`; `gap` the rest by |bound|; `slopes`
    price what adds up over an organisation's horizon, person by person, as part of its bound."""

    assignments: tuple[Assignment, ...]
    why: tuple[Why, ...]
    shortfalls: tuple[Shortfall, ...]
    conflicts: tuple[Conflict, ...]
    terms: dict[str, float]
    objective: float
    bound: float | None
    gap: float | None
    prices: tuple[Price, ...]
    seed: int
    sweeps: int
    slopes: tuple[float, ...] = ()
    company: tuple[Charge, ...] = ()


def to_json(roster: Roster) -> bytes:
    return msgspec.json.encode(roster)


def from_json(text: bytes) -> Roster:
    return msgspec.json.decode(text, type=Roster)
