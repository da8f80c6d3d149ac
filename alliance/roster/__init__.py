"""Shifts, posts, rosters and assignments."""
