"""Assist reports, incidents, photos and dispatch."""
