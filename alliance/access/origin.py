"""Whether a browser's request comes from one of our own pages."""

from collections.abc import Sequence
from urllib.parse import urlsplit

PORTS = {"http": 80, "https": 443, "ws": 80, "wss": 443}


def same_origin(origin: str, *, secure: bool, host: str, allowed: Sequence[str] = ()) -> bool:
    """Whether the Origin header names the page's own host, or one of the origins `allowed` by the settings.

    `secure`: the browser spoke TLS to us, or to the trusted proxy before us; `host` is the Host header.
    """
    if any(_parts(origin) == _parts(text) for text in allowed if _parts(text)):
        return True
    return _parts(origin) is not None and _parts(origin) == _parts(
        f"{'https' if secure else 'http'}://{host}"
    )


def _parts(text: str) -> tuple[str, str, int] | None:
    """Scheme, host and port; None for what is no origin, such as `null`."""
    try:
        split = urlsplit(text.strip())
        port = split.port or PORTS.get(split.scheme)
    except ValueError:
        return None
    if split.scheme not in PORTS or not split.hostname or port is None or split.path not in ("", "/"):
        return None
    return split.scheme, split.hostname.lower(), port
