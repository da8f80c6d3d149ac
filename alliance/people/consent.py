"""The text people consent to before any of their positions is taken."""

from alliance.people.model import ConsentText

TEXT = ConsentText(
    version="2026-1",
    zh=(
        "我同意荔安联盟在我值勤签到后至签退前（以及我主动发起求助期间）记录我的位置，用于安排和调度巡防、"
        "计算巡防覆盖、核定值勤时长与积分，以及保障我的安全。不值勤时不记录位置。原始位置最多保存30天，"
        "按人记录的到访最多保存180天。指挥中心、所属警务区民警和所属单位管理员可在值勤期间看到我的位置；"
        "任何人查看我的轨迹都须说明理由并留下记录，我可以随时查阅。我可以随时撤回同意，撤回后不再记录位置。"
    ),
    en=(
        "I agree that the Li'an Alliance records my position from my check-in to my check-out (and while I "
        "call for help), to plan and dispatch patrols, to compute coverage, to establish my hours and my "
        "credits, and for my safety. No position is recorded off duty. Raw positions are kept for at most "
        "30 days, visits per person for at most 180. The command centre, the officers of my beat and the "
        "manager of my organisation see my position while I am on duty; whoever looks at my track must say "
        "why, and I can read who did. I can withdraw this consent at any time; from then on no position is "
        "recorded."
    ),
)
