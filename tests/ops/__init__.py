"""Tests of the programs that set up, start and measure."""
