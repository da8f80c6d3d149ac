"""HTTP of the ledger: an incident confirmed or struck, entries, sums, grants, contests, rules, months."""

from datetime import date, datetime
from typing import Annotated

from litestar import Response, get, post
from litestar.params import Parameter

from alliance import events, keys
from alliance.actor import Actor
from alliance.credit import actions, reading, rulebook, shapes
from alliance.credit.actions import Grant
from alliance.credit.model import Dimension, Period
from alliance.credit.rulebook import NewRules
from alliance.credit.rules import RuleSet
from alliance.credit.shapes import (
    AnswerBody,
    ContestBody,
    ContestItem,
    EntryItem,
    EntryList,
    HeadItem,
    NotedItem,
    OwnCredits,
    PageWithCredit,
    RuleSetList,
    TotalList,
)
from alliance.credit.total_store import Wanted
from alliance.db.pool import Connection, Pool
from alliance.events import Tx
from alliance.incidents.shapes import Step
from alliance.rest import (
    Cursor,
    IdempotencyKey,
    IfMatch,
    Limit,
    Page,
    PathId,
    after_id,
    etag,
    page,
    wanted_version,
)
from alliance.rest import cursor as cursor_of
from alliance.times import to_ms

First = Annotated[date | None, Parameter(query="from", description="first duty day")]
Last = Annotated[date | None, Parameter(query="to", description="last duty day")]
Person = Annotated[int | None, Parameter(ge=0, le=2**53)]
Month = Annotated[int, Parameter(ge=200001, le=999812, description="such as 202611")]


@get("/incidents/{number:int}")
async def incident(actor: Actor, pool: Pool, number: PathId) -> Response[PageWithCredit]:
    """One incident with all that belongs to it, as far as you may see it."""
    async with pool.acquire() as conn:
        return await _page(conn, actor, number)


@post(["/incidents/{number:int}/confirm", "/incidents/{number:int}/confirmed"], status_code=200)
async def confirm(
    actor: Actor,
    pool: Pool,
    now: datetime,
    number: PathId,
    data: Step | None = None,
    if_match: IfMatch = None,
) -> Response[PageWithCredit]:
    """Say that it was so, and credit everyone who took part."""
    step = data or Step()
    version = wanted_version(if_match, step.version)
    async with events.transaction(pool, actor.district) as tx:
        await actions.confirm(tx, actor, number, version=version, reason=step.reason, now=now)
        return await _page(tx.conn, actor, number)


@post(["/incidents/{number:int}/strike", "/incidents/{number:int}/struck"], status_code=200)
async def strike(
    actor: Actor,
    pool: Pool,
    now: datetime,
    number: PathId,
    data: Step | None = None,
    if_match: IfMatch = None,
) -> Response[PageWithCredit]:
    """Say that it was not so, and reverse what it brought."""
    step = data or Step()
    version = wanted_version(if_match, step.version)
    async with events.transaction(pool, actor.district) as tx:
        await actions.strike(tx, actor, number, version=version, reason=step.reason, now=now)
        return await _page(tx.conn, actor, number)


@get("/ledger")
async def ledger(
    actor: Actor,
    pool: Pool,
    person: Person = None,
    first: First = None,
    last: Last = None,
    cursor: Cursor = None,
    limit: Limit = 100,
) -> Page[NotedItem]:
    """Entries you may see, newest first."""
    wanted = Wanted(first=first, last=last, person=person)
    async with pool.acquire() as conn:
        found = await reading.entries(conn, actor, wanted, before=_before(cursor), limit=limit + 1)
    more = cursor_of(found[limit - 1].n) if len(found) > limit else None
    return Page(items=[shapes.noted_item(one) for one in found[:limit]], next=more)


@get("/ledger/head")
async def head(actor: Actor, pool: Pool) -> HeadItem:
    """The last position and its hash: keep it, and nobody can rewrite what came before unnoticed."""
    async with pool.acquire() as conn:
        found, last = await reading.head(conn, actor)
    return HeadItem(n=found.n, hash=found.hash.hex(), at=to_ms(last.at) if last else None)


@post("/ledger/{number:int}/contest")
async def contest(
    actor: Actor, pool: Pool, now: datetime, number: PathId, data: ContestBody, key: IdempotencyKey = None
) -> ContestItem:
    """Say what is wrong with one of your own entries."""

    async def work(tx: Tx) -> ContestItem:
        return shapes.contest_item(await actions.contest(tx, actor, number, data.text, now))

    return await keys.answer(pool, actor, key, now, work=work, kind=ContestItem)


