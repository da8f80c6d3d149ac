"""What to put into Traccar Client and OwnTracks so that they send here, as their own QR codes take it."""

import base64
from urllib.parse import quote, urlencode

import msgspec

from alliance.qr import square

EVERY_S = 20
STILL_S = 60
# OwnTracks' numbers for HTTP and for reporting while moving.
HTTP_MODE = 3
MOVE = 2


class TraccarSetup(msgspec.Struct, frozen=True, kw_only=True):
    """`link` is what its settings' scanner takes: the server's URL, and the settings behind it."""

    url: str
    link: str
    svg: str


class OwnTracksSetup(msgspec.Struct, frozen=True, kw_only=True):
    """`configuration` is a .otrc file; `link` is the same, opened on the phone itself."""

    url: str
    configuration: str
    link: str
    svg: str


def traccar(address: str, token: str) -> TraccarSetup:
    url = f"{address}/phones/traccar"
    settings = {
        "id": token,
        "accuracy": "high",
        "interval": EVERY_S,
        "fastest_interval": EVERY_S,
        "distance": 0,
        "angle": 0,
        "heartbeat": STILL_S,
        "buffer": "true",
    }
    link = f"{url}?{urlencode(settings)}"
    return TraccarSetup(url=url, link=link, svg=square(link))


def owntracks(address: str, token: str) -> OwnTracksSetup:
    url = f"{address}/phones/owntracks"
    settings = {
        "_type": "configuration",
        "mode": HTTP_MODE,
        "url": url,
        "auth": True,
        "username": "alliance",
        "password": token,
        "monitoring": MOVE,
        "locatorInterval": EVERY_S,
        "moveModeLocatorInterval": EVERY_S,
    }
    whole = msgspec.json.encode(settings)
    link = f"owntracks:///config?inline={quote(base64.b64encode(whole), safe='')}"
    text = msgspec.json.format(whole, indent=2).decode()
    return OwnTracksSetup(url=url, configuration=text, link=link, svg=square(link))
