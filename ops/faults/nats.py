"""A NATS server of our own, to be stopped and started."""

import contextlib
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path

from ops.faults.service import free_port

READY_S = 30.0


class Nats:
    """On a port of its own, which it keeps."""

    def __init__(self) -> None:
        self.port = free_port()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"nats://127.0.0.1:{self.port}"

    def start(self) -> None:
        beside = Path(sys.executable).with_name("nats-server")
        program = str(beside) if beside.exists() else shutil.which("nats-server")
        if program is None:
            raise RuntimeError("nats-server is missing: ops/test installs it")
        command = [program, "-a", "127.0.0.1", "-p", str(self.port)]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        until = time.monotonic() + READY_S
        while not self._answers():
            if time.monotonic() > until:
                raise RuntimeError("nats-server did not start")
            time.sleep(0.05)

    def _answers(self) -> bool:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1):
            return True
        return False

    def stop(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None