@get("/contests")
async def contests(
    actor: Actor, pool: Pool, only_open: bool = False, cursor: Cursor = None, limit: Limit = 100
) -> Page[ContestItem]:
    async with pool.acquire() as conn:
        found = await reading.contests(
            conn, actor, only_open=only_open, after=after_id(cursor), limit=limit + 1
        )
    return page([shapes.contest_item(one) for one in found], limit, [one.id for one in found])


@post("/contests/{number:int}/answer", status_code=200)
async def answer(actor: Actor, pool: Pool, now: datetime, number: PathId, data: AnswerBody) -> ContestItem:
    async with events.transaction(pool, actor.district) as tx:
        told = await actions.answer(tx, actor, number, upheld=data.upheld, text=data.text, now=now)
    return shapes.contest_item(told)


@get("/credits")
async def credits(
    actor: Actor,
    pool: Pool,
    by: Dimension,
    per: Period | None = None,
    first: First = None,
    last: Last = None,
    person: Person = None,
) -> TotalList:
    """Sums over the entries you may see, by one group and, with `per`, by time beside it."""
    wanted = Wanted(first=first, last=last, person=person)
    async with pool.acquire() as conn:
        return TotalList(items=await reading.totals(conn, actor, by, per=per, wanted=wanted))


@get("/me/credits")
async def own_credits(actor: Actor, pool: Pool, cursor: Cursor = None, limit: Limit = 100) -> OwnCredits:
    """Your own entries with their reasons, newest first."""
    async with pool.acquire() as conn:
        total, found = await reading.own(conn, actor, before=_before(cursor), limit=limit + 1)
    more = cursor_of(found[limit - 1].n) if len(found) > limit else None
    return OwnCredits(total=total, items=[shapes.own_item(one) for one in found[:limit]], next=more)


@post("/grants")
async def grant(
    actor: Actor, pool: Pool, now: datetime, data: Grant, key: IdempotencyKey = None
) -> EntryItem:
    """Points given by hand, with a reason."""

    async def work(tx: Tx) -> EntryItem:
        return shapes.entry_item(await actions.grant(tx, actor, data, now))

    return await keys.answer(pool, actor, key, now, work=work, kind=EntryItem)


@post("/duties/{number:int}/attest", status_code=200)
async def attest(actor: Actor, pool: Pool, now: datetime, number: PathId) -> EntryList:
    """Vouch for the hours of an assignment whose track doesn't prove them."""
    async with events.transaction(pool, actor.district) as tx:
        made = await actions.attest(tx, actor, number, now)
    return EntryList(items=[shapes.entry_item(one) for one in made])


@get("/rule-sets")
async def rule_sets(actor: Actor, pool: Pool) -> RuleSetList:
    """What help is worth, for everyone to read."""
    async with pool.acquire() as conn:
        return RuleSetList(items=await rulebook.known(conn, actor))


@post("/rule-sets")
async def add_rule_set(
    actor: Actor, pool: Pool, now: datetime, data: NewRules, key: IdempotencyKey = None
) -> RuleSet:
    """New rules from a day to come on."""

    async def work(tx: Tx) -> RuleSet:
        return await rulebook.add(tx, actor, data, now)

    return await keys.answer(pool, actor, key, now, work=work, kind=RuleSet)


@post("/months/{month:int}/settle", status_code=200)
async def settle(actor: Actor, pool: Pool, now: datetime, month: Month) -> EntryList:
    """Write the cap entries of a month that is over."""
    async with events.transaction(pool, actor.district) as tx:
        made = await actions.settle_month(tx, actor, month, now)
    return EntryList(items=[shapes.entry_item(one) for one in made])


def _before(cursor: str | None) -> int | None:
    return after_id(cursor) if cursor else None


async def _page(conn: Connection, actor: Actor, number: int) -> Response[PageWithCredit]:
    detail, entries = await reading.incident(conn, actor, number)
    return Response(shapes.incident_page(detail, entries), headers=etag(detail.incident.version))


ROUTES = [
    incident,
    confirm,
    strike,
    ledger,
    head,
    contest,
    contests,
    answer,
    credits,
    own_credits,
    grant,
    attest,
    rule_sets,
    add_rule_set,
    settle,
]
