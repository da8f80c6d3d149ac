"""The SQL of contests."""

from datetime import datetime

from alliance.actor import DistrictId, PersonId
from alliance.credit.model import Contest, ContestId, Entry
from alliance.credit.scope import Scope
from alliance.db import rows
from alliance.db.pool import Connection

CONTEST = "c.id, c.n, c.person, p.name, c.text, c.at, c.answered_at, c.answered_by, c.answer, c.upheld"
CONTESTS = f"""
    select {CONTEST} from contest c
    join person p on p.district_id = c.district_id and p.id = c.person
    join ledger l on l.district_id = c.district_id and l.n = c.n"""


async def insert(conn: Connection, district: DistrictId, entry: Entry, text: str, now: datetime) -> ContestId:
    number: int = await conn.fetchval(
        "insert into contest (district_id, n, person, text, at) values ($1, $2, $3, $4, $5) returning id",
        district,
        entry.n,
        entry.person,
        text,
        now,
    )
    return ContestId(number)


async def is_open(conn: Connection, district: DistrictId, n: int) -> bool:
    found: bool = await conn.fetchval(
        "select exists (select 1 from contest where district_id = $1 and n = $2 and answered_at is null)",
        district,
        n,
    )
    return found


async def contest(conn: Connection, district: DistrictId, number: int) -> Contest:
    record = await conn.fetchrow(f"{CONTESTS} where c.district_id = $1 and c.id = $2", district, number)
    return rows.one(record, Contest)


async def lock(conn: Connection, district: DistrictId, number: int) -> Contest | None:
    record = await conn.fetchrow(
        f"{CONTESTS} where c.district_id = $1 and c.id = $2 for update of c", district, number
    )
    return rows.maybe(record, Contest)


async def set_answer(
    conn: Connection, district: DistrictId, number: ContestId, given: tuple[PersonId, datetime, str, bool]
) -> None:
    await conn.execute(
        """
        update contest set answered_by = $3, answered_at = $4, answer = $5, upheld = $6
        where district_id = $1 and id = $2
        """,
        district,
        number,
        *given,
    )


async def contests(
    conn: Connection, district: DistrictId, scope: Scope, *, only_open: bool, after: int, limit: int
) -> list[Contest]:
    records = await conn.fetch(
        f"""{CONTESTS}
        where c.district_id = $1 and ($2 or l.beat = any($3) or l.organisation = any($4) or l.person = $5)
          and (c.answered_at is null or not $6) and c.id > $7
        order by c.id limit $8
        """,
        district,
        *scope.arguments,
        only_open,
        after,
        limit,
    )
    return rows.many(records, Contest)
