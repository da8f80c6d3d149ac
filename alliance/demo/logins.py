"""The demo's logins: passwords drawn at seeding, kept in a file that only its owner can read."""

import os
import secrets
from collections.abc import Sequence
from pathlib import Path

import msgspec

from alliance.actor import PersonId
from alliance.config import Unusable

# Without the letters and digits that are mistaken for each other.
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
HEADING = "# role  login  password  person  name, place and duty"


class DemoLogin(msgspec.Struct, frozen=True, kw_only=True):
    """`note` says where the person works, for the reader."""

    role: str
    login: str
    password: str
    person: PersonId
    name: str
    note: str = ""


def password() -> str:
    """Four groups of four, about 79 bits."""
    return "-".join("".join(secrets.choice(LETTERS) for _ in range(4)) for _ in range(4))


def write(path: Path, logins: Sequence[DemoLogin]) -> None:
    lines = [HEADING, *map(_line, logins)]
    path.parent.mkdir(parents=True, exist_ok=True)
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(file, "w", encoding="utf-8") as out:
        out.write("\n".join(lines) + "\n")
    path.chmod(0o600)


def _line(one: DemoLogin) -> str:
    return f"{one.role:14} {one.login:14} {one.password} {one.person:>7}  {one.name} {one.note}".rstrip()


def read(path: Path) -> list[DemoLogin]:
    if not path.is_file():
        raise Unusable(
            f"There are no demo logins at {path}: make the demo with alliance demo, or name a login."
        )
    return [_read(line) for line in path.read_text(encoding="utf-8").splitlines()[1:]]


def _read(line: str) -> DemoLogin:
    role, login, word, person, name, *note = line.split(maxsplit=5)
    return DemoLogin(
        role=role, login=login, password=word, person=PersonId(int(person)), name=name, note="".join(note)
    )


def administrator(path: Path) -> DemoLogin:
    return next(one for one in read(path) if one.role == "administrator")


def tried(path: Path) -> frozenset[int]:
    """The people with a login of their own."""
    return frozenset(one.person for one in read(path))
