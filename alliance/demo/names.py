"""Plausible names of people, security companies, villages and stations, drawn with a given generator."""

import numpy as np

# Surnames with their frequency in ten-thousandths, as common around Guangzhou.
SURNAMES = {
    "陈": 1060, "李": 820, "黄": 780, "张": 560, "梁": 520, "林": 500, "刘": 490, "吴": 430, "罗": 330,
    "王": 320, "何": 310, "杨": 290, "邓": 260, "周": 260, "郭": 220, "朱": 210, "曾": 210, "叶": 200,
    "谢": 190, "温": 180, "赖": 180, "钟": 180, "黎": 170, "徐": 160, "胡": 150, "廖": 150, "冯": 140,
    "蔡": 130, "郑": 130, "单": 120, "湛": 120, "潘": 110, "刁": 60, "石": 60, "尹": 60, "姚": 60,
    "江": 60, "卢": 60, "伍": 50, "区": 40, "欧阳": 30, "司徒": 10, "汤": 40, "邱": 40, "骆": 40,
    "莫": 40, "毛": 30, "列": 20, "关": 60, "许": 100,
}  # fmt: skip
GIVEN_MEN = (
    "伟强志明建国华军勇杰涛斌辉鹏飞浩波健龙俊锋海平文东亮成荣雄坤桂福锦添景权炳泽润柏耀彬豪鸿铭毅峰宁林森祥庆"
)
GIVEN_WOMEN = (
    "芳娟丽敏静秀英霞燕玲婷雪梅莲兰珍琼慧倩玉凤云洁琳妍嘉欣怡雯佩仪彩惠爱银好带娣桂月瑶颖诗晓思少美淑群瑞"
)
GIVEN_SHARED = "子家永世春金安小俊文嘉晓宇清达国"

COMPANIES = (
    ("荔安保安服务有限公司", "Li'an Guards"),
    ("增盾保安服务有限公司", "Zengdun Guards"),
    ("穗东卫士保安服务有限公司", "Suidong Guards"),
    ("挂绿安防服务有限公司", "Gualü Safety"),
    ("新塘港保安服务有限公司", "Xintang Harbour Guards"),
    ("白水寨护卫服务有限公司", "Baishuizhai Guards"),
)

VILLAGE_FIRST = "大新上下东西南北白石龙凤荔山水竹莲官塘长高金黄"
VILLAGE_SECOND = "岗田围埔塘坑岭墩村头边湖江洞陂沥湾溪园窝"
STATION_PLACES = "城东城西城南城北江边工业园站前广场湖滨新村"


def people(rng: np.random.Generator, women: "np.typing.NDArray[np.bool_]") -> list[str]:
    """A name for each, in order; one in seven given names has one character."""
    count = len(women)
    weights = np.array(list(SURNAMES.values()), dtype=np.float64)
    surnames = rng.choice(list(SURNAMES), size=count, p=weights / weights.sum())
    first = np.where(women, _draw(rng, GIVEN_WOMEN, count), _draw(rng, GIVEN_MEN, count))
    shared = np.where(rng.random(count) < 0.45, _draw(rng, GIVEN_SHARED, count), "")
    other = np.where(women, _draw(rng, GIVEN_WOMEN, count), _draw(rng, GIVEN_MEN, count))
    middle = np.where(shared != "", shared, other)
    middle = np.where((rng.random(count) < 1 / 7) | (middle == first), "", middle)
    return [f"{a}{b}{c}" for a, b, c in zip(surnames.tolist(), middle.tolist(), first.tolist(), strict=True)]


def _draw(rng: np.random.Generator, characters: str, count: int) -> "np.typing.NDArray[np.str_]":
    return rng.choice(list(characters), size=count)


def villages(rng: np.random.Generator, count: int) -> list[str]:
    """Names without their suffix, all different."""
    pairs = [first + second for first in VILLAGE_FIRST for second in VILLAGE_SECOND]
    return [str(name) for name in rng.permutation(pairs)[:count]]
