"""Steps with their times on the terminal, and the tools they call."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

ROOT = Path(__file__).resolve().parent.parent
TAIL_LINES = 25
ENDINGS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
UNREACHABLE = (
    "Temporary failure in name resolution",
    "Name or service not known",
    "Max retries exceeded",
    "NewConnectionError",
    "ConnectTimeout",
    "Network is unreachable",
    "Connection refused",
    "Could not fetch URL",
    "Temporary failure resolving",
    "(from versions: none)",
    "Unable to connect to",
    "Could not connect to",
    "ENOTFOUND",
    "EAI_AGAIN",
    "ECONNREFUSED",
    "ECONNRESET",
    "ETIMEDOUT",
)


class Failed(Exception):
    """A step that can't be done; the text says why and what helps."""


class Interrupted(SystemExit):
    """We were told to end."""


class Step:
    """One step under way."""

    note = ""


@contextmanager
def step(name: str) -> Iterator[Step]:
    """Print the step's name, and when it is done how long it took."""
    print(f"  {name:<34}", end="", flush=True)
    started = time.monotonic()
    under_way = Step()
    try:
        yield under_way
    except BaseException:
        print(f"{time.monotonic() - started:7.1f} s  stopped", flush=True)
        raise
    print(f"{time.monotonic() - started:7.1f} s  {under_way.note}".rstrip(), flush=True)


def call(command: Sequence[str | Path], *, cwd: Path = ROOT, env: Mapping[str, str] | None = None) -> str:
    """Run a tool quietly and return what it said; a failure names the cause; it never outlives us."""
    with beside(command, cwd=cwd, env=env) as said:
        return said()


@contextmanager
def beside(
    command: Sequence[str | Path], *, cwd: Path = ROOT, env: Mapping[str, str] | None = None
) -> Iterator[Callable[[], str]]:
    """The same beside what follows: what is given waits for the tool and returns what it said."""
    with subprocess.Popen(
        list(map(str, command)),
        cwd=cwd,
        env={**os.environ, **(env or {})},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        start_new_session=True,
    ) as child:

        def said() -> str:
            spoken, _ = child.communicate()
            if child.returncode != 0:
                raise Failed(explain(Path(command[0]).name, spoken))
            return spoken

        try:
            yield said
        except BaseException:
            if child.poll() is None:
                os.killpg(child.pid, signal.SIGKILL)
            raise


def explain(tool: str, said: str) -> str:
    """The end of what a tool said, led by the cause where it is a known one."""
    tail = "\n".join(said.strip().splitlines()[-TAIL_LINES:])
    return f"{tail}\n\n{cause(said) or f'{tool} failed; what it said stands above.'}"


def cause(said: str) -> str | None:
    """The known cause of a tool's failure with its remedy."""
    if "No space left on device" in said or "ENOSPC" in said:
        return f"The disk is full: make room for {ROOT} and for temporary files, then start again."
    if "DO NOT MATCH THE HASHES" in said or "EINTEGRITY" in said:
        return (
            "A package differs from the locked one: the registry or a proxy changed it; it was not installed."
        )
    if any(sign in said for sign in UNREACHABLE):
        return (
            "A package registry can't be reached: check the network and proxy settings. "
            "A mirror is set with PIP_INDEX_URL for Python and npm_config_registry for the pages."
        )
    if "No matching distribution found" in said:
        return "The registry lacks a package for this platform and Python; see the line above."
    return None


def guarded(main: Callable[[list[str]], int], argv: list[str]) -> NoReturn:
    """Run a program of ops: failures become one message and exit 1, signals end it and its tools."""
    # What is started from here starts often; compiled each time anew, the service takes twice as long.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    for number in ENDINGS:
        # After nohup a hang-up is ignored, and stays so.
        if number != signal.SIGHUP or signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _end)
    try:
        code = main(argv)
    except Failed as failure:
        print(f"\n{failure}", file=sys.stderr)
        code = 1
    except OSError as error:
        print(f"\n{cause(str(error)) or error}", file=sys.stderr)
        code = 1
    sys.exit(code)


def _end(number: int, frame: object) -> NoReturn:
    """Unwind once; further signals can't interrupt the cleaning up, which has time limits of its own."""
    for each in ENDINGS:
        signal.signal(each, signal.SIG_IGN)
    raise Interrupted(128 + number)
