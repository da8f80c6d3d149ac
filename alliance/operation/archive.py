"""A backup's file: an uncompressed tar of a manifest, PostgreSQL's own dump and, if asked for, the key."""

import hashlib
import io
import os
import tarfile
from datetime import datetime
from pathlib import Path

import msgspec

from alliance.config import Unusable

FORMAT = 1
MANIFEST = "manifest.json"
DUMP = "database.dump"
KEY = "key"


class Head(msgspec.Struct, frozen=True, kw_only=True):
    """A district's newest ledger entry and newest event at the moment of the backup; the hash is hex."""

    district: int
    n: int
    hash: str
    event: int


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """What a backup holds; `rows` is the exact number of rows of every table."""

    format: int
    release: str
    at: datetime
    migration: int
    server: int
    dump_sha256: str
    rows: dict[str, int]
    heads: list[Head]
    with_key: bool


def sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def must_be_free(out: Path) -> None:
    if out.exists():
        raise Unusable(f"{out} exists already: name another file.")


def write(out: Path, manifest: Manifest, dump: Path, key: Path | None) -> None:
    """Write under another name, to disk, then rename: a file by that name is always whole."""
    part = out.with_name(out.name + ".part")
    try:
        with part.open("xb") as file:
            os.fchmod(file.fileno(), 0o600)
            with tarfile.open(fileobj=file, mode="w") as tar:
                _add(tar, MANIFEST, msgspec.json.format(msgspec.json.encode(manifest)))
                tar.add(dump, DUMP, filter=_anonymous)
                if key is not None:
                    _add(tar, KEY, key.read_bytes())
            file.flush()
            os.fsync(file.fileno())
        part.rename(out)
    except FileExistsError:
        raise Unusable(
            f"{part} exists: another backup is being written there, or one was broken off. "
            "Remove the file and try again."
        ) from None
    except OSError as error:
        part.unlink(missing_ok=True)
        raise Unusable(f"The backup can't be written to {out}: {error.strerror}.") from error


def unpack(file: Path, into: Path) -> Manifest:
    """Extract the known members and check the dump against the manifest."""
    try:
        with tarfile.open(file, mode="r:") as tar:
            names = tar.getnames()
            for name in names:
                if name not in (MANIFEST, DUMP, KEY):
                    raise Unusable(f"{file} is no backup of this program: it holds {name!r}.")
                tar.extract(name, into, filter="data")
        manifest = msgspec.json.decode((into / MANIFEST).read_bytes(), type=Manifest)
    except (tarfile.TarError, OSError, msgspec.MsgspecError) as error:
        raise Unusable(f"{file} is no readable backup: {error}.") from error
    if manifest.format != FORMAT:
        raise Unusable(
            f"{file} has format {manifest.format}, this program reads {FORMAT}: use the release that made it."
        )
    if not (into / DUMP).is_file() or sha256_of(into / DUMP) != manifest.dump_sha256:
        raise Unusable(f"{file} is damaged: its dump differs from its manifest. Use another backup.")
    return manifest


def _add(tar: tarfile.TarFile, name: str, content: bytes) -> None:
    member = tarfile.TarInfo(name)
    member.size = len(content)
    member.mode = 0o600
    tar.addfile(member, io.BytesIO(content))


def _anonymous(member: tarfile.TarInfo) -> tarfile.TarInfo:
    member.uid = member.gid = 0
    member.uname = member.gname = ""
    member.mode = 0o600
    return member
