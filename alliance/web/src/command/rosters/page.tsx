/** Rosters: the list with a new draft, and one roster. */
import { useEffect } from 'preact/hooks'
import { get, type Page } from '../../api.ts'
import { dateTime, number } from '../../i18n.ts'
import { Empty, Failed, Tag } from '../../ui/parts.tsx'
import { useLoad } from '../../ui/load.ts'
import { common } from '../../words.ts'
import { isCommand } from '../../session.ts'
import { onEvent } from '../desk.ts'
import type { RosterItem } from '../items.ts'
import { go, href, route } from '../router.ts'
import { rosterState } from '../codes.ts'
import { Split } from '../split.tsx'
import { t } from '../texts.ts'
import { rosterTone } from '../tones.ts'
import { Demand } from './demand.tsx'
import { Detail } from './detail.tsx'
import { spanText } from './days.ts'
import { NewDraft } from './draft.tsx'
import { r } from './texts.ts'
import './rosters.css'

/** The key of the page that shows how weights become units. */
const DEMAND = 'demand'
const ABOUT_ROSTERS = /^roster_/

export default function RostersPage() {
  const { value, refused, again } = useLoad((signal) => get<Page<RosterItem>>('/rosters', undefined, signal), [])
  useEffect(() => onEvent(({ kind }) => {
    if (ABOUT_ROSTERS.test(kind)) again()
  }), [again])
  const demand = route.value.key === DEMAND
  const chosen = route.value.key === null || demand ? null : Number(route.value.key)
  return (
    <Split list={t('rosters')} shown={t('roster_detail')} items={
      <>
        {isCommand() && value !== null && <NewDraft rosters={value.items} onMade={(made) => { again(); go('rosters', made.id) }} />}
        <p class="list-head"><a href={href('rosters', DEMAND)} aria-current={demand}>{r('demand')}</a></p>
        {refused !== null && <Failed text={refused} retry={again} />}
        {value === null && refused === null && <Empty>{common('loading')}</Empty>}
        {value?.items.length === 0 && <Empty>{t('no_rosters')}</Empty>}
        {value?.items.map((item) => <Row key={item.id} item={item} chosen={item.id === chosen} />)}
      </>}>
      {demand ? <Demand /> : chosen === null ? value !== null && <Empty>{t(isCommand() ? 'pick_roster' : 'pick_roster_only')}</Empty> : <Detail key={chosen} id={chosen} rosters={value?.items ?? []} onChanged={again} />}
    </Split>
  )
}

export const period = ({ first_day, last_day }: RosterItem): string => spanText(first_day, last_day)

function Row({ item, chosen }: { item: RosterItem; chosen: boolean }) {
  return (
    <a class="list-row" href={href('rosters', item.id)} aria-current={chosen}>
      <span class="row"><b>{period(item)}</b><span class="faint">#{item.id}</span><span class="grow" /><Tag tone={rosterTone(item.state)}>{rosterState(item.state)}</Tag></span>
      <span class="row muted">
        <span class="grow">{t('assignments')} {number(item.assignments)}</span><span>{t('made_at', { time: dateTime(item.made_at) })}</span>
      </span>
    </a>
  )
}
