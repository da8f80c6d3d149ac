"""Posts with their needs in one go by COPY: for seeding and benchmarks; what is given is trusted."""

from collections.abc import Sequence

import msgspec

from alliance.actor import Code, DistrictId
from alliance.db.pool import Connection
from alliance.roster.model import PostId


class NeedRow(msgspec.Struct, frozen=True, kw_only=True):
    pattern: str
    minimum: int
    desired: int
    certified: int = 0


class PostRow(msgspec.Struct, frozen=True, kw_only=True):
    """`cell` marks a fixed point."""

    code: str
    name: str
    name_en: str
    beat: Code
    needs: Sequence[NeedRow]
    cell: str | None = None
    unit_size: int = 2
    solo: bool = False
    certificate: str | None = None


async def copy_posts(conn: Connection, district: DistrictId, given: Sequence[PostRow]) -> list[PostId]:
    """Their ids, in order."""
    records = await conn.fetch(
        "select nextval(pg_get_serial_sequence('post', 'id')) as id from generate_series(1, $1) order by id",
        len(given),
    )
    numbers = [PostId(record["id"]) for record in records]
    await conn.copy_records_to_table(
        "post",
        columns=[
            *("district_id", "id", "code", "name", "name_en", "beat"),
            *("cell", "unit_size", "solo", "certificate"),
        ],
        records=[
            (
                district,
                number,
                *(p.code, p.name, p.name_en, p.beat),
                p.cell,
                p.unit_size,
                p.solo,
                p.certificate,
            )
            for number, p in zip(numbers, given, strict=True)
        ],
    )
    await conn.copy_records_to_table(
        "need",
        columns=["district_id", "post", "pattern", "minimum", "desired", "certified"],
        records=[
            (district, number, n.pattern, n.minimum, n.desired, n.certified)
            for number, p in zip(numbers, given, strict=True)
            for n in p.needs
        ],
    )
    return numbers
