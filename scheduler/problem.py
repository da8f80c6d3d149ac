"""What a roster is asked for: people, shifts, posts, needs, limits and weights, and their JSON form."""

import enum
from datetime import date
from typing import NewType

import msgspec

from scheduler.contract import Contract as Contract
from scheduler.contract import Limits as Limits

PersonId = NewType("PersonId", int)
OrganisationId = NewType("OrganisationId", int)
ShiftId = NewType("ShiftId", int)
PostId = NewType("PostId", int)
BeatCode = NewType("BeatCode", str)


class Role(enum.Enum):
    GUARD = "guard"
    VOLUNTEER = "volunteer"


class Span(msgspec.Struct, frozen=True, kw_only=True, array_like=True, gc=False):
    """[start, end) in integer milliseconds since 1970 UTC; in JSON a list of the two."""

    start: int
    end: int


class Point(msgspec.Struct, frozen=True, kw_only=True, array_like=True, gc=False):
    """WGS-84 degrees; in JSON [lat, lon]."""

    lat: float
    lon: float


class Certificate(msgspec.Struct, frozen=True, kw_only=True):
    """`until` is the last local day on which it is valid."""

    kind: str
    until: date


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """A positive weight asks for the shift, a negative one asks to be spared it."""

    shift: ShiftId
    weight: float


class TimeWish(msgspec.Struct, frozen=True, kw_only=True):
    """Asks for (weight > 0) or to be spared (< 0) every duty that overlaps the span."""

    span: Span
    weight: float


class Organisation(msgspec.Struct, frozen=True, kw_only=True):
    """`permit` is the permit for comprehensive working hours (a day of up to 12 h)."""

    id: OrganisationId
    active: bool = True
    permit: bool = False
    limits: Limits = Limits()


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """One of the force; `history` holds duties that count and are not decided here, whenever they lie, and
    `history_kinds` beside it, where any contract asks, the kinds of their shifts."""

    id: PersonId
    role: Role
    organisation: OrganisationId
    active: bool = True
    born: date | None = None
    night_consent: bool = False
    overtime_consent: bool = False
    certificates: tuple[Certificate, ...] = ()
    availability: tuple[Span, ...] = ()
    leave: tuple[Span, ...] = ()
    home: Point | None = None
    travel_km: float | None = None
    limits: Limits = Limits()
    target_hours: float | None = None
    beats: tuple[BeatCode, ...] = ()
    wishes: tuple[Wish, ...] = ()
    history: tuple[Span, ...] = ()
    history_kinds: tuple[str, ...] = ()
    contract: str | None = None
    time_wishes: tuple[TimeWish, ...] = ()


class Shift(msgspec.Struct, frozen=True, kw_only=True):
    """A span to be staffed; `roles` is whom the solver asks (empty: anyone), not a hard rule; `kind` is the
    word by which contracts mean it."""

    id: ShiftId
    start: int
    end: int
    roles: tuple[Role, ...] = ()
    kind: str = ""


class Beat(msgspec.Struct, frozen=True, kw_only=True):
    """`centres` are the centres of the beat's planning cells."""

    code: BeatCode
    centres: tuple[Point, ...]


class Post(msgspec.Struct, frozen=True, kw_only=True):
    """A place of a beat; people count there in patrol units of `unit`; `certificate` is asked of each."""

    id: PostId
    beat: BeatCode
    unit: int = 2
    solo: bool = False
    certificate: str | None = None


class Need(msgspec.Struct, frozen=True, kw_only=True):
    """What a post needs in a shift, in people; `worth` is what the k-th patrol unit adds, never rising;
    `unmet`, `under` and `over` are its own weights, null the problem's."""

    post: PostId
    shift: ShiftId
    minimum: int = 0
    desired: int = 0
    certified: int = 0
    worth: tuple[float, ...] = ()
    unmet: float | None = None
    under: float | None = None
    over: float | None = None


class Assignment(msgspec.Struct, frozen=True, kw_only=True, order=True, gc=False):
    """One person on one shift and post."""

    person: PersonId
    post: PostId
    shift: ShiftId


class Bond(msgspec.Struct, frozen=True, kw_only=True):
    """A pair or standing unit: each of its people at a post and shift beyond the first gains the weight, or
    with a weight below 0, of people to be kept apart, loses it."""

    people: tuple[PersonId, ...]
    weight: float = 1.0


class Weights(msgspec.Struct, frozen=True, kw_only=True):
    """Price of each soft goal, all ≥ 0.

    staffing per worth; unmet and certified per person missing; under per person below desired, over per
    person above; travel per km;
    hours per squared 8 h off the target; nights and weekends per square of a person's count with history;
    wish per wish weight; team per duty on a beat of the person's teams; stability per published duty kept;
    together and apart per bond weight; least, working and off per weight of a contract's soft clause.
    """

    staffing: float = 1.0
    unmet: float = 30.0
    certified: float = 30.0
    under: float = 0.0
    over: float = 0.05
    travel: float = 0.02
    hours: float = 0.05
    nights: float = 0.03
    weekends: float = 0.02
    wish: float = 0.3
    team: float = 0.2
    stability: float = 0.5
    together: float = 0.3
    apart: float = 0.3
    least: float = 1.0
    working: float = 1.0
    off: float = 1.0


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """The whole question; `zone` is the IANA zone in which duty days, weeks and nights are meant; `kinds`
    are all words by which shifts, history and contracts name a kind of shift."""

    zone: str
    horizon: Span
    organisations: tuple[Organisation, ...]
    people: tuple[Person, ...]
    shifts: tuple[Shift, ...]
    beats: tuple[Beat, ...]
    posts: tuple[Post, ...]
    needs: tuple[Need, ...]
    pinned: tuple[Assignment, ...] = ()
    published: tuple[Assignment, ...] = ()
    weights: Weights = Weights()
    limits: Limits = Limits()
    guard_certificate: str = "guard"
    kinds: tuple[str, ...] = ()
    contracts: tuple[Contract, ...] = ()
    bonds: tuple[Bond, ...] = ()


def to_json(problem: Problem) -> bytes:
    return msgspec.json.encode(problem)


def from_json(text: bytes) -> Problem:
    """Types only; what the values contradict is found by `scheduler.sound.flaws`."""
    return msgspec.json.decode(text, type=Problem)
