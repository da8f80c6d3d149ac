"""ops/simulate: alliance simulate in the prepared environment."""

import os
import sys

from ops.prepare import PYTHON, prepare
from ops.steps import ROOT


def main(argv: list[str]) -> int:
    """Prepare, then become alliance simulate."""
    prepare()
    sys.stdout.flush()
    os.chdir(ROOT)
    os.execve(PYTHON, [str(PYTHON), "-m", "alliance", "simulate", *argv], dict(os.environ))
