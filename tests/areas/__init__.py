"""Districts, areas, cells and demand."""
