"""Simulated patrols."""
