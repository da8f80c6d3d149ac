"""HTTP of photos: taken as a form's file or as the bare picture, given back as JPEG."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any

from litestar import Request, Response, get, post
from litestar.datastructures import UploadFile

from alliance import keys
from alliance.actor import Actor, Role
from alliance.db.pool import Pool
from alliance.errors import Refused
from alliance.events import Tx
from alliance.incidents import actions, photos
from alliance.incidents.shapes import PhotoAnswer
from alliance.rest import IdempotencyKey, PathId

FORM_OVERHEAD = 100_000
# Decoding takes up to a few hundred MB: never more than two at a time, and never on the event loop.
DECODING = ThreadPoolExecutor(max_workers=2, thread_name_prefix="photo")


@post("/photos", request_max_body_size=photos.MAX_BYTES + FORM_OVERHEAD)
async def add_photo(
    request: Request[Any, Any, Any], actor: Actor, pool: Pool, now: datetime, key: IdempotencyKey = None
) -> PhotoAnswer:
    """The body is the picture itself (JPEG, PNG, WebP), or a multipart form with it as its first file."""
    actor.must(*(role for role in Role if role != Role.OBSERVER))
    given = await _given(request)
    picture = await asyncio.get_running_loop().run_in_executor(DECODING, photos.clean, given)

    async def work(tx: Tx) -> PhotoAnswer:
        number = await actions.keep_photo(tx, actor, picture, now)
        return PhotoAnswer(id=number, width=picture.width, height=picture.height)

    return await keys.answer(pool, actor, key, now, work=work, kind=PhotoAnswer)


@get("/photos/{number:int}", media_type="image/jpeg")
async def photo(actor: Actor, pool: Pool, number: PathId) -> Response[bytes]:
    async with pool.acquire() as conn:
        jpeg = await actions.photo(conn, actor, number)
    headers = {"Cache-Control": "private, max-age=86400, immutable", "Content-Disposition": "inline"}
    return Response(jpeg, media_type="image/jpeg", headers=headers)


async def _given(request: Request[Any, Any, Any]) -> bytes:
    if request.headers.get("content-type", "").lower().startswith("multipart/form-data"):
        form = await request.form()
        for value in form.values():
            if isinstance(value, UploadFile):
                return await value.read()
        raise Refused("bad_request", "the form has no file; send the picture as a file of any name")
    return await request.body()


ROUTES = [add_photo, photo]
