"""The states of an incident and the steps between them, exactly as the contract lists them."""

from alliance.errors import Refused
from alliance.incidents.model import State

STEPS: dict[State, tuple[State, ...]] = {
    State.OPEN: (State.DISPATCHED, State.ON_SCENE, State.CLOSED),
    State.DISPATCHED: (State.ON_SCENE, State.OPEN, State.CLOSED),
    State.ON_SCENE: (State.CLOSED,),
    State.CLOSED: (State.CONFIRMED, State.STRUCK, State.OPEN),
    State.CONFIRMED: (State.STRUCK,),
    State.STRUCK: (State.CONFIRMED,),
}

# The words of the routes, POST /incidents/{id}/{transition}.
TRANSITIONS = {
    "dispatch": State.DISPATCHED,
    "on_scene": State.ON_SCENE,
    "close": State.CLOSED,
    "reopen": State.OPEN,
    "confirm": State.CONFIRMED,
    "strike": State.STRUCK,
}
NAMES = {state: name for name, state in TRANSITIONS.items()}


def allowed(state: State) -> list[str]:
    """The names of the transitions that may follow."""
    return [NAMES[step] for step in STEPS[state]]


def must_follow(before: State, after: State) -> None:
    """Raises Refused `out_of_order`, naming what may follow instead."""
    if after in STEPS[before]:
        return
    steps = allowed(before)
    raise Refused(
        "out_of_order",
        f"an incident that is {before} can't {NAMES[after]}; it can {' or '.join(steps)}",
        state=before,
        allowed=steps,
    )


def must_match(current: int, seen: int) -> None:
    """Raises Refused unless the version the caller saw is the current one."""
    if seen != current:
        raise Refused(
            "stale_version",
            f"it changed meanwhile: version {current}, you saw {seen}; look again",
            version=current,
        )
