"""The certificate for the local network: it serves TLS, is kept, and is renewed when it must be."""

import http.server
import ssl
import stat
import threading
import urllib.request
from datetime import UTC, datetime, timedelta
from pathlib import Path

from alliance.operation import certificate


def now() -> datetime:
    return datetime.now(UTC)


def test_a_client_that_trusts_it_gets_through(tmp_path: Path) -> None:
    made = certificate.ensure(tmp_path, ["127.0.0.1"], now())
    server = http.server.HTTPServer(("127.0.0.1", 0), http.server.SimpleHTTPRequestHandler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(made.certificate, made.key)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.handle_request)
    thread.start()
    trusting = ssl.create_default_context(cafile=str(made.certificate))
    url = f"https://127.0.0.1:{server.server_port}/"
    with urllib.request.urlopen(url, context=trusting, timeout=10) as answer:
        assert answer.status == 200
    thread.join(10)
    server.server_close()


def test_the_key_is_the_owners_alone(tmp_path: Path) -> None:
    made = certificate.ensure(tmp_path, ["127.0.0.1"], now())
    assert stat.S_IMODE(made.key.stat().st_mode) == 0o600


def test_it_is_kept_while_it_serves(tmp_path: Path) -> None:
    first = certificate.ensure(tmp_path, ["127.0.0.1", "192.0.2.7"], now())
    again = certificate.ensure(tmp_path, ["192.0.2.7"], now() + timedelta(days=300))
    assert again.fingerprint == first.fingerprint


def test_a_new_address_an_end_in_sight_or_a_lost_key_make_a_new_one(tmp_path: Path) -> None:
    prints = {certificate.ensure(tmp_path, ["127.0.0.1"], now()).fingerprint}
    prints.add(certificate.ensure(tmp_path, ["127.0.0.1", "192.0.2.7"], now()).fingerprint)
    prints.add(certificate.ensure(tmp_path, ["127.0.0.1"], now() + timedelta(days=380)).fingerprint)
    (tmp_path / "lan.key").write_text("")
    prints.add(certificate.ensure(tmp_path, ["127.0.0.1"], now()).fingerprint)
    assert len(prints) == 4
