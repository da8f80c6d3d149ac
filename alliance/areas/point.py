"""The areas of a point and the beats beside some, without holding the district in memory."""

from alliance.actor import Code, DistrictId
from alliance.areas import point_store
from alliance.areas.outlines import Outlines
from alliance.areas.places import Where
from alliance.db.pool import Connection
from geo import cell as hexes


async def where(conn: Connection, district: DistrictId, lat: float, lon: float) -> Where | None:
    """None outside the district; the grid by polygon where polygons are known, else by cell."""
    cell = hexes.at(lat, lon)
    found = await point_store.where(conn, district, cell)
    if found is None:
        return None
    polygons = await point_store.polygons_about(conn, district, [cell, *hexes.neighbours(cell)])
    grid = Outlines(polygons).at(lat, lon) if polygons else None
    if grid is None or grid == found.grid:
        return found
    return await point_store.grid_where(conn, district, cell, grid)


async def beside(conn: Connection, district: DistrictId, beats: frozenset[Code]) -> frozenset[Code]:
    """The other beats that share an edge of a cell with one of these."""
    own = await point_store.cells(conn, district, beats)
    about = {other for cell in own for other in hexes.neighbours(cell)} - set(own)
    return await point_store.beats_of(conn, district, about)
