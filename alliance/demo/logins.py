"""The demo's logins: passwords drawn at seeding, kept in a file that only its owner can read."""

import os
import secrets
from collections.abc import Sequence
from pathlib import Path

import msgspec

from alliance.config import Unusable

# Without the letters and digits that are mistaken for each other.
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
HEADING = "# role  login  password"


class DemoLogin(msgspec.Struct, frozen=True, kw_only=True):
    role: str
    login: str
    password: str
    name: str


def password() -> str:
    """Four groups of four, about 79 bits."""
    return "-".join("".join(secrets.choice(LETTERS) for _ in range(4)) for _ in range(4))


def write(path: Path, logins: Sequence[DemoLogin]) -> None:
    lines = [HEADING, *(f"{one.role:14} {one.login:14} {one.password}  {one.name}" for one in logins)]
    path.parent.mkdir(parents=True, exist_ok=True)
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(file, "w", encoding="utf-8") as out:
        out.write("\n".join(lines) + "\n")
    path.chmod(0o600)


def read(path: Path) -> list[DemoLogin]:
    if not path.is_file():
        raise Unusable(
            f"There are no demo logins at {path}: make the demo with alliance demo, or name a login."
        )
    rows = [line.split(maxsplit=3) for line in path.read_text(encoding="utf-8").splitlines()[1:]]
    return [DemoLogin(role=role, login=login, password=word, name=name) for role, login, word, name in rows]


def administrator(path: Path) -> DemoLogin:
    return next(one for one in read(path) if one.role == "administrator")
