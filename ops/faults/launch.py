"""ops/faults/run before the environment exists: set up, then the faults."""

import os
import sys

from ops.prepare import PYTHON, prepare
from ops.steps import ROOT


def main(argv: list[str]) -> int:
    """Become the program that brings them about."""
    if argv[:1] not in (["-h"], ["--help"], []):
        prepare()
        sys.stdout.flush()
    os.chdir(ROOT)
    os.execve(PYTHON, [str(PYTHON), "-m", "ops.faults", *(argv or ["--help"])], dict(os.environ))
