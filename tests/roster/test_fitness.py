"""Papers run out and people change: the duties that somebody may no longer do leave holes of themselves."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from alliance.areas import actions as areas
from alliance.events import transaction
from alliance.roster import fitness
from tests.roster.force import DISTRICT, TODAY, Force, force

PAPER = {"kind": "guard", "number": "", "valid_from": "2025-01-01", "valid_until": "2027-01-01"}
ENDED = PAPER | {"valid_until": str(TODAY - timedelta(days=1))}


@pytest.fixture
async def met(dsn: str, tmp_path: Path) -> AsyncIterator[Force]:
    async with force(dsn, tmp_path, ["甲", "乙", "丙"]) as made:
        yield made


async def changed(met: Force, name: str, by: str = "administrator", **change: Any) -> dict[str, Any]:
    version = await met.pool.fetchval("select version from person where id = $1", met.people[name])
    answer = await met.as_(by, "PATCH", f"/people/{met.people[name]}", change, if_match=f'"{version}"')
    assert answer.is_success, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def holes(met: Force) -> list[tuple[str, str, str, int]]:
    """(whose, cause, reason, how many certified) of the open holes."""
    found = await met.items("commander", "/holes?open=true")
    return [(one["absent_name"], one["cause"], one["reason"], one["certified"]) for one in found]


async def cancelled(met: Force, number: int) -> tuple[str | None, str | None, int | None]:
    kept = await met.pool.fetchrow(
        "select cancel_kind, cancel_reason, cancelled_by from assignment where id = $1", number
    )
    return tuple(kept)


async def run_the_job(met: Force) -> int:
    async with transaction(met.pool, DISTRICT) as tx:
        places = await areas.places(tx.conn, DISTRICT)
        return await fitness.find_unfit(tx, places, met.service.clock.now)


async def night(met: Force) -> tuple[int, int]:
    """甲, who alone is certified, and 乙 by night."""
    await met.pool.execute("delete from certificate where person = $1", met.people["乙"])
    return await met.put("甲", 1, "night"), await met.put("乙", 1, "night")


async def test_a_night_loses_its_certified_guard_with_the_certificate(met: Force) -> None:
    leading, beside = await night(met)
    (hole,) = (await changed(met, "甲", certificates=[ENDED]))["holes"]
    assert await holes(met) == [("甲", "certificate", "guard", 1)]
    assert await cancelled(met, leading) == ("certificate", "guard", met.people["administrator"])
    assert await cancelled(met, beside) == (None, None, None)
    assert await met.duties("甲") == []
    assert await met.kinds() == ["person_changed", "assignment_cancelled", "hole_opened"]
    told = await met.pool.fetchrow("select people, data from event where kind = 'assignment_cancelled'")
    assert (told["people"], told["data"]["cause"]) == ([met.people["甲"]], "certificate")
    assert (await met.get("officer", f"/holes/{hole}"))["absent"] == met.people["甲"]


async def test_the_phone_tells_which_duties_are_lost_and_why(met: Force) -> None:
    """Not those handed to somebody else, nor what is over."""
    await night(met)
    await changed(met, "甲", certificates=[])
    (one,) = await met.items("甲", "/me/cancelled")
    assert (one["post_name"], one["kind"], one["reason"]) == ("P1", "certificate", "guard")
    assert one["by"] == met.people["administrator"]
    assert await met.items("乙", "/me/cancelled") == []
    met.service.clock.turn(hours=43)
    assert await met.items("甲", "/me/cancelled") == []


async def test_a_certificate_taken_away_is_one_that_ended(met: Force) -> None:
    leading, _ = await night(met)
    await changed(met, "甲", certificates=[])
    assert (await cancelled(met, leading))[0] == "certificate"


async def test_a_place_wants_a_certified_guard_by_day_too(met: Force) -> None:
    """One of two is asked for: the first to lose the paper may stay, the second may not."""
    first, second = await met.put("甲", 1, "early"), await met.put("乙", 1, "early")
    assert (await changed(met, "甲", certificates=[]))["holes"] == []
    assert len((await changed(met, "乙", certificates=[]))["holes"]) == 1
    assert (await cancelled(met, first))[0] is None
    assert (await cancelled(met, second))[0] == "certificate"


async def test_a_post_that_asks_for_a_certificate_of_everyone(met: Force) -> None:
    await met.pool.execute("update post set certificate = 'fire' where code = 'P1'")
    fire = PAPER | {"kind": "fire"}
    for name in ("甲", "乙"):
        await changed(met, name, certificates=[PAPER, fire])
        await met.put(name, 1, "early")
    elsewhere = await met.put("甲", 0, "late", "P2")
    valid_today = fire | {"valid_until": str(TODAY)}
    assert len((await changed(met, "甲", certificates=[PAPER, valid_today]))["holes"]) == 1
    assert await holes(met) == [("甲", "certificate", "fire", 0)]
    assert (await cancelled(met, elsewhere))[0] is None


async def test_what_does_not_decide_changes_nothing(met: Force) -> None:
    """A new phone number, another weekly offer, a shorter way: they count for what is planned next."""
    duty = await met.put("甲", 1, "early")
    await met.put("乙", 1, "early")
    done = await changed(met, "甲", phone="13800000001", availability=[], travel_limit_m=0)
    renewed = await changed(met, "甲", certificates=[PAPER | {"number": "7"}], active=True)
    assert done["holes"] == renewed["holes"] == []
    assert (await cancelled(met, duty))[0] is None


async def test_whose_absence_it_was_stays_so(met: Force) -> None:
    """乙 never counted as certified: that 甲 is ill takes nothing from them."""
    leading, beside = await night(met)
    await met.pool.execute(
        "insert into certificate (district_id, person, kind, valid_from, valid_until)"
        " values (1, $1, 'guard', '2020-01-01', '2021-01-01')",
        met.people["乙"],
    )
    await met.done("甲", f"/assignments/{leading}/absence", {"kind": "illness", "reason": "发烧"})
    assert (await changed(met, "乙", certificates=[]))["holes"] == []
    assert await run_the_job(met) == 0
    assert (await cancelled(met, beside))[0] is None


async def test_who_leaves_the_force_leaves_every_duty_that_has_not_begun(met: Force) -> None:
    running = await met.put("甲", 0, "early")
    coming = [await met.put("甲", 0, "night"), await met.put("甲", 1, "night")]
    assert len((await changed(met, "甲", active=False))["holes"]) == 2
    assert [(await cancelled(met, one))[0] for one in (running, *coming)] == [None, "inactive", "inactive"]


async def test_who_agrees_to_nights_no_longer_does_none(met: Force) -> None:
    """By the own phone too."""
    dark, day = await met.put("甲", 0, "night"), await met.put("甲", 1, "late")
    await changed(met, "甲", by="甲", night_consent=False)
    assert await holes(met) == [("甲", "night", "", 0)]
    assert (await cancelled(met, dark))[2] == met.people["甲"]
    assert (await cancelled(met, day))[0] is None


async def test_of_hours_beyond_what_is_agreed_the_last_fall_out(met: Force) -> None:
    """Twice eight hours on one day would need the organisation's permit, which it loses."""
    await met.pool.execute("update organisation set permit = true where id = $1", met.company)
    await met.pool.execute("update shift set ends_at = starts_at + interval '4 hours' where pattern = 'late'")
    await met.pool.execute("update person set overtime_consent = false")
    first, second = await met.put("甲", 1, "early"), await met.put("甲", 1, "late")
    version = await met.pool.fetchval("select version from organisation where id = $1", met.company)
    answer = await met.as_(
        "administrator",
        "PATCH",
        f"/organisations/{met.company}",
        {"permit": False},
        if_match=f'"{version}"',
    )
    assert len(answer.json()["holes"]) == 1
    assert await holes(met) == [("甲", "hours", "", 0)]
    assert [(await cancelled(met, one))[0] for one in (first, second)] == [None, "hours"]


