/** What each refusal code of the service means to the person who reads it; the service's own words, which are English, on a line below. */
import { codes, fill, language, listed, type Entry } from './i18n.ts'
import { rulesText } from './rules.ts'
import { roleName } from './words.ts'

const TEXTS: Record<string, Entry> = {
  offline: ['连不上服务，请检查网络后重试。', 'The service can’t be reached. Check the network and try again.'],
  unreadable: ['服务的回答无法读取，请稍后重试。', 'The service’s answer can’t be read. Try again shortly.'],
  bad_message: ['内容有误，请检查后再试。\n{detail}', 'Something is wrong in it: {detail}'],
  bad_request: ['内容有误，请检查后再试。\n{detail}', 'Something is wrong in it: {detail}'],
  not_signed_in: ['请先登录。', 'Please sign in.'],
  wrong_password: ['账号或密码不对。', 'The login or the password is wrong.'],
  forbidden: ['您的角色无权查看或操作，如有需要请联系管理员。', 'Your role may not see or do this. Ask an administrator if you need to.'],
  forbidden_but: ['只有{roles}可以查看或操作，且限各自的管辖范围。如有需要，请联系管理员。', 'Only for {roles}, each within the own scope. Ask an administrator if you need it.'],
  not_yours: ['这不属于您。', 'This is not yours.'],
  no_consent: ['需要先同意位置说明。', 'Consent to the position notice is needed first.'],
  csrf: ['页面已过期，请刷新后重试。', 'The page is out of date. Reload it and try again.'],
  not_found: ['没有找到。', 'Not found.'],
  unknown_assignment: ['没有这个排班。', 'There is no such assignment.'],
  unknown_key: ['没有这条记录。', 'There is no such record.'],
  off_duty: ['不在值勤时间。', 'Outside duty time.'],
  out_of_order: ['现在不能这样做。\n{detail}', 'Not possible now: {detail}'],
  conflict: ['与现有内容冲突。\n{detail}', 'In conflict with what is there: {detail}'],
  rule_broken: ['违反规则。\n{detail}', 'A rule is broken: {detail}'],
  stale_version: ['别人刚刚改过，已显示最新内容，请再看一遍。', 'Someone has just changed it. The latest is shown; please look again.'],
  too_early: ['还没到时间。', 'It is too early.'],
  too_late: ['已超过时限。', 'It is too late.'],
  clock_ahead: ['设备时钟快了，请校准时间。', 'The device’s clock is ahead. Please set it right.'],
  too_large: ['内容过大。', 'Too large.'],
  bad_media: ['不支持这种文件。', 'This kind of file is not supported.'],
  version_needed: ['缺少版本，请刷新后重试。', 'The version is missing. Reload and try again.'],
  too_many: ['尝试过多，请 {retry_after} 秒后再试。', 'Too many attempts. Try again in {retry_after} s.'],
  unavailable: ['服务暂不可用，请稍后重试。', 'The service is unavailable for the moment. Try again shortly.'],
}

const look = codes(TEXTS)

export function problemText(code: string, detail: string, extra: Record<string, unknown> = {}): string {
  const rules = code === 'rule_broken' ? rulesText(extra['violations']) : null
  if (rules !== null) return rules
  const roles = code === 'forbidden' ? extra['roles'] : null
  if (Array.isArray(roles)) return fill(look('forbidden_but'), { roles: listed(roles.map((role) => roleName(String(role)))) })
  if (!(code in TEXTS)) return detail || (language.value === 'zh' ? `出错了（${code}）` : `Something went wrong (${code})`)
  return fill(look(code), { detail, retry_after: Number(extra['retry_after'] ?? 60) }).trim()
}
