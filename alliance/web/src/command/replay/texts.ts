/** The words of the replay and of the visits' layer. */
import { dictionary } from '../../i18n.ts'

export const t = dictionary({
  replay: ['回放', 'Replay'],
  end: ['返回实时', 'Back to live'],
  bar: ['覆盖回放', 'Replay of coverage'],
  day: ['日期', 'Day'],
  shift: ['班次', 'Shift'],
  whole_day: ['全天', 'Whole day'],
  play: ['播放', 'Play'],
  pause: ['暂停', 'Pause'],
  time: ['时刻', 'Time'],
  speed: ['速度', 'Speed'],
  times: ['{n} 倍', '{n}×'],
  at: ['{time}，覆盖 {share}', '{time}, {share} covered'],
  whole: ['时段覆盖 {share}', 'Coverage of the window {share}'],
  places_only: ['只显示地方，不显示人员', 'places only, no people'],
  not_begun: ['这个班次还没有开始。', 'This shift has not begun.'],
  visits_days: ['天数', 'Days'],
  days: ['{n} 天', '{n} d'],
  visits_of: ['近 {n} 天的到访', 'Visits of {n} days'],
})
