"""Steps print their times, tools are called quietly, and their failures are explained."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ops.prepare import PIP_INSTALL
from ops.steps import ROOT, Failed, beside, call, cause, step
from tests.ops.processes import gone

PROGRAM = """
import sys
from ops.steps import call, guarded, step

TOOL = "import os, sys, time; open(sys.argv[1], 'w').write(str(os.getpid())); time.sleep(60)"

def main(argv):
    with step("sleeping"):
        call([sys.executable, "-c", TOOL, argv[0]])
    return 0

guarded(main, sys.argv[1:])
"""


def test_a_step_prints_its_name_time_and_note(capsys: pytest.CaptureFixture[str]) -> None:
    with step("dependencies") as now:
        now.note = "up to date"
    line = capsys.readouterr().out
    assert line.split() == ["dependencies", "0.0", "s", "up", "to", "date"]


def test_a_failed_step_is_shown_as_stopped(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(Failed), step("pages"):
        raise Failed("no")
    assert capsys.readouterr().out.rstrip().endswith("stopped")


def test_a_tools_failure_holds_what_it_said() -> None:
    with pytest.raises(Failed, match="(?s)boom.*failed; what it said stands above"):
        call([sys.executable, "-c", "import sys; print('boom'); sys.exit(3)"])


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("OSError: [Errno 28] No space left on device", "The disk is full"),
        ("npm error code ENOSPC", "The disk is full"),
        ("NewConnectionError: [Errno -3] Temporary failure in name resolution", "registry can't be reached"),
        ("npm error network request failed, reason: getaddrinfo EAI_AGAIN", "registry can't be reached"),
        (
            "ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE",
            "differs from the locked",
        ),
        ("ERROR: No matching distribution found for h3==9", "lacks a package"),
    ],
)
def test_known_causes_are_named(said: str, meant: str) -> None:
    assert meant in (cause(said) or "")


def test_an_unreachable_registry_is_named_by_the_real_pip(tmp_path: Path) -> None:
    nowhere = {
        "PIP_INDEX_URL": "http://127.0.0.1:9/simple",
        "PIP_CONFIG_FILE": os.devnull,
        "PIP_FIND_LINKS": "",
    }
    command: list[str | Path] = [sys.executable, *PIP_INSTALL, "--target", tmp_path, "click==0.0.1"]
    with pytest.raises(Failed, match="A package registry can't be reached.*PIP_INDEX_URL"):
        call(command, env=nowhere)


def heed_hangups() -> None:
    """Whoever runs the tests under nohup hands its deafness on."""
    signal.signal(signal.SIGHUP, signal.SIG_DFL)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_told_to_end_it_takes_its_tool_with_it(tmp_path: Path, number: int) -> None:
    mark = tmp_path / "pid"
    program = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, mark], cwd=ROOT, stdout=subprocess.DEVNULL, preexec_fn=heed_hangups
    )
    deadline = time.monotonic() + 20
    while not (mark.exists() and mark.read_text()):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    tool = int(mark.read_text())
    os.kill(program.pid, number)
    assert program.wait(20) == 128 + number
    gone(tool)


def test_a_tool_beside_other_steps_is_waited_for_and_its_failure_told() -> None:
    with beside([sys.executable, "-c", "import time; time.sleep(0.2); print('made')"]) as said:
        assert call([sys.executable, "-c", "print('meanwhile')"]) == "meanwhile\n"
        assert said() == "made\n"
    with pytest.raises(Failed, match="broken"):
        with beside([sys.executable, "-c", "raise SystemExit('broken')"]) as said:
            said()


def test_a_step_that_fails_takes_the_tool_beside_it_with_it(tmp_path: Path) -> None:
    mark = tmp_path / "pid"
    tool = "import os, sys, time; open(sys.argv[1], 'w').write(str(os.getpid())); time.sleep(60)"

    def fail() -> None:
        with beside([sys.executable, "-c", tool, mark]):
            while not (mark.exists() and mark.read_text()):
                time.sleep(0.02)
            raise Failed("the other")

    with pytest.raises(Failed, match="the other"):
        fail()
    gone(int(mark.read_text()))
