"""Every setting of the service, read once from the environment into one frozen value."""

import difflib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, get_args, get_origin
from urllib.parse import urlsplit

import msgspec
from msgspec import Meta, Struct

PREFIX = "ALLIANCE_"
SECRET = {"secret": True}
HIDDEN = "(hidden)"


class Unusable(Exception):
    """A failure whose text tells the operator what is wrong and what to do about it."""


class ConfigError(Unusable):
    """A setting that can't be used."""


class Setting(Struct, frozen=True, kw_only=True):
    """One line of the listing: the variable, its value as shown, and whether it was set."""

    variable: str
    shown: str
    given: bool
    meaning: str


def default_data() -> Path:
    """Where the database and the keys live when nobody says: the system's place for root, else the home."""
    if os.geteuid() == 0:
        return Path("/var/lib/alliance")
    return Path.home() / ".local" / "share" / "alliance"


class Config(Struct, frozen=True, kw_only=True):
    """The settings; each field is the environment variable ALLIANCE_<FIELD>, but for DATABASE_URL."""

    data: Annotated[Path, Meta(description="directory of the embedded database, keys and photos")]
    database_url: Annotated[
        str | None, Meta(description="PostgreSQL to use instead of the embedded one", extra=SECRET)
    ] = None
    database_connections: Annotated[
        int, Meta(ge=2, le=500, description="connections kept to the database")
    ] = 16
    host: Annotated[str, Meta(description="address to listen on")] = "127.0.0.1"
    port: Annotated[int, Meta(ge=0, le=65535, description="port to listen on; 0 lets the system choose")] = (
        8080
    )
    tls_certificate: Annotated[
        Path | None, Meta(description="PEM certificate; with it the service talks TLS")
    ] = None
    tls_key: Annotated[Path | None, Meta(description="PEM key of the certificate")] = None
    origins: Annotated[
        tuple[str, ...],
        Meta(description="further origins whose pages may use the service, such as https://patrol.example"),
    ] = ()
    trusted_proxies: Annotated[
        tuple[str, ...], Meta(description="addresses whose X-Forwarded-* headers are believed")
    ] = ()
    secure_cookies: Annotated[
        bool, Meta(description="mark cookies Secure; set it behind a proxy that ends TLS")
    ] = False
    session_hours: Annotated[int, Meta(ge=1, le=24 * 90, description="hours after which a login ends")] = (
        24 * 14
    )
    login_threads: Annotated[int, Meta(ge=1, le=64, description="passwords checked at the same time")] = 2
    nats_url: Annotated[
        str | None, Meta(description="NATS server that joins several processes", extra=SECRET)
    ] = None
    jobs: Annotated[bool, Meta(description="let this process run the timed jobs when it holds the lease")] = (
        True
    )
    fix_days: Annotated[
        int, Meta(ge=1, description="days after which raw fixes are dropped (at most 30)", le=30)
    ] = 30
    visit_days: Annotated[
        int, Meta(ge=1, description="days after which visits per person are dropped", le=180)
    ] = 180
    key_file: Annotated[
        Path | None, Meta(description="key that encrypts personal numbers; by default in the data directory")
    ] = None
    metrics: Annotated[bool, Meta(description="answer /metrics")] = True
    log_level: Annotated[
        Literal["debug", "info", "warning", "error"], Meta(description="least severe message that is logged")
    ] = "info"
    log_format: Annotated[Literal["text", "json"], Meta(description="form of the log lines")] = "text"
    basemap_url: Annotated[
        str | None, Meta(description="raster, vector or PMTiles base map for the desk")
    ] = None
    basemap_datum: Annotated[Literal["wgs84", "gcj02", "bd09"], Meta(description="datum of the base map")] = (
        "wgs84"
    )
    request_seconds: Annotated[
        int, Meta(ge=1, le=3600, description="longest wait for a request to arrive, or its answer to be read")
    ] = 60
    shutdown_seconds: Annotated[
        int, Meta(ge=1, le=600, description="longest wait for requests at the end")
    ] = 10

    @property
    def tls(self) -> bool:
        """Whether the service itself talks TLS."""
        return self.tls_certificate is not None

    @property
    def key(self) -> Path:
        """The file with the key that encrypts personal numbers."""
        return self.key_file or self.data / "key"

    @property
    def logins(self) -> Path:
        """The file, readable by its owner only, with the demo's names and passwords."""
        return self.data / "demo-logins.txt"


