"""The front's message types are those of the service."""

from ops import wire_types


def test_wire_ts_is_fresh() -> None:
    assert wire_types.TARGET.read_text() == wire_types.render(), "run ops/wire"


def test_every_message_type_is_declared() -> None:
    text = wire_types.render()
    for tag in (
        "hello",
        "fixes",
        "sos",
        "welcome",
        "ack",
        "refused",
        "snapshot",
        "positions",
        "event",
        "reset",
    ):
        assert f'type: "{tag}";' in text
