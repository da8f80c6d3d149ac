"""Phone and identity-card numbers: encrypted with a key outside the database, found by a keyed hash."""

import hmac
import os
import re
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from alliance.config import Unusable
from alliance.errors import Refused

KEY_BYTES = 32
NONCE_BYTES = 12
PHONE = re.compile(r"\+?[0-9]{5,15}")
ID_NUMBER = re.compile(r"[0-9]{17}[0-9X]")
ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
ID_CHECKS = "10X98765432"


class Seal:
    """Encrypts, decrypts and hashes with one secret; `field` keeps a number of one column out of another."""

    def __init__(self, secret: bytes) -> None:
        self._cipher = AESGCM(_derive(secret, b"alliance numbers"))
        self._hash_key = _derive(secret, b"alliance numbers lookup")

    def seal(self, text: str, field: str) -> bytes:
        nonce = os.urandom(NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, text.encode(), field.encode())

    def unseal(self, sealed: bytes, field: str) -> str:
        try:
            return self._cipher.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], field.encode()).decode()
        except InvalidTag as error:
            raise Unusable(
                "The key that encrypts personal numbers is not the one this database was written with: "
                "restore the file named by ALLIANCE_KEY_FILE."
            ) from error

    def digest(self, text: str, field: str) -> bytes:
        """The same for the same number: what it is found by."""
        return hmac.digest(self._hash_key, f"{field}:{text}".encode(), "sha256")


def open_seal(path: Path, *, make: bool) -> Seal:
    """The seal of a key file; `make` allows a new one where none is."""
    try:
        if make and not path.exists():
            _write_new(path)
        secret = path.read_bytes()
    except FileNotFoundError as error:
        raise Unusable(
            f"The key that encrypts personal numbers is missing: restore {path}, "
            "or name it in ALLIANCE_KEY_FILE."
        ) from error
    except OSError as error:
        raise Unusable(f"The key {path} can't be used: {error.strerror}.") from error
    if len(secret) != KEY_BYTES:
        raise Unusable(f"The key {path} is damaged: it has {len(secret)} bytes instead of {KEY_BYTES}.")
    return Seal(secret)


def _write_new(path: Path) -> None:
    """A key appears whole or not at all, and the first of two writers wins."""
    path.parent.mkdir(parents=True, exist_ok=True)
    making = path.with_name(f"{path.name}.{os.getpid()}")
    file = os.open(making, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        os.write(file, os.urandom(KEY_BYTES))
        os.fsync(file)
    finally:
        os.close(file)
    try:
        os.link(making, path)
    except FileExistsError:
        pass
    finally:
        making.unlink()


def _derive(secret: bytes, purpose: bytes) -> bytes:
    return HKDF(algorithm=hashes.SHA256(), length=KEY_BYTES, salt=None, info=purpose).derive(secret)


def phone(text: str) -> str:
    """Digits only, mainland numbers without their +86; refused when it is no phone number."""
    plain = re.sub(r"[\s().-]", "", text)
    for prefix in ("+86", "0086"):
        plain = plain.removeprefix(prefix)
    if not PHONE.fullmatch(plain):
        raise Refused("bad_request", "phone: send 5 to 15 digits, such as 13800138000")
    return plain


def id_number(text: str) -> str:
    """An 18-digit identity-card number whose check digit is right (GB 11643)."""
    plain = re.sub(r"\s", "", text).upper()
    if ID_NUMBER.fullmatch(plain):
        total = sum(weight * int(digit) for weight, digit in zip(ID_WEIGHTS, plain[:17], strict=True))
        if ID_CHECKS[total % 11] == plain[17]:
            return plain
    raise Refused(
        "bad_request", "id_number: this is no identity-card number (18 characters, check digit last)"
    )


def recognised(text: str, field: str) -> str | None:
    """The normalised number in a search text, or None when it is no number of that field."""
    try:
        return id_number(text) if field == "id_number" else phone(text)
    except Refused:
        return None


def masked(number: str) -> str:
    """The first three and last four characters; of a short number only the last two."""
    if len(number) < 9:
        return "*" * (len(number) - 2) + number[-2:]
    return number[:3] + "*" * (len(number) - 7) + number[-4:]
