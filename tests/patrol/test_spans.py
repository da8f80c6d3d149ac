"""Spans follow from the rows alone: pairs, breaks, forgotten and late check-outs."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from alliance.patrol.model import Mark, Span, StampKind
from alliance.patrol.spans import duty_spans, gaps, pauses

IN, OUT = StampKind.IN, StampKind.OUT
SHIFT_END = 100

real = st.lists(st.tuples(st.sampled_from([IN, OUT]), st.integers(0, SHIFT_END + 20)), max_size=12)


def shown(spans: tuple[Span, ...]) -> list[tuple[int, int | None]]:
    return [(span.from_at, span.to_at) for span in spans]


def test_two_pairs_are_a_break() -> None:
    spans = duty_spans([Mark(IN, 0), Mark(OUT, 30), Mark(IN, 40), Mark(OUT, 90)])
    assert shown(spans) == [(0, 30), (40, 90)]
    assert pauses(spans) == [(30, 40)]
    assert gaps(spans) == [(None, 0), (30, 40), (90, None)]


def test_without_a_check_out_it_stays_open() -> None:
    spans = duty_spans([Mark(IN, 5)])
    assert shown(spans) == [(5, None)]
    assert gaps(spans) == [(None, 5)]


def test_nobody_came() -> None:
    assert duty_spans([]) == ()
    assert gaps(()) == [(None, None)]


def test_a_forgotten_check_out_closes_at_shift_end_and_a_real_one_supersedes_it() -> None:
    forgotten = [Mark(IN, 5), Mark(OUT, SHIFT_END, auto=True)]
    (span,) = duty_spans(forgotten)
    assert (span.to_at, span.auto) == (SHIFT_END, True)
    (span,) = duty_spans([*forgotten, Mark(OUT, 110)])
    assert (span.to_at, span.auto) == (110, False)
    (span,) = duty_spans([*forgotten, Mark(OUT, 60)])
    assert (span.to_at, span.auto) == (60, False)


def test_an_automatic_one_closes_again_after_a_late_break() -> None:
    rows = [Mark(IN, 5), Mark(OUT, SHIFT_END, auto=True), Mark(OUT, 20), Mark(IN, 30)]
    assert shown(duty_spans(rows)) == [(5, 20), (30, SHIFT_END)]


def test_second_check_in_and_stray_check_out_change_nothing() -> None:
    rows = [Mark(OUT, 1), Mark(IN, 5), Mark(IN, 8), Mark(OUT, 20), Mark(OUT, 25)]
    assert shown(duty_spans(rows)) == [(5, 20)]


@given(real, st.booleans(), st.randoms(use_true_random=False))
def test_order_and_repeats_do_not_matter(
    rows: list[tuple[StampKind, int]], auto: bool, random: object
) -> None:
    marks = [Mark(kind, at) for kind, at in rows] + ([Mark(OUT, SHIFT_END, auto=True)] if auto else [])
    mixed = [*marks, *marks]
    random.shuffle(mixed)  # type: ignore[attr-defined]
    assert shown(duty_spans(mixed)) == shown(duty_spans(marks))


@given(real, st.booleans())
def test_spans_are_a_second_by_second_replay(rows: list[tuple[StampKind, int]], auto: bool) -> None:
    """Someone is on duty in [t, t+1) when the last real row up to t that changed something was a check-in."""
    marks = [Mark(kind, at) for kind, at in rows] + ([Mark(OUT, SHIFT_END, auto=True)] if auto else [])
    spans = duty_spans(marks)
    present = False
    for second in range(SHIFT_END + 25):
        kinds = {kind for kind, at in rows if at == second}
        if kinds == {IN}:
            present = True
        elif kinds == {OUT}:
            present = False
        closing = (
            auto
            and second >= SHIFT_END
            and present
            and not any(kind is OUT and at > second for kind, at in rows)
        )
        last_in = spans[-1].from_at if spans else 0
        if closing and last_in <= SHIFT_END:
            continue  # after the automatic check-out
        held = any(s.from_at <= second and (s.to_at is None or second < s.to_at) for s in spans)
        assert held == present, (second, spans)
    assert all(a.to_at is not None and a.to_at <= b.from_at for a, b in pairwise(spans))
