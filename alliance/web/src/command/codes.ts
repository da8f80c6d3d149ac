/** What the service's codes are called on the desk. */
import { codes, type Entry } from '../i18n.ts'

export const rosterState = codes({
  solving: ['计算中', 'Computing'],
  failed: ['失败', 'Failed'],
  draft: ['草案', 'Draft'],
  published: ['已发布', 'Published'],
  discarded: ['已作废', 'Discarded'],
})

export const termName = codes({
  staffing: ['按需求到岗', 'Demand-weighted staffing'],
  unmet: ['未满足的最低人数', 'Unmet minimum'],
  certified: ['未满足的持证人数', 'Unmet certified guards'],
  under: ['低于期望', 'Under what is desired'],
  over: ['超出期望', 'Over what is desired'],
  travel: ['通勤', 'Travel'],
  hours: ['工时公平', 'Fairness of hours'],
  nights: ['夜班公平', 'Fairness of nights'],
  weekends: ['周末公平', 'Fairness of weekends'],
  wish: ['意愿', 'Wishes'],
  team: ['团队同班', 'Teams together'],
  stability: ['与已发布班表一致', 'Stability'],
  together: ['结伴同岗', 'Kept together'],
  apart: ['分开值勤', 'Kept apart'],
  least: ['合同下限', 'Contract minimums'],
  working: ['连续上班', 'Runs of working days'],
  off: ['连续休息', 'Runs of days off'],
})

/** The terms in the order of their weight for a reader. */
export const TERMS: readonly string[] = [
  'staffing', 'unmet', 'certified', 'under', 'over', 'travel', 'hours', 'nights', 'weekends', 'wish', 'team', 'stability',
  'together', 'apart', 'least', 'working', 'off',
]

export const shortfallReason = codes({
  nobody_available: ['无人可值班', 'nobody available'],
  limits_reached: ['工时已到上限', 'limits reached'],
  certificate: ['缺少证书', 'certificate'],
  distance: ['距离过远', 'too far'],
  not_worth_it: ['得不偿失', 'not worth it'],
  by_hand: ['人工更改造成', 'left by a change by hand'],
})

export const shortfallKind = codes({
  minimum: ['最低人数', 'minimum'],
  certified: ['持证人数', 'certified'],
  desired: ['期望人数', 'desired'],
})

export const phaseName = codes({
  waiting: ['排队', 'Waiting'],
  gathering: ['读取人员与需要', 'Reading people and needs'],
  preparing: ['求解器正在准备…', 'Preparing the solver…'],
  solving: ['排班', 'Assigning'],
  checking: ['检查硬规则', 'Checking the hard rules'],
  storing: ['保存', 'Storing'],
  done: ['完成', 'Done'],
})

/** The phases in their order. */
export const PHASES = ['waiting', 'gathering', 'solving', 'checking', 'storing', 'done'] as const

export const orderState = codes({
  ordered: ['已下达', 'Ordered'],
  accepted: ['已接受', 'Accepted'],
  declined: ['已拒绝', 'Declined'],
  expired: ['已过期', 'Expired'],
  on_scene: ['已到场', 'On scene'],
  done: ['已完成', 'Done'],
  withdrawn: ['已撤回', 'Withdrawn'],
})

/** What happens in the field and is worth a line on the desk; other events are for the audit. */
const EVENTS: Record<string, Entry> = {
  roster_drafted: ['班表草案', 'Roster drafted'],
  roster_published: ['班表发布', 'Roster published'],
  roster_edited: ['班表更改', 'Roster changed'],
  assignment_cancelled: ['取消排班', 'Duty cancelled'],
  assignment_missed: ['未到岗', 'Did not come'],
  assignment_made: ['补入排班', 'Put on duty'],
  hole_opened: ['出现缺岗', 'Open duty'],
  hole_filled: ['缺岗已补', 'Open duty filled'],
  swap_agreed: ['换班待批', 'Swap to decide'],
  swap_done: ['已换班', 'Swapped'],
  call_exhausted: ['补岗无人应答', 'Nobody left to ask'],
  checked_in: ['签到', 'Checked in'],
  checked_out: ['签退', 'Checked out'],
  checkpoint_scanned: ['扫码到点', 'Checkpoint scanned'],
  reported: ['上报', 'Reported'],
  incident_opened: ['新警情', 'Incident opened'],
  incident_changed: ['警情变更', 'Incident changed'],
  linked: ['关联上报', 'Linked'],
  unlinked: ['拆出上报', 'Unlinked'],
  dispatched: ['调度', 'Dispatched'],
  answered: ['调度答复', 'Answered'],
  sos_raised: ['求救', 'SOS raised'],
  sos_acknowledged: ['求救已确认', 'SOS acknowledged'],
  sos_closed: ['求救结束', 'SOS closed'],
  credited: ['计入积分', 'Credited'],
  reversed: ['积分冲正', 'Reversed'],
  contested: ['积分申诉', 'Contested'],
  job_failed: ['任务失败', 'Job failed'],
}

