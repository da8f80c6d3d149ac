"""ops/bench: set up, then one benchmark."""

import os
import sys

from ops.prepare import PYTHON, prepare
from ops.steps import ROOT, Failed
from ops.suite import browser

BENCHES = ROOT / "ops" / "benches"
# Those that open pages in a browser.
DRIVEN = ("picture",)


def main(argv: list[str]) -> int:
    """Run ops/benches/NAME.py with the remaining arguments."""
    names = sorted(path.stem for path in BENCHES.glob("[a-z]*.py"))
    if argv[:1] in (["-h"], ["--help"]):
        print(f"ops/bench NAME [options]; NAME is one of: {', '.join(names)}")
        return 0
    if not argv or argv[0] not in names:
        raise Failed(f"Which benchmark? ops/bench NAME [options]; NAME is one of: {', '.join(names)}.")
    prepare(test=argv[0] in DRIVEN)
    if argv[0] in DRIVEN:
        browser()
    sys.stdout.flush()
    os.chdir(ROOT)
    os.execve(PYTHON, [str(PYTHON), "-m", "ops.benches", *argv], dict(os.environ))
