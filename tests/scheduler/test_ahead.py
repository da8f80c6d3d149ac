"""The solver is compiled once, by one process; killed half way it is gone on with."""

import fcntl
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from ops.steps import ROOT
from scheduler.ahead import compiling, ensure

SLOW = """
import sys, time
from pathlib import Path
from scheduler.ahead import ensure

home = Path(sys.argv[1])

def half():
    (home / "__pycache__" / "half.nbi").write_text("")
    print("begun", flush=True)
    time.sleep(60)

ensure(half, home)
"""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "kernel.py").write_text("ONE = 1\n")
    return tmp_path


def compiler(home: Path, done: list[str]) -> Callable[[], None]:
    def work() -> None:
        done.append("x")
        (home / "__pycache__" / f"{len(done)}.nbi").write_text("")

    return work


def test_it_is_compiled_once_and_again_when_a_source_changes(home: Path) -> None:
    done: list[str] = []
    assert ensure(compiler(home, done), home) == "compiled"
    assert ensure(compiler(home, done), home) == "up to date"
    (home / "kernel.py").write_text("ONE = 1  # and more\n")
    assert ensure(compiler(home, done), home) == "compiled"
    assert len(done) == 2
    assert sorted(path.name for path in (home / "__pycache__").glob("*.nb*")) == ["2.nbi"]


def test_what_fails_is_not_taken_for_done(home: Path) -> None:
    def fail() -> None:
        raise RuntimeError("no")

    with pytest.raises(RuntimeError):
        ensure(fail, home)
    assert not compiling(home)
    assert ensure(compiler(home, []), home) == "compiled"


def test_a_killed_one_is_gone_on_with(home: Path) -> None:
    """While it runs everyone can tell; killed, it leaves what it had made and no lock."""
    assert not compiling(home)
    with subprocess.Popen(
        [sys.executable, "-c", SLOW, home], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "begun\n"
        assert compiling(home)
        os.kill(child.pid, signal.SIGKILL)
    assert not compiling(home)
    assert ensure(compiler(home, []), home) == "compiled"
    assert sorted(path.name for path in (home / "__pycache__").glob("*.nb*")) == ["1.nbi", "half.nbi"]


def test_who_finds_it_done_disturbs_nobody(home: Path) -> None:
    """With everything compiled it doesn't wait for whoever holds the lock."""
    ensure(compiler(home, []), home)
    with (home / "__pycache__" / "solver.lock").open("w") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        assert ensure(compiler(home, []), home) == "up to date"


def test_where_nothing_can_be_kept_nobody_waits(tmp_path: Path) -> None:
    nowhere = tmp_path / "file"
    nowhere.write_text("")
    assert ensure(lambda: None, nowhere).startswith("not kept")
    assert not compiling(nowhere)
