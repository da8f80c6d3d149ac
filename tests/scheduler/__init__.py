"""Tests of the solver and its witness."""
