"""The SQL of the ledger itself: its head, its entries, the rule sets, what an entry is made from."""

from collections.abc import AsyncIterator, Sequence
from datetime import date, datetime

import msgspec

from alliance.actor import Code, DistrictId, OrganisationId, PersonId
from alliance.credit.chain import GENESIS
from alliance.credit.model import Entry, EntryNo, Head, SourceKind
from alliance.credit.rules import RuleSet
from alliance.db import rows
from alliance.db.pool import Connection

COLUMNS = (
    "district_id", "n", "person", "organisation", "team", "grid", "beat", "station", "town", "duty_day",
    "kind", "amount", "rule_set", "source_kind", "source", "actor", "at", "reverses", "hash",
)  # fmt: skip
ENTRY = ", ".join(f"l.{column}" for column in COLUMNS)
READ_AT_ONCE = 5000


class Belonging(msgspec.Struct, frozen=True, kw_only=True):
    """A person's organisation and team now; of several teams the one of the beat asked for."""

    person: PersonId
    beat: Code | None
    organisation: OrganisationId
    team: Code | None


class Around(msgspec.Struct, frozen=True, kw_only=True):
    """A beat's station and town."""

    station: Code
    town: Code


async def lock_head(conn: Connection, district: DistrictId) -> Head:
    """The end of the chain, held until the commit: take it before the counter of events, never after."""
    await conn.execute(
        "insert into ledger_head (district_id, n, hash) values ($1, 0, $2) on conflict do nothing",
        district,
        GENESIS,
    )
    record = await conn.fetchrow(
        "select n, hash from ledger_head where district_id = $1 for update", district
    )
    return rows.one(record, Head)


async def head(conn: Connection, district: DistrictId) -> Head:
    record = await conn.fetchrow("select n, hash from ledger_head where district_id = $1", district)
    return rows.maybe(record, Head) or Head(n=0, hash=GENESIS)


async def set_head(conn: Connection, district: DistrictId, head: Head) -> None:
    await conn.execute(
        "update ledger_head set n = $2, hash = $3 where district_id = $1", district, head.n, head.hash
    )


async def copy_entries(conn: Connection, entries: Sequence[Entry]) -> None:
    await conn.copy_records_to_table(
        "ledger", columns=COLUMNS, records=[msgspec.structs.astuple(entry) for entry in entries]
    )


async def copy_notes(conn: Connection, district: DistrictId, notes: Sequence[tuple[EntryNo, str]]) -> None:
    await conn.copy_records_to_table(
        "ledger_note",
        columns=("district_id", "n", "text"),
        records=[(district, n, text) for n, text in notes],
    )


async def entry(conn: Connection, district: DistrictId, n: int) -> Entry | None:
    record = await conn.fetchrow(
        f"select {ENTRY} from ledger l where l.district_id = $1 and l.n = $2", district, n
    )
    return rows.maybe(record, Entry)


async def in_order(conn: Connection, district: DistrictId) -> AsyncIterator[list[Entry]]:
    """The whole ledger, some thousand entries at a time; run it in one snapshot."""
    last = 0
    while True:
        records = await conn.fetch(
            f"select {ENTRY} from ledger l where l.district_id = $1 and l.n > $2 order by l.n limit $3",
            district,
            last,
            READ_AT_ONCE,
        )
        if not records:
            return
        yield rows.many(records, Entry)
        last = records[-1]["n"]


async def districts(conn: Connection) -> list[DistrictId]:
    """Those with a ledger."""
    records = await conn.fetch(
        "select district_id from ledger_head union select distinct district_id from ledger order by 1"
    )
    return [DistrictId(record["district_id"]) for record in records]


async def active(
    conn: Connection, district: DistrictId, source_kind: SourceKind, sources: Sequence[int]
) -> list[Entry]:
    """Entries of those sources that are neither reversals nor reversed."""
    records = await conn.fetch(
        f"""
        select {ENTRY} from ledger l
        where l.district_id = $1 and l.source_kind = $2 and l.source = any($3::bigint[])
          and l.reverses is null
          and not exists (select 1 from ledger r where r.district_id = $1 and r.reverses = l.n)
        order by l.n
        """,
        district,
        source_kind,
        sources,
    )
    return rows.many(records, Entry)


