"""The simulated officer and those who are asked, against the real service."""

import asyncio
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from alliance.access.store import put_account
from alliance.actor import DistrictId, Role
from alliance.config import Config
from alliance.db.pool import Connection
from alliance.simulate import absences, habits
from alliance.simulate.absences import Absences
from alliance.simulate.desk import Desk
from alliance.simulate.walker import Duty
from tests import make
from tests.journeys.stage import Stage
from tests.journeys.test_holes import fill
from tests.service import CHEAP
from tests.simulate.patrols import LOGIN


@pytest.fixture
def stage(dsn: str, tmp_path: Path) -> Iterator[Stage]:
    made = Stage(Config(data=tmp_path, database_url=dsn, database_connections=5, port=0, jobs=False))
    made.start()
    yield made
    made.stop()


async def _administrator(conn: Connection) -> None:
    police = await make.organisation(conn, code="hq", kind="police")
    boss = await make.person(conn, police, Role.ADMINISTRATOR)
    hashed = CHEAP.hash(LOGIN.password)
    await put_account(conn, DistrictId(1), boss, login=LOGIN.login, password=hashed, now=make.NOW)


def missing(stage: Stage, number: int) -> Duty:
    (row,) = stage.rows(
        """
        select a.id, a.person, a.post, a.shift, o.beat,
               (extract(epoch from a.starts_at) * 1000)::bigint as start,
               (extract(epoch from a.ends_at) * 1000)::bigint as end
        from assignment a join post o on o.id = a.post where a.id = $1
        """,
        number,
    )
    return Duty(**row)


@pytest.mark.parametrize(("reply", "people"), [("accept", ["李在岗", "王补岗"]), ("decline", ["李在岗"])])
async def test_who_does_not_come_is_replaced_by_whoever_accepts(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, reply: str, people: list[str]
) -> None:
    now = stage.clock()
    absent = stage.ask(lambda conn: fill(conn, now)).absent
    stage.ask(_administrator)
    desk = Desk(stage.address)
    await asyncio.to_thread(desk.log_in, LOGIN)
    monkeypatch.setattr(absences, "offer_reply", lambda _: reply)
    office = Absences(desk, random.Random(1), without=())
    office.missed(missing(stage, absent))
    await asyncio.to_thread(office.round)
    await asyncio.to_thread(office.round)
    standing = stage.rows(
        """
        select p.name from assignment a join person p on p.id = a.person
        where a.cancelled_at is null order by p.name
        """
    )
    assert [row["name"] for row in standing] == people
    assert len(office.taken) == len(people) - 1


async def test_people_one_can_sign_in_as_answer_for_themselves(stage: Stage) -> None:
    now = stage.clock()
    absent = stage.ask(lambda conn: fill(conn, now)).absent
    stage.ask(_administrator)
    desk = Desk(stage.address)
    await asyncio.to_thread(desk.log_in, LOGIN)
    (free,) = stage.rows("select id from person where name = '王补岗'")
    office = Absences(desk, random.Random(1), without={free["id"]})
    office.missed(missing(stage, absent))
    for _ in range(2):
        await asyncio.to_thread(office.round)
    assert [row["state"] for row in stage.rows("select state from offer")] == ["asked"]


def test_some_accept_some_decline_some_say_nothing() -> None:
    rng = random.Random(1)
    replies = [habits.offer_reply(rng) for _ in range(200)]
    assert {reply: replies.count(reply) > 20 for reply in set(replies)} == {
        "accept": True,
        "decline": True,
        None: True,
    }
