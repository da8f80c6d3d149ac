"""A load generator as a process of its own, told by lines of JSON what to do; both ends of that line."""

import subprocess
import sys
from collections.abc import Callable
from typing import Any, Generic, TypeVar

import msgspec

Told = TypeVar("Told")
Plan = TypeVar("Plan")
Task = TypeVar("Task")


class Driven(Generic[Told]):
    """`plan` is its first line; each task that follows is answered by what came of it."""

    def __init__(self, module: str, plan: Any, told: type[Told]) -> None:
        self._told = told
        self._process = subprocess.Popen(
            [sys.executable, "-m", module], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self._say(plan)

    def do(self, task: Any) -> Told:
        self.begin(task)
        return self.result()

    def begin(self, task: Any) -> None:
        self._say(task)

    def result(self) -> Told:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError("the load generator has ended")
        return msgspec.json.decode(line, type=self._told)

    def end(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()

    def _say(self, what: Any) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(msgspec.json.encode(what).decode() + "\n")
        self._process.stdin.flush()


def obey(plan: type[Plan], task: type[Task], begin: Callable[[Plan], Callable[[Task], Any]]) -> None:
    """The generator's end: begins with the plan, then carries out task after task until there are no more."""
    carry_out = begin(msgspec.json.decode(sys.stdin.readline(), type=plan))
    for line in sys.stdin:
        print(msgspec.json.encode(carry_out(msgspec.json.decode(line, type=task))).decode(), flush=True)
