"""A self-made TLS certificate: phones on the local network get the secure context that positions need."""

import ipaddress
import os
import socket
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from msgspec import Struct

# Browsers refuse certificates that live longer.
LIFE = timedelta(days=397)
RENEW_BEFORE = timedelta(days=30)


class Certificate(Struct, frozen=True, kw_only=True):
    """Where the PEM files lie, and the SHA-256 fingerprint that a person can compare."""

    certificate: Path
    key: Path
    fingerprint: str


def own_addresses() -> list[str]:
    """This machine's address on the network that leads outside, then loopback; sends nothing."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # a documentation address: only the route is looked up
            outward = [probe.getsockname()[0]]
        except OSError:
            outward = []
    return list(dict.fromkeys([*outward, "127.0.0.1"]))


def ensure(folder: Path, addresses: Sequence[str], now: datetime) -> Certificate:
    """The certificate in the folder, made anew when missing, soon over, or without one of the addresses."""
    certificate, key = folder / "lan.crt", folder / "lan.key"
    if not _serves(certificate, key, addresses, now):
        folder.mkdir(parents=True, exist_ok=True)
        _make(certificate, key, addresses, now)
    made = x509.load_pem_x509_certificate(certificate.read_bytes())
    return Certificate(
        certificate=certificate, key=key, fingerprint=made.fingerprint(hashes.SHA256()).hex(":").upper()
    )


def _serves(certificate: Path, key: Path, addresses: Sequence[str], now: datetime) -> bool:
    try:
        have = x509.load_pem_x509_certificate(certificate.read_bytes())
        private = serialization.load_pem_private_key(key.read_bytes(), None)
    except (OSError, ValueError):
        return False
    names = have.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    covered = {str(address) for address in names.get_values_for_type(x509.IPAddress)}
    return (
        private.public_key() == have.public_key()
        and have.not_valid_after_utc > now + RENEW_BEFORE
        and set(addresses) <= covered
    )


def _make(certificate: Path, key: Path, addresses: Sequence[str], now: datetime) -> None:
    private = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Li'an Alliance, self-made")])
    names = [x509.DNSName("localhost"), *(x509.IPAddress(ipaddress.ip_address(a)) for a in addresses)]
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(private.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + LIFE)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .sign(private, hashes.SHA256())
    )
    secret = private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    _write(key, secret, 0o600)
    _write(certificate, made.public_bytes(serialization.Encoding.PEM), 0o644)


def _write(path: Path, content: bytes, mode: int) -> None:
    """Never readable by others, not even for a moment."""
    part = path.with_name(path.name + ".part")
    part.unlink(missing_ok=True)
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
        file.write(content)
    part.rename(path)