def variable(field: str) -> str:
    """The environment variable of a field."""
    return "DATABASE_URL" if field == "database_url" else PREFIX + field.upper()


def read(environ: Mapping[str, str]) -> Config:
    """The settings found in the environment; an empty variable counts as not set."""
    values: dict[str, Any] = {"data": default_data()}
    for field in msgspec.structs.fields(Config):
        text = environ.get(variable(field.name), "").strip()
        if text:
            values[field.name] = _value(variable(field.name), text, field.type)
    config = Config(**values)
    _check(config)
    return config


def unknown(environ: Mapping[str, str]) -> list[str]:
    """One sentence for each ALLIANCE_ variable that is no setting, with the nearest one that is."""
    known = [variable(field.name) for field in msgspec.structs.fields(Config)]
    sentences = []
    for name in sorted(environ):
        if name.startswith(PREFIX) and name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            sentences.append(f"{name} is no setting" + (f"; did you mean {near[0]}?" if near else "."))
    return sentences


def listing(config: Config, environ: Mapping[str, str]) -> list[Setting]:
    """Every setting with its value, secrets hidden."""
    lines = []
    for field in msgspec.structs.fields(Config):
        meta = _meta(field.type)
        value = getattr(config, field.name)
        name = variable(field.name)
        lines.append(
            Setting(
                variable=name,
                shown=HIDDEN if value is not None and meta.extra == SECRET else _shown(value),
                given=bool(environ.get(name, "").strip()),
                meaning=meta.description or "",
            )
        )
    return lines


def _meta(kind: Any) -> Meta:
    """The last annotation of a field: its description."""
    found = [note for note in get_args(kind)[1:] if isinstance(note, Meta)]
    return found[-1]


def _value(name: str, text: str, kind: Any) -> Any:
    plain = get_args(kind)[0] if get_origin(kind) is Annotated else kind
    given: Any = [part.strip() for part in text.split(",") if part.strip()] if _is_list(plain) else text
    try:
        return msgspec.convert(given, kind, strict=False, dec_hook=_decode)
    except msgspec.ValidationError as error:
        shown = HIDDEN if _meta(kind).extra == SECRET else repr(text)
        raise ConfigError(
            f"{name}={shown} can't be used: {error}. It is the {_meta(kind).description}."
        ) from None


def _is_list(kind: Any) -> bool:
    return get_origin(kind) is tuple


def _decode(kind: type, value: Any) -> Any:
    if kind is not Path:
        raise TypeError(f"no setting is a {kind}")
    return Path(value).expanduser().absolute()


def _shown(value: Any) -> str:
    if value is None or value == ():
        return "-"
    if isinstance(value, bool):
        return "true" if value else "false"
    return ", ".join(value) if isinstance(value, tuple) else str(value)


def _check(config: Config) -> None:
    if (config.tls_certificate is None) != (config.tls_key is None):
        raise ConfigError(
            "ALLIANCE_TLS_CERTIFICATE and ALLIANCE_TLS_KEY belong together: set both or neither."
        )
    for name, path in (("TLS_CERTIFICATE", config.tls_certificate), ("TLS_KEY", config.tls_key)):
        if path is not None and not path.is_file():
            raise ConfigError(f"{PREFIX}{name}={path} can't be used: there is no such file.")
    if config.database_url is not None:
        scheme = urlsplit(config.database_url).scheme
        if scheme not in ("postgresql", "postgres"):
            raise ConfigError("DATABASE_URL can't be used: it must start with postgresql://.")
