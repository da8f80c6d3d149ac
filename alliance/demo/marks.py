"""Where the demo's checkpoints hang: at the guarded point of each station."""

from collections.abc import Sequence
from datetime import datetime

from alliance.actor import Actor
from alliance.events import Tx
from alliance.patrol import checkpoints
from alliance.patrol.checkpoints import NewCheckpoint
from alliance.roster.bulk import PostRow
from geo import cell as hexes
from geo.cell import Cell


async def hang(tx: Tx, commander: Actor, posts: Sequence[PostRow], now: datetime) -> int:
    """How many."""
    points = [(post, post.cell) for post in posts if post.cell is not None]
    for post, cell in points:
        lat, lon = hexes.centre(Cell(cell))
        name = f"{post.name.removesuffix('定点岗')}巡更点"
        await checkpoints.make(tx, commander, NewCheckpoint(name=name, lat=lat, lon=lon), now)
    return len(points)
