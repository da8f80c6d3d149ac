"""ops/run before the environment exists: refuse early, set up, hand over to ops.start."""

import os
import sys
import time

from ops import options, system
from ops.prepare import PYTHON, prepare
from ops.steps import ROOT


def main(argv: list[str]) -> int:
    """Check the port, prepare, and become the supervisor."""
    started = time.time()
    chosen = options.parse(argv)
    if chosen.port:
        system.check_port(options.host(chosen), chosen.port)
    print("Li'an Alliance 荔安联盟", flush=True)
    prepare(solver=False)
    sys.stdout.flush()
    os.chdir(ROOT)
    os.execve(PYTHON, [str(PYTHON), "-m", "ops.start", str(started), *argv], dict(os.environ))
