"""What a log line says, and what it never says."""

import json
import logging
import sys

from alliance.operation.logs import Line, Text


def record(**extra: object) -> logging.LogRecord:
    made = logging.LogRecord("alliance.feed", logging.INFO, __file__, 1, "batch of %d", (12,), None)
    made.__dict__.update(extra)
    return made


def test_a_line_is_one_json_object_with_the_known_fields() -> None:
    line = json.loads(Line().format(record(rows=12, phone="13800000000", person=7)))
    assert (line["level"], line["logger"], line["text"], line["rows"]) == (
        "info",
        "alliance.feed",
        "batch of 12",
        12,
    )
    assert "13800000000" not in json.dumps(line)
    assert "person" not in line


def test_a_failure_keeps_its_traceback() -> None:
    try:
        raise ValueError("no such cell")
    except ValueError:
        failed = record(exc_info=sys.exc_info())
    assert "ValueError: no such cell" in json.loads(Line().format(failed))["traceback"]
    assert "ValueError: no such cell" in Text().format(failed)
