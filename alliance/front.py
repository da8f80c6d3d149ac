"""The built pages: which file answers an address, compressed once, kept while the file stays the same."""

import gzip
import hashlib
import mimetypes
import re
from pathlib import Path, PurePosixPath

import msgspec

DIST = Path(__file__).parent / "web" / "dist"
HASHED = re.compile(r"assets/.+-[\w-]{8,}\.\w+")
TEXTUAL = ("text/", "application/javascript", "application/json", "application/manifest", "image/svg")
SMALLEST_COMPRESSED = 500
IMMUTABLE = "public, max-age=31536000, immutable"
REVALIDATE = "no-cache"
PAGES = {"": "index.html", "patrol": "patrol.html"}
TYPES = {".webmanifest": "application/manifest+json", ".js": "text/javascript", ".mjs": "text/javascript"}
MISSING = """<!doctype html><html lang="zh-CN"><meta charset="utf-8"><title>荔安联盟 Li'an Alliance</title>
<h1>页面尚未构建 · The pages are not built</h1>
<p>服务正在运行，但网页尚未构建：请运行 <code>ops/run</code>，或在 <code>alliance/web</code> 中运行
<code>npm ci &amp;&amp; npm run build</code>。</p>
<p>The service runs, but its pages were not built: use <code>ops/run</code>, or run
<code>npm ci &amp;&amp; npm run build</code> in <code>alliance/web</code>.</p></html>
"""


class Asset(msgspec.Struct, frozen=True, kw_only=True):
    body: bytes
    compressed: bytes | None
    media_type: str
    etag: str
    cache: str


class Front:
    """The files below a directory, read when first asked for and again when they change."""

    def __init__(self, dist: Path = DIST) -> None:
        self._dist = dist
        self._known: dict[Path, tuple[tuple[int, int], Asset]] = {}

    def built(self) -> bool:
        return (self._dist / "index.html").is_file()

    def find(self, address: str) -> Asset | None:
        """The file at an address; for one of a page's own (no dot in the last part) that page."""
        parts = PurePosixPath(address.strip("/")).parts
        if any(part.startswith(".") or "\\" in part or "\0" in part for part in parts):
            return None
        path = self._dist.joinpath(*parts)
        if parts and path.is_file():
            return self._read(path)
        if parts and "." in parts[-1]:
            return None
        page = self._dist / PAGES.get(parts[0] if parts else "", PAGES[""])
        return self._read(page) if page.is_file() else None

    def _read(self, path: Path) -> Asset:
        status = path.stat()
        stamp = (status.st_mtime_ns, status.st_size)
        known = self._known.get(path)
        if known is None or known[0] != stamp:
            known = self._known[path] = (stamp, self._asset(path))
        return known[1]

    def _asset(self, path: Path) -> Asset:
        body = path.read_bytes()
        kind = TYPES.get(path.suffix) or mimetypes.guess_type(path.name)[0] or "application/octet-stream"
        textual = kind.startswith(TEXTUAL)
        compressed = gzip.compress(body, 6) if textual and len(body) >= SMALLEST_COMPRESSED else None
        hashed = HASHED.fullmatch(path.relative_to(self._dist).as_posix())
        return Asset(
            body=body,
            compressed=compressed,
            media_type=kind,
            etag=f'"{hashlib.sha256(body).hexdigest()[:20]}"',
            cache=IMMUTABLE if hashed else REVALIDATE,
        )
