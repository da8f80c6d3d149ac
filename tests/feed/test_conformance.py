"""RFC 6455 and RFC 7692, case by case, by a client that shares no code with the server."""

import asyncio
import json
import os
from collections.abc import AsyncIterator, Callable

import pytest

from alliance.feed import hub, wire
from alliance.feed.framing import Shared
from alliance.feed.socket import LAGGING_BYTES, LARGEST_MESSAGE, TOO_MUCH_BYTES
from tests.feed.conftest import START, Served
from tests.feed.raw import BINARY, CLOSE, CONT, PING, PONG, RSV1, RSV2, RSV3, TEXT, Raw, deflated, frame

ASK = b'{"type":"ping"}'
NO_TAKEOVER = {"server_no_context_takeover", "client_no_context_takeover"}
Dial = Callable[..., "asyncio.Future[Raw]"]


@pytest.fixture
async def dial(served: Served) -> AsyncIterator[Callable[..., object]]:
    """Opens connections that were welcomed; person n's token."""
    opened: list[Raw] = []

    async def one(n: int = 0, *, hello: bool = True, **headers: str | None) -> Raw:
        raw = await Raw.dial(served.url)
        opened.append(raw)
        assert await raw.ask(**headers) == 101
        if hello:
            await raw.send(type="hello", now=START, token=served.world.tokens[n])
            await raw.hear_type("welcome")
        return raw

    yield one
    for raw in opened:
        raw.writer.close()


def padded(length: int) -> bytes:
    """A ping message of that many bytes."""
    return ASK + b" " * (length - len(ASK))


async def test_the_handshake(served: Served) -> None:
    async def status(path: str = "/feed", **headers: str | None) -> tuple[int, Raw]:
        raw = await Raw.dial(served.url)
        return await raw.ask(path, **headers), raw

    offered = {"Sec_WebSocket_Protocol": "soap, lian.v1"}
    code, raw = await status(**offered)
    assert (code, raw.headers.get("sec-websocket-protocol")) == (101, "lian.v1")
    code, raw = await status(Sec_WebSocket_Protocol="soap")
    assert (code, raw.headers.get("sec-websocket-protocol")) == (101, None)
    assert (await status(Upgrade="WebSocket", Connection="keep-alive, Upgrade"))[0] == 101
    assert (await status("/feed?from=a-link"))[0] == 101
    code, raw = await status(Sec_WebSocket_Version="8")
    assert (code, raw.headers.get("sec-websocket-version")) == (426, "13")
    assert (await status(Sec_WebSocket_Key=None))[0] == 400
    assert (await status(Sec_WebSocket_Key="c2hvcnQ="))[0] == 400
    assert (await status("/elsewhere"))[0] == 404


async def test_frames_of_every_length_and_mask(dial: Dial) -> None:
    raw = await dial()
    for length in (len(ASK), 125, 126, 127, 65_535, 65_536):
        await raw.say(frame(padded(length)))
        await raw.hear_type("pong")
    for mask in (b"\0\0\0\0", b"\xff\xff\xff\xff", b"\x01\0\0\0"):
        await raw.say(frame(ASK, mask=mask))
        await raw.hear_type("pong")
    await raw.say(frame(padded(LARGEST_MESSAGE), mask=b"\0\0\0\0"))
    await raw.hear_type("pong")


async def test_fragments_with_control_frames_between_and_utf8_cut_anywhere(dial: Dial) -> None:
    raw = await dial()
    message = json.dumps({"type": "ping", "note": "荔安联盟🚓"}, ensure_ascii=False).encode()
    for cut in range(len(message) + 1):
        parts = frame(message[:cut], fin=False) + frame(b"between", PING) + frame(message[cut:], CONT)
        await raw.say(parts)
        heard = sorted([await raw.hear(), await raw.hear()])
        assert [opcode for opcode, _ in heard] == [TEXT, PONG]
        assert heard[1][1] == b"between"
    pieces = [frame(bytes([byte]), CONT, fin=False) for byte in message]
    await raw.say(frame(b"", fin=False) + b"".join(pieces) + frame(b"", PONG) + frame(b"", CONT))
    await raw.hear_type("pong")


async def test_pings_are_answered_with_what_they_hold(dial: Dial) -> None:
    raw = await dial()
    held = [b"", b"\x00\xff\xfe", os.urandom(125)]
    await raw.say(b"".join(frame(one, PING) for one in held) + frame(b"nobody asked", PONG))
    assert [await raw.hear() for _ in held] == [(PONG, one) for one in held]
    await raw.say(frame(ASK))
    await raw.hear_type("pong")


async def heard_out(raw: Raw) -> None:
    """To the end of the line, past the server's pings."""
    while True:
        assert (await raw.hear())[0] == PING


