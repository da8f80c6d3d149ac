"""The SQL of reading the ledger: lists of entries and sums by any group."""

from datetime import date

import msgspec

from alliance.actor import DistrictId, PersonId
from alliance.credit.model import Dimension, Noted, Period, Total
from alliance.credit.scope import Scope
from alliance.credit.store import ENTRY
from alliance.db import rows
from alliance.db.pool import Connection

SEEN = "($2 or l.beat = any($3) or l.organisation = any($4) or l.person = $5)"
PERIODS: dict[str, str] = {
    "day": "to_char(l.duty_day, 'YYYY-MM-DD')",
    "week": "to_char(l.duty_day, 'IYYY-\"W\"IW')",
    "month": "to_char(l.duty_day, 'YYYY-MM')",
}
NAMES = {
    "person": "(select p.name from person p where p.district_id = $1 and p.id = g.raw)",
    "organisation": "(select o.name from organisation o where o.district_id = $1 and o.id = g.raw)",
    "team": "(select t.name from team t where t.district_id = $1 and t.code = g.raw)",
}
AREA_NAME = "(select a.name from area a where a.district_id = $1 and a.code = g.raw)"


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """Duty days, first and last included."""

    first: date | None = None
    last: date | None = None
    person: int | None = None


async def totals(
    conn: Connection, district: DistrictId, scope: Scope, by: Dimension, *, per: Period | None, wanted: Wanted
) -> list[Total]:
    """Sums of the entries that the scope holds; those of no such area or team have no key."""
    group = PERIODS.get(by, f"l.{by}")
    period = PERIODS[per] if per else "null::text"
    name = NAMES.get(by, AREA_NAME if by in ("grid", "beat", "station", "town") else "null")
    records = await conn.fetch(
        f"""
        select g.raw::text as key, {name} as name, g.period, g.amount, g.entries from (
            select {group} as raw, {period} as period, sum(l.amount)::bigint as amount, count(*) as entries
            from ledger l
            where l.district_id = $1 and {SEEN} and ($6::date is null or l.duty_day >= $6)
              and ($7::date is null or l.duty_day <= $7) and ($8::bigint is null or l.person = $8)
            group by 1, 2
        ) g order by g.period nulls first, g.amount desc, g.raw
        """,
        district,
        *scope.arguments,
        wanted.first,
        wanted.last,
        wanted.person,
    )
    return rows.many(records, Total)


async def entries(
    conn: Connection, district: DistrictId, scope: Scope, wanted: Wanted, *, before: int | None, limit: int
) -> list[Noted]:
    """The newest first, with the person's name, the reason, and whether it is contested or reversed."""
    records = await conn.fetch(
        f"""
        select {ENTRY}, p.name, t.text as note,
               exists (select 1 from contest c where c.district_id = $1 and c.n = l.n) as contested,
               (select r.n from ledger r where r.district_id = $1 and r.reverses = l.n) as reversed_by
        from ledger l
        join person p on p.district_id = $1 and p.id = l.person
        left join ledger_note t on t.district_id = $1 and t.n = l.n
        where l.district_id = $1 and {SEEN} and ($6::date is null or l.duty_day >= $6)
          and ($7::date is null or l.duty_day <= $7) and ($8::bigint is null or l.person = $8)
          and ($9::bigint is null or l.n < $9)
        order by l.n desc limit $10
        """,
        district,
        *scope.arguments,
        wanted.first,
        wanted.last,
        wanted.person,
        before,
        limit,
    )
    return rows.many(records, Noted)


async def total(conn: Connection, district: DistrictId, person: PersonId) -> int:
    """All that a person ever got, in hundredths."""
    amount: int = await conn.fetchval(
        "select coalesce(sum(amount), 0)::bigint from ledger where district_id = $1 and person = $2",
        district,
        person,
    )
    return amount
