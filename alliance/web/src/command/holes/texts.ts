/** The desk's words for what happens to a published roster. */
import { codes, dictionary } from '../../i18n.ts'

export const h = dictionary({
  title: ['补岗', 'Open duties'],
  still_open: ['待补', 'Open'],
  all: ['全部', 'All'],
  what: ['显示', 'Show'],
  none_open: ['没有缺岗。', 'Nothing is open.'],
  pick: ['选择一个缺岗，查看可以补上的人。', 'Choose an open duty to see who could take it.'],
  missing: ['缺 {n} 人', '{n} missing'],
  of: ['已补 {filled} / {people}', '{filled} of {people} found'],
  calling: ['正在询问 {n} 人', 'asking {n}'],
  calling_none: ['询问中', 'calling'],
  absent: ['缺勤人员', 'Absent'],
  cause: ['原因', 'Cause'],
  certified: ['须持证', 'Certified'],
  opened: ['出现于', 'Opened'],
  when: ['时间', 'When'],
  where: ['岗位', 'Post'],
  // call-out
  call: ['询问合适的人', 'Call out the right few'],
  call_again: ['继续询问', 'Go on asking'],
  at_once: ['每次询问人数', 'Asked at a time'],
  minutes: ['答复时限（分钟）', 'Minutes to answer'],
  stop: ['停止询问', 'Stop asking'],
  close: ['不再补岗', 'Leave it empty'],
  close_line: ['岗位保持空缺，并撤回未答复的邀请。', 'The place stays empty, and running offers are withdrawn.'],
  offers: ['邀请', 'Offers'],
  no_offers: ['还没有询问过任何人。', 'Nobody was asked yet.'],
  person: ['人员', 'Person'],
  asked_at: ['询问时间', 'Asked'],
  answer: ['答复', 'Answer'],
  left: ['剩 {time}', '{time} left'],
  seconds: ['{m} 分 {s} 秒', '{m} min {s} s'],
  // candidates
  candidates: ['可以补上的人', 'Who could take it'],
  no_candidates: ['附近没有更多可以合规补上的人（已询问的不再列出）。', 'Nobody else near could take it within the rules (those asked are not listed again).'],
  gain: ['得失', 'Gain'],
  terms: ['分项', 'By term'],
  km: ['{km} 公里', '{km} km'],
  last_asked: ['上次被询问', 'Last asked'],
  never: ['从未', 'never'],
  standby: ['待命', 'On call'],
  guard: ['保安员', 'Guard'],
  volunteer: ['志愿者', 'Volunteer'],
  has_certificate: ['持证', 'certified'],
  name: ['姓名', 'Name'],
  why_not: ['能否补上？', 'Could they take it?'],
  could: ['可以', 'Yes'],
  nobody_named: ['没有找到这个人。', 'Nobody of that name was found.'],
  // extra need
  extra: ['增加人手', 'More people'],
  beat: ['警务区', 'Beat'],
  post: ['岗位', 'Post'],
  day: ['日期', 'Day'],
  shift: ['班次', 'Shift'],
  people: ['人数', 'People'],
  of_them_certified: ['其中持证', 'of them certified'],
  why: ['事由', 'Reason'],
  ask_for: ['提出', 'Ask for them'],
  choose: ['请选择', 'Choose'],
  // reserve
  standby_title: ['待命人员', 'On call'],
  no_standby: ['这一天没有安排待命。班表发布后会自动安排。', 'Nobody is on call that day. The reserve is chosen once a roster is published.'],
  called_in: ['已补岗', 'Called in'],
  town: ['镇街', 'Town'],
  state: ['状态', 'State'],
  // repairs
  repairs: ['直接调整', 'Change it directly'],
  repairs_line: ['由系统找出改动最小的办法：空闲的人补上，或从附近岗位调人。', 'The smallest changes that fill it: somebody free, or somebody moved from near by.'],
  find_repairs: ['查找办法', 'Find the best changes'],
  no_repairs: ['附近没有合规的办法。', 'Near by no change is within the rules.'],
  who_moves: ['人员变动', 'Who moves'],
  carry_out: ['执行', 'Carry out'],
  carry_out_title: ['调整班表', 'Change the roster'],
  carry_out_line: ['执行时再次核对规则；相关人员的手机立即收到通知。', 'The rules are checked again at that moment; the phones concerned hear of it at once.'],
  free_before: ['空闲', 'free'],
  goes_home: ['回家', 'goes home'],
  // settings
  settings: ['补岗设置', 'Settings'],
  no_show_minutes: ['开始后多少分钟未签到算未到岗（空：不自动查找）', 'Minutes after the start until missed (empty: never by time)'],
  standby_percent: ['待命比例（%）', 'Reserve on call (%)'],
  swap_approval: ['换班须民警同意', 'Swaps wait for an officer'],
  save: ['保存', 'Save'],
  saved: ['已保存。', 'Saved.'],
  // swaps
  swaps: ['换班待批', 'Swaps to decide'],
  no_swaps: ['没有待批的换班。', 'No swap waits for you.'],
  swap_line: ['{from} → {to}', '{from} → {to}'],
  in_return: ['换回：{what}', 'In return: {what}'],
  approve: ['同意', 'Approve'],
  refuse: ['不同意', 'Refuse'],
  refuse_title: ['不同意换班', 'Refuse the swap'],
  other_swaps: ['其他换班', 'Other swaps'],
  nobody_yet: ['等人接班', 'nobody yet'],
  // absence
  mark_absent: ['缺勤', 'Absent'],
  mark_title: ['{name} 缺勤', '{name} is absent'],
  mark_line: ['班次将取消并记录原因，随后可以请人补岗。', 'The duty is cancelled with its reason; others can be asked then.'],
})

export const repairKind = codes({
  fill: ['补上', 'Fill'],
  move: ['调来', 'Move'],
  refill: ['调来并补位', 'Move and refill'],
  release: ['调来并撤下一人', 'Move, another goes home'],
  pair: ['两人同来', 'Two come'],
  stand_down: ['撤下落单的人', 'Stand down'],
})

export const swapState = codes({
  open: ['等人接班', 'Open'],
  proposed: ['等待发起人', 'Waits for its owner'],
  agreed: ['待批', 'To decide'],
  done: ['已换班', 'Done'],
  cancelled: ['已撤回', 'Withdrawn'],
  expired: ['已失效', 'Over'],
  refused: ['未同意', 'Refused'],
})

export const holeState = codes({
  open: ['待补', 'Open'],
  filled: ['已补', 'Filled'],
  closed: ['已关闭', 'Closed'],
})

export const endReason = codes({
  came: ['本人已到岗', 'came after all'],
  ended: ['班次已结束', 'the shift is over'],
})

export const offerState = codes({
  asked: ['待答复', 'Waiting'],
  accepted: ['已接下', 'Accepted'],
  declined: ['谢绝', 'Declined'],
  expired: ['未答复', 'No answer'],
  withdrawn: ['已撤回', 'Withdrawn'],
  refused: ['愿意但不合规', 'Willing, against a rule'],
})
