"""QR codes as SVG: black on white with the quiet zone, to be printed and shown on any ground."""

import io
from typing import Literal

import segno


def square(text: str, error: Literal["m", "q"] = "m") -> str:
    """Readable with a seventh of it scratched; with "q", for what is printed, a quarter."""
    out = io.BytesIO()
    segno.make(text, error=error, micro=False).save(
        out, kind="svg", xmldecl=False, svgns=True, border=4, light="white"
    )
    return out.getvalue().decode()
