"""The chain: entries are added at its end, reversed by further ones, and walked to prove them untouched."""

from collections.abc import AsyncIterator, Iterable, Sequence
from datetime import datetime

import msgspec

from alliance import events
from alliance.actor import DistrictId, PersonId
from alliance.credit import chain, store
from alliance.credit.model import Draft, Entry, EntryNo, Head
from alliance.db.pool import Connection
from alliance.events import Event, Tx
from alliance.times import from_ms, to_ms


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """`broken` is the first entry that isn't as it was, `what` says how; both are None when all is intact."""

    entries: int
    head: Head
    broken: int | None = None
    what: str | None = None


async def append(tx: Tx, drafts: Sequence[Draft], now: datetime) -> list[Entry]:
    """Chain the drafts in their order and tell of each; takes the head's lock."""
    if not drafts:
        return []
    before = await store.lock_head(tx.conn, tx.district)
    at, last = from_ms(to_ms(now)), before.hash
    entries: list[Entry] = []
    for n, draft in enumerate(drafts, before.n + 1):
        entry = _entry(tx.district, EntryNo(n), draft, at)
        last = chain.link(last, entry)
        entries.append(msgspec.structs.replace(entry, hash=last))
    await store.copy_entries(tx.conn, entries)
    notes = [(entry.n, draft.note) for entry, draft in zip(entries, drafts, strict=True) if draft.note]
    await store.copy_notes(tx.conn, tx.district, notes)
    await store.set_head(tx.conn, tx.district, Head(n=entries[-1].n, hash=last))
    for entry in entries:
        _tell(tx, entry)
    return entries


def reversals(entries: Iterable[Entry], actor: PersonId | None, note: str) -> list[Draft]:
    """The drafts that undo entries; each stands in the same groups as what it undoes."""
    return [
        Draft(
            person=entry.person,
            organisation=entry.organisation,
            team=entry.team,
            grid=entry.grid,
            beat=entry.beat,
            station=entry.station,
            town=entry.town,
            duty_day=entry.duty_day,
            kind=entry.kind,
            amount=-entry.amount,
            rule_set=entry.rule_set,
            source_kind=entry.source_kind,
            source=entry.source,
            actor=actor,
            reverses=entry.n,
            note=note,
        )
        for entry in entries
    ]


async def districts(conn: Connection) -> list[DistrictId]:
    """Those with a ledger."""
    return await store.districts(conn)


async def walk(conn: Connection, district: DistrictId) -> AsyncIterator[Entry]:
    """Every entry in its order; run it in one snapshot."""
    async for entries in store.in_order(conn, district):
        for entry in entries:
            yield entry


async def verify(conn: Connection, district: DistrictId, published: Head | None = None) -> Verdict:
    """Walk the whole ledger in one snapshot, up to its head, past a head that was published earlier."""
    async with conn.transaction(isolation="repeatable_read", readonly=True):
        head = await store.head(conn, district)
        last, count = Head(n=0, hash=chain.GENESIS), 0
        async for entries in store.in_order(conn, district):
            for entry in entries:
                what = _flaw(last, entry, published)
                if what:
                    broken = last.n + 1 if entry.n != last.n + 1 else entry.n
                    return Verdict(entries=count, head=head, broken=broken, what=what)
                last, count = Head(n=entry.n, hash=entry.hash), count + 1
    return _end(head, last, count, published)


def _flaw(last: Head, entry: Entry, published: Head | None) -> str | None:
    if entry.n != last.n + 1:
        return f"is missing: after {last.n} comes {entry.n}"
    if chain.link(last.hash, entry) != entry.hash:
        return "was changed: its hash is not that of its content and the entry before"
    if published and published.n == entry.n and published.hash != entry.hash:
        return "or one before it was rewritten: its hash is not the published one"
    return None


def _end(head: Head, last: Head, count: int, published: Head | None) -> Verdict:
    """Whether the last entry is the one that the head names, and not before the published one."""
    expected = max(head.n, published.n if published else 0)
    verdict = Verdict(entries=count, head=head)
    if last.n < expected:
        what = f"is missing: the ledger ends at {last.n}, the head says {expected}"
        return msgspec.structs.replace(verdict, broken=last.n + 1, what=what)
    if last.n > head.n:
        return msgspec.structs.replace(verdict, broken=head.n + 1, what="was added behind the head's back")
    if last.hash != head.hash:
        return msgspec.structs.replace(verdict, broken=last.n, what="has not the hash that the head names")
    return verdict


def _entry(district: DistrictId, n: EntryNo, draft: Draft, at: datetime) -> Entry:
    values = msgspec.structs.asdict(draft)
    del values["note"]
    return Entry(district_id=district, n=n, at=at, hash=b"", **values)


def _tell(tx: Tx, entry: Entry) -> None:
    data = {
        "n": entry.n,
        "person": entry.person,
        "kind": entry.kind,
        "amount": entry.amount,
        "duty_day": entry.duty_day.isoformat(),
        entry.source_kind: entry.source,
    }
    if entry.reverses is not None:
        data["reverses"] = entry.reverses
    events.record(
        tx,
        Event(
            kind="credited" if entry.reverses is None else "reversed",
            at=entry.at,
            actor=entry.actor,
            areas=tuple(code for code in (entry.town, entry.station, entry.beat, entry.grid) if code),
            people=(entry.person,),
            organisation=entry.organisation,
            data=data,
        ),
    )
