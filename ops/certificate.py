"""A self-made certificate: phones on the local network tell their position to secure pages only."""

import ipaddress
import os
import socket
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

# Phones refuse certificates that are valid for longer than 398 days.
VALID = timedelta(days=397)
RENEWED_BEFORE = timedelta(days=30)
# Nothing is sent to it: the system only says which of our addresses would be used.
FAR_AWAY = ("10.255.255.255", 9)


def local_address() -> str:
    """This machine's address on the local network, or loopback when there is none."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(FAR_AWAY)
        except OSError:
            return "127.0.0.1"
        found: str = probe.getsockname()[0]
        return found


def certificate(folder: Path, address: str, now: datetime) -> tuple[Path, Path]:
    """The certificate's and the key's file; made anew when the address changed or the end is near."""
    crt, key = folder / "certificate.pem", folder / "key.pem"
    if not (key.is_file() and crt.is_file() and _good(crt.read_bytes(), address, now)):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        private = ec.generate_private_key(ec.SECP256R1())
        made = _make(private, address, now)
        _write(
            key,
            private.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            ),
        )
        _write(crt, made.public_bytes(serialization.Encoding.PEM))
    return crt, key


def _good(pem: bytes, address: str, now: datetime) -> bool:
    old = x509.load_pem_x509_certificate(pem)
    names = old.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    known = names.get_values_for_type(x509.IPAddress)
    return ipaddress.ip_address(address) in known and now + RENEWED_BEFORE < old.not_valid_after_utc


def _make(private: ec.EllipticCurvePrivateKey, address: str, now: datetime) -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Li'an Alliance (local network)")])
    addresses = sorted({address, "127.0.0.1"})
    names = [x509.DNSName("localhost"), *(x509.IPAddress(ipaddress.ip_address(one)) for one in addresses)]
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(private.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + VALID)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .sign(private, hashes.SHA256())
    )


def _write(path: Path, content: bytes) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(content)


def utc_now() -> datetime:
    """The time the certificate is made at."""
    return datetime.now(UTC)