export const eventName = codes(EVENTS)

export const isOfTheField = (kind: string): boolean => kind in EVENTS

export const organisationKind = codes({
  company: ['保安公司', 'Security company'],
  village: ['村', 'Village'],
  community: ['社区', 'Community'],
  trade: ['行业', 'Trade group'],
  school: ['学校', 'School'],
  police: ['公安', 'Police'],
})

export const jobName = codes({
  shifts: ['生成班次', 'Make shifts'],
  partitions: ['数据分区', 'Partitions'],
  check_outs: ['自动签退', 'Automatic check-outs'],
  dispatches: ['调度过期', 'Expire dispatches'],
  duty_credit: ['值勤积分', 'Duty credit'],
  unfit: ['查找不再符合条件的排班', 'Find duties no longer allowed'],
  no_shows: ['查找未到岗', 'Find no-shows'],
  offers: ['补岗邀请', 'Offers'],
  standby: ['安排待命', 'Choose the reserve'],
  lost_rosters: ['找回中断的编制', 'Interrupted rosters'],
  demo_rosters: ['示例班表', 'Demo rosters'],
  demand: ['需求权重', 'Demand weights'],
  habits: ['学习到岗与巡逻习惯', 'Habits of attendance and patrols'],
  retention: ['到期删除轨迹', 'Retention of tracks'],
  packing: ['压实旧轨迹', 'Pack old tracks'],
  erasure: ['到期清除文字与照片', 'Erasure of texts and photos'],
  tidying: ['清理', 'Tidying'],
})

export const weekdayName = codes({
  0: ['周一', 'Mon'], 1: ['周二', 'Tue'], 2: ['周三', 'Wed'], 3: ['周四', 'Thu'], 4: ['周五', 'Fri'], 5: ['周六', 'Sat'], 6: ['周日', 'Sun'],
})

export const outcomeName = codes({
  done: ['完成', 'Done'],
  ok: ['完成', 'Done'],
  failed: ['失败', 'Failed'],
  running: ['运行中', 'Running'],
})

export const creditBy = codes({
  month: ['月', 'Month'], week: ['周', 'Week'], day: ['日', 'Day'], town: ['镇街', 'Town'], station: ['派出所', 'Station'],
  beat: ['警务区', 'Beat'], grid: ['网格', 'Grid'], organisation: ['组织', 'Organisation'], team: ['团队', 'Team'],
  person: ['人员', 'Person'], kind: ['类别', 'Kind'],
})

export const creditKind = codes({
  incident: ['协助处置', 'Incident'], arrest: ['协助抓获', 'Assisted arrest'], dispute: ['矛盾纠纷', 'Dispute'],
  publicity: ['平安宣讲', 'Publicity'], hazard: ['隐患', 'Hazard'], lead: ['线索', 'Lead'], lost_person: ['走失人员', 'Lost person'],
  medical: ['医疗救助', 'Medical'], fire: ['火情', 'Fire'], duty: ['值勤', 'Duty'], standby: ['待命', 'On call'], cap: ['月度封顶', 'Monthly cap'],
  grant: ['奖励', 'Grant'], reversal: ['冲正', 'Reversal'], duty_tracked: ['值勤（轨迹）', 'Duty, tracked'],
  duty_attested: ['值勤（证明）', 'Duty, attested'], duty_granted: ['值勤（批准）', 'Duty, granted'],
})
