"""A past period as it was: frames to be played, and where patrols have been most in the last days."""

import asyncio
from datetime import datetime, timedelta

import numpy as np

from alliance.actor import Actor
from alliance.areas.places import Places
from alliance.db.pool import Connection
from alliance.errors import Refused
from alliance.patrol import tracks, visit_store
from alliance.patrol.coverage import as_it_was, visible
from alliance.patrol.shapes import Replay, VisitedCells
from geo import replay

SHORTEST_STEP_MS = 60_000
MOST_FRAMES = 500
LONGEST_MS = 15 * 86_400_000


async def frames(conn: Connection, actor: Actor, places: Places, span: tuple[int, int], step: int) -> Replay:
    """Of the cells whose coverage is the actor's to see; it shows places, never people."""
    start, end = span
    if not 0 < end - start <= LONGEST_MS:
        raise Refused("bad_request", "from, to: a period of more than nothing and at most 15 days")
    if step < SHORTEST_STEP_MS or not 2 <= (end - start) // step <= MOST_FRAMES:
        raise Refused("bad_request", f"step: at least a minute, and for 2 to {MOST_FRAMES} frames")
    longest = int(places.target_ms.max(initial=0))
    found = await tracks.visits(conn, actor.district, places, start=start - longest, end=end)
    weights = (await as_it_was(conn, places, start)).weights(start, end)
    times = np.arange(start, end, step)
    made = await asyncio.to_thread(
        replay.frames, found, places.target_ms, weights, times, visible(actor, places)
    )
    return Replay(
        from_at=start,
        step=step,
        cells="{}-{}".format(*places.stamp),
        on=[cells.tolist() for cells in made.on],
        off=[cells.tolist() for cells in made.off],
        coverage=made.coverage.round(4).tolist(),
    )


async def visited(conn: Connection, actor: Actor, places: Places, now: datetime, days: int) -> VisitedCells:
    """Whole duty days from what was kept of them, today and what was not yet summed up from the visits."""
    today = now.astimezone(places.zone).date()
    first = today - timedelta(days=days)
    totals = await visit_store.totals(conn, places.district, first, today)
    columns = np.zeros((2, len(places)), dtype=np.int64)
    for cell, visits, dwell in totals:
        place = places.index(cell)
        if place >= 0:
            columns[:, place] += (visits, dwell)
    shown = visible(actor, places)
    text = places.cell_text
    return VisitedCells(
        days=days,
        first_day=first,
        cells=[text[n] for n in shown.tolist()],
        visits=columns[0, shown].tolist(),
        dwell_s=columns[1, shown].tolist(),
    )
