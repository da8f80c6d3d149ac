"""The feed as a phone and a desk meet it: real socket, real database."""

import asyncio

from alliance import events
from alliance.events import Event, transaction
from ops.benches.mini import DISTRICT
from tests.feed.conftest import MINUTE, START, Phone, Served

PLACE = (23.29, 113.81)


def fix(at: int, lat: float = PLACE[0], lon: float = PLACE[1], accuracy: float = 10) -> list[float]:
    return [at, lat, lon, accuracy]


async def on_duty(served: Served, n: int = 0) -> Phone:
    phone = await served.phone(served.world.tokens[n])
    answer = await phone.ask(type="check_in", key=f"in{n}", assignment=served.world.assignments[n], at=START)
    assert answer["type"] == "ack", answer
    return phone


async def stored(served: Served, n: int = 0) -> list[int]:
    async with served.pool.acquire() as conn:
        records = await conn.fetch(
            "select at from fix_read where assignment = $1 order by at", served.world.assignments[n]
        )
    return [record["at"] for record in records]


async def test_welcome_names_the_duties(served: Served) -> None:
    phone = await served.silent()
    await phone.send(type="hello", now=START, token=served.world.tokens[0])
    welcome = await phone.next("welcome")
    assert welcome["person"] == served.world.people[0]
    assert welcome["roles"] == ["guard"]
    assert [one["id"] for one in welcome["assignments"]] == [served.world.assignments[0]]
    assert welcome["assignments"][0]["state"] == "absent_open"


async def test_fixes_are_stored_before_they_are_acknowledged(served: Served) -> None:
    phone = await on_duty(served)
    times = [START + 1000 * n for n in range(5)]
    await phone.send(
        type="fixes", seq=7, assignment=served.world.assignments[0], fixes=[fix(at) for at in times]
    )
    assert (await phone.next("ack"))["seq"] == 7
    assert await stored(served) == times


async def test_a_resend_is_acknowledged_and_stored_once(served: Served) -> None:
    phone = await on_duty(served)
    message = {
        "type": "fixes",
        "assignment": served.world.assignments[0],
        "fixes": [fix(START), fix(START + 9)],
    }
    await phone.send(**message, seq=1)
    await phone.next("ack", seq=1)
    again = await served.phone(served.world.tokens[0])
    await again.send(**message, seq=1)
    await again.next("ack", seq=1)
    assert await stored(served) == [START, START + 9]


async def test_fixes_behind_a_check_in_wait_for_it(served: Served) -> None:
    phone = await served.phone(served.world.tokens[0])
    assignment = served.world.assignments[0]
    await phone.send(type="check_in", key="in", assignment=assignment, at=START)
    await phone.send(type="fixes", seq=1, assignment=assignment, fixes=[fix(START)])
    await phone.send(type="check_out", key="out", assignment=assignment, at=START + 5)
    await phone.send(type="fixes", seq=2, assignment=assignment, fixes=[fix(START + 6)])
    acks = [await phone.next("ack") for _ in range(3)]
    assert [ack.get("key") or ack["seq"] for ack in acks] == ["in", 1, "out"]
    refused = await phone.next("refused")
    assert (refused["code"], refused["seq"], refused["indexes"]) == ("off_duty", 2, [0])
    assert (await phone.next("ack"))["seq"] == 2
    assert await stored(served) == [START]


async def test_off_duty_and_clock_ahead_name_their_places(served: Served) -> None:
    phone = await on_duty(served)
    times = [START - 1, START, START + 2 * MINUTE, START + 2 * MINUTE + 1000]
    await phone.send(
        type="fixes", seq=1, assignment=served.world.assignments[0], fixes=[fix(at) for at in times]
    )
    await phone.next("ack", seq=1)
    refused = {one["code"]: one["indexes"] for one in phone.seen if one["type"] == "refused"}
    assert refused == {"off_duty": [0], "clock_ahead": [3]}
    assert await stored(served) == times[1:3]


