"""A picture as it came turned into one that may be kept: upright, small, without metadata."""

import io
import warnings

import msgspec
from PIL import Image, ImageOps, UnidentifiedImageError

from alliance.errors import Refused

MAX_BYTES = 12_000_000
MAX_PIXELS = 50_000_000
MAX_SIDE = 1600
FORMATS = ("JPEG", "PNG", "WEBP")


class Picture(msgspec.Struct, frozen=True, kw_only=True):
    jpeg: bytes
    width: int
    height: int


def clean(given: bytes) -> Picture:
    """Known by its content, turned as its EXIF says, then encoded anew so that no metadata is left."""
    if len(given) > MAX_BYTES:
        raise Refused(
            "too_large", f"a photo may have {MAX_BYTES // 1_000_000} MB; this has {len(given)} bytes"
        )
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(io.BytesIO(given), formats=FORMATS) as image:
                return _encode(_upright(image))
    except Image.DecompressionBombError as error:
        raise _too_many_pixels() from error
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, EOFError) as error:
        raise Refused("bad_media", "this is no JPEG, PNG or WebP picture, or it is damaged") from error


def _too_many_pixels() -> Refused:
    return Refused(
        "too_large", f"a photo may have {MAX_PIXELS // 1_000_000} million pixels; take a smaller one"
    )


def _upright(image: Image.Image) -> Image.Image:
    if image.width * image.height > MAX_PIXELS:
        raise _too_many_pixels()
    if image.format == "JPEG":
        image.draft("RGB", (MAX_SIDE, MAX_SIDE))
    turned = _opaque(ImageOps.exif_transpose(image))
    turned.thumbnail((MAX_SIDE, MAX_SIDE), Image.Resampling.LANCZOS)
    return turned


def _opaque(image: Image.Image) -> Image.Image:
    if not image.has_transparency_data:
        return image.convert("RGB")
    layered = image.convert("RGBA")
    ground = Image.new("RGBA", layered.size, "white")
    return Image.alpha_composite(ground, layered).convert("RGB")


def _encode(image: Image.Image) -> Picture:
    # A bare copy of the pixels: Pillow would otherwise carry comments and profiles of the source along.
    bare = Image.frombytes("RGB", image.size, image.tobytes())
    out = io.BytesIO()
    bare.save(out, "JPEG", quality=82, optimize=True)
    return Picture(jpeg=out.getvalue(), width=bare.width, height=bare.height)
