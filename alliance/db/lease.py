"""Leases on what only one process of all may do; the database's clock alone decides when one expires."""

from datetime import timedelta

from alliance.actor import DistrictId
from alliance.db.pool import Connection, Pool


async def take(
    conn: Connection | Pool, district: DistrictId, name: str, holder: str, lasts: timedelta
) -> bool:
    """Take or keep it; False while another holder's lasts, True for the holder from now on."""
    held: bool | None = await conn.fetchval(
        """
        insert into job_lease as l (district_id, name, holder, expires_at)
        values ($1, $2, $3, clock_timestamp() + $4)
        on conflict (district_id, name) do update
        set holder = excluded.holder, expires_at = excluded.expires_at
        where l.holder = excluded.holder or l.expires_at < clock_timestamp()
        returning true
        """,
        district,
        name,
        holder,
        lasts,
    )
    return bool(held)
