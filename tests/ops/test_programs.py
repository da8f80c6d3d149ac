"""The programs refuse early and in one sentence what can't work."""

import json
import socket
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from ops import system
from ops.children import Child
from ops.steps import ROOT, Failed
from tests.ops.processes import gone

PROGRAMS = ("run", "test", "bench", "lock", "simulate")


def program(name: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    command: list[str | Path] = [sys.executable, ROOT / "ops" / name, *arguments]
    return subprocess.run(command, cwd="/", capture_output=True, text=True, timeout=60)


def test_a_port_that_is_taken_is_named_before_anything_is_set_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(system, "PORT_SECONDS", 0.1)
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(Failed, match=f"Port {port} on 127.0.0.1 can't be used.*--port N"):
            system.check_port("127.0.0.1", port)
    system.check_port("127.0.0.1", port)


def test_wrong_options_are_usage_errors() -> None:
    done = program("run", "--port", "99999")
    assert done.returncode == 2
    assert "from 0 to 65535" in done.stderr
    assert program("run", "--prot").returncode == 2


def test_help_needs_no_set_up() -> None:
    done = program("run", "--help")
    assert done.returncode == 0
    for option in ("--port", "--no-simulation", "--data", "--lan"):
        assert option in done.stdout


def test_an_unknown_benchmark_lists_those_there_are() -> None:
    done = program("bench", "speed")
    assert done.returncode == 1
    assert "cover" in done.stderr


@pytest.mark.parametrize("name", PROGRAMS)
def test_an_old_python_is_refused_by_name(name: str) -> None:
    source = (ROOT / "ops" / name).read_text()
    old = textwrap.dedent("""
        import sys
        sys.version_info = (3, 9, 2)
        sys.argv = [sys.argv[1]]
        exec(compile(sys.stdin.read(), "program", "exec"), {"__file__": sys.argv[0]})
    """)
    command: list[str | Path] = [sys.executable, "-c", old, ROOT / "ops" / name]
    done = subprocess.run(command, input=source, capture_output=True, text=True)
    assert done.returncode == 1
    assert done.stderr == f"ops/{name} needs Python 3.11 or newer; this is 3.9.\n"


def test_without_rights_the_missing_package_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    with pytest.raises(Failed, match="(?s)venv module is missing.*sudo apt install python3.11-venv"):
        system.install(["python3.11-venv"], why="Python's venv module is missing")


def test_a_child_is_stopped_with_its_own_children_and_its_words_kept(tmp_path: Path) -> None:
    deaf = (
        "import signal, subprocess, sys, time; signal.signal(15, signal.SIG_IGN); print('up', flush=True); "
    )
    deaf += "print(subprocess.Popen(['sleep', '60']).pid, flush=True); time.sleep(60)"
    child = Child("deaf", [sys.executable, "-c", deaf], tmp_path / "log", {})
    while len(child.last_words().splitlines()) < 2:
        assert child.exit_code is None
    grandchild = int(child.last_words().splitlines()[1])
    child.stop(0.2)
    assert child.exit_code == -9
    gone(grandchild)


def test_a_benchmark_ends_with_one_line_of_json(tmp_path: Path) -> None:
    code = "import sys, types; m = types.ModuleType('ops.benches.dummy'); "
    code += (
        "m.run = lambda argv: print('noise') or {'cells': len(argv)}; sys.modules['ops.benches.dummy'] = m; "
    )
    code += "from ops.benches.__main__ import main; main('dummy', ['--runs', '3'])"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout.splitlines()[-1]) == {"cells": 2}
