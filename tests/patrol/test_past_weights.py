"""What the past weighed: an instant and a period long gone are reckoned with the weights of then."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from alliance.actor import DistrictId, PersonId, Role
from alliance.areas import actions as areas
from alliance.areas.model import Happenings
from alliance.events import transaction
from alliance.patrol.partitions import ensure_partitions
from alliance.times import to_ms
from tests import make
from tests.make import CELLS, NOW
from tests.service import Service, running

CELL = CELLS["b1"][0]
HOUR = timedelta(hours=1)


async def prepared(service: Service) -> PersonId:
    """Even weights from yesterday on, and since NOW ten for one cell."""
    async with service.pool.acquire() as conn:
        await make.district(conn)
        await conn.execute(
            "insert into event_counter (district_id, last) values (1, 0) on conflict do nothing"
        )
        police = await make.organisation(conn, kind="police")
        commander = await make.person(conn, police, Role.COMMANDER)
    async with transaction(service.pool, DistrictId(1)) as tx:
        await areas.renew_weights(tx, Happenings(cells=(), at=()), NOW - 24 * HOUR)
    async with transaction(service.pool, DistrictId(1)) as tx:
        await tx.conn.execute(
            """
            insert into weight_override (district_id, cell, amount, reason, ends_on, actor, at)
            values (1, $1, 9, '庙会', $2, $3, $4)
            """,
            CELL,
            NOW.date() + timedelta(days=3),
            commander,
            NOW,
        )
        await areas.renew_weights(tx, Happenings(cells=(), at=()), NOW)
    return commander


async def test_each_instant_has_its_own_weights(dsn: str, tmp_path: Path) -> None:
    async with running(dsn, tmp_path) as service:
        token = await service.token(await prepared(service))
        await visited(service, NOW - 20 * HOUR, NOW + HOUR)

        async def ask(**query: int) -> dict[str, Any]:
            words = "&".join(f"{name.strip('_')}={value}" for name, value in query.items())
            answer = await service.ask("GET", f"/cells?{words}", token)
            assert answer.status_code == 200, answer.text
            return dict(answer.json())

        then, since = to_ms(NOW - 20 * HOUR) + 60_000, to_ms(NOW + HOUR) + 60_000
        for at, weight, share in ((then, 1.0, 1 / 6), (since, 10.0, 10 / 15)):
            demand = (await service.ask("GET", f"/cells?layer=demand&at={at}", token)).json()
            assert demand["weight"][demand["cells"].index(CELL)] == pytest.approx(weight, rel=1e-6)
            assert (await ask(at=at))["coverage"] == pytest.approx(share, rel=1e-6)
            period = await ask(from_=at, to=at + 60_000)
            assert period["coverage"] == pytest.approx(share, rel=1e-6)


async def visited(service: Service, *when: datetime) -> None:
    """A minute in the cell from each of those instants on."""
    async with service.pool.acquire() as conn:
        await ensure_partitions(conn, [start.date() for start in when])
        await conn.executemany(
            """
            insert into visit (district_id, duty_day, assignment, from_at, to_at, cell)
            values (1, $1, 1, $2, $3, $4)
            """,
            [(start.date(), to_ms(start), to_ms(start) + 60_000, int(CELL, 16)) for start in when],
        )
