"""What the demo's people offer and may do: weekly availability, certificates, leave."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta

import numpy as np

from alliance.actor import PersonId, Role
from alliance.demo import land
from alliance.demo.people import People
from alliance.people.bulk import CertificateRow, LeaveRow, OfferRow
from geo.cell import Ints

DAY = (360, 1320)
# Past midnight, so that a night duty lies in one span.
ALWAYS = (0, 1920)
NIGHTS = (1320, 1800)
LATE = (840, 1320)
EVENING = (1110, 1410)
MORNING = (480, 1080)
GUARD_KIND = "guard"
OTHER_KINDS = (("first_aid", 0.08), ("fire", 0.03), ("drone", 0.005))


def availability(seed: int, people: People, ids: list[PersonId]) -> list[OfferRow]:
    """Most guards any time, a quarter by day, some five days a week; volunteers mostly evenings."""
    rng = land.stream(seed, "availability")
    offers = list(_guards(rng, people.of(Role.GUARD), ids))
    offers += _volunteers(rng, people.of(Role.VOLUNTEER), ids)
    return offers


def _guards(rng: np.random.Generator, guards: Ints, ids: list[PersonId]) -> Iterator[OfferRow]:
    week = list(range(7))
    for person, kind, off in zip(
        guards.tolist(),
        rng.random(len(guards)).tolist(),
        rng.integers(0, 7, len(guards)).tolist(),
        strict=True,
    ):
        days = [day for day in week if day not in (off, (off + 1) % 7)] if kind > 0.88 else week
        spans = [ALWAYS] if kind < 0.55 or kind > 0.88 else [DAY] if kind < 0.80 else [LATE, NIGHTS]
        for day in days:
            for start, end in spans:
                yield OfferRow(person=ids[person], weekday=day, start_minute=start, end_minute=end)


def _volunteers(rng: np.random.Generator, volunteers: Ints, ids: list[PersonId]) -> Iterator[OfferRow]:
    ranks = np.argsort(rng.random((len(volunteers), 7)), axis=1)
    evenings = rng.integers(2, 6, len(volunteers))
    by_day = rng.random(len(volunteers)) < 0.2
    for n, person in enumerate(volunteers.tolist()):
        for day in np.flatnonzero(ranks[n] < evenings[n]).tolist():
            yield OfferRow(person=ids[person], weekday=day, start_minute=EVENING[0], end_minute=EVENING[1])
        if by_day[n]:
            for day in (5, 6):
                yield OfferRow(
                    person=ids[person], weekday=day, start_minute=MORNING[0], end_minute=MORNING[1]
                )


def certificates(seed: int, people: People, ids: list[PersonId], today: date) -> list[CertificateRow]:
    """Every guard had one: of a hundred four have expired and four expire within the month."""
    rng = land.stream(seed, "certificates")
    guards = people.of(Role.GUARD)
    luck = rng.random(len(guards))
    left = np.where(
        luck < 0.04,
        -rng.integers(1, 200, len(guards)),
        np.where(luck < 0.08, rng.integers(8, 31, len(guards)), rng.integers(60, 1700, len(guards))),
    )
    found = [
        _certified(ids[person], GUARD_KIND, today + timedelta(days=days))
        for person, days in zip(guards.tolist(), left.tolist(), strict=True)
    ]
    for kind, share in OTHER_KINDS:
        for person in np.flatnonzero(rng.random(len(people)) < share).tolist():
            found.append(_certified(ids[person], kind, today + timedelta(days=int(rng.integers(10, 1000)))))
    return found


def _certified(person: PersonId, kind: str, until: date) -> CertificateRow:
    return CertificateRow(
        person=person,
        kind=kind,
        number=f"{kind[0].upper()}{person:06}",
        valid_from=until - timedelta(days=5 * 365),
        valid_until=until,
    )


def leave(seed: int, people: People, ids: list[PersonId], today: date) -> list[LeaveRow]:
    """One in seventy is away for some days of the coming fortnight."""
    rng = land.stream(seed, "leave")
    found = []
    for person in np.flatnonzero(rng.random(len(people)) < 1 / 70).tolist():
        start = datetime.combine(today, time(), UTC) + timedelta(days=int(rng.integers(0, 12)))
        kind = str(rng.choice(["annual", "sick", "family"]))
        found.append(
            LeaveRow(
                person=ids[person],
                starts_at=start,
                ends_at=start + timedelta(days=int(rng.integers(1, 6))),
                kind=kind,
            )
        )
    return found