async def test_strangers_and_unknown_duties_are_refused(served: Served) -> None:
    phone = await served.phone(served.world.tokens[0])
    for seq, assignment, code in [
        (1, served.world.assignments[1], "not_yours"),
        (2, 99_999, "unknown_assignment"),
    ]:
        await phone.send(type="fixes", seq=seq, assignment=assignment, fixes=[fix(START)])
        assert (await phone.next("refused", seq=seq))["code"] == code
        await phone.next("ack", seq=seq)


async def test_without_consent_nothing_is_stored(served: Served) -> None:
    async with served.pool.acquire() as conn:
        await conn.execute(
            "update consent set withdrawn_at = now() where person = $1", served.world.people[0]
        )
    phone = await on_duty(served)
    await phone.send(type="fixes", seq=1, assignment=served.world.assignments[0], fixes=[fix(START)])
    assert (await phone.next("refused"))["code"] == "no_consent"
    await phone.next("ack", seq=1)
    assert await stored(served) == []


async def test_a_datum_is_converted_on_the_way_in(served: Served) -> None:
    phone = await served.phone(served.world.tokens[0], datum="gcj02")
    assignment = served.world.assignments[0]
    await phone.ask(type="check_in", key="in", assignment=assignment, at=START)
    await phone.send(type="fixes", seq=1, assignment=assignment, fixes=[fix(START)])
    await phone.next("ack", seq=1)
    async with served.pool.acquire() as conn:
        lat, lon = await conn.fetchrow("select lat, lon from fix")
    metres = (abs(lat / 1e7 - PLACE[0]) + abs(lon / 1e7 - PLACE[1])) * 111_000
    assert 400 < metres < 1200


async def test_a_bad_message_names_the_path_and_five_close(served: Served) -> None:
    phone = await on_duty(served)
    await phone.send(
        type="fixes", seq=4, assignment=served.world.assignments[0], fixes=[[START, 99.0, 113.8, 5]]
    )
    refused = await phone.next("refused")
    assert refused["code"] == "bad_message"
    assert "$.fixes[0][1]" in refused["detail"]
    assert (await phone.next("ack"))["seq"] == 4
    for _ in range(4):
        await phone.send(type="nonsense")
    await phone.connection.wait_closed()
    assert phone.connection.close_code == 4400


async def test_unknown_fields_are_ignored(served: Served) -> None:
    phone = await on_duty(served)
    await phone.send(type="ping", whatever=1)
    await phone.next("pong")


async def test_an_sos_in_any_shape_reaches_the_desk(served: Served) -> None:
    desk = await desk_of(served)
    phone = await on_duty(served)
    await phone.send(type="sos", key="help", at="?", fix=[1, 2])
    ack = await phone.next("ack", key="help")
    raised = await desk.next("event", kind="sos_raised")
    assert raised["data"]["person"] == served.world.people[0]
    assert raised["data"]["sos"] == ack["result"]["sos"]
    assert raised["data"]["beat"] == "B0"
    again = await phone.ask(type="sos", key="help", at=START)
    assert again["result"] == ack["result"]


async def test_an_open_sos_is_a_position_window_of_its_own(served: Served) -> None:
    phone = await served.phone(served.world.tokens[0])
    await phone.ask(type="sos", key="help", at=START, fix=fix(START))
    await phone.send(type="fixes", seq=1, assignment=0, fixes=[fix(START + 1000)])
    await phone.next("ack", seq=1)
    assert not [one for one in phone.seen if one["type"] == "refused"]
    async with served.pool.acquire() as conn:
        assert await conn.fetchval("select count(*) from sos_fix") == 1
    assert await stored(served) == []


async def desk_of(served: Served, *layers: str) -> Phone:
    from ops.benches.mini import make_person

    async with served.pool.acquire() as conn:
        _, token = await make_person(conn, "commander")
    desk = await served.phone(token)
    if layers:
        await desk.send(type="watch", areas=[], layers=list(layers))
        for layer in layers:
            await desk.next("snapshot", layer=layer)
    return desk


