"""What the HTTP interface shows of holes, candidates and offers: times in milliseconds."""

from datetime import date
from typing import Any

import msgspec

from alliance.roster.candidates import Candidate
from alliance.roster.hole_model import Hole, Offer
from alliance.roster.offer_store import MyOffer
from alliance.times import to_ms


class ShownHole(msgspec.Struct, frozen=True, kw_only=True):
    """`calling`: a call-out is under way; `asked`, `said_no`, `silent` count its offers, the next of which
    runs out at `expires_at`."""

    id: int
    state: str
    cause: str
    post: int
    post_name: str
    post_name_en: str = ""
    beat: str
    beat_name: str
    beat_name_en: str = ""
    town: str
    shift: int
    duty_day: date
    start: int
    end: int
    assignment: int | None
    absent: int | None
    absent_name: str | None
    people: int
    certified: int
    filled: int
    reason: str
    opened_at: int
    opened_by: int | None
    end_reason: str
    calling: bool
    asked: int
    said_no: int
    silent: int
    expires_at: int | None
    version: int


class ShownOffer(msgspec.Struct, frozen=True, kw_only=True):
    id: int
    person: int
    name: str
    organisation: int
    state: str
    asked_at: int
    expires_at: int
    answered_at: int | None
    reason: str
    standby: bool
    rank: dict[str, Any]
    assignment: int | None


class HoleDetail(ShownHole, frozen=True, kw_only=True):
    offers: list[ShownOffer]


class ShownCandidate(msgspec.Struct, frozen=True, kw_only=True):
    """`value`: by how much the roster gains, `change` term by term."""

    person: int
    name: str
    organisation: int
    guard: bool
    certified: bool
    standby: bool
    km: float | None
    last_asked: int | None
    value: float
    change: dict[str, float]


class ShownFit(msgspec.Struct, frozen=True, kw_only=True):
    """`violations` are the rules that forbid it, with their figures; none: it may be."""

    person: int
    name: str
    value: float
    change: dict[str, float]
    violations: list[dict[str, Any]]


class ShownMyOffer(msgspec.Struct, frozen=True, kw_only=True):
    id: int
    hole: int
    state: str
    asked_at: int
    expires_at: int
    reason: str
    standby: bool
    post_name: str
    post_name_en: str = ""
    beat: str
    beat_name: str
    beat_name_en: str = ""
    duty_day: str
    start: int
    end: int
    cause: str
    assignment: int | None


class OfferAnswer(msgspec.Struct, frozen=True, kw_only=True):
    offer: int
    state: str
    assignment: int | None = None


def shown_hole(hole: Hole) -> ShownHole:
    return ShownHole(**_hole(hole))


def hole_detail(hole: Hole, offers: list[Offer]) -> HoleDetail:
    return HoleDetail(**_hole(hole), offers=[shown_offer(one) for one in offers])


def _hole(hole: Hole) -> dict[str, Any]:
    same = {
        name: getattr(hole, name) for name in ShownHole.__struct_fields__ if name in Hole.__struct_fields__
    }
    return {
        **same,
        "start": to_ms(hole.starts_at),
        "end": to_ms(hole.ends_at),
        "opened_at": to_ms(hole.opened_at),
        "calling": hole.call_at_once is not None,
        "expires_at": None if hole.expires_at is None else to_ms(hole.expires_at),
    }


def shown_offer(offer: Offer) -> ShownOffer:
    same = {name: getattr(offer, name) for name in ShownOffer.__struct_fields__}
    return ShownOffer(
        **same
        | {
            "asked_at": to_ms(offer.asked_at),
            "expires_at": to_ms(offer.expires_at),
            "answered_at": None if offer.answered_at is None else to_ms(offer.answered_at),
        }
    )


def shown_candidate(one: Candidate) -> ShownCandidate:
    same = {name: getattr(one, name) for name in ShownCandidate.__struct_fields__}
    return ShownCandidate(**same | {"last_asked": None if one.last_asked is None else to_ms(one.last_asked)})


def shown_my_offer(one: MyOffer) -> ShownMyOffer:
    names = (*ShownMyOffer.__struct_fields__,)
    same = {name: getattr(one, name) for name in names if name not in ("start", "end")}
    times = {"asked_at": to_ms(one.asked_at), "expires_at": to_ms(one.expires_at)}
    return ShownMyOffer(**same | times, start=to_ms(one.starts_at), end=to_ms(one.ends_at))
