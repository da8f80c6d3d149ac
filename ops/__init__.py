"""Set-up, start, tests and benchmarks; what runs before .venv exists needs the standard library only."""
