"""The service on its port: uvicorn with our own feed protocol, until it is told to stop."""

import functools
import gc
import logging
import resource
import socket
from collections.abc import Callable
from typing import Any

import uvicorn
from litestar import Litestar

from alliance.app import build
from alliance.config import Config, Unusable
from alliance.feed.socket import FeedSocket
from alliance.memory import EVERY_S, give_back
from alliance.patience import Patient

log = logging.getLogger(__name__)

# More than the system allows: a whole district reconnects at once, and who finds no room waits for a second.
BACKLOG = 16_384
KEEP_ALIVE_SECONDS = 30
# What lives as long as the service is frozen; with few young objects collected per message, rarer is better.
THRESHOLDS = (50_000, 20, 50)


class Server(uvicorn.Server):
    """Tells when it is ready, after everything that stays was put out of the garbage collector's way."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            gc.collect()
            gc.freeze()
            gc.set_threshold(*THRESHOLDS)
            self._ready()


def serve(config: Config, ready: Callable[[str], None] = lambda address: None) -> None:
    """Serve the migrated database of the settings until SIGINT or SIGTERM; `ready` gets the address."""
    listening = listen(config)
    app = build(config)
    server = Server(settings(config, app), lambda: ready(address(config, listening)))
    _raise_file_limit()
    try:
        server.run(sockets=[listening])
    except (KeyboardInterrupt, SystemExit) as ended:
        # The signal again, after a clean stop; or uvicorn's exit because our start failed.
        if not server.started:
            raise _failure(app) or ended from None
    finally:
        listening.close()
    if not server.started:
        raise _failure(app) or Unusable("The service could not start; its log says why.")


def _failure(app: Litestar) -> Unusable | None:
    """What the start failed of, where it can be said in a sentence."""
    failure: Unusable | None = app.state.get("failure")
    return failure


def listen(config: Config) -> socket.socket:
    """The bound socket, or a sentence that says what stands in its way."""
    family = socket.AF_INET6 if ":" in config.host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((config.host, config.port))
        listening.listen(BACKLOG)
    except OSError as error:
        listening.close()
        reason = "is taken by another program" if error.errno == 98 else f"can't be used ({error.strerror})"
        raise Unusable(
            f"Port {config.port} on {config.host} {reason}: choose another with --port or ALLIANCE_PORT."
        ) from error
    listening.set_inheritable(False)
    return listening


def address(config: Config, listening: socket.socket) -> str:
    """Where a browser finds the service."""
    host, port = listening.getsockname()[:2]
    shown = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)
    return f"{'https' if config.tls else 'http'}://{shown}:{port}"


def settings(config: Config, app: Litestar) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        ws=_feed(app),
        http=_http(config),
        loop="uvloop",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        backlog=BACKLOG,
        proxy_headers=bool(config.trusted_proxies),
        forwarded_allow_ips=list(config.trusted_proxies) or None,
        callback_notify=give_back,
        timeout_notify=EVERY_S,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=config.shutdown_seconds,
        ssl_certfile=config.tls_certificate,
        ssl_keyfile=config.tls_key,
    )


def _http(config: Config) -> Any:
    """What uvicorn calls like a protocol class."""
    return functools.partial(Patient, patience_s=float(config.request_seconds))


def _feed(app: Litestar) -> Any:
    """What uvicorn calls like a protocol class; the hub is there before any connection is."""

    def make(**given: Any) -> FeedSocket:
        return FeedSocket(app.state.hub, **given)

    return make


def _raise_file_limit() -> None:
    """As many connections as the system allows; each takes a file descriptor."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
