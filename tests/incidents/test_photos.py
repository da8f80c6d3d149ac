"""Photos: known by content, upright, small, without metadata; one's own, for those concerned."""

import io
from datetime import timedelta
from typing import Any

import pytest
from PIL import Image

from alliance import events
from alliance.actor import DistrictId
from alliance.errors import Refused
from alliance.incidents import actions, photos
from tests.incidents.world import World

in_module = pytest.mark.asyncio(loop_scope="module")
ORIENTATION, GPS, MAKER = 0x0112, 0x8825, 0x010F


def picture(size: tuple[int, int] = (400, 300), kind: str = "JPEG", *, orientation: int = 1) -> bytes:
    """Red above, blue below, with a place, a maker and a comment in its metadata."""
    image = Image.new("RGB", size, "red")
    image.paste("blue", (0, size[1] // 2, *size))
    exif = image.getexif()
    exif[ORIENTATION] = orientation
    exif[MAKER] = "SECRETPHONE"
    exif.get_ifd(GPS)[2] = (23.0, 17.0, 25.0)
    out = io.BytesIO()
    more = {"comment": b"SECRETNOTE"} if kind == "JPEG" else {}
    image.save(out, kind, exif=exif, **more)
    return out.getvalue()


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_nothing_of_the_metadata_is_left(kind: str) -> None:
    given = picture(kind=kind)
    assert b"SECRETPHONE" in given
    kept = photos.clean(given)
    assert b"SECRET" not in kept.jpeg
    assert b"Exif" not in kept.jpeg
    with Image.open(io.BytesIO(kept.jpeg)) as image:
        assert (image.format, image.size, dict(image.getexif())) == ("JPEG", (400, 300), {})


def test_a_picture_taken_sideways_stands_upright() -> None:
    kept = photos.clean(picture((400, 300), orientation=6))
    assert (kept.width, kept.height) == (300, 400)
    with Image.open(io.BytesIO(kept.jpeg)) as image:
        right, left = colour(image, 290, 200), colour(image, 10, 200)
    assert right[0] > 200 > right[2]  # what was above is to the right
    assert left[2] > 200 > left[0]


def colour(image: Image.Image, x: int, y: int) -> tuple[int, int, int]:
    red, green, blue = image.crop((x, y, x + 1, y + 1)).tobytes()
    return red, green, blue


def test_a_large_picture_is_made_small() -> None:
    kept = photos.clean(picture((4000, 3000)))
    assert (kept.width, kept.height) == (1600, 1200)


@pytest.mark.parametrize("mode", ["P", "L", "LA", "RGBA", "1", "CMYK", "I;16"])
def test_every_colour_mode_comes_out_as_colour(mode: str) -> None:
    image = Image.new(mode, (20, 10)) if mode == "I;16" else Image.new("RGB", (20, 10), "white").convert(mode)
    out = io.BytesIO()
    image.save(out, "JPEG" if mode == "CMYK" else "PNG")
    kept = photos.clean(out.getvalue())
    with Image.open(io.BytesIO(kept.jpeg)) as made:
        assert (made.mode, made.size) == ("RGB", (20, 10))


def test_what_is_transparent_becomes_white() -> None:
    out = io.BytesIO()
    Image.new("RGBA", (8, 8), (0, 0, 0, 0)).save(out, "PNG")
    with Image.open(io.BytesIO(photos.clean(out.getvalue()).jpeg)) as made:
        assert made.getpixel((4, 4)) == (255, 255, 255)


def gif() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (8, 8)).save(out, "GIF")
    return out.getvalue()


@pytest.mark.parametrize(
    "given",
    [b"", b"not a picture", b"<svg xmlns='http://www.w3.org/2000/svg'/>", picture()[:2000], gif()],
    ids=["empty", "text", "svg", "cut off", "gif"],
)
def test_what_is_no_whole_picture_is_refused(given: bytes) -> None:
    with pytest.raises(Refused) as refused:
        photos.clean(given)
    assert refused.value.code == "bad_media"


@pytest.mark.parametrize("size", [(8000, 6300), (13500, 13500)])
def test_a_decompression_bomb_is_refused_before_it_unfolds(size: tuple[int, int]) -> None:
    out = io.BytesIO()
    Image.new("1", size).save(out, "PNG")
    assert len(out.getvalue()) < 200_000
    with pytest.raises(Refused) as refused:
        photos.clean(out.getvalue())
    assert refused.value.code == "too_large"


async def upload(world: World, name: str, content: bytes, *, form: bool = False, key: str = "") -> Any:
    sent = {"Authorization": f"Bearer {world.tokens[name]}"}
    if key:
        sent["Idempotency-Key"] = key
    if form:
        files = {"photo": ("holiday.exe", content, "application/octet-stream")}
        return await world.service.client.post("/api/v1/photos", files=files, headers=sent)
    sent["Content-Type"] = "text/plain"
    return await world.service.client.post("/api/v1/photos", content=content, headers=sent)


@in_module
@pytest.mark.parametrize("form", [False, True])
async def test_a_photo_comes_as_body_or_form_and_goes_with_its_report(world: World, form: bool) -> None:
    answer = await upload(world, "o1 guard", picture(orientation=6), form=form)
    assert answer.status_code == 201, answer.text
    made = answer.json()
    assert (made["width"], made["height"]) == (300, 400)
    path = f"/photos/{made['id']}"
    for name, status in {"o1 guard": 200, "officer": 404, "o2 guard": 404}.items():
        assert (await world.ask(name, "GET", path)).status_code == status
    told = await world.report("o1 guard", photos=[made["id"]])
    statuses = {"o1 guard": 200, "officer": 200, "commander": 200, "o1 manager": 200}
    statuses |= {"o2 guard": 404, "o2 manager": 404, "far officer": 404, "observer": 404}
    for name, status in statuses.items():
        assert (await world.ask(name, "GET", path)).status_code == status, name
    shown = await world.ask("officer", "GET", path)
    assert shown.headers["content-type"] == "image/jpeg"
    assert Image.open(io.BytesIO(shown.content)).size == (300, 400)
    found = await world.get("officer", f"/incidents/{told['incident']}")
    assert found["reports"][0]["photos"] == [made["id"]]


@in_module
async def test_only_an_own_unused_photo_goes_with_a_report(world: World) -> None:
    mine = (await upload(world, "o1 guard", picture())).json()["id"]
    body = {"kind": "hazard", "at": world.now(), "lat": 23.2, "lon": 113.6, "photos": [mine]}
    assert (await world.ask("o2 guard", "POST", "/reports", body)).json()["code"] == "not_yours"
    assert (await world.ask("o1 guard", "POST", "/reports", body)).status_code == 201
    assert (await world.ask("o1 guard", "POST", "/reports", body)).json()["code"] == "not_yours"


@in_module
async def test_a_refused_upload_is_a_problem_document(world: World) -> None:
    wrong = await upload(world, "o1 guard", b"not a picture")
    assert (wrong.status_code, wrong.json()["code"]) == (415, "bad_media")
    large = await upload(world, "o1 guard", bytes(photos.MAX_BYTES + 200_000))
    assert (large.status_code, large.json()["code"]) == (413, "too_large")
    watching = await upload(world, "observer", picture())
    assert watching.status_code == 403


@in_module
async def test_the_same_key_stores_a_photo_once(world: World) -> None:
    one, two = [(await upload(world, "o1 guard", picture(), key="p1")).json()["id"] for _ in range(2)]
    assert one == two


@in_module
async def test_old_texts_and_photos_and_lost_peoples_descriptions_go(world: World) -> None:
    unused = (await upload(world, "o1 guard", picture())).json()["id"]
    used = (await upload(world, "o1 guard", picture())).json()["id"]
    lost = await world.report("o1 guard", "lost_person", text="七旬老人，蓝上衣", photos=[used])
    kept = await world.report("o1 guard", "hazard", text="井盖缺失", at=world.now(hours=2))
    assert (await world.step("officer", lost["incident"], "close")).status_code == 200

    async def texts_after(**span: float) -> list[str | None]:
        await world.turn_to(world.service.clock.now + timedelta(**span))
        async with events.transaction(world.service.pool, DistrictId(world.district)) as tx:
            await actions.erase(tx, world.service.clock.now)
        pages = [await world.get("officer", f"/incidents/{one['incident']}") for one in (lost, kept)]
        return [page["reports"][0]["text"] for page in pages]

    assert await texts_after(days=29) == ["七旬老人，蓝上衣", "井盖缺失"]
    assert (await world.ask("officer", "GET", f"/photos/{used}")).status_code == 200
    assert await texts_after(days=2) == [None, "井盖缺失"]
    assert await texts_after(days=2 * 365 - 32) == [None, "井盖缺失"]
    assert (await world.ask("officer", "GET", f"/photos/{used}")).status_code == 200
    assert await texts_after(days=2) == [None, None]
    assert (await world.ask("officer", "GET", f"/photos/{used}")).status_code == 404
    async with world.service.pool.acquire() as conn:
        left = await conn.fetch(
            "select id from photo where district_id = $1 and jpeg is not null", world.district
        )
    assert left == [], unused
    assert timedelta(days=2) < actions.UNUSED
