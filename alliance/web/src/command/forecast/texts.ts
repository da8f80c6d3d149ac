/** The words of the forecast. */
import { dictionary } from '../../i18n.ts'

export const t = dictionary({
  title: ['未来 12 小时', 'The next 12 hours'],
  line: ['由已发布的班表、各组织各时段的一般到岗率和近 {n} 天的巡逻推算', 'From the published roster, the usual attendance by organisation and hour, and the patrols of {n} days'],
  no_past: ['还没有可学习的往日数据：到岗率与巡逻速度暂按一般经验估计。', 'There are no past days to learn from yet: attendance and patrols are put at what is usual elsewhere.'],
  people: ['预计在岗', 'People expected'],
  of_rostered: ['已排 {planned} · 需要 {needed}', 'rostered {planned} · needed {needed}'],
  coverage: ['预计覆盖', 'Coverage expected'],
  lowest: ['最低', 'Lowest'],
  at_hour: ['{time} 时', 'at {time}'],
  cold_beats: ['将变冷的警务区', 'Beats that will go cold'],
  of_beats: ['共 {n} 个', 'of {n}'],
  show_rate: ['一般到岗率', 'Usual attendance'],
  shown: ['显示', 'Show'],
  by_coverage: ['覆盖', 'Coverage'],
  by_people: ['人数', 'People'],
  which: ['警务区', 'Beats'],
  only_cold: ['将变冷', 'Going cold'],
  every: ['全部', 'All'],
  beat: ['警务区', 'Beat'],
  together: ['合计', 'Together'],
  cold: ['冷', 'cold'],
  spoken: ['{time}：覆盖 {coverage}，预计 {expected} 人，需要 {needed} 人', '{time}: coverage {coverage}, {expected} people expected, {needed} needed'],
  nothing_cold: ['未来 12 小时内没有警务区会变冷。', 'No beat will go cold in the next 12 hours.'],
  no_beats: ['没有您负责的警务区。', 'There is no beat of yours.'],
  hint: ['“冷”表示预计覆盖低于 {share}。', '“cold” means that less than {share} is expected to be covered.'],
})