async def test_the_desk_sees_people_move_and_cells_turn_covered(served: Served) -> None:
    desk = await desk_of(served, "coverage", "positions")
    phone = await on_duty(served)
    served.clock.forward(MINUTE)
    await phone.send(
        type="fixes",
        seq=1,
        assignment=served.world.assignments[0],
        fixes=[fix(START + 15_000 * n, PLACE[0] + n * 1e-4) for n in range(5)],
    )
    await phone.next("ack", seq=1)
    positions = await desk.next("positions")
    assert positions["people"][0][:2] == [served.world.people[0], served.world.assignments[0]]
    coverage = await desk.next("coverage")
    assert coverage["cells"][0][1] > served.clock.at
    await phone.ask(type="check_out", key="out", assignment=served.world.assignments[0], at=served.clock.at)
    assert (await desk.next("positions"))["gone"] == [served.world.people[0]]


async def test_events_missed_are_replayed(served: Served) -> None:
    desk = await desk_of(served)
    await on_duty(served, 0)
    first = await desk.next("event", kind="checked_in")
    await desk.connection.close()
    await on_duty(served, 1)
    async with served.pool.acquire() as conn:
        token = await mini_token(conn, served)
    desk = await served.phone(token, since=first["id"])
    missed = await desk.next("event")
    assert missed["id"] == first["id"] + 1
    assert missed["data"]["person"] == served.world.people[1]
    other = await served.phone(token, since=10_000)
    await other.next("reset")


async def mini_token(conn: object, served: Served) -> str:
    from ops.benches.mini import make_person

    return (await make_person(conn, "administrator"))[1]


async def test_hello_comes_first_and_must_be_good(served: Served) -> None:
    phone = await served.silent()
    await phone.send(type="ping")
    await phone.connection.wait_closed()
    assert phone.connection.close_code == 4401
    phone = await served.silent()
    await phone.send(type="hello", now=START, token="440118.nonsensenonsensenonsense")
    await phone.connection.wait_closed()
    assert phone.connection.close_code == 4401
    silent = await served.silent()
    served.clock.forward(6000)
    await silent.connection.wait_closed()
    assert silent.connection.close_code == 4401


async def test_a_hello_that_cannot_be_read_may_be_said_again(served: Served) -> None:
    phone = await served.silent()
    await phone.send(type="hello", now="noon", token=served.world.tokens[0])
    refused = await phone.next("refused")
    assert refused["code"] == "bad_message"
    assert "$.now" in refused["detail"]
    await phone.send(type="hello", now=START, token=served.world.tokens[0])
    await phone.next("welcome")


async def test_snapshots_come_in_the_order_asked_for(served: Served) -> None:
    desk = await desk_of(served)
    layers = ["incidents", "staffing", "positions", "coverage"]
    await desk.send(type="watch", areas=[], layers=layers)
    assert [(await desk.next("snapshot"))["layer"] for _ in layers] == layers


async def test_what_was_missed_comes_before_what_is_new_even_to_who_watches_at_once(served: Served) -> None:
    phone = await on_duty(served)
    async with served.pool.acquire() as conn:
        token = await mini_token(conn, served)
    async with transaction(served.pool, DISTRICT) as tx:
        for n in range(3_000):
            events.record(tx, Event(kind="noted", at=served.clock(), actor=None, data={"n": n}))
    desk = await served.silent()
    await desk.send(type="hello", now=START, token=token, since=0)
    await desk.send(type="watch", areas=[], layers=["coverage"])
    for n in range(20):
        await phone.ask(
            type="report", key=f"r{n}", kind="hazard", at=START, lat=PLACE[0], lon=PLACE[1], text="路灯坏了"
        )
    last = 0
    async with asyncio.timeout(20):
        while last < 3_020:
            told = await desk.next("event", seconds=20)
            assert told["id"] == last + 1
            last = told["id"]
