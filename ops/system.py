"""What comes from the operating system: Debian packages, free ports."""

import os
import shutil
import socket
import time
from collections.abc import Sequence

from ops.steps import Failed, call

QUIET = {"DEBIAN_FRONTEND": "noninteractive"}
APT = ("apt-get", "-qq", "-y", "-o", "DPkg::Lock::Timeout=180")
PORT_SECONDS = 5.0


def install(packages: Sequence[str], *, why: str) -> None:
    """Install Debian packages as root, or say how."""
    names = " ".join(packages)
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        raise Failed(f"{why}: install it with\n\n    sudo apt install {names}\n\nand start again.")
    try:
        call([*APT, "update"], env=QUIET)
        call([*APT, "install", "--no-install-recommends", *packages], env=QUIET)
    except Failed as failure:
        raise Failed(f"{failure}\n\n{why}, and apt-get can't install {names}.") from None


def check_port(host: str, port: int) -> None:
    """Refuse a port that another program keeps; one that is just being given up is waited for."""
    deadline = time.monotonic() + PORT_SECONDS
    while True:
        try:
            with socket.create_server((host, port)):
                return
        except OSError as error:
            if time.monotonic() > deadline:
                raise Failed(
                    f"Port {port} on {host} can't be used: {error.strerror}. Stop the program that has it "
                    "(perhaps this service is running already), or choose another with --port N."
                ) from None
        time.sleep(0.2)
