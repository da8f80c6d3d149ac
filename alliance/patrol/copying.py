"""PostgreSQL's binary COPY format for rows of fixed width, written and read as whole arrays."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

HEADER = b"PGCOPY\n\xff\r\n\0" + bytes(8)
TRAILER = b"\xff\xff"
EPOCH_DAYS = 10_957  # 2000-01-01, PostgreSQL's day 0, since 1970

Records = npt.NDArray[np.void]


def row_type(fields: Sequence[tuple[str, str]]) -> np.dtype[np.void]:
    """The bytes of one row: how many fields, then each one's length and value, all big-endian."""
    parts: list[tuple[str, str]] = [("n", ">i2")]
    for name, kind in fields:
        parts += [(f"{name}_length", ">i4"), (name, kind)]
    return np.dtype(parts)


def blank(kind: np.dtype[np.void], count: int) -> Records:
    """Rows with everything but the values filled in."""
    made = np.zeros(count, dtype=kind)
    names = kind.names or ()
    made["n"] = (len(names) - 1) // 2
    for name in names:
        if name.endswith("_length"):
            made[name] = kind[name.removesuffix("_length")].itemsize
    return made


def encode(records: Records) -> bytes:
    return HEADER + records.tobytes() + TRAILER


def decode(copied: bytes, kind: np.dtype[np.void]) -> Records:
    """The rows of a binary COPY without nulls."""
    size = len(copied) - len(HEADER) - len(TRAILER)
    if size % kind.itemsize:
        raise ValueError("the copied rows are not of one width")
    return np.frombuffer(copied, dtype=kind, count=size // kind.itemsize, offset=len(HEADER))
