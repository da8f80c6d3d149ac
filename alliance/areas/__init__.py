"""Districts, areas, cells, tiers and demand."""
