"""The messages of the feed, protocol `lian.v1`, one struct each; web/src/wire.ts is generated from this file.

Times are integer milliseconds since 1970 UTC, coordinates WGS-84 degrees unless `hello` named a datum.
"""

from typing import Annotated, Any, Literal

import msgspec

SUBPROTOCOL = "lian.v1"

Ms = Annotated[int, msgspec.Meta(ge=-(2**53), le=2**53)]
Id = Annotated[int, msgspec.Meta(ge=0, le=2**53)]
Lat = Annotated[float, msgspec.Meta(ge=-90, le=90)]
Lon = Annotated[float, msgspec.Meta(ge=-180, le=180)]
Metres = Annotated[float, msgspec.Meta(ge=0, le=1e7)]
Share = Annotated[float, msgspec.Meta(ge=0, le=1)]
Key = Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
Kind = Literal[
    "incident", "arrest", "dispute", "publicity", "hazard", "lead", "lost_person", "medical", "fire"
]
Layer = Literal["coverage", "positions", "incidents", "staffing"]
DatumName = Literal["wgs84", "gcj02", "bd09"]


class Fix(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """[at, lat, lon, accuracy, battery?, mock?]"""

    at: Ms
    lat: Lat
    lon: Lon
    accuracy: Metres
    battery: Share | None = None
    mock: bool = False


class ClientMessage(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", gc=False):
    """What a client may send."""


class Hello(ClientMessage, tag="hello", frozen=True, kw_only=True):
    now: Ms
    token: str | None = None
    datum: DatumName = "wgs84"
    since: Id | None = None


class CheckIn(ClientMessage, tag="check_in", frozen=True, kw_only=True):
    """`people`: others of the own unit who are present (a lead attests)."""

    key: Key
    assignment: Id
    at: Ms
    fix: Fix | None = None
    people: Annotated[list[Id], msgspec.Meta(max_length=50)] = []


class CheckOut(ClientMessage, tag="check_out", frozen=True, kw_only=True):
    key: Key
    assignment: Id
    at: Ms
    fix: Fix | None = None
    people: Annotated[list[Id], msgspec.Meta(max_length=50)] = []


class Fixes(ClientMessage, tag="fixes", frozen=True, kw_only=True):
    seq: Id
    assignment: Id
    fixes: Annotated[list[Fix], msgspec.Meta(min_length=1, max_length=500)]


class Report(ClientMessage, tag="report", frozen=True, kw_only=True):
    key: Key
    kind: Kind
    at: Ms
    lat: Lat
    lon: Lon
    text: Annotated[str, msgspec.Meta(max_length=4000)]
    participants: Annotated[list[Id], msgspec.Meta(max_length=50)] = []
    photos: Annotated[list[Id], msgspec.Meta(max_length=6)] = []
    incident: Id | None = None


class Sos(ClientMessage, tag="sos", frozen=True, kw_only=True):
    key: Key
    at: Ms
    fix: Fix | None = None


class Scan(ClientMessage, tag="scan", frozen=True, kw_only=True):
    """`checkpoint` is the key in its printed code."""

    key: Key
    checkpoint: Key
    at: Ms


class Answer(ClientMessage, tag="answer", frozen=True, kw_only=True):
    key: Key
    dispatch: Id
    at: Ms
    reply: Literal["accept", "decline", "on_scene", "done"]


class Watch(ClientMessage, tag="watch", frozen=True, kw_only=True):
    """Replaces the former watch; no areas means all that the watcher may see."""

    areas: Annotated[list[str], msgspec.Meta(max_length=2000)]
    layers: Annotated[list[Layer], msgspec.Meta(max_length=4)]


class Ping(ClientMessage, tag="ping", frozen=True, kw_only=True):
    pass


Incoming = Hello | CheckIn | CheckOut | Fixes | Report | Sos | Scan | Answer | Watch | Ping


class ServerMessage(
    msgspec.Struct, frozen=True, kw_only=True, tag_field="type", gc=False, omit_defaults=True
):
    """What the server sends."""


class WelcomeAssignment(msgspec.Struct, frozen=True, kw_only=True):
    """`state`: planned, present, absent_open (began, not checked in), ended."""

    id: int
    post: str
    beat: str
    start: int
    end: int
    state: Literal["planned", "present", "absent_open", "ended"]


class Welcome(ServerMessage, tag="welcome", frozen=True, kw_only=True):
    now: int
    person: int
    roles: list[str]
    assignments: list[WelcomeAssignment]
    event: int


class Ack(ServerMessage, tag="ack", frozen=True, kw_only=True):
    """`seq`: every `fixes` up to it is durable or was refused; or the result of one `key`."""

    seq: int | None = None
    key: str | None = None
    result: dict[str, Any] | None = None


class Refusal(ServerMessage, tag="refused", frozen=True, kw_only=True):
    """`indexes`: which fixes of the message; absent means the whole message."""

    code: str
    detail: str
    seq: int | None = None
    key: str | None = None
    indexes: list[int] | None = None


class Snapshot(ServerMessage, tag="snapshot", frozen=True, kw_only=True):
    layer: Layer
    event: int
    data: Any


class Coverage(ServerMessage, tag="coverage", frozen=True, kw_only=True):
    """[[cell, covered_until], …], only what changed."""

    at: int
    cells: list[tuple[str, int]]


class Position(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """[person, assignment, lat, lon, at, state]"""

    person: int
    assignment: int
    lat: float
    lon: float
    at: int
    state: str


class Positions(ServerMessage, tag="positions", frozen=True, kw_only=True):
    at: int
    people: list[Position]
    gone: list[int]


class EventMessage(ServerMessage, tag="event", frozen=True, kw_only=True):
    id: int
    kind: str
    at: int
    actor: int | None
    data: dict[str, Any]


class Reset(ServerMessage, tag="reset", frozen=True, kw_only=True):
    event: int


class Pong(ServerMessage, tag="pong", frozen=True, kw_only=True):
    pass


Outgoing = Welcome | Ack | Refusal | Snapshot | Coverage | Positions | EventMessage | Reset | Pong

# Close codes.
PROTOCOL_ERROR = 4400
WHO_ARE_YOU = 4401
NOT_YOURS = 4403
TOO_SLOW = 4408
TOO_FAST = 4429
RESTARTING = 1012