async def of_incident(conn: Connection, district: DistrictId, incident: int) -> list[Entry]:
    """All that an incident brought, reversals too."""
    records = await conn.fetch(
        f"""
        select {ENTRY} from ledger l
        where l.district_id = $1 and l.source_kind = 'incident' and l.source = $2 order by l.n
        """,
        district,
        incident,
    )
    return rows.many(records, Entry)


async def belongings(
    conn: Connection, district: DistrictId, asked: Sequence[tuple[PersonId, Code | None]]
) -> dict[tuple[PersonId, Code | None], Belonging]:
    """For each person and beat where an entry comes from."""
    records = await conn.fetch(
        """
        select a.person, a.beat, p.organisation, (
            select t.code from team_member m join team t on t.district_id = $1 and t.code = m.team
            where m.district_id = $1 and m.person = p.id
            order by t.beat is distinct from a.beat, t.code limit 1) as team
        from unnest($2::bigint[], $3::text[]) as a (person, beat)
        join person p on p.district_id = $1 and p.id = a.person
        """,
        district,
        [person for person, _ in asked],
        [beat for _, beat in asked],
    )
    return {(one.person, one.beat): one for one in rows.many(records, Belonging)}


async def around(conn: Connection, district: DistrictId, beats: Sequence[Code]) -> dict[Code, Around]:
    records = await conn.fetch(
        "select code, station, town from area where district_id = $1 and kind = 'beat' and code = any($2)",
        district,
        beats,
    )
    return {
        Code(record["code"]): Around(station=Code(record["station"]), town=Code(record["town"]))
        for record in records
    }


async def time_zone(conn: Connection, district: DistrictId) -> str:
    name: str = await conn.fetchval("select time_zone from district where district_id = $1", district)
    return name


async def incident_day(conn: Connection, district: DistrictId, incident: int) -> date | None:
    """The duty day of the shift on which it was first reported, if it was on one."""
    day: date | None = await conn.fetchval(
        """
        select a.duty_day from report r
        left join assignment a on a.district_id = r.district_id and a.id = r.assignment
        where r.district_id = $1 and r.incident = $2 order by r.id limit 1
        """,
        district,
        incident,
    )
    return day


async def rule_sets(conn: Connection, district: DistrictId) -> list[RuleSet]:
    records = await conn.fetch(
        "select version, starts_on, rules from rule_set where district_id = $1 order by version", district
    )
    return rows.many(records, RuleSet)


async def insert_rule_set(conn: Connection, district: DistrictId, given: RuleSet) -> None:
    await conn.execute(
        """
        insert into rule_set (district_id, version, starts_on, rules) values ($1, $2, $3, $4)
        on conflict (district_id, version) do nothing
        """,
        district,
        given.version,
        given.starts_on,
        msgspec.to_builtins(given.rules),
    )


async def lock_rule_sets(conn: Connection, district: DistrictId) -> None:
    await conn.execute("select pg_advisory_xact_lock(hashtextextended($1, 0))", f"rule_set/{district}")


async def settled(conn: Connection, district: DistrictId, months: Sequence[int]) -> dict[int, int]:
    """The settled ones of those months, each with the rule set its caps were taken from."""
    records = await conn.fetch(
        "select month, rule_set from settlement where district_id = $1 and month = any($2::integer[])",
        district,
        months,
    )
    return {record["month"]: record["rule_set"] for record in records}


async def insert_settlement(
    conn: Connection, district: DistrictId, month: int, rule_set: int, by: tuple[PersonId | None, datetime]
) -> None:
    await conn.execute(
        "insert into settlement (district_id, month, rule_set, actor, at) values ($1, $2, $3, $4, $5)",
        district,
        month,
        rule_set,
        *by,
    )


async def month_sums(
    conn: Connection, district: DistrictId, days: tuple[date, date], people: Sequence[PersonId] | None
) -> dict[PersonId, int]:
    """What each earned on those days, first and last included, caps left out."""
    records = await conn.fetch(
        """
        select person, sum(amount)::bigint as amount from ledger
        where district_id = $1 and duty_day between $2 and $3 and kind <> 'cap'
          and ($4::bigint[] is null or person = any($4))
        group by person order by person
        """,
        district,
        *days,
        people,
    )
    return {PersonId(record["person"]): record["amount"] for record in records}
