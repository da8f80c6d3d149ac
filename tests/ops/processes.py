"""What tests ask about processes that are no children of theirs."""

import time
from pathlib import Path


def gone(pid: int, seconds: float = 10) -> None:
    """Wait until a process ended; one that only waits for its parent to notice has ended too."""
    deadline = time.monotonic() + seconds
    status = Path(f"/proc/{pid}/status")
    while True:
        try:
            if "(zombie)" in status.read_text():
                return
        except (FileNotFoundError, ProcessLookupError):
            return
        assert time.monotonic() < deadline, f"process {pid} still runs"
        time.sleep(0.02)
