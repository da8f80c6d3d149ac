"""The hexes: cells, boundaries, areas, tracks and coverage, without database, network or clock."""
