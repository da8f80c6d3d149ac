"""The figures of reasons, repairs and fairness as sentences, Chinese first and English beside it."""

from collections.abc import Mapping
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from scheduler.candidates import Unable
from scheduler.check import Violation
from scheduler.fairness import Comparison, Load, Spread
from scheduler.holes import Move, Repair
from scheduler.narrow import Place
from scheduler.problem import PersonId, PostId, Problem
from scheduler.reasons import Because, Burden, Remedy
from scheduler.roster import Lack
from scheduler.words import KINDS, LOADS, REASONS, ROLES, RULES, TERMS, Told


class Names:
    """Names of people and posts, where known, and of shifts by their local time."""

    def __init__(
        self,
        problem: Problem,
        people: Mapping[PersonId, str] | None = None,
        posts: Mapping[PostId, str] | None = None,
    ) -> None:
        self._people, self._posts, self._zone = people or {}, posts or {}, ZoneInfo(problem.zone)
        self._shifts = {s.id: s for s in problem.shifts}

    def person(self, person: PersonId) -> str:
        return self._people.get(person, f"#{person}")

    def post(self, post: PostId) -> str:
        return self._posts.get(post, f"#{post}")

    def place(self, place: Place) -> Told:
        shift, post = self._shifts[place[1]], self.post(place[0])
        start, end = (
            datetime.fromtimestamp(t / 1000, tz=UTC).astimezone(self._zone) for t in (shift.start, shift.end)
        )
        time = f"{start:%H:%M}–{end:%H:%M}"
        return Told(zh=f"{start.month}月{start.day}日 {time} {post}", en=f"{post}, {start:%-d %b} {time}")


def rule(violation: Violation) -> Told:
    """With the figures: the limit, and what it would be."""
    name, figures = RULES[violation.rule.value], ""
    held = [violation.explanation.get(key) for key in ("hours", "overtime", "days", "nights", "km", "age")]
    value = next((v for v in held if isinstance(v, float | int)), None)
    limit = violation.explanation.get("limit")
    if value is not None and limit is not None:
        figures = f" ({value:.4g} / {limit:g})" if isinstance(limit, float | int) else ""
    return Told(zh=name.zh + figures, en=name.en + figures)


def unable(one: Unable, names: Names) -> Told:
    who, rules = names.person(one.person), [rule(v) for v in one.violations]
    away = _away(one.km)
    return Told(
        zh=f"{who}{away.zh}：{'；'.join(r.zh for r in rules)}",
        en=f"{who}{away.en}: {'; '.join(r.en for r in rules)}",
    )


def repair(one: Repair, names: Names) -> Told:
    moves = [_move(m, names) for m in one.moves]
    spoke, against = terms(one.by_term)
    return Told(
        zh=f"{KINDS[one.kind].zh}：{'；'.join(m.zh for m in moves)}。"
        f"{_sides(spoke.zh, against.zh, '得益', '代价')}",
        en=f"{KINDS[one.kind].en}: {'; '.join(m.en for m in moves)}. "
        f"{_sides(spoke.en, against.en, 'For', 'Against')}",
    )


def _move(move: Move, names: Names) -> Told:
    who = names.person(move.person)
    source = names.place(move.source) if move.source else Told(zh="空闲", en="free")
    target = names.place(move.target) if move.target else Told(zh="休息", en="home")
    return Told(zh=f"{who}（{source.zh} → {target.zh}）", en=f"{who} ({source.en} → {target.en})")


def terms(by_term: Mapping[str, float], most: int = 3) -> tuple[Told, Told]:
    """What spoke for it and against it, the weightiest first."""
    ordered = sorted(by_term.items(), key=lambda one: -abs(one[1]))
    sides = []
    for sign in (1, -1):
        side = [(TERMS[name], v) for name, v in ordered if v * sign > 5e-3][:most]
        sides.append(
            Told(
                zh="、".join(f"{name.zh} {value:+.2f}" for name, value in side),
                en=", ".join(f"{name.en} {value:+.2f}" for name, value in side),
            )
        )
    return sides[0], sides[1]


def _sides(spoke: str, against: str, yes: str, no: str) -> str:
    return " ".join(f"{word}: {side}." for word, side in ((yes, spoke), (no, against)) if side)


def assignment(one: Because, names: Names) -> Told:
    who, place = names.person(one.assignment.person), names.place((one.assignment.post, one.assignment.shift))
    spoke, against = terms(one.by_term)
    other = _other(one, names)
    return Told(
        zh=f"{who}：{place.zh}。{_sides(spoke.zh, against.zh, '支持', '不利')}{other.zh}",
        en=f"{who} at {place.en}. {_sides(spoke.en, against.en, 'For', 'Against')} {other.en}",
    )


