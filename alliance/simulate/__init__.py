"""Simulated patrols: they come, walk, report, lose the network and leave, by the public interfaces alone."""
