"""People by spreadsheet: what is right is taken, what is wrong comes back by row with the reason."""

import csv
import os
import subprocess
import sys
from pathlib import Path

import openpyxl
import pytest

from alliance.actor import DistrictId
from alliance.config import Unusable
from alliance.db.pool import Connection, connect
from alliance.events import Tx
from alliance.people import intake, sheet
from alliance.people.intake import Outcome
from alliance.people.sealed import Seal
from geo.datum import Datum
from tests import make
from tests.make import CELLS, NOW

SEAL = Seal(b"s" * 32)
HEADING = "姓名,单位,角色,手机,身份证号,出生日期,住址格,夜班,证书,证书号,证书起,证书止,可排时间"
HOME = CELLS["b1"][0]
GOOD = (
    f"钟家杰,company,保安,13800138000,11010519491231002X,1990-05-01,{HOME},是,guard,G1,2025-01-01,2027-01-01,"
)
VOLUNTEER = "朱泽福,组织company,volunteer,,,,,,,,,,1-5 19:00-23:00; 6 22:00-06:00"
WRONG = {
    ",company,guard,,,,,,,,,,": "name",
    "甲,nowhere,guard,,,,,,,,,,": "organisation",
    "甲,company,king,,,,,,,,,,": "role",
    "甲,company,guard,123,,,,,,,,,": "phone",
    "甲,company,guard,,110105194912310021,,,,,,,,": "id_number",
    "甲,company,guard,,,1990-13-01,,,,,,,": "born",
    "甲,company,guard,,,,here,,,,,,": "home",
    "甲,company,guard,,,,,perhaps,,,,,": "night_consent",
    "甲,company,guard,,,,,,guard,,,2027-01-01,": "valid_from",
    "甲,company,guard,,,,,,guard,,2028-01-01,2027-01-01,": "certificates",
    "甲,company,guard,,,,,,,,,,evenings": "availability",
    "甲,company,guard,,,,,,,,,,6 25:00-26:00": "availability",
    "乙,company,guard,138 0013 8000,,,,,,,,,": "phone",
}


async def district(conn: Connection) -> Tx:
    await make.district(conn)
    await make.organisation(conn, code="company")
    return Tx(conn, DistrictId(1))


async def taken_in(tx: Tx, path: Path) -> Outcome:
    return await intake.take_in(tx, sheet.read(path), SEAL, NOW)


async def test_right_rows_are_taken_and_wrong_ones_named(conn: Connection, tmp_path: Path) -> None:
    tx = await district(conn)
    path = tmp_path / "people.csv"
    path.write_text("\n".join([HEADING, GOOD, *WRONG, "", VOLUNTEER]), encoding="utf-8")
    found = await taken_in(tx, path)
    assert len(found.taken) == 2
    assert [line.row for line, _ in found.wrong] == list(range(3, 3 + len(WRONG)))
    for (line, why), column in zip(found.wrong, WRONG.values(), strict=True):
        assert why.startswith(column), f"row {line.row}: {why}"
    guard, volunteer = await conn.fetch("select * from person order by id")
    assert (guard["name"], guard["home"], guard["night_consent"]) == ("钟家杰", HOME, True)
    assert SEAL.unseal(guard["phone"], "phone") == "13800138000"
    offers = await conn.fetch(
        "select weekday, start_minute, end_minute from availability where person = $1 order by weekday",
        volunteer["id"],
    )
    assert [tuple(offer) for offer in offers] == [
        *((day, 19 * 60, 23 * 60) for day in range(5)),
        (5, 22 * 60, 30 * 60),
    ]
    assert await conn.fetchval("select kind from certificate where person = $1", guard["id"]) == "guard"


async def test_the_error_file_can_be_corrected_and_imported(conn: Connection, tmp_path: Path) -> None:
    tx = await district(conn)
    path, errors = tmp_path / "people.csv", tmp_path / "errors.csv"
    path.write_text("\n".join([HEADING, GOOD, "甲,company,king,,,,,,,,,,"]), encoding="gb18030")
    given = sheet.read(path)
    sheet.write(errors, given.heading, (await taken_in(tx, path)).wrong)
    assert errors.stat().st_mode & 0o077 == 0
    rows = list(csv.reader(errors.open(encoding="utf-8-sig")))
    assert rows[0] == ["row", "error", *HEADING.split(",")]
    assert rows[1][0] == "3"
    assert "king" in rows[1][1]
    errors.write_text(errors.read_text(encoding="utf-8-sig").replace("king", "guard"), encoding="utf-8")
    again = await taken_in(tx, errors)
    assert (len(again.taken), again.wrong) == (1, [])


async def test_a_workbook_is_read_as_it_looks(conn: Connection, tmp_path: Path) -> None:
    tx = await district(conn)
    book = openpyxl.Workbook()
    book.active.append(["name", "organisation", "role", "phone", "born", "lat", "lon", "overtime_consent"])
    book.active.append(["刘美霞", "company", "guard", 13900139000, NOW.date(), 23.25, 113.65, True])
    path = tmp_path / "people.xlsx"
    book.save(path)
    assert len((await taken_in(tx, path)).taken) == 1
    person = await conn.fetchrow("select * from person")
    assert SEAL.unseal(person["phone"], "phone") == "13900139000"
    assert (person["born"], person["overtime_consent"]) == (NOW.date(), True)
    assert person["home"].startswith("89")
    shifted = await intake.take_in(tx, sheet.read(path), Seal(b"t" * 32), NOW, datum=Datum.GCJ02)
    homes = {row["home"] for row in await conn.fetch("select home from person")}
    assert (len(shifted.taken), len(homes)) == (1, 2)


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("", "empty"),
        ("姓名,单位", "role"),
        ("name,organisation,role,shoe", "shoe"),
        ("name,姓名,role", "organisation"),
    ],
)
def test_what_is_no_such_table_is_refused(tmp_path: Path, text: str, word: str) -> None:
    path = tmp_path / "people.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(Unusable, match=word):
        sheet.read(path)


async def prepared(dsn: str) -> None:
    conn = await connect(dsn)
    await district(conn)
    await conn.execute("insert into event_counter (district_id, last) values (1, 0) on conflict do nothing")
    await conn.close()


async def test_the_command_says_what_it_took_and_exits_1_for_the_rest(dsn: str, tmp_path: Path) -> None:
    await prepared(dsn)
    path = tmp_path / "people.csv"
    path.write_text("\n".join([HEADING, GOOD, "甲,company,king,,,,,,,,,,"]), encoding="utf-8")

    def run(*words: str) -> tuple[int, str]:
        environ = {**os.environ, "DATABASE_URL": dsn, "ALLIANCE_DATA": str(tmp_path)}
        command = [sys.executable, "-m", "alliance", "import", *words]
        done = subprocess.run(command, env=environ, capture_output=True, text=True, timeout=60, check=False)
        return done.returncode, done.stdout + done.stderr

    code, said = run(str(path), "--check")
    assert (code, "1 of 2" in said) == (1, True), said
    code, said = run(str(path))
    assert (code, "1 of 2" in said, "people.errors.csv" in said, "row 3" in said) == (1, True, True, True), (
        said
    )
    conn = await connect(dsn)
    people = await conn.fetchval("select count(*) from person")
    events = [record["kind"] for record in await conn.fetch("select kind from event order by id")]
    await conn.close()
    assert (people, events) == (1, ["person_added"])
    code, said = run(str(tmp_path / "none.csv"))
    assert code == 2, said
