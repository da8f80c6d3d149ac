"""The hexes."""
