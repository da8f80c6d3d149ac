"""Caddy in front, by the file we ship: pages, sign-in and the feed pass, the figures do not."""

import json
import os
import ssl
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import msgspec
import pytest
from websockets.sync.client import connect
from websockets.typing import Origin, Subprotocol

from alliance.config import Config
from alliance.feed.wire import SUBPROTOCOL
from ops.steps import ROOT
from tests.journeys.stage import Stage
from tests.operation.whole import free_port
from tests.simulate.patrols import LOGIN, cast

# What only a test needs: no other port, no change to this machine's trusted authorities.
OPTIONS = """{{
	admin off
	skip_install_trust
	auto_https disable_redirects
	storage file_system {storage}
}}
import {file}
"""


class Front(msgspec.Struct, frozen=True, kw_only=True):
    address: str
    trust: ssl.SSLContext


@pytest.fixture
def front(dsn: str, tmp_path: Path) -> Iterator[Front]:
    address = f"https://localhost:{free_port()}"
    stage = Stage(
        Config(
            data=tmp_path,
            database_url=dsn,
            database_connections=5,
            port=0,
            jobs=False,
            origins=(address,),
            secure_cookies=True,
            trusted_proxies=("127.0.0.1",),
        )
    )
    stage.start()
    now = stage.clock()
    stage.ask(lambda conn: cast(conn, now))
    file = tmp_path / "Caddyfile"
    file.write_text(OPTIONS.format(storage=tmp_path / "caddy", file=ROOT / "ops/deploy/Caddyfile"))
    env = {
        **os.environ,
        "HOME": str(tmp_path),
        "ALLIANCE_SITE": address,
        "ALLIANCE_UPSTREAM": f"127.0.0.1:{stage.port}",
    }
    with (tmp_path / "caddy.log").open("wb") as log:
        command = ["caddy", "run", "--config", str(file), "--adapter", "caddyfile"]
        caddy = subprocess.Popen(command, env=env, stdout=log, stderr=log)
    try:
        yield Front(address=address, trust=_trust(tmp_path / "caddy", caddy))
    finally:
        caddy.terminate()
        caddy.wait(20)
        stage.stop()


def _trust(storage: Path, caddy: subprocess.Popen[bytes]) -> ssl.SSLContext:
    """Caddy's own authority, once it has made it."""
    root = storage / "pki" / "authorities" / "local" / "root.crt"
    deadline = time.monotonic() + 30
    while not root.is_file() or not root.read_bytes().endswith(b"-----END CERTIFICATE-----\n"):
        assert caddy.poll() is None, "caddy ended by itself"
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return ssl.create_default_context(cafile=root)


def answered(client: httpx.Client, path: str) -> httpx.Response:
    """The first answer of a front that may still be starting."""
    deadline = time.monotonic() + 30
    while True:
        try:
            return client.get(path)
        except httpx.TransportError:
            assert time.monotonic() < deadline
            time.sleep(0.1)


def test_behind_caddy_a_page_signs_in_and_watches(front: Front) -> None:
    with httpx.Client(base_url=front.address, verify=front.trust, trust_env=False) as client:
        assert answered(client, "/health/ready").json()["status"] == "ready"
        assert client.get("/metrics").status_code == 404
        body = {"login": LOGIN.login, "password": LOGIN.password}
        foreign = client.post("/api/v1/login", json=body, headers={"Origin": "https://elsewhere.test"})
        assert foreign.status_code == 403
        entered = client.post("/api/v1/login", json=body, headers={"Origin": front.address})
        assert entered.status_code == 200, entered.text
        assert "Secure" in entered.headers["set-cookie"]
        assert client.get("/api/v1/me").json()["roles"][0]["role"] == "administrator"
        cookie = f"alliance_session={client.cookies['alliance_session']}"
    with connect(
        f"wss{front.address.removeprefix('https')}/feed",
        ssl=front.trust,
        origin=Origin(front.address),
        subprotocols=[Subprotocol(SUBPROTOCOL)],
        additional_headers={"Cookie": cookie},
        proxy=None,
    ) as feed:
        feed.send('{"type": "hello", "now": 0}')
        assert json.loads(feed.recv(10))["type"] == "welcome"
        feed.send('{"type": "watch", "areas": [], "layers": ["coverage"]}')
        assert json.loads(feed.recv(10))["type"] == "snapshot"


def test_a_body_that_is_too_large_is_refused(front: Front) -> None:
    with httpx.Client(base_url=front.address, verify=front.trust, trust_env=False) as client:
        answered(client, "/health/live")
        headers = {"Origin": front.address}
        answer = client.post("/api/v1/login", content=b" " * 13_000_000, headers=headers)
        assert answer.status_code == 413
