"""The lease that lets one node at a time run the jobs; it moves within 15 s when its holder dies."""

import asyncio
import logging
from datetime import timedelta

import asyncpg

from alliance.actor import DistrictId
from alliance.db.lease import take

# Together with the time to the next question of another node less than 15 s.
LASTS = timedelta(seconds=11)
RENEW = timedelta(seconds=3)
# District 0 stands for the whole installation.
INSTALLATION = DistrictId(0)

log = logging.getLogger(__name__)


class Lease:
    """Held or not, as last confirmed by the database, whose clock alone decides when it expires."""

    def __init__(self, pool: asyncpg.Pool, node: str, name: str = "jobs") -> None:
        self.node = node
        self._pool = pool
        self._name = name
        self._until = 0.0

    @property
    def held(self) -> bool:
        """False as soon as the last confirmation is too old for another node to respect it."""
        return asyncio.get_running_loop().time() < self._until

    async def renew(self) -> bool:
        """Take or keep the lease; True when it was just won: time to close the runs of a dead holder."""
        before = self.held
        asked = asyncio.get_running_loop().time()
        taken = await take(self._pool, INSTALLATION, self._name, self.node, LASTS)
        # Counted from before the question: this node stops before the database lets another one start.
        self._until = asked + LASTS.total_seconds() if taken else 0.0
        return self.held and not before

    async def release(self) -> None:
        self._until = 0.0
        await self._pool.execute(
            "delete from job_lease where district_id = $1 and name = $2 and holder = $3",
            INSTALLATION,
            self._name,
            self.node,
        )


async def holder(conn: asyncpg.Connection, name: str = "jobs") -> str | None:
    """The node that runs the jobs now."""
    node: str | None = await conn.fetchval(
        """
        select holder from job_lease
        where district_id = $1 and name = $2 and expires_at > clock_timestamp()
        """,
        INSTALLATION,
        name,
    )
    return node
