/** Why somebody has these nights and not fewer: the share beside the others of the role, then night by night. */
import { get } from '../../api.ts'
import { dayText, hourMinute } from '../../i18n.ts'
import { useLoad } from '../../ui/load.ts'
import { Empty, Failed } from '../../ui/parts.tsx'
import { common } from '../../words.ts'
import { Reasons } from './because.tsx'
import type { BurdenItem } from './items.ts'
import { r } from './texts.ts'

const LOADS = ['hours', 'nights', 'weekends'] as const

export function Burden({ roster, person }: { roster: number; person: number }) {
  const { value, refused, again } = useLoad((signal) => get<BurdenItem>(`/rosters/${roster}/people/${person}/burden`, undefined, signal), [roster, person])
  if (value === null) return refused === null ? <Empty>{common('loading')}</Empty> : <Failed text={refused} retry={again} />
  return (
    <div class="because">
      <p>{LOADS.map((load) => r('carries', { load: r(load), n: value.carried[load], share: Math.round(100 * value.standing[load]) })).join(' · ')}
        <span class="muted"> {r(value.role === 'guard' ? 'among_guards' : 'among_volunteers', { n: value.peers })}</span></p>
      {value.nights.length === 0 && <p>{r('no_nights')}</p>}
      <ol class="nights">{value.nights.map((night) => (
        <li key={night.assignment}><b>{dayText(night.start)} {hourMinute(night.start)}–{hourMinute(night.end)}</b><Reasons value={night.why} /></li>
      ))}</ol>
    </div>
  )
}
