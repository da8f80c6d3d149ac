"""ops/test: set up, what the tests need from the system, then pytest."""

import os
import shutil
import sys
from pathlib import Path

from ops import system
from ops.prepare import PYTHON, prepare
from ops.steps import ROOT, step

BROWSER = "chromium"
FONT_PACKAGE = "fonts-wqy-microhei"
FONT = Path("/usr/share/fonts/truetype/wqy/wqy-microhei.ttc")
# Tests of one module share its fixtures, so a module stays in one process.
PYTEST = ("-m", "pytest", "--numprocesses=2", "--dist=loadscope", "--durations=15")


def main(argv: list[str]) -> int:
    """Prepare, then become pytest, whose closing line and exit code are the suite's."""
    prepare(test=True)
    with step("browser and font") as now:
        missing = _missing()
        if missing:
            system.install(missing, why="The tests drive a real browser")
        now.note = "installed" if missing else "up to date"
    sys.stdout.flush()
    os.chdir(ROOT)
    os.execve(PYTHON, [str(PYTHON), *PYTEST, *argv], dict(os.environ))


def _missing() -> list[str]:
    browser = [] if shutil.which(BROWSER) else [BROWSER]
    return browser if FONT.exists() else [*browser, FONT_PACKAGE]
