"""What it would take to end the shortfalls of a draft: reckoned by the worker, once the draft is stored."""

from typing import Any

import msgspec

from alliance.actor import DistrictId
from alliance.db.pool import Pool
from alliance.roster import store
from alliance.roster.model import RosterId
from scheduler.problem import Problem
from scheduler.reasons import Remedy, remedies
from scheduler.roster import Lack
from scheduler.roster import Roster as Solved
from scheduler.standing import Standing

# Of so many shortfalls it is told; a district that lacks more lacks people everywhere.
MOST = 60


def remedied(problem: Problem, solved: Solved) -> list[store.Remedied]:
    standing = Standing(problem, solved.assignments)
    return [_kept(one) for one in remedies(standing, solved.shortfalls[:MOST])]


async def keep(pool: Pool, district: DistrictId, number: RosterId, found: list[store.Remedied]) -> None:
    async with pool.acquire() as conn:
        await store.remedy(conn, district, number, found)


def _kept(one: Remedy) -> store.Remedied:
    able = [
        {"person": repair.moves[0].person, "value": round(repair.value, 3)} for repair in one.nearest.able
    ]
    unable: list[dict[str, Any]] = [
        {"person": other.person, "km": other.km, "violations": msgspec.to_builtins(other.violations)}
        for other in one.nearest.unable
    ]
    return store.Remedied(
        post=one.shortfall.post,
        shift=one.shortfall.shift,
        kind="certified" if one.shortfall.lack is Lack.CERTIFIED else "minimum",
        remedy={"within_km": one.within_km, "spare_km": one.spare, "able": able, "unable": unable},
    )
