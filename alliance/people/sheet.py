"""Spreadsheets of people, CSV or XLSX with a heading: read by row, and what was not taken written back."""

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import msgspec
import openpyxl
from openpyxl.utils.exceptions import InvalidFileException

from alliance.config import Unusable

# What each column may be called in a heading.
COLUMNS = {
    "name": ("name", "姓名"),
    "organisation": ("organisation", "单位", "组织"),
    "role": ("role", "角色"),
    "area": ("area", "辖区", "区域"),
    "unit": ("unit", "巡组", "小组"),
    "phone": ("phone", "手机", "手机号", "电话"),
    "id_number": ("id_number", "身份证号", "身份证"),
    "born": ("born", "出生日期"),
    "home": ("home", "住址网格", "住址格"),
    "lat": ("lat", "纬度"),
    "lon": ("lon", "经度"),
    "travel_limit_m": ("travel_limit_m", "出行上限米", "出行上限"),
    "night_consent": ("night_consent", "愿上夜班", "夜班"),
    "overtime_consent": ("overtime_consent", "愿加班", "加班"),
    "certificate": ("certificate", "证书", "证件"),
    "certificate_number": ("certificate_number", "证书号", "证书编号"),
    "valid_from": ("valid_from", "证书起", "有效期起"),
    "valid_until": ("valid_until", "证书止", "有效期止"),
    "availability": ("availability", "可排时间", "可巡时间"),
}
NEEDED = ("name", "organisation", "role")
# What an error file adds; a file that was corrected in place may keep them.
ADDED = ("row", "error")
NAMES = {called: name for name, calls in COLUMNS.items() for called in calls}
# Excel in Chinese writes CSV in GB 18030.
ENCODINGS = ("utf-8-sig", "gb18030")


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """A row as it stands in the file, the heading being row 1; fields that are empty are left out."""

    row: int
    cells: tuple[str, ...]
    fields: dict[str, str]


class Sheet(msgspec.Struct, frozen=True, kw_only=True):
    heading: tuple[str, ...]
    lines: list[Line]


def read(path: Path) -> Sheet:
    """Raises Unusable for a file that is no such table at all."""
    rows = _workbook(path) if path.suffix.lower() == ".xlsx" else _csv(path)
    if not rows:
        raise Unusable(f"{path} is empty: its first row must name the columns.")
    heading = tuple(rows[0])
    names = [_named(called) for called in heading]
    unknown = [called for called, name in zip(heading, names, strict=True) if name is None]
    if unknown:
        raise Unusable(f"{path}: the column {unknown[0]!r} is not known; there are: {', '.join(COLUMNS)}.")
    missing = [name for name in NEEDED if name not in names]
    if missing:
        raise Unusable(f"{path}: the column {missing[0]} ({COLUMNS[missing[0]][1]}) is missing.")
    doubled = [name for n, name in enumerate(names) if name and name in names[:n]]
    if doubled:
        raise Unusable(f"{path}: the column {doubled[0]} stands there twice.")
    lines = [_line(number, row, names) for number, row in enumerate(rows[1:], 2) if any(row)]
    return Sheet(heading=heading, lines=lines)


def write(path: Path, heading: Sequence[str], wrong: Iterable[tuple[Line, str]]) -> None:
    """The rows that were not taken, as they stood, with number and reason; readable by the owner only."""
    kept = [n for n, called in enumerate(heading) if called not in ADDED]
    rows = [[*ADDED, *(heading[n] for n in kept)]]
    for line, why in wrong:
        rows.append([str(line.row), why, *(line.cells[n] if n < len(line.cells) else "" for n in kept)])
    try:
        path.touch(mode=0o600)
        if path.suffix.lower() == ".xlsx":
            _write_workbook(path, rows)
            return
        with path.open("w", encoding="utf-8-sig", newline="") as file:
            csv.writer(file).writerows(rows)
    except OSError as error:
        raise Unusable(f"{path} can't be written: {error.strerror}.") from error


def _named(called: str) -> str | None:
    """The column; an error file's own are known, and mean nothing."""
    plain = called.strip().lower()
    return "" if plain in ADDED or not plain else NAMES.get(plain)


def _line(number: int, row: Sequence[str], names: Sequence[str | None]) -> Line:
    fields = {name: text for name, text in zip(names, row, strict=False) if name and text}
    return Line(row=number, cells=tuple(row), fields=fields)


def _csv(path: Path) -> list[list[str]]:
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise Unusable(f"{path} can't be read: {error.strerror}.") from error
    for encoding in ENCODINGS:
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        try:
            return [[cell.strip() for cell in row] for row in csv.reader(io.StringIO(text, newline=""))]
        except csv.Error as error:
            raise Unusable(f"{path} is no table: {error}.") from error
    raise Unusable(f"{path} is no table in UTF-8 or GB 18030.")


def _workbook(path: Path) -> list[list[str]]:
    """The first sheet."""
    try:
        book = openpyxl.load_workbook(path, read_only=True, data_only=True)
        try:
            return [[_text(value) for value in row] for row in book.worksheets[0].iter_rows(values_only=True)]
        finally:
            book.close()
    except OSError as error:
        raise Unusable(f"{path} can't be read: {error.strerror}.") from error
    except (InvalidFileException, BadZipFile, KeyError, ValueError) as error:
        raise Unusable(f"{path} is no workbook (.xlsx).") from error


def _text(value: Any) -> str:
    """As one would type it: dates in ISO form, whole numbers without a point."""
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case float() if value.is_integer():
            return str(int(value))
        case datetime():
            return value.date().isoformat()
        case date():
            return value.isoformat()
    return str(value).strip()


def _write_workbook(path: Path, rows: Sequence[Sequence[str]]) -> None:
    book = openpyxl.Workbook(write_only=True)
    made = book.create_sheet("errors")
    for row in rows:
        made.append(list(row))
    book.save(path)