async def flood(raw: Raw, check: Callable[[], None]) -> None:
    """Pings without reading a pong, until the line ends."""
    pings = frame(b"x" * 125, PING, mask=b"\0\0\0\0") * 2_000
    async with asyncio.timeout(60):
        while True:
            await raw.say(pings)
            check()


WRONG = {
    "not masked": (frame(ASK, mask=b""), 1002),
    "binary": (frame(b"{}", BINARY), 1003),
    "opcode 3": (frame(ASK, 3), 1002),
    "opcode 7": (frame(ASK, 7), 1002),
    "opcode 11": (frame(b"", 11), 1002),
    "opcode 15": (frame(b"", 15), 1002),
    "first reserved bit": (frame(ASK, bits=RSV1), 1002),
    "second reserved bit": (frame(ASK, bits=RSV2), 1002),
    "third reserved bit": (frame(ASK, bits=RSV3), 1002),
    "reserved bit of a ping": (frame(b"", PING, bits=RSV1), 1002),
    "long ping": (frame(b"x" * 126, PING), 1002),
    "ping in parts": (frame(b"x", PING, fin=False), 1002),
    "close in parts": (frame(b"", CLOSE, fin=False), 1002),
    "nothing to continue": (frame(ASK, CONT), 1002),
    "a text within a text": (frame(b"{", fin=False) + frame(ASK), 1002),
    "not UTF-8": (frame(b'{"type":"\xff"}'), 1007),
    "surrogate": (frame(b'{"type":"\xed\xa0\x80"}'), 1007),
    "not UTF-8 in parts": (frame(b'{"type":"\xe8', fin=False) + frame(b'"}', CONT), 1007),
    "too large": (frame(padded(LARGEST_MESSAGE + 1), mask=b"\0\0\0\0"), 1009),
    "too large in parts": (
        frame(padded(LARGEST_MESSAGE), fin=False, mask=b"\0\0\0\0") + frame(b"  ", CONT),
        1009,
    ),
    "a length of 2^63": (b"\x81\xff" + (1 << 63).to_bytes(8) + bytes(4), 1009),
    "half a close code": (frame(b"\x03", CLOSE), 1002),
    "reason that is not UTF-8": (frame(b"\x03\xe8\xff", CLOSE), 1007),
    **{f"close {code}": (frame(code.to_bytes(2), CLOSE), 1002) for code in (0, 999, 1004, 1005, 1006, 2999)},
    **{f"close {code}": (frame(code.to_bytes(2), CLOSE), code) for code in (1000, 1001, 3000, 4999)},
    "empty close": (frame(b"", CLOSE), None),
    "close and more": (frame(b"\x03\xe8bye", CLOSE) + frame(ASK), 1000),
}


async def test_what_is_wrong_closes_with_its_code_and_ends_the_line(dial: Dial) -> None:
    for what, (data, code) in WRONG.items():
        raw = await dial()
        await raw.say(data)
        assert await raw.closed() == code, what


OFFERS = {
    "permessage-deflate": True,
    "permessage-deflate; client_max_window_bits": True,
    "permessage-deflate; client_max_window_bits=10; client_no_context_takeover": True,
    "permessage-deflate; server_no_context_takeover; server_max_window_bits=15": True,
    "permessage-deflate; server_max_window_bits=10, permessage-deflate": True,
    "permessage-deflate; server_max_window_bits=10": False,
    "permessage-deflate; server_max_window_bits=99": False,
    "permessage-deflate; colour=blue": False,
    "permessage-deflate; server_no_context_takeover; server_no_context_takeover": False,
    "x-webkit-deflate-frame": False,
}


async def test_deflate_is_agreed_on_only_where_one_frame_can_serve_all(dial: Dial) -> None:
    for offer, taken in OFFERS.items():
        raw = await dial(Sec_WebSocket_Extensions=offer)
        answer = raw.headers.get("sec-websocket-extensions")
        if not taken:
            assert answer is None, offer
            continue
        assert answer is not None, offer
        name, *parameters = [part.strip() for part in answer.split(";")]
        assert name == "permessage-deflate"
        assert set(parameters) >= NO_TAKEOVER, offer
        windows = [one for one in parameters if one.startswith("server_max_window_bits")]
        assert set(windows) <= {"server_max_window_bits=15"}, offer


async def test_deflated_messages_are_read_whole_in_parts_and_among_plain_ones(dial: Dial) -> None:
    raw = await dial(Sec_WebSocket_Extensions="permessage-deflate; client_max_window_bits")
    for message in (ASK, padded(3_000), padded(LARGEST_MESSAGE)):
        await raw.say(frame(deflated(message), bits=RSV1))
        await raw.hear_type("pong")
    packed = deflated(padded(500), bits=9)
    for cut in range(len(packed) + 1):
        parts = frame(packed[:cut], fin=False, bits=RSV1) + frame(b"", PING) + frame(packed[cut:], CONT)
        await raw.say(parts + frame(ASK))
        heard = [await raw.hear() for _ in range(3)]
        assert sorted(opcode for opcode, _ in heard) == [TEXT, TEXT, PONG]


