"""The words for terms, rules, reasons and kinds of repair, in Chinese and English."""

import msgspec

from scheduler.fairness import Load
from scheduler.holes import Kind
from scheduler.problem import Role
from scheduler.roster import Reason


class Told(msgspec.Struct, frozen=True, kw_only=True):
    zh: str
    en: str


TERMS = {
    "staffing": Told(zh="岗位力量", en="staffing"),
    "unmet": Told(zh="最低人数", en="the minimum"),
    "certified": Told(zh="持证保安", en="certified guards"),
    "over": Told(zh="超额", en="people above the desired number"),
    "travel": Told(zh="路程", en="travel"),
    "hours": Told(zh="工时均衡", en="even hours"),
    "nights": Told(zh="夜班均衡", en="even nights"),
    "weekends": Told(zh="周末均衡", en="even weekends"),
    "wish": Told(zh="个人意愿", en="wishes"),
    "team": Told(zh="本队警务区", en="the own team's beat"),
    "stability": Told(zh="班表稳定", en="keeping the published roster"),
    "under": Told(zh="低于期望人数", en="people below the desired number"),
    "together": Told(zh="结伴同岗", en="those kept together"),
    "apart": Told(zh="分开值勤", en="those kept apart"),
    "least": Told(zh="合同下限", en="contract minimums"),
    "working": Told(zh="连续上班天数", en="runs of working days"),
    "off": Told(zh="连续休息天数", en="runs of days off"),
}
LOADS = {
    Load.HOURS: Told(zh="工时", en="hours"),
    Load.NIGHTS: Told(zh="夜班", en="nights"),
    Load.WEEKENDS: Told(zh="周末班", en="weekend duties"),
}
ROLES = {Role.GUARD: Told(zh="保安员", en="guards"), Role.VOLUNTEER: Told(zh="志愿者", en="volunteers")}
RULES = {
    "one_place": Told(zh="同一时间已有班", en="already on duty then"),
    "available": Told(zh="该时段不可值班", en="not available then"),
    "day_hours": Told(zh="超过每日工时", en="over the hours of a day"),
    "week_hours": Told(zh="超过每周工时或当月加班上限", en="over the hours of a week or a month's overtime"),
    "rest": Told(zh="班次间休息不足", en="too little rest between duties"),
    "run": Told(zh="连续值班天数过多", en="too many days in a row"),
    "nights": Told(
        zh="连续夜班过多或夜班后休息不足", en="too many nights in a row, or too little rest after them"
    ),
    "night_consent": Told(zh="未同意夜班或年龄不符", en="no consent to nights, or not of the age"),
    "certificate": Told(zh="缺少有效证书", en="lacks a valid certificate"),
    "travel": Told(zh="超出出行距离", en="beyond the person's travel limit"),
    "not_alone": Told(
        zh="会有人单独值班或夜间无持证保安", en="somebody would be alone, or no certified guard at night"
    ),
    "pinned": Told(zh="已锁定的排班", en="a pinned assignment"),
    "contract_hours": Told(zh="超过合同工时", en="over the hours of the contract"),
    "contract_duties": Told(zh="超过合同班次数", en="over the duties of the contract"),
    "contract_nights": Told(zh="超过合同夜班数", en="over the nights of the contract"),
    "contract_weekends": Told(zh="超过合同周末数", en="over the weekends of the contract"),
    "succession": Told(zh="合同不允许的班次衔接", en="a succession that the contract rules out"),
}
REASONS = {
    Reason.NOBODY_AVAILABLE: Told(zh="该时段无人可值班", en="nobody is available then"),
    Reason.CERTIFICATE: Told(zh="无人持有所需证书", en="nobody available holds the certificate"),
    Reason.DISTANCE: Told(zh="可值班者均住得太远", en="all who are available live too far away"),
    Reason.LIMITS_REACHED: Told(zh="附近人员均已达工时或休息上限", en="everyone near has reached a limit"),
    Reason.NOT_WORTH_IT: Told(zh="调人会造成更大损失", en="moving anyone there would cost more elsewhere"),
}
KINDS = {
    Kind.FILL: Told(zh="空闲人员补位", en="someone free comes"),
    Kind.MOVE: Told(zh="从别处调人", en="someone comes from elsewhere"),
    Kind.REFILL: Told(zh="调人并补其原岗", en="someone comes from elsewhere and is replaced there"),
    Kind.RELEASE: Told(
        zh="调人并撤出其搭档", en="someone comes from elsewhere and the one left alone there leaves too"
    ),
    Kind.PAIR: Told(zh="两人同来", en="two come together"),
    Kind.STAND_DOWN: Told(zh="撤岗", en="those left alone stand down"),
}
