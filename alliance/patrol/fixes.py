"""Which fixes are taken: the sender's own, on duty, with consent, by a clock that is about right."""

from collections.abc import Sequence

import msgspec

from alliance.actor import PersonId
from alliance.patrol.model import CLOCK_AHEAD_MS, TAKEN_AFTER_END_MS, Duty

DETAIL = {
    "unknown_assignment": "assignment: there is no such published duty",
    "not_yours": "assignment: this is somebody else's duty",
    "no_consent": "give your consent to positions first",
    "too_late": "the shift ended more than 72 hours ago",
    "clock_ahead": "at: more than two minutes ahead of the service; set the clock",
    "off_duty": "at: not between a check-in and its check-out; nothing was stored",
}


class Refusal(msgspec.Struct, frozen=True, kw_only=True):
    """`indexes` are places in the message; None means all of it."""

    code: str
    indexes: tuple[int, ...] | None = None

    @property
    def detail(self) -> str:
        return DETAIL[self.code]


def judge(duty: Duty | None, person: PersonId, times: Sequence[int], now: int) -> tuple[Refusal, ...]:
    """What is refused of fixes with these times; what isn't named is taken."""
    if duty is None:
        return (Refusal(code="unknown_assignment"),)
    if duty.person != person:
        return (Refusal(code="not_yours"),)
    if not duty.consented:
        return (Refusal(code="no_consent"),)
    if now > duty.end + TAKEN_AFTER_END_MS:
        return (Refusal(code="too_late"),)
    first, last = min(times), max(times)
    latest = now + CLOCK_AHEAD_MS
    # Nearly always all lie in one span.
    if last <= latest and any(
        span.from_at <= first and last <= (duty.open_until if span.to_at is None else span.to_at)
        for span in duty.spans
    ):
        return ()
    ahead = tuple(i for i, at in enumerate(times) if at > latest)
    off = tuple(i for i, at in enumerate(times) if at <= latest and not duty.on_duty(at))
    found = (("clock_ahead", ahead), ("off_duty", off))
    return tuple(Refusal(code=code, indexes=indexes) for code, indexes in found if indexes)


def taken(count: int, refusals: Sequence[Refusal]) -> list[int]:
    """The places of those that are not refused."""
    out: set[int] = set()
    for refusal in refusals:
        if refusal.indexes is None:
            return []
        out.update(refusal.indexes)
    return [i for i in range(count) if i not in out]
