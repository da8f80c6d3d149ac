"""Compiles the solver ahead of its first use, one process at a time; others can tell that it goes on."""

import fcntl
import hashlib
import os
import platform
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path

HERE = Path(__file__).parent


def ensure(compile_all: Callable[[], None], home: Path = HERE) -> str:
    """Compile unless what is kept beside the sources is theirs; what was done.

    Ended half way it leaves what is compiled so far, and goes on from there the next time.
    """
    begun, done = _kept(home) / "solver.begun", _kept(home) / "solver.done"
    now = _digest(home)
    # Before the lock, too: nobody should take a glance for a compilation.
    if _read(done) == now:
        return "up to date"
    with _locked(home, fcntl.LOCK_EX) as held:
        if not held:
            return "not kept: nothing can be written beside its sources"
        if _read(done) == now:
            return "up to date"
        if _read(begun) != now:
            # What is kept is checked against its own file only, not against the files of what it calls.
            for kept in _kept(home).glob("*.nb[ic]"):
                kept.unlink()
            begun.write_text(now)
        compile_all()
        done.write_text(now)
        return "compiled"


def compiling(home: Path = HERE) -> bool:
    """Whether another process is about it right now."""
    with _locked(home, fcntl.LOCK_SH | fcntl.LOCK_NB) as held:
        return not held and os.access(_kept(home), os.W_OK)


def wait(home: Path = HERE) -> None:
    """Until no other process is about it."""
    with _locked(home, fcntl.LOCK_SH):
        return


@contextmanager
def _locked(home: Path, how: int) -> Iterator[bool]:
    """False where it can't be had; the lock of whoever dies is free."""
    try:
        _kept(home).mkdir(exist_ok=True)
        file = os.open(_kept(home) / "solver.lock", os.O_RDWR | os.O_CREAT, 0o644)
    except OSError:
        yield False
        return
    try:
        try:
            fcntl.flock(file, how)
        except BlockingIOError:
            yield False
        else:
            yield True
    finally:
        os.close(file)


def _kept(home: Path) -> Path:
    return home / "__pycache__"


def _read(stamp: Path) -> str | None:
    return stamp.read_text() if stamp.is_file() else None


def _digest(home: Path) -> str:
    """Of all that decides what the compiler makes; numba itself goes by the sources' times."""
    files = sorted(home.glob("*.py"))
    named = [f"{file.name} {file.stat().st_mtime_ns} {file.stat().st_size}" for file in files]
    tools = (platform.python_version(), version("numba"), version("llvmlite"), version("numpy"))
    return hashlib.sha256("\n".join((*tools, *named)).encode()).hexdigest()
