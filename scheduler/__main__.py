"""Compiles the solver ahead of its first use, so that no roster has to wait for it."""

from scheduler.instance import instance
from scheduler.solve import Budget, solve

if __name__ == "__main__":
    solve(instance(20, 2, 0, full=True), Budget(bound_steps=1))
