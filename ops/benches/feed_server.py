"""The real service on a database of its own, as a child process that says where it listens."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

from alliance.config import Config
from alliance.serving import serve

TICKS = os.sysconf("SC_CLK_TCK")
STARTING_S = 60.0


class Server:
    """Started by the constructor, on a migrated database."""

    def __init__(self, dsn: str, data: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", __name__, dsn, str(data)], stdout=subprocess.PIPE, text=True
        )
        assert self.process.stdout is not None
        self.address = urlsplit(self.process.stdout.readline().strip())
        if self.address.port is None:
            raise RuntimeError("the service did not start")

    @property
    def port(self) -> int:
        return self.address.port or 0

    def cpu_s(self) -> float:
        """User and system seconds so far."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def rss_mb(self) -> float:
        lines = Path(f"/proc/{self.process.pid}/status").read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) / 1024

    def kill(self) -> None:
        """As a power cut would."""
        self.process.kill()
        self.process.wait()

    def stop(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(STARTING_S)
        except subprocess.TimeoutExpired:
            self.kill()


def main(argv: list[str]) -> None:
    config = Config(data=Path(argv[1]), database_url=argv[0], port=0, jobs=False, log_level="warning")
    serve(config, lambda address: print(address, flush=True))
    time.sleep(0)


if __name__ == "__main__":
    main(sys.argv[1:])
