"""After a busy moment the service is as small as before."""

import json
import subprocess
import sys

MEGABYTE = 1 << 20
PIECES = 60
# Large pieces with lasting ones between them, as snapshots and batches lie between what is kept.
BUSY = f"""
import asyncio, json, os
from pathlib import Path
from alliance.memory import give_back

def resident():
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")

larger = bytearray(2 * {MEGABYTE})
del larger
found = [resident()]
lasting, passing = [], []
for _ in range({PIECES}):
    passing.append(bytearray(b"x" * {MEGABYTE}))
    lasting.append(bytearray(b"x" * 100_000))
found.append(resident())
passing.clear()
asyncio.run(give_back())
found.append(resident())
print(json.dumps(found))
"""


def test_what_was_freed_goes_back_though_something_lasting_lies_beside_it() -> None:
    said = subprocess.run([sys.executable, "-c", BUSY], capture_output=True, text=True, check=True).stdout
    before, busy, after = json.loads(said)
    assert busy - before > PIECES * MEGABYTE
    assert after - before < PIECES * 100_000 + 5 * MEGABYTE
