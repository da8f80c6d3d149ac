"""Compiles the solver ahead of its first use, so that no roster has to wait for it."""

from scheduler.holes import Opening
from scheduler.instance import instance
from scheduler.repair import repairs
from scheduler.solve import Budget, solve

if __name__ == "__main__":
    problem = instance(20, 2, 0, full=True)
    roster = solve(problem, Budget(bound_steps=1))
    repairs(problem, roster.assignments, [Opening(post=n.post, shift=n.shift) for n in problem.needs])