def _other(one: Because, names: Names) -> Told:
    near = (
        Told(zh="", en="")
        if one.among is None
        else Told(zh=f"最近的 {one.among} 人中", en=f" of the {one.among} nearest")
    )
    if one.instead is None or one.behind is None:
        nobody = "Nobody else could" if one.among is None else f"None{near.en} could"
        return Told(zh=f"{near.zh}无人可依规接替。", en=f"{nobody} take it legally.")
    instead, behind = names.person(one.instead.moves[0].person), abs(one.behind)
    low, less = ("低", "less") if one.behind >= 0 else ("高", "more")
    return Told(
        zh=f"{near.zh}最佳替代 {instead}，总值{low} {behind:.2f}。",
        en=f"The best alternative{near.en}, {instead}, is worth {behind:.2f} {less}.",
    )


def shortfall(one: Remedy, names: Names) -> Told:
    short, place = one.shortfall, names.place((one.shortfall.post, one.shortfall.shift))
    kind = Told(zh="人员", en="people") if one.role is None else ROLES[one.role]
    if short.lack is Lack.CERTIFIED:
        kind = Told(zh="持证保安员", en="certified guards")
    reason = REASONS[short.reason]
    within = "" if one.within_km is None else f"{one.within_km:g}"
    near = Told(zh=f"{within} 公里内", en=f" within {within} km") if within else Told(zh="", en="")
    able = [(names.person(r.moves[0].person), r.value) for r in one.nearest.able]
    others = [unable(u, names) for u in one.nearest.unable]
    come_zh = "".join(f"{who} 可来，总值 {value:+.2f}。" for who, value in able)
    come_en = "".join(f" {who} could come, worth {value:+.2f}." for who, value in able)
    return Told(
        zh=f"{place.zh} 缺 {short.missing} 名{kind.zh}：{reason.zh}。"
        f"需{near.zh}增加 {short.missing} 名当时空闲的{kind.zh}。"
        f"{come_zh}{''.join(f'{o.zh}。' for o in others)}",
        en=f"{place.en}, {kind.en} short: {short.missing}; {reason.en}. It would take as many more"
        f"{near.en}, free then.{come_en}{''.join(f' {o.en}.' for o in others)}",
    )


def burden(one: Burden, names: Names) -> Told:
    who, role, nights = names.person(one.person), ROLES[one.role], one.carried[Load.NIGHTS]
    share, hours = 100 * one.standing[Load.NIGHTS], one.carried[Load.HOURS]
    reasons = [assignment(b, names) for b in one.nights]
    return Told(
        zh=f"{who}：{hours:g} 小时，{nights:g} 个夜班，不少于 {share:.0f}% 的{role.zh}。"
        f"{''.join(r.zh for r in reasons)}",
        en=f"{who}: {hours:g} h, {nights:g} nights, as many as or more than {share:.0f} % of the {role.en}. "
        f"{' '.join(r.en for r in reasons)}".rstrip(),
    )


def spread(one: Spread, names: Names) -> Told:
    role, load = ROLES[one.role], LOADS[one.load]
    figures = f"{one.least:g} / {one.lower:g} / {one.median:g} / {one.upper:g} / {one.most:g}"
    worst_zh = "、".join(f"{names.person(p)}（{v:g}）" for p, v in one.heaviest)
    worst_en = ", ".join(f"{names.person(p)} ({v:g})" for p, v in one.heaviest)
    return Told(
        zh=f"{role.zh}{load.zh}（{one.people} 人）：最少/下四分位/中位/上四分位/最多 {figures}，"
        f"基尼系数 {one.gini:.2f}。最多者：{worst_zh}。",
        en=f"{load.en.capitalize()} of {one.people} {role.en}: least, quartiles, most {figures}; "
        f"Gini {one.gini:.2f}. Most: {worst_en}.",
    )


def comparison(one: Comparison) -> Told:
    was, now = one.objective
    spoke, against = terms({name: pair[1] - pair[0] for name, pair in one.terms.items()})
    return Told(
        zh=f"总值 {was:.1f} → {now:.1f}。{_sides(spoke.zh, against.zh, '变好', '变差')}"
        f"保留 {one.kept} 个排班，新增 {one.added}，取消 {one.dropped}，涉及 {one.people_changed} 人。",
        en=f"Worth {was:.1f} → {now:.1f}. {_sides(spoke.en, against.en, 'Better', 'Worse')} "
        f"{one.kept} assignments kept, {one.added} added, {one.dropped} dropped; "
        f"{one.people_changed} people concerned.",
    )


def _away(km: float | None) -> Told:
    return Told(zh="", en="") if km is None else Told(zh=f"（{km:.1f} 公里）", en=f" ({km:.1f} km)")
