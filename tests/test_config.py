"""Settings are read once, and a wrong one is named with what it should be."""

from pathlib import Path

import pytest

from alliance.config import Config, ConfigError, default_data, listing, read, unknown


def test_without_any_variable_the_defaults_stand() -> None:
    config = read({"ALLIANCE_PORT": "", "PATH": "/bin"})
    assert (config.host, config.port, config.database_url) == ("127.0.0.1", 8080, None)
    assert config.data == default_data()
    assert config.key == config.data / "key"


def test_every_kind_of_value_is_read() -> None:
    config = read(
        {
            "ALLIANCE_DATA": "/srv/alliance",
            "ALLIANCE_PORT": " 9000 ",
            "ALLIANCE_SECURE_COOKIES": "true",
            "ALLIANCE_ORIGINS": "https://a.example, https://b.example",
            "ALLIANCE_LOG_FORMAT": "json",
            "DATABASE_URL": "postgresql://db/alliance",
        }
    )
    assert config.data == Path("/srv/alliance")
    assert config.port == 9000
    assert config.secure_cookies is True
    assert config.origins == ("https://a.example", "https://b.example")
    assert config.log_format == "json"
    assert config.database_url == "postgresql://db/alliance"


@pytest.mark.parametrize(
    ("variable", "value", "says"),
    [
        ("ALLIANCE_PORT", "http", "ALLIANCE_PORT='http' can't be used.*port to listen on"),
        ("ALLIANCE_PORT", "70000", "ALLIANCE_PORT='70000' can't be used.*65535"),
        ("ALLIANCE_FIX_DAYS", "31", "ALLIANCE_FIX_DAYS='31' can't be used.*30"),
        ("ALLIANCE_VISIT_DAYS", "181", "ALLIANCE_VISIT_DAYS='181' can't be used.*180"),
        ("ALLIANCE_SECURE_COOKIES", "perhaps", "ALLIANCE_SECURE_COOKIES='perhaps' can't be used"),
        ("ALLIANCE_LOG_LEVEL", "loud", "ALLIANCE_LOG_LEVEL='loud' can't be used"),
        ("ALLIANCE_TLS_KEY", "/nowhere", "belong together"),
        ("DATABASE_URL", "mysql://u:secret@db/x", "DATABASE_URL can't be used.*postgresql://"),
    ],
)
def test_a_wrong_value_is_named(variable: str, value: str, says: str) -> None:
    with pytest.raises(ConfigError, match=says) as refusal:
        read({variable: value})
    assert "secret" not in str(refusal.value)


def test_a_certificate_that_is_not_there_is_named() -> None:
    with pytest.raises(
        ConfigError, match="ALLIANCE_TLS_CERTIFICATE=/nowhere.pem can't be used: there is no such"
    ):
        read({"ALLIANCE_TLS_CERTIFICATE": "/nowhere.pem", "ALLIANCE_TLS_KEY": "/nowhere.key"})


def test_the_listing_has_every_setting_and_no_secret() -> None:
    environ = {"DATABASE_URL": "postgresql://u:hunter2@db/x", "ALLIANCE_NATS_URL": "nats://u:hunter2@bus"}
    lines = listing(read(environ), environ)
    assert len(lines) == len(Config.__struct_fields__)
    assert "hunter2" not in str(lines)
    assert {line.variable for line in lines if line.given} == set(environ)
    assert all(line.meaning for line in lines)


def test_a_misspelt_variable_gets_the_nearest_one() -> None:
    assert unknown({"ALLIANCE_PROT": "1", "ALLIANCE_PORT": "1", "OTHER": "1"}) == [
        "ALLIANCE_PROT is no setting; did you mean ALLIANCE_PORT?"
    ]
