"""Database records turned into typed rows."""

from collections.abc import Iterable
from typing import Any, TypeVar

import msgspec

Row = TypeVar("Row")


def one(record: Any, kind: type[Row]) -> Row:
    """The row of a record that must be there."""
    if record is None:
        raise LookupError(f"no record for {kind.__name__}")
    return msgspec.convert(record, kind)


def maybe(record: Any, kind: type[Row]) -> Row | None:
    """The row of a record, or None where the query found nothing."""
    return None if record is None else msgspec.convert(record, kind)


def many(records: Iterable[Any], kind: type[Row]) -> list[Row]:
    """The rows of all records, in their order."""
    return msgspec.convert(records, list[kind])  # type: ignore[valid-type]
