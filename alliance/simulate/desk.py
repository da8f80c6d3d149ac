"""The HTTP of the service as a simulated desk uses it: log in, read roster and cells, get tokens."""

import ssl
import urllib.error
import urllib.request
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import msgspec

from alliance.config import Unusable
from alliance.simulate.ground import Ground, ground
from alliance.simulate.link import Feed
from alliance.simulate.walker import Duty

TIMEOUT_S = 60
PAGE = 500


class Login(msgspec.Struct, frozen=True, kw_only=True):
    login: str
    password: str


class Desk:
    """Its calls block: the crowd makes them in threads; `token` is set by `log_in`."""

    def __init__(self, url: str, certificate: Path | None = None) -> None:
        self._url = url.rstrip("/")
        secure = urlsplit(self._url).scheme == "https"
        self._trust = ssl.create_default_context(cafile=certificate) if secure else None
        self._rostered: dict[tuple[int, int, str], list[Duty]] = {}
        self.token = ""

    @property
    def feed(self) -> Feed:
        return Feed(url=f"ws{self._url.removeprefix('http')}/feed", trust=self._trust)

    def log_in(self, login: Login) -> None:
        body = {"login": login.login, "password": login.password, "token": True}
        self.token = self.post("/login", body)["token"]

    def get(self, path: str, *, token: str | None = None, **query: object) -> Any:
        return self._call("GET", path, query=query, token=token)

    def post(self, path: str, body: object, *, token: str | None = None, version: int | None = None) -> Any:
        return self._call("POST", path, body=body, token=token, version=version)

    def _call(
        self,
        method: str,
        path: str,
        *,
        query: dict[str, object] | None = None,
        body: object = None,
        token: str | None = None,
        version: int | None = None,
    ) -> Any:
        asked = f"?{urlencode(query)}" if query else ""
        request = urllib.request.Request(f"{self._url}/api/v1{path}{asked}", method=method)
        if token or self.token:
            request.add_header("Authorization", f"Bearer {token or self.token}")
        if version is not None:
            request.add_header("If-Match", f'"{version}"')
        if body is not None:
            request.add_header("Content-Type", "application/json")
            request.data = msgspec.json.encode(body)
        try:
            with urllib.request.urlopen(request, timeout=TIMEOUT_S, context=self._trust) as answer:
                return msgspec.json.decode(answer.read() or b"null")
        except urllib.error.HTTPError as error:
            with error:
                said = error.read()
            raise Declined(error.code, _detail(said)) from None

    def items(self, path: str, *, token: str | None = None, **query: object) -> list[dict[str, Any]]:
        """The whole of a list, page by page."""
        found: list[dict[str, Any]] = []
        cursor: dict[str, object] = {}
        while True:
            page = self.get(path, token=token, limit=PAGE, **query, **cursor)
            found += page["items"]
            if page["next"] is None:
                return found
            cursor = {"cursor": page["next"]}

    def ground(self) -> Ground:
        areas = self.get("/cells", layer="areas")
        demand = self.get("/cells", layer="demand")
        return ground(areas["cells"], areas["beat"], areas["codes"]["beat"], demand["weight"])

    def duties(self, days: Sequence[str]) -> list[Duty]:
        """The published assignments of some days; a roster is read again when its version has changed."""
        rostered = {}
        for roster in self.items("/rosters"):
            for day in days:
                if roster["state"] == "published" and roster["first_day"] <= day <= roster["last_day"]:
                    key = roster["id"], roster["version"], day
                    rostered[key] = self._rostered.get(key) or self._read(roster["id"], day)
        self._rostered = rostered
        return [duty for duties in rostered.values() for duty in duties]

    def _read(self, roster: int, day: str) -> list[Duty]:
        found = self.items(f"/rosters/{roster}/assignments", day=day)
        return msgspec.convert([item for item in found if item["state"] != "cancelled"], list[Duty])

    def tokens(self, people: Sequence[int], hours: int) -> dict[int, str]:
        answer = self.post("/sessions/bulk", {"people": list(people), "hours": hours})
        return {pair["person"]: pair["token"] for pair in answer["tokens"]}

    def whereabouts(self, incident: int, token: str) -> tuple[float, float] | None:
        """The place of an incident, as the one sent there may see it."""
        try:
            found = self.get(f"/incidents/{incident}", token=token)
        except (Declined, OSError):
            return None
        return found["lat"], found["lon"]


class Declined(Unusable):
    """An answer that is no success."""

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(f"The service answered {status}: {detail}")
        self.status = status


def _detail(said: bytes) -> str:
    try:
        document = msgspec.json.decode(said)
    except msgspec.DecodeError:
        return said[:200].decode(errors="replace")
    return str(document.get("detail") or document) if isinstance(document, dict) else str(document)
