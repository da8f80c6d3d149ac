/** The hard rules in words: what exactly stands in the way of a duty. */
import { codes, dateTime, fill, language, type Entry } from './i18n.ts'

export interface Violation {
  rule: string
  people?: number[]
  explanation: Record<string, string | number | null>
}

const TEXTS: Record<string, Entry> = {
  one_place: ['同一时间已有别的班次', 'there is another duty at that time'],
  'available inactive': ['人员或所属组织已停用', 'the person or the organisation is not active'],
  'available leave': ['那段时间在请假', 'on leave at that time'],
  'available not_offered': ['不在本人填报的可值班时间内', 'outside the times that were offered'],
  day_hours: ['当天将达 {hours} 小时，上限 {limit} 小时', '{hours} h on that day, the limit is {limit} h'],
  week_hours: ['当周将达 {hours} 小时，上限 {limit} 小时', '{hours} h in that week, the limit is {limit} h'],
  'week_hours month': ['当月加班将达 {overtime} 小时，上限 {limit} 小时', '{overtime} h overtime in that month, the limit is {limit} h'],
  rest: ['两班之间只休息 {hours} 小时，至少要 {limit} 小时', 'only {hours} h of rest between two duties, {limit} h are needed'],
  run: ['将连续值勤 {days} 天，最多 {limit} 天', '{days} days in a row, the limit is {limit}'],
  nights: ['将连续 {nights} 个夜班，最多 {limit} 个', '{nights} nights in a row, the limit is {limit}'],
  'nights pause': ['三个夜班后只休息 {pause} 小时，至少要 48 小时', 'only {pause} h of rest after three nights, 48 h are needed'],
  'night_consent no': ['本人没有同意上夜班', 'has not agreed to nights'],
  'night_consent yes': ['夜班只限 18 至 59 岁', 'nights are for people of 18 to 59'],
  certificate: ['那天没有有效的“{kind}”证书', 'no valid “{kind}” certificate on that day'],
  travel: ['离岗位 {km} 公里，本人上限 {limit} 公里', '{km} km away, the person’s limit is {limit} km'],
  'not_alone alone': ['会有一人单独在岗', 'somebody would stand there alone'],
  'not_alone no_certified_guard': ['夜班没有持证保安员', 'a night without a certified guard'],
  pinned: ['动了固定的排班', 'it moves what is pinned'],
}

const look = codes(TEXTS)

/** A rule broken, with its figures, in the page's language. */
export function ruleText({ rule, explanation }: Violation): string {
  const variants = [explanation['reason'], explanation['consent'], 'month' in explanation ? 'month' : null, 'pause' in explanation ? 'pause' : null]
  const key = variants.map((variant) => `${rule} ${variant}`).find((one) => one in TEXTS) ?? rule
  const figures = Object.entries(explanation).map(([name, value]) => [name, typeof value === 'number' ? figure(name, value) : value ?? '–'] as const)
  return fill(look(key), Object.fromEntries(figures))
}

const figure = (name: string, value: number): string | number =>
  name === 'at' ? dateTime(value) : Number.isInteger(value) ? value : value.toFixed(1)

/** All of them as one sentence; null where there are none. */
export function rulesText(violations: unknown): string | null {
  if (!Array.isArray(violations) || violations.length === 0) return null
  const texts = [...new Set((violations as Violation[]).map(ruleText))]
  return language.value === 'zh' ? `不能这样排：${texts.join('；')}。` : `Not allowed: ${texts.join('; ')}.`
}
