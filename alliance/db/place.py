"""The data directory: made private, locked against a second service, with a home for the cluster in it."""

import fcntl
import os
import shutil
import tempfile
from pathlib import Path

from alliance.config import Unusable
from alliance.db.program import Account, may_enter

ELSEWHERE = Path("/var/lib") / "alliance-db"
SOCKET_NAME = "/.s.PGSQL.5432"
LONGEST_SOCKET = 100


class DataInUse(Unusable):
    """Another service holds the data directory."""


class Lock:
    """An exclusive hold on a data directory, given up at the latest when the process ends."""

    def __init__(self, data: Path) -> None:
        self._path = data / "lock"
        self._file: int | None = None

    def take(self) -> None:
        """Hold the directory, or say who does."""
        file = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.pread(file, 32, 0).decode().strip() or "unknown"
            os.close(file)
            raise DataInUse(
                f"The data directory {self._path.parent} is in use by pid {holder}. "
                "Stop that service, or choose another directory with --data or ALLIANCE_DATA."
            ) from None
        os.ftruncate(file, 0)
        os.pwrite(file, f"{os.getpid()}\n".encode(), 0)
        self._file = file

    def give_up(self) -> None:
        """Let others have the directory."""
        if self._file is not None:
            os.ftruncate(self._file, 0)
            os.close(self._file)
            self._file = None


def make_data(data: Path, user: Account | None) -> None:
    """The data directory itself: entered by its owner only, and for root also by the server's account."""
    try:
        data.mkdir(parents=True, exist_ok=True)
        data.chmod(0o700 if user is None else 0o711)
    except OSError as error:
        raise Unusable(
            f"The data directory {data} can't be used: {error.strerror}. "
            "Choose another with --data or ALLIANCE_DATA."
        ) from error


def make_home(data: Path, user: Account | None) -> Path:
    """Where the cluster lives: below the data directory; when the server's account can't get there, a link to
    the system's place."""
    link = data / "postgres"
    if not link.exists():
        if link.is_symlink():
            raise Unusable(
                f"{link} points to {link.readlink()}, which is gone: restore it, or remove the link."
            )
        if user is None or may_enter(data, user):
            link.mkdir()
        else:
            ELSEWHERE.mkdir(exist_ok=True)
            ELSEWHERE.chmod(0o711)
            link.symlink_to(tempfile.mkdtemp(prefix="", dir=ELSEWHERE))
    home = link.resolve()
    home.chmod(0o700 if user is None else 0o711)
    if user is not None and not may_enter(home, user):
        raise Unusable(
            f"The system user {user.name}, which runs PostgreSQL for root, can't reach {home}. "
            "Choose a directory outside private ones with --data or ALLIANCE_DATA, or set DATABASE_URL."
        )
    return home


def make_private(path: Path, user: Account | None) -> Path:
    """A directory only the server's account may enter (and root)."""
    path.mkdir(exist_ok=True)
    if user is not None:
        os.chown(path, user.uid, user.gid)
    path.chmod(0o700)
    return path


def remove_sockets(home: Path) -> None:
    """Take away a temporary directory for the socket; one below the home stays."""
    for place in Path(tempfile.gettempdir()).glob(_temporary_name(home, "*")):
        shutil.rmtree(place, ignore_errors=True)


def _temporary_name(home: Path, owner: int | str) -> str:
    return f"alliance-{owner}-{home.stat().st_dev:x}-{home.stat().st_ino:x}"


def make_sockets(home: Path, user: Account | None) -> Path:
    """The socket's directory: below the home where that path is short enough, else a temporary one."""
    place = home / "run"
    if len(str(place) + SOCKET_NAME) > LONGEST_SOCKET:
        owner = os.geteuid() if user is None else user.uid
        place = Path(tempfile.gettempdir()) / _temporary_name(home, owner)
        if place.is_symlink() or (place.exists() and place.stat().st_uid != owner):
            raise Unusable(f"{place} belongs to someone else: remove it, or choose a shorter data directory.")
    return make_private(place, user)