async def test_an_organisation_that_ends_leaves_holes(met: Force) -> None:
    for name in ("甲", "乙"):
        await met.put(name, 1, "early")
    version = await met.pool.fetchval("select version from organisation where id = $1", met.company)
    path = f"/organisations/{met.company}"
    answer = await met.as_("administrator", "PATCH", path, {"active": False}, if_match=f'"{version}"')
    assert len(answer.json()["holes"]) == 2
    assert {(one[1], one[2]) for one in await holes(met)} == {("inactive", "")}


async def test_leave_takes_the_duties_that_lie_in_it(met: Force) -> None:
    inside, outside = await met.put("甲", 1, "early"), await met.put("甲", 0, "night")
    await met.put("乙", 1, "early")
    start = await met.pool.fetchval("select starts_at from assignment where id = $1", inside)
    ms = int(start.timestamp() * 1000)
    asked = {"start": ms + 3_600_000, "end": ms + 7_200_000, "kind": "annual"}
    path = f"/people/{met.people['甲']}/leave"
    added = await met.done("manager", path, asked, idempotency_key="once")
    again = await met.done("manager", path, asked, idempotency_key="once")
    assert (len(added["holes"]), again) == (1, added)
    assert await holes(met) == [("甲", "leave", "annual", 0)]
    assert [(await cancelled(met, one))[0] for one in (inside, outside)] == ["leave", None]
    assert (await met.refused("乙", path, asked))["code"] in ("not_found", "forbidden")


async def test_the_timed_job_finds_what_others_changed(met: Force) -> None:
    """A certificate and a leave that came past the service, a birthday; once each."""
    leading, _ = await night(met)
    await met.pool.execute("update certificate set valid_until = $1", TODAY)
    late = await met.put("丙", 1, "late", "P2")
    await met.pool.execute(
        "insert into leave (district_id, person, starts_at, ends_at, kind)"
        " select 1, person, starts_at, ends_at, 'sick' from assignment where id = $1",
        late,
    )
    old = await met.put("丙", 0, "night", "P2")
    await met.pool.execute("update person set born = '1960-01-01' where id = $1", met.people["丙"])
    assert await run_the_job(met) == 3
    assert await run_the_job(met) == 0
    assert sorted(await holes(met)) == [
        ("丙", "leave", "sick", 0),
        ("丙", "night", "", 0),
        ("甲", "certificate", "guard", 1),
    ]
    assert [(await cancelled(met, one))[2] for one in (leading, late, old)] == [None, None, None]


async def test_somebody_certified_takes_the_place(met: Force) -> None:
    await night(met)
    (hole,) = (await changed(met, "甲", certificates=[]))["holes"]
    names = [one["name"] for one in await met.items("officer", f"/holes/{hole}/candidates")]
    assert names == ["丙"]
