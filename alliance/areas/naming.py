"""Names and codes of areas that nobody gave."""

DIGITS = "零一二三四五六七八九"
SUFFIXES = ("街道", "镇", "乡", "警务区", "网格")
STATION = "派出所"


def numeral(number: int) -> str:
    """1 … 9,999 as one counts in Chinese."""
    if not 0 < number < 10_000:
        return str(number)
    text, zero = "", False
    for unit, name in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit = number // unit % 10
        if digit:
            text += ("零" if zero and text else "") + DIGITS[digit] + name
            zero = False
        else:
            zero = True
    return text.removeprefix("一") if text.startswith("一十") else text


def stem(name: str) -> str:
    """A name without what kind of area it is."""
    for suffix in SUFFIXES:
        if name.endswith(suffix) and len(name) > len(suffix):
            return name.removesuffix(suffix)
    return name


def town(number: int, of: int) -> tuple[str, str]:
    """Chinese and English, here and below."""
    return f"第{numeral(number)}片区", f"Part {number}"


def station(above: tuple[str, str], number: int, of: int) -> tuple[str, str]:
    if of == 1:
        return f"{stem(above[0])}派出所", f"{above[1]} Station"
    return f"{stem(above[0])}第{numeral(number)}派出所", f"{above[1]} Station {number}"


def beat(above: tuple[str, str], number: int, of: int) -> tuple[str, str]:
    """Of 新塘第一派出所 the third is 新塘第一所3号警务区, of 小楼派出所 小楼3号警务区."""
    stem_of = above[0].removesuffix(STATION)
    name = f"{stem_of}所" if above[0].endswith(STATION) and "第" in stem_of else stem_of
    short = above[1].replace(" Station", "").strip()
    return f"{name}{number}号警务区", f"{short}-{number}" if short[-1:].isdigit() else f"{short} {number}"


def grid(above: tuple[str, str], number: int, of: int) -> tuple[str, str]:
    return f"{stem(above[0])}{number:02}网格", f"{above[1]}/{number:02}"


def code(letter: str, number: int, of: int) -> str:
    return f"{letter}{number:0{len(str(of))}}"
