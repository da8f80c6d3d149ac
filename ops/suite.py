"""ops/test: set up, what the tests need from the system, then pytest."""

import os
import shutil
import sys
from pathlib import Path

from ops import system
from ops.prepare import PYTHON, prepare
from ops.steps import ROOT, step

PROGRAMS = ("chromium", "caddy")
FONT_PACKAGE = "fonts-wqy-microhei"
FONT = Path("/usr/share/fonts/truetype/wqy/wqy-microhei.ttc")
# Tests of one module share its fixtures, so a module stays in one process.
PYTEST = ("-m", "pytest", "--numprocesses=2", "--dist=loadscope", "--durations=15")


def main(argv: list[str]) -> int:
    """Prepare, then become pytest, whose closing line and exit code are the suite's."""
    prepare(test=True)
    browser()
    sys.stdout.flush()
    os.chdir(ROOT)
    os.execve(PYTHON, [str(PYTHON), *PYTEST, *argv], dict(os.environ))


def browser() -> None:
    """Install what drives the pages from the system's packages."""
    with step("browser, font and front") as now:
        missing = _missing()
        if missing:
            system.install(missing, why="The tests drive a real browser, and Caddy in front of the service")
        now.note = "installed" if missing else "up to date"


def _missing() -> list[str]:
    programs = [name for name in PROGRAMS if shutil.which(name) is None]
    return programs if FONT.exists() else [*programs, FONT_PACKAGE]
