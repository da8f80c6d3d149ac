"""What patrols write in their reports; no third person is named."""

import random

from alliance.feed.wire import Kind

# Of a hundred reports.
SHARES: dict[Kind, int] = {
    "incident": 30, "dispute": 16, "publicity": 18, "hazard": 16, "lead": 5, "lost_person": 3, "medical": 5,
    "fire": 2, "arrest": 5,
}  # fmt: skip
TEXTS: dict[Kind, tuple[str, ...]] = {
    "incident": ("路口车辆刮擦,已协助疏导交通", "夜宵档口噪音扰民,已劝导", "商铺报警称物品被盗,已到场协助"),
    "arrest": ("协助民警控制一名涉嫌盗窃人员", "协助民警拦停可疑车辆"),
    "dispute": (
        "邻里停车纠纷,已调解",
        "租客与房东押金纠纷,双方同意到社区调解",
        "工地工资纠纷,已引导至镇街",
    ),
    "publicity": ("向商户发放反诈宣传单", "小区门口平安宣讲", "村口宣讲电动车充电安全"),
    "hazard": ("消防通道被占用", "路灯损坏", "井盖松动,已放置警示牌", "电线下垂"),
    "lead": ("群众反映有人夜间撬车门", "废弃厂房夜间有人聚集"),
    "lost_person": ("协助寻找走失老人,已转派出所", "发现走失儿童,已联系家属"),
    "medical": ("路人晕倒,已拨打120并陪护", "电动车摔倒受伤,已协助送医"),
    "fire": ("垃圾桶起火,已扑灭", "楼道电动车冒烟,已疏散并报119"),
}


def drawn(rng: random.Random) -> tuple[Kind, str]:
    """A kind by its share, and a text."""
    kind = rng.choices(list(SHARES), weights=list(SHARES.values()))[0]
    return kind, rng.choice(TEXTS[kind])
