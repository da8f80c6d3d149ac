"""The demo's boundary as a stored district of 104 beats, for benches of whole days."""

import json

import numpy as np

from alliance.areas import actions as areas
from alliance.areas.places import Places
from alliance.db.pool import Connection
from geo import cell as hexes
from geo import district
from geo.index import CellIndex
from ops.benches.cover import DEMO
from ops.benches.mini import DISTRICT

BEATS = 104


async def lay(conn: Connection) -> Places:
    index = CellIndex(district.cover(district.read(json.loads(DEMO.read_text(encoding="utf-8")))))
    rng = np.random.default_rng(1)
    middles = index.centres()
    seeds = middles[rng.choice(len(index), BEATS, replace=False)]
    beat = np.argmin(((middles[:, None] - seeds[None]) ** 2).sum(axis=2), axis=1)
    tier = rng.choice(3, len(index), p=[0.1, 0.3, 0.6]) + 1
    await conn.execute(
        """insert into district (district_id, name, name_en, time_zone, boundary, created_at)
        values ($1, '增城区', 'Zengcheng', 'Asia/Shanghai', '{}', now())""",
        DISTRICT,
    )
    codes = [f"B{n:03}" for n in range(BEATS)]
    rows: list[tuple[str | None, ...]] = [
        ("T0", "town", "T0", None, None),
        ("S0", "station", "T0", None, None),
    ]
    rows += [(code, "beat", "T0", "S0", None) for code in codes]
    rows += [(code.replace("B", "G"), "grid", "T0", "S0", code) for code in codes]
    await conn.executemany(
        """insert into area (district_id, code, kind, name, town, station, beat, lat, lon)
        values ($1, $2, $3, $2, $4, $5, $6, 23.29, 113.81)""",
        [(DISTRICT, *row) for row in rows],
    )
    await conn.copy_records_to_table(
        "cell",
        records=[
            (DISTRICT, cell, "T0", "S0", codes[b], codes[b].replace("B", "G"), t)
            for cell, b, t in zip(hexes.from_ints(index.cells), beat.tolist(), tier.tolist(), strict=True)
        ],
    )
    await conn.execute(
        """insert into shift_pattern values
        ($1, 'day', '早班', 'Day', 360, 480, 'guard', true),
        ($1, 'late', '中班', 'Late', 840, 480, 'guard', true),
        ($1, 'night', '夜班', 'Night', 1320, 480, 'guard', true)""",
        DISTRICT,
    )
    return await areas.places(conn, DISTRICT)
