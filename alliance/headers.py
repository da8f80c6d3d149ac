"""Headers on every answer: what a page may load and do, and that data are not kept by caches."""

from collections.abc import Callable, Coroutine
from typing import Any
from urllib.parse import urlsplit

from litestar.datastructures import MutableScopeHeaders
from litestar.types import Message, Scope

from alliance.config import Config

FIXED = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "Permissions-Policy": "geolocation=(self), camera=(self), microphone=(), payment=(), usb=(), "
    "screen-wake-lock=(self)",
}


def content_policy(config: Config) -> str:
    """Only our own scripts, styles and connections, and the base map's host where one is set."""
    base = urlsplit((config.basemap_url or "").removeprefix("pmtiles://"))
    host = f" {base.scheme}://{base.netloc}" if base.scheme in ("http", "https") and base.netloc else ""
    return "; ".join(
        (
            "default-src 'self'",
            "script-src 'self'",
            "style-src 'self'",
            f"img-src 'self' data: blob:{host}",
            f"connect-src 'self' blob:{host}",
            "worker-src 'self' blob:",
            "object-src 'none'",
            "base-uri 'none'",
            "form-action 'self'",
            "frame-ancestors 'none'",
        )
    )


def hook(config: Config) -> Callable[[Message, Scope], Coroutine[Any, Any, None]]:
    """Sets the headers when an answer begins; what a handler said itself about caching stays."""
    fixed = {**FIXED, "Content-Security-Policy": content_policy(config)}

    async def add(message: Message, scope: Scope) -> None:
        if message["type"] != "http.response.start":
            return
        headers = MutableScopeHeaders.from_message(message)
        for name, value in fixed.items():
            headers.setdefault(name, value)
        headers.setdefault("Cache-Control", "no-store")

    return add