async def test_what_is_wrong_with_deflated_ones_closes(dial: Dial) -> None:
    bomb = deflated(padded(LARGEST_MESSAGE + 1))
    assert len(bomb) < 1_000
    wrong = {
        "no deflated bytes": (frame(b"\xff" * 20, bits=RSV1), (1002, 1007)),
        "a bomb": (frame(bomb, bits=RSV1), (1009,)),
        "a bomb in parts": (
            frame(bomb[:9], fin=False, bits=RSV1) + frame(bomb[9:], CONT),
            (1009,),
        ),
        "not UTF-8": (frame(deflated(b"\xff\xfe"), bits=RSV1), (1007,)),
        "marked in the middle": (frame(b"a", fin=False) + frame(b"b", CONT, bits=RSV1), (1002,)),
        "a marked ping": (frame(b"", PING, bits=RSV1), (1002,)),
        "another bit": (frame(ASK, bits=RSV2), (1002,)),
    }
    for what, (data, codes) in wrong.items():
        raw = await dial(Sec_WebSocket_Extensions="permessage-deflate")
        await raw.say(data)
        assert await raw.closed() in codes, what


async def test_a_large_message_comes_deflated_only_to_who_agreed(served: Served, dial: Dial) -> None:
    plain = await dial(0)
    packed = await dial(1, Sec_WebSocket_Extensions="permessage-deflate")
    message = Shared(json.dumps({"type": "told", "text": "荔安" * 1_000}).encode())
    for peer in list(served.hub._room_of):
        peer.write(message)
        peer.write(Shared(b'{"type":"short"}'))
    for raw in (plain, packed):
        assert (await raw.hear_type("told"))["text"] == "荔安" * 1_000
        await raw.hear_type("short")
    assert (plain.compressed, packed.compressed) == (0, 1)


async def test_half_a_hello_is_not_waited_for(served: Served, dial: Dial) -> None:
    slow = await dial(hello=False)
    hello = frame(json.dumps({"type": "hello", "now": START, "token": served.world.tokens[0]}).encode())
    for byte in hello[:20]:
        await slow.say(bytes([byte]))
    served.clock.forward(5_001)
    assert await slow.closed() == wire.WHO_ARE_YOU


async def test_who_is_no_longer_there_is_found(
    served: Served, dial: Dial, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hub, "CARE_S", 0.1)
    monkeypatch.setattr(hub, "PING_AFTER_S", 0.2)
    monkeypatch.setattr(hub, "GONE_AFTER_S", 1.5)
    gone, there = await dial(0), await dial(1)

    async def answers() -> None:
        while True:
            opcode, payload = await there.hear()
            assert opcode == PING
            await there.say(frame(payload, PONG))

    answering = asyncio.create_task(answers())
    async with asyncio.timeout(10):
        while served.hub.counts()["connections"] > 1:  # noqa: ASYNC110
            await asyncio.sleep(0.05)
    await asyncio.sleep(2)
    assert not answering.done()
    answering.cancel()
    with pytest.raises((asyncio.IncompleteReadError, ConnectionError)):
        await heard_out(gone)


async def test_who_has_ended_its_side_is_written_to_no_more(served: Served, dial: Dial) -> None:
    raw = await dial()
    (peer,) = served.hub._room_of
    raw.writer.write_eof()
    async with asyncio.timeout(5):
        while served.hub.counts()["connections"]:
            assert peer.offer(Shared(ASK))
            await asyncio.sleep(0.005)
    await raw.reader.read()
    assert peer.offer(Shared(ASK))


async def test_who_never_reads_costs_no_more_than_agreed(served: Served, dial: Dial) -> None:
    deaf, well = await dial(0), await dial(1)
    numbers = {person: n for n, person in enumerate(served.world.people)}
    peers = {numbers[peer.session.actor.person]: peer for peer in served.hub._room_of}
    frames = [
        Shared(json.dumps({"type": "live", "n": n, "x": os.urandom(20_000).hex()}).encode())
        for n in range(200)
    ]
    refused = 0
    for message in frames:
        refused += not peers[0].offer(message)
        assert peers[1].offer(message)
        await well.hear_type("live")
    assert refused > 50
    assert served.hub.counts()["unsent_bytes"] < LAGGING_BYTES + 100_000

    def bounded() -> None:
        assert served.hub.counts()["unsent_bytes"] < TOO_MUCH_BYTES + 1_000_000

    # Its pongs are owed to it, until they are too many.
    with pytest.raises(ConnectionError):
        await flood(deaf, bounded)
    async with asyncio.timeout(5):
        while served.hub.counts()["connections"] > 1:  # noqa: ASYNC110
            await asyncio.sleep(0.05)
    await well.say(frame(ASK))
    await well.hear_type("pong")
