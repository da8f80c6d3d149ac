"""The environment every program of ops runs in: .venv, locked dependencies, the built pages, the program."""

import fcntl
import hashlib
import json
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from importlib.util import find_spec
from pathlib import Path

from ops import system
from ops.steps import ROOT, Failed, beside, call, step

VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMPS = VENV / "stamps.json"
LOCK = ROOT / "ops" / "lock.txt"
COMPILE = (PYTHON, "-m", "scheduler")
LOCK_TEST = ROOT / "ops" / "lock-test.txt"
WEB_BUILD = ROOT / "ops" / "web_build.py"
LEAST_FREE_BYTES = 1_500_000_000
PIP_INSTALL = (
    "-m",
    "pip",
    "install",
    "--quiet",
    "--disable-pip-version-check",
    "--no-input",
    "--no-compile",
    "--retries",
    "2",
)


def prepare(*, test: bool = False, solver: bool = True) -> None:
    """Bring the environment up to date; each step is left out when its inputs are those of last time.

    Without `solver`, who follows has it compiled: it takes longer than all else.
    """
    with _one_at_a_time():
        with step("Python environment") as now:
            now.note = _environment()
        with step("dependencies") as now:
            now.note = _dependencies(test=test)
        with beside(COMPILE) if solver else nullcontext() as compiled:
            with step("pages") as now:
                now.note = _pages()
            with step("program") as now:
                now.note = _program()
            if compiled is not None:
                with step("solver") as now:
                    now.note = compiled().strip().splitlines()[-1]


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    """Two set-ups of one checkout wait for each other."""
    directory = os.open(ROOT, os.O_RDONLY)
    try:
        fcntl.flock(directory, fcntl.LOCK_EX)
        yield
    finally:
        os.close(directory)


def _environment() -> str:
    if _works():
        return f"Python {platform.python_version()}, kept"
    if shutil.disk_usage(ROOT).free < LEAST_FREE_BYTES:
        raise Failed(f"The disk is full: the set-up needs {LEAST_FREE_BYTES / 1e9:.1f} GB free at {ROOT}.")
    if find_spec("ensurepip") is None:
        version = f"python{sys.version_info.major}.{sys.version_info.minor}-venv"
        system.install([version], why="Python's venv module is missing")
    shutil.rmtree(VENV, ignore_errors=True)
    call([sys.executable, "-m", "venv", VENV])
    return f"Python {platform.python_version()}"


def _works() -> bool:
    """Whether .venv has this Python's version and a pip; a set-up that was interrupted may lack either."""
    if _stamps().get("python") == platform.python_version() and PYTHON.exists():
        return True
    if not PYTHON.exists():
        return False
    ask = "import pip, platform; print(platform.python_version())"
    done = subprocess.run([PYTHON, "-c", ask], capture_output=True, text=True)
    return done.stdout.strip() == platform.python_version()


def _dependencies(*, test: bool) -> str:
    key, lock = ("lock-test", LOCK_TEST) if test else ("lock", LOCK)
    digest = _digest(lock)
    if _stamps().get(key) == digest:
        return "up to date"
    call([PYTHON, *PIP_INSTALL, "--only-binary", ":all:", "--require-hashes", "-r", lock])
    # The test lock holds everything the other does, at the same versions.
    both = {"lock": _digest(LOCK)} if test else {}
    _stamp({"python": platform.python_version(), key: digest, **both})
    return ""


def _pages() -> str:
    return call([PYTHON, "-m", "ops.web_build"]).strip()


def _program() -> str:
    digest = _digest(ROOT / "pyproject.toml", WEB_BUILD, ROOT / "ops" / "lock.txt") + str(ROOT)
    if _stamps().get("program") == digest:
        return "up to date"
    call([PYTHON, *PIP_INSTALL, "--no-deps", "--no-build-isolation", "--editable", ROOT])
    _stamp({"program": digest})
    return ""


def _digest(*files: Path) -> str:
    return hashlib.sha256(b"\0".join(file.read_bytes() for file in files)).hexdigest()


def _stamps() -> dict[str, str]:
    try:
        found: dict[str, str] = json.loads(STAMPS.read_text())
    except (OSError, ValueError):
        return {}
    return found


def _stamp(news: dict[str, str]) -> None:
    STAMPS.write_text(json.dumps({**_stamps(), **news}, indent=1))
