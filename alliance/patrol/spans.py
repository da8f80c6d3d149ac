"""Check-ins and check-outs → what was really served: a pure function of the rows, whatever their order."""

from collections.abc import Iterable, Sequence
from itertools import groupby, pairwise

from alliance.patrol.model import Mark, Span, StampKind


def duty_spans(marks: Iterable[Mark]) -> tuple[Span, ...]:
    """Spans in order of time. An automatic check-out closes only what no real one closes."""
    rows = sorted(marks, key=lambda mark: mark.at)
    spans: list[Span] = []
    opened: Mark | None = None
    for at, together in groupby((row for row in rows if not row.auto), key=lambda mark: mark.at):
        opened = _step(spans, opened, at, list(together))
    if opened is not None:
        spans.append(_last(opened, [row for row in rows if row.auto]))
    return tuple(span for span in spans if span.to_at != span.from_at)


def _step(spans: list[Span], opened: Mark | None, at: int, together: list[Mark]) -> Mark | None:
    """What is open after the marks of one instant; both kinds at once leave an open duty open."""
    come = next((mark for mark in together if mark.kind is StampKind.IN), None)
    gone = next((mark for mark in together if mark.kind is StampKind.OUT), None)
    if opened is None:
        return come if gone is None else None
    if gone is None:
        return opened
    spans.append(Span(from_at=opened.at, to_at=at, attested=opened.attested and gone.attested))
    return come


def _last(opened: Mark, auto: Sequence[Mark]) -> Span:
    close = next((mark for mark in auto if mark.at >= opened.at), None)
    if close is None:
        return Span(from_at=opened.at, attested=opened.attested)
    return Span(from_at=opened.at, to_at=close.at, auto=True)


def pauses(spans: Sequence[Span]) -> list[tuple[int, int]]:
    """(check-out, next check-in) between the spans."""
    return [(one.to_at, other.from_at) for one, other in pairwise(spans) if one.to_at is not None]


def gaps(spans: Sequence[Span]) -> list[tuple[int | None, int | None]]:
    """The open intervals outside all spans in which no fix may be; None is for ever."""
    edges: list[int | None] = [None]
    for span in spans:
        edges += [span.from_at, span.to_at]
    if spans and spans[-1].to_at is None:
        edges.pop()
    else:
        edges.append(None)
    return list(zip(edges[::2], edges[1::2], strict=False))
