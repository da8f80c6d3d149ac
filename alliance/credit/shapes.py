"""What goes over the wire about credit: amounts in hundredths, times in milliseconds, hashes in hex."""

from datetime import date
from typing import Annotated, Any

import msgspec

from alliance.credit.model import Contest, Entry, Noted, SourceKind, Total
from alliance.credit.rules import RuleSet
from alliance.incidents import shapes as incident_shapes
from alliance.incidents.actions import Detail
from alliance.incidents.shapes import IncidentPage, ms
from alliance.times import to_ms

Text = Annotated[str, msgspec.Meta(min_length=1, max_length=1000)]


class Source(msgspec.Struct, frozen=True, kw_only=True):
    kind: SourceKind
    id: int


class EntryItem(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the ledger; docs/ledger.md says how its hash is made."""

    n: int
    person: int
    organisation: int
    team: str | None
    grid: str | None
    beat: str | None
    station: str | None
    town: str | None
    duty_day: date
    kind: str
    amount: int
    rule_set: int
    source: Source
    actor: int | None
    at: int
    reverses: int | None
    hash: str


class NotedItem(EntryItem, frozen=True, kw_only=True):
    """With the person's name and the reason, null once erased."""

    name: str
    reason: str | None
    contested: bool
    reversed_by: int | None


class OwnItem(msgspec.Struct, frozen=True, kw_only=True):
    n: int
    kind: str
    amount: int
    at: int
    duty_day: date
    reason: str | None
    source: Source
    contested: bool
    reverses: int | None
    reversed_by: int | None


class OwnCredits(msgspec.Struct, frozen=True, kw_only=True):
    """`total` is the sum over all entries, not only those of this part of the list."""

    total: int
    items: list[OwnItem]
    next: str | None


class PageWithCredit(IncidentPage, frozen=True, kw_only=True):
    """An incident with the entries it brought, as far as the reader may see them."""

    credit: list[EntryItem]


class HeadItem(msgspec.Struct, frozen=True, kw_only=True):
    """The end of the chain; `at` is when its last entry was written."""

    n: int
    hash: str
    at: int | None


class TotalList(msgspec.Struct, frozen=True, kw_only=True):
    items: list[Total]


class ContestBody(msgspec.Struct, frozen=True, kw_only=True):
    text: Text


class AnswerBody(msgspec.Struct, frozen=True, kw_only=True):
    upheld: bool
    text: Text


class ContestItem(msgspec.Struct, frozen=True, kw_only=True):
    id: int
    n: int
    person: int
    name: str
    text: str
    at: int
    answered_at: int | None
    answered_by: int | None
    answer: str | None
    upheld: bool | None


class RuleSetList(msgspec.Struct, frozen=True, kw_only=True):
    items: list[RuleSet]


class EntryList(msgspec.Struct, frozen=True, kw_only=True):
    items: list[EntryItem]


def fields(entry: Entry) -> dict[str, Any]:
    same = (
        "n", "person", "organisation", "team", "grid", "beat", "station", "town", "duty_day", "kind",
        "amount", "rule_set", "actor", "reverses",
    )  # fmt: skip
    return {
        **{name: getattr(entry, name) for name in same},
        "source": Source(kind=entry.source_kind, id=entry.source),
        "at": to_ms(entry.at),
        "hash": entry.hash.hex(),
    }


def entry_item(entry: Entry) -> EntryItem:
    return EntryItem(**fields(entry))


def noted_item(entry: Noted) -> NotedItem:
    return NotedItem(
        **fields(entry),
        name=entry.name,
        reason=entry.note,
        contested=entry.contested,
        reversed_by=entry.reversed_by,
    )


def own_item(entry: Noted) -> OwnItem:
    return OwnItem(
        n=entry.n,
        kind=entry.kind,
        amount=entry.amount,
        at=to_ms(entry.at),
        duty_day=entry.duty_day,
        reason=entry.note,
        source=Source(kind=entry.source_kind, id=entry.source),
        contested=entry.contested,
        reverses=entry.reverses,
        reversed_by=entry.reversed_by,
    )


def contest_item(one: Contest) -> ContestItem:
    return ContestItem(
        id=one.id,
        n=one.n,
        person=one.person,
        name=one.name,
        text=one.text,
        at=to_ms(one.at),
        answered_at=ms(one.answered_at),
        answered_by=one.answered_by,
        answer=one.answer,
        upheld=one.upheld,
    )


def incident_page(found: Detail, entries: list[Entry]) -> PageWithCredit:
    return PageWithCredit(**incident_shapes.parts(found), credit=[entry_item(one) for one in entries])
