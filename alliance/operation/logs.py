"""Log lines as text or JSON, one fact each, without personal data: ids of people never, texts never."""

import logging
import sys
from datetime import UTC, datetime
from typing import Literal

import msgspec

# What a log call may add by `extra=`; anything else is left out, so that nothing personal slips in.
FIELDS = (
    "request",
    "method",
    "route",
    "status",
    "ms",
    "district",
    "node",
    "job",
    "connections",
    "rows",
    "code",
)


class Line(logging.Formatter):
    """JSON: at, level, logger, text, the known fields, and the traceback where there is one."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "text": record.getMessage(),
            **{name: getattr(record, name) for name in FIELDS if hasattr(record, name)},
        }
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return msgspec.json.encode(line, enc_hook=str).decode()


class Text(logging.Formatter):
    """The same for a person's eye."""

    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, UTC).astimezone()
        fields = " ".join(f"{name}={getattr(record, name)}" for name in FIELDS if hasattr(record, name))
        line = f"{at:%H:%M:%S} {record.levelname.lower():7} {record.getMessage()} {fields}".rstrip()
        return f"{line}\n{self.formatException(record.exc_info)}" if record.exc_info else line


def configure(level: str, form: Literal["text", "json"]) -> None:
    """Send every logger's lines to standard error in one form; access lines come from the service itself."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Line() if form == "json" else Text())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    # These log each request or each timer by themselves, with addresses and queries in it.
    for name in ("uvicorn.access", "apscheduler", "websockets", "httpx"):
        logging.getLogger(name).setLevel(logging.WARNING)
    for name in ("uvicorn", "uvicorn.error", "litestar"):
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.propagate = True
