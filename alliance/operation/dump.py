"""PostgreSQL's own dump programs, called with the password in the environment, never on the command line."""

import os
import subprocess
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

from alliance.config import Unusable
from alliance.db import program


def dump(dsn: str, out: Path, snapshot: str) -> None:
    """Everything in the database as it was at the snapshot, compressed, in pg_dump's custom form."""
    _run(
        "pg_dump",
        dsn,
        ["--format=custom", "--no-owner", "--no-privileges", f"--snapshot={snapshot}", f"--file={out}"],
    )


def load(dsn: str, file: Path) -> None:
    """Into an empty database, in one transaction: all or nothing."""
    _run(
        "pg_restore",
        dsn,
        [
            "--no-owner",
            "--no-privileges",
            "--single-transaction",
            "--exit-on-error",
            f"--dbname={_database(dsn)}",
            str(file),
        ],
    )


def read_through(file: Path) -> None:
    """Read and decompress the whole dump without a database; raises where it is damaged."""
    _run("pg_restore", None, ["--file=/dev/null", str(file)])


def _run(tool: str, dsn: str | None, arguments: list[str]) -> None:
    environ = {"PATH": os.environ.get("PATH", ""), "LC_ALL": "C", **(_environ(dsn) if dsn else {})}
    done = subprocess.run(
        [str(program.find().tool(tool)), *arguments], env=environ, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise Unusable(f"{tool} failed: {done.stderr.strip()[-600:]}")


def _environ(dsn: str) -> dict[str, str]:
    """libpq's variables for a postgresql:// URL."""
    url = urlsplit(dsn)
    query = dict(parse_qsl(url.query))
    found = {
        "PGHOST": query.get("host") or url.hostname,
        "PGPORT": query.get("port") or (str(url.port) if url.port else None),
        "PGUSER": query.get("user") or (unquote(url.username) if url.username else None),
        "PGPASSWORD": query.get("password") or (unquote(url.password) if url.password else None),
        "PGDATABASE": _database(dsn),
        "PGSSLMODE": query.get("sslmode"),
    }
    return {name: value for name, value in found.items() if value}


def _database(dsn: str) -> str:
    url = urlsplit(dsn)
    return unquote(url.path.lstrip("/")) or dict(parse_qsl(url.query)).get("dbname", "alliance")
