"""The one door to numba: functions compiled once and kept on disk where the disk allows it."""

from collections.abc import Callable
from typing import TypeVar, cast

import numba

F = TypeVar("F", bound=Callable[..., object])


def compiled(function: F) -> F:
    try:
        return cast(F, numba.njit(cache=True, nogil=True, error_model="numpy")(function))
    except RuntimeError:  # no place to keep it: neither the package nor the user's cache is writable
        return cast(F, numba.njit(nogil=True, error_model="numpy")(function))
