"""How people are: when they come and go, what they report and how they answer; every chance in one place."""

import random

import msgspec

from alliance.feed.wire import Fix, Kind, Report

NO_SHOW = 0.03
FORGETS_CHECK_OUT = 0.03
LOSES_NETWORK_PER_HOUR = 0.35
REPORTS_PER_HOUR = 0.045
SOS_PER_HOUR = 0.0004
DECLINES = 0.12
DEGREE_M = 111_195.0

KINDS: dict[Kind, int] = {
    "incident": 30, "dispute": 16, "publicity": 18, "hazard": 16, "lead": 5, "lost_person": 3, "medical": 5,
    "fire": 2, "arrest": 5,
}  # fmt: skip
TEXTS: dict[Kind, tuple[str, ...]] = {
    "incident": ("路口车辆刮擦,已协助疏导交通", "夜宵档口噪音扰民,已劝导", "商铺报警称物品被盗,已到场协助"),
    "arrest": ("协助民警控制一名涉嫌盗窃人员", "协助民警拦停可疑车辆"),
    "dispute": ("邻里停车纠纷,已调解", "租客与房东押金纠纷,双方同意到社区调解", "工地工资纠纷,已引导至镇街"),
    "publicity": ("向商户发放反诈宣传单", "小区门口平安宣讲", "村口宣讲电动车充电安全"),
    "hazard": ("消防通道被占用", "路灯损坏", "井盖松动,已放置警示牌", "电线下垂"),
    "lead": ("群众反映有人夜间撬车门", "废弃厂房夜间有人聚集"),
    "lost_person": ("协助寻找走失老人,已转派出所", "发现走失儿童,已联系家属"),
    "medical": ("路人晕倒,已拨打120并陪护", "电动车摔倒受伤,已协助送医"),
    "fire": ("垃圾桶起火,已扑灭", "楼道电动车冒烟,已疏散并报119"),
}


class Temper(msgspec.Struct, frozen=True, kw_only=True):
    """What one person does in one duty; times in milliseconds."""

    comes: bool
    check_in_at: int
    check_out_at: int | None


def temper(rng: random.Random, start: int, end: int, now: int) -> Temper:
    """Someone whose duty already runs comes within seconds, so that a simulation starts alive."""
    planned = start + int(rng.gauss(-180_000, 240_000))
    check_in = max(planned, start - 1_750_000)
    if check_in < now:
        check_in = now + rng.randint(0, 15_000)
    leaves = end + rng.randint(-120_000, 240_000)
    forgets = rng.random() < FORGETS_CHECK_OUT
    return Temper(
        comes=rng.random() >= NO_SHOW, check_in_at=check_in, check_out_at=None if forgets else leaves
    )


def happens(rng: random.Random, per_hour: float, over_ms: int) -> bool:
    return rng.random() < per_hour * over_ms / 3_600_000


def fix(rng: random.Random, place: tuple[float, float], *, at: int, battery: float) -> Fix:
    """As a phone measures it: some metres off, now and then badly."""
    accuracy = rng.uniform(4, 25) if rng.random() > 0.01 else rng.uniform(110, 400)
    spread = accuracy / 3 / DEGREE_M
    return Fix(
        at=at,
        lat=place[0] + rng.gauss(0, spread),
        lon=place[1] + rng.gauss(0, spread),
        accuracy=round(accuracy, 1),
        battery=round(battery, 2),
    )


def report(rng: random.Random, place: tuple[float, float], *, key: str, at: int, others: list[int]) -> Report:
    kind = rng.choices(list(KINDS), weights=list(KINDS.values()))[0]
    return Report(
        key=key,
        kind=kind,
        at=at,
        lat=place[0],
        lon=place[1],
        text=rng.choice(TEXTS[kind]),
        participants=others if rng.random() < 0.7 else [],
    )


def next_fix_ms(rng: random.Random, moving: bool, speed: float) -> int:
    """15 to 20 s on the move and 60 s standing; quicker patrols measure more often."""
    if moving:
        return int(rng.uniform(15_000, 20_000) / min(max(speed, 1.0), 3.0))
    return int(rng.uniform(55_000, 62_000) / min(max(speed, 1.0), 3.0))
