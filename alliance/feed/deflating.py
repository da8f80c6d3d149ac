"""permessage-deflate as the feed takes it: each message for itself, both ways, in the usual window."""

from collections.abc import Sequence

from websockets.exceptions import NegotiationError
from websockets.extensions.permessage_deflate import PerMessageDeflate, ServerPerMessageDeflateFactory
from websockets.typing import ExtensionParameter

WINDOW_BITS = 15


class Deflating(ServerPerMessageDeflateFactory):
    """One frame then serves all that watch, and an idle connection keeps no window."""

    def __init__(self) -> None:
        super().__init__(server_no_context_takeover=True, client_no_context_takeover=True)

    def process_request_params(
        self, params: Sequence[ExtensionParameter], accepted_extensions: Sequence[object]
    ) -> tuple[list[ExtensionParameter], PerMessageDeflate]:
        """Declines an offer with a smaller window of ours: what is written to all needs the usual one."""
        answer, extension = super().process_request_params(params, accepted_extensions)  # type: ignore[arg-type]
        if extension.local_max_window_bits != WINDOW_BITS:
            raise NegotiationError("the server's window can't be smaller")
        return answer, extension


def extension() -> PerMessageDeflate:
    """What was agreed on, for a connection that is open already."""
    return PerMessageDeflate(True, True, WINDOW_BITS, WINDOW_BITS)
