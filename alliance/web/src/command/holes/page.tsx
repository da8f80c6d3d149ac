/** Open duties: what fell out or is needed in addition, who is asked, and what waits for a decision. */
import { useState } from 'preact/hooks'
import { get, type Page } from '../../api.ts'
import { dayText, hourMinute } from '../../i18n.ts'
import { Choice, Empty, Failed, Tag, type Tone } from '../../ui/parts.tsx'
import { useEvery, useLoad } from '../../ui/load.ts'
import { causeName, common, placeText } from '../../words.ts'
import { DESK, holds } from '../../session.ts'
import { now } from '../desk.ts'
import { href, route } from '../router.ts'
import { Split } from '../split.tsx'
import { Detail } from './detail.tsx'
import { ExtraNeed } from './extra.tsx'
import type { HoleItem, HoleState } from './items.ts'
import { useSoonAfter } from './soon.ts'
import { Settings } from './settings.tsx'
import { Standby } from './standby.tsx'
import { SwapList } from './swaps.tsx'
import { h, holeState } from './texts.ts'
import './holes.css'

const ABOUT_HOLES = /^(hole|offer|assignment|call)_/
const REFRESH_MS = 30_000

export default function HolesPage() {
  const { value, refused, again } = useLoad((signal) => get<Page<HoleItem>>('/holes', undefined, signal), [])
  const [shown, setShown] = useState<'open' | 'all'>('open')
  useEvery(REFRESH_MS, again)
  useSoonAfter(ABOUT_HOLES, again)
  const desk = holds(...DESK)
  const chosen = route.value.key === null ? null : Number(route.value.key)
  const items = (value?.items ?? []).filter((one) => shown === 'all' || one.state === 'open' || one.id === chosen)
  return (
    <Split list={h('title')} shown={h('where')} items={
      <>
        {desk && <ExtraNeed onMade={again} />}
        <div class="side-tools">
          <Choice<'open' | 'all'> label={h('what')} value={shown} onChange={setShown} options={[['open', h('still_open')], ['all', h('all')]]} />
        </div>
        {refused !== null && <Failed text={refused} retry={again} />}
        {value === null && refused === null && <Empty>{common('loading')}</Empty>}
        {value !== null && items.length === 0 && <Empty>{h('none_open')}</Empty>}
        {items.map((item) => <Row key={item.id} item={item} chosen={item.id === chosen} />)}
        {desk && <SwapList />}
        <Settings />
      </>}>
      {chosen === null ? <><Empty>{h('pick')}</Empty>{desk && <Standby />}</> : <Detail key={chosen} id={chosen} onChanged={again} />}
    </Split>
  )
}

export const holeTone = (state: HoleState): Tone => (state === 'open' ? 'bad' : state === 'filled' ? 'good' : 'plain')

export const timesText = ({ start, end }: { start: number; end: number }): string =>
  `${dayText(start)} ${hourMinute(start)}–${hourMinute(end)}`

export function leftText(until: number): string {
  const seconds = Math.max(0, Math.ceil((until - now.value) / 1000))
  return h('left', { time: h('seconds', { m: Math.floor(seconds / 60), s: seconds % 60 }) })
}

function Row({ item, chosen }: { item: HoleItem; chosen: boolean }) {
  return (
    <a class="list-row" href={href('holes', item.id)} aria-current={chosen}>
      <span class="row"><b>{placeText(item)}</b><span class="grow" />
        <Tag tone={holeTone(item.state)}>{item.state === 'open' ? h('missing', { n: item.people - item.filled }) : holeState(item.state)}</Tag></span>
      <span class="row muted"><span class="grow">{timesText(item)}</span><span>{causeName(item.cause)}</span></span>
      {item.calling && (
        <span class="row warn"><span class="grow">{item.asked > 0 ? h('calling', { n: item.asked }) : h('calling_none')}</span>
          {item.expires_at !== null && <span role="timer">{leftText(item.expires_at)}</span>}</span>
      )}
    </a>
  )
}
