"""Compiles the solver ahead of its first use, so that no roster and no repair has to wait for it."""

from scheduler.ahead import ensure


def _compile_all() -> None:
    # Not above: importing the solver takes seconds, before which others must know that this goes on.
    from scheduler.holes import Opening
    from scheduler.instance import instance
    from scheduler.instance_company import company
    from scheduler.repair import repairs
    from scheduler.solve import Budget, solve
    from scheduler.standby import Turns, reserves

    small = instance(20, 2, 0, full=True)
    made = solve(small, Budget(bound_steps=1)).assignments
    solve(company(10, 2, 0), Budget(bound_steps=1, exact_turns=1))
    repairs(small, made, [Opening(post=small.needs[0].post, shift=small.needs[0].shift)])
    reserves(small, made, {beat.code: "town" for beat in small.beats}, Turns())


if __name__ == "__main__":
    print(ensure(_compile_all))
