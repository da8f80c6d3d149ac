/** The words of what asks for attention. */
import { codes, dictionary } from '../../i18n.ts'

export const t = dictionary({
  title: ['需要关注', 'Asks for attention'],
  waiting: ['{n} 项待确认', '{n} not acknowledged'],
  spoken: ['{n} 项需要关注，{m} 项待确认', '{n} ask for attention, {m} not acknowledged'],
  nothing: ['现在没有需要关注的事项。', 'Nothing asks for attention now.'],
  nothing_of_it: ['没有这类事项。', 'Nothing of that kind.'],
  nothing_past: ['还没有已结束的事项。', 'Nothing has ended yet.'],
  all_kinds: ['全部', 'All'],
  kind: ['事项', 'Kind'],
  shown: ['显示', 'Show'],
  open_ones: ['未结束', 'Open'],
  past_ones: ['已结束', 'Ended'],
  since: ['{time} 起 · {ago}', 'since {time} · {ago}'],
  cells: ['{n} 个高需求六角格', '{n} cells of high demand'],
  nobody: ['应有人在岗，现无人', 'should be staffed, and is empty'],
  acknowledge: ['确认', 'Acknowledge'],
  acknowledge_all: ['全部确认', 'Acknowledge all'],
  acknowledge_shown: ['确认所列 {n} 项', 'Acknowledge the {n} listed'],
  seen_by: ['{name} {time} 已确认', '{name}, {time}'],
  close: ['关闭', 'Close'],
  close_why: ['为什么不再需要关注', 'Why it needs no more attention'],
  close_line: ['原因消失时会自行结束；在此之前关闭，同一原因不会再次提醒。记录会保留。',
    'It ends by itself when its cause is gone. Closed before, the same cause is not raised again. The record stays.'],
  thresholds: ['提醒阈值', 'Thresholds'],
  thresholds_line: ['0 表示关闭该规则。修改后立即生效，并记入审计。', '0 switches a rule off. A change takes effect at once and is on record.'],
  save: ['保存', 'Save'],
  saved: ['已保存', 'Saved'],
  unit_minutes: ['分钟', 'minutes'],
  unit_percent: ['%', '%'],
  unit_times: ['倍目标间隔', 'target intervals'],
  show_more: ['再显示', 'Show more'],
  on_map: ['在地图上看', 'Show on the map'],
})

export const kindName = codes({
  sos: ['求救', 'SOS'],
  unstaffed: ['无人在岗', 'Nobody in the beat'],
  not_arrived: ['未到岗', 'Not arrived'],
  silent: ['失联', 'Silent phone'],
  left_beat: ['离开警务区', 'Left the beat'],
  still: ['久未移动', 'Still for long'],
  cold: ['高需求冷区', 'Cold, high demand'],
  battery: ['电量低', 'Battery low'],
})

export const stateName = codes({
  open: ['待确认', 'Open'],
  acknowledged: ['已确认', 'Acknowledged'],
  resolved: ['自行结束', 'Resolved'],
  closed: ['已关闭', 'Closed'],
})
