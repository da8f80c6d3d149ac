"""The canonical bytes of an entry and the hash that ties it to the one before, as docs/ledger.md tells."""

import hashlib

import msgspec

from alliance.credit.model import Entry
from alliance.times import to_ms

FORM = "lian.ledger.1"
GENESIS = bytes(32)

_encode = msgspec.json.Encoder().encode


def canonical(entry: Entry) -> bytes:
    """A JSON array without spaces, UTF-8, in the order of the table's columns; the hash is not part of it."""
    return _encode(
        [
            FORM,
            entry.district_id,
            entry.n,
            entry.person,
            entry.organisation,
            entry.team,
            entry.grid,
            entry.beat,
            entry.station,
            entry.town,
            entry.duty_day,
            entry.kind,
            entry.amount,
            entry.rule_set,
            entry.source_kind,
            entry.source,
            entry.actor,
            to_ms(entry.at),
            entry.reverses,
        ]
    )


def link(before: bytes, entry: Entry) -> bytes:
    """hash(n) from hash(n - 1)."""
    return hashlib.sha256(before + canonical(entry)).digest()
