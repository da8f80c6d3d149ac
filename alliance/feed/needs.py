"""What a session wants done: I/O that it leaves to the room around it."""

import msgspec

from alliance.actor import AssignmentId
from alliance.feed import wire
from alliance.patrol.model import Duty


class Open(msgspec.Struct, frozen=True, kw_only=True):
    """To do: find out who that is."""

    hello: wire.Hello


class Load(msgspec.Struct, frozen=True, kw_only=True):
    """To do: look for a duty that the register doesn't hold."""

    assignment: AssignmentId


class Store(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """To do: store judged fixes of a duty, or of an open call for help; then acknowledge `seq`, if any."""

    seq: int | None
    duty: Duty | None
    fixes: list[wire.Fix]
    received_at: int
    sos: int | None = None


class Act(msgspec.Struct, frozen=True, kw_only=True):
    """To do: carry out once what the message's key stands for."""

    message: wire.CheckIn | wire.CheckOut | wire.Report | wire.Sos | wire.Scan | wire.Answer


class Look(msgspec.Struct, frozen=True, kw_only=True):
    """To do: show the layers."""

    watch: wire.Watch


Need = Open | Load | Store | Act | Look
