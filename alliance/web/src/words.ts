/** The words both pages use: glossary terms, kinds, states, roles. */
import { codes, dictionary, named, type Entry } from './i18n.ts'

export const common = dictionary({
  alliance: ['荔安联盟', 'Li’an Alliance'],
  cancel: ['取消', 'Cancel'],
  close: ['关闭', 'Close'],
  retry: ['重试', 'Try again'],
  loading: ['正在读取…', 'Loading…'],
  search: ['搜索', 'Search'],
  more: ['更多', 'More'],
  all: ['全部', 'All'],
  none: ['没有', 'None'],
  yes: ['是', 'Yes'],
  no: ['否', 'No'],
  reason: ['原因', 'Reason'],
  language: ['English', '中文'],
  made_up: ['示例划分', 'made-up division'],
})

export const kindName = codes({
  incident: ['协助处置', 'Incident'],
  arrest: ['协助抓获', 'Assisted arrest'],
  dispute: ['矛盾纠纷', 'Dispute'],
  publicity: ['平安宣讲', 'Publicity'],
  hazard: ['隐患', 'Hazard'],
  lead: ['线索', 'Lead'],
  lost_person: ['走失人员', 'Lost person'],
  medical: ['医疗救助', 'Medical'],
  fire: ['火情', 'Fire'],
})

export const certificateKind = codes({
  guard: ['保安员证', 'Guard certificate'],
  first_aid: ['急救证', 'First aid'],
  fire: ['消防证', 'Fire safety'],
  drone: ['无人机执照', 'Drone licence'],
})

export const leaveKind = codes({
  annual: ['年假', 'Annual leave'],
  sick: ['病假', 'Sick leave'],
  family: ['事假', 'Family leave'],
})

export interface Place {
  post_name: string
  post_name_en?: string
  beat_name: string
  beat_name_en?: string
}

/** A patrol's post bears the name of its beat already. */
export function placeText(place: Place): string {
  const post = named({ name: place.post_name, name_en: place.post_name_en ?? null })
  const beat = named({ name: place.beat_name, name_en: place.beat_name_en ?? null })
  return post.startsWith(beat) ? post : `${beat} · ${post}`
}

/** Why a place is empty, or a duty was cancelled. */
const CAUSES: Record<string, Entry> = {
  illness: ['生病', 'Illness'],
  leave: ['请假', 'Leave'],
  no_show: ['未到岗', 'No-show'],
  certificate: ['证书过期', 'Certificate expired'],
  extra: ['增加人手', 'Extra need'],
  moved: ['调往别处', 'Moved elsewhere'],
  inactive: ['人员停用', 'No longer on the force'],
  night: ['不能再上夜班', 'May do no nights any more'],
  hours: ['超出约定工时', 'Beyond the hours agreed'],
  edit: ['人工调整', 'Changed by hand'],
}
export const causeName = codes(CAUSES)

export const causeText = (cause: string, reason: string): string =>
  [causeName(cause), reasonText(cause, reason)].filter(Boolean).join(' · ')

/** What is added to the cause: the certificate, the kind of leave, or somebody's own words that say more than it. */
export function reasonText(cause: string, reason: string): string {
  if (cause === 'moved' || CAUSES[cause]?.includes(reason)) return ''
  if (cause === 'certificate') return certificateKind(reason)
  return cause === 'leave' ? leaveKind(reason) : reason
}

/** One character for the map. */
export const kindSign = codes({
  incident: ['处', 'I'], arrest: ['抓', 'A'], dispute: ['纠', 'D'], publicity: ['宣', 'P'], hazard: ['患', 'H'],
  lead: ['线', 'L'], lost_person: ['寻', 'S'], medical: ['医', 'M'], fire: ['火', 'F'],
})

export const incidentState = codes({
  open: ['待处置', 'Open'],
  dispatched: ['已调度', 'Dispatched'],
  on_scene: ['已到场', 'On scene'],
  closed: ['已结束', 'Closed'],
  confirmed: ['已核实', 'Confirmed'],
  struck: ['已撤销', 'Struck'],
})

export const roleName = codes({
  administrator: ['管理员', 'Administrator'],
  commander: ['指挥员', 'Commander'],
  chief: ['所长', 'Chief'],
  officer: ['社区民警', 'Officer'],
  manager: ['公司管理员', 'Manager'],
  lead: ['队长', 'Lead'],
  guard: ['保安员', 'Guard'],
  volunteer: ['志愿者', 'Volunteer'],
  observer: ['观察员', 'Observer'],
})

export const dutyState = codes({
  planned: ['未开始', 'Planned'],
  expected: ['待签到', 'Expected'],
  present: ['在岗', 'Present'],
  late: ['未到', 'Not arrived'],
  absent_open: ['未到', 'Not arrived'],
  left: ['已离岗', 'Left'],
  ended: ['已结束', 'Ended'],
  sos: ['求救', 'SOS'],
})
