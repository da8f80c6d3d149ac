/** Incidents: the list with its filters, and one of them. */
import { useEffect, useState } from 'preact/hooks'
import { get, type Page } from '../../api.ts'
import { dateTime, named } from '../../i18n.ts'
import { Empty, Failed, Tag } from '../../ui/parts.tsx'
import { useLoad } from '../../ui/load.ts'
import { common, incidentState, kindName } from '../../words.ts'
import { ground, onEvent } from '../desk.ts'
import type { ListedIncident } from '../items.ts'
import { href, route } from '../router.ts'
import { Split } from '../split.tsx'
import { t } from '../texts.ts'
import { stateTone } from '../tones.ts'
import { Detail } from './detail.tsx'

const RUNNING = ['open', 'dispatched', 'on_scene']
const STATES = ['open', 'dispatched', 'on_scene', 'closed', 'confirmed', 'struck'] as const
const KINDS = ['incident', 'arrest', 'dispute', 'publicity', 'hazard', 'lead', 'lost_person', 'medical', 'fire'] as const
const ABOUT_INCIDENTS = new Set(['incident_opened', 'incident_changed', 'linked', 'unlinked'])
const PAGE = 100

export default function IncidentsPage() {
  const [state, setState] = useState('')
  const [kind, setKind] = useState('')
  const [beat, setBeat] = useState('')
  const [most, setMost] = useState(PAGE)
  const { value, refused, busy, again } = useLoad(
    (signal) => read({ state: state === 'running' ? RUNNING : state, kind, beat }, most, signal), [state, kind, beat, most],
  )
  useSoonAfterEvents(again)
  const number = route.value.key === null ? null : Number(route.value.key)
  return (
    <Split list={t('incidents')} shown={t('incident')} busy={busy} items={
      <>
        <div class="filters">
          <select aria-label={t('state')} value={state} onChange={(event) => setState(event.currentTarget.value)}>
            <option value="">{t('any_state')}</option>
            <option value="running">{t('running')}</option>
            {STATES.map((name) => <option key={name} value={name}>{incidentState(name)}</option>)}
          </select>
          <select aria-label={t('kind')} value={kind} onChange={(event) => setKind(event.currentTarget.value)}>
            <option value="">{t('any_kind')}</option>
            {KINDS.map((name) => <option key={name} value={name}>{kindName(name)}</option>)}
          </select>
          <select aria-label={t('beat')} value={beat} onChange={(event) => setBeat(event.currentTarget.value)}>
            <option value="">{t('any_beat')}</option>
            {ground.value?.beats.map((area) => <option key={area.code} value={area.code}>{named(area)}</option>)}
          </select>
        </div>
        {refused !== null && <Failed text={refused} retry={again} />}
        {value === null && refused === null && <Empty>{common('loading')}</Empty>}
        {value?.items.length === 0 && <Empty>{t('no_incidents')}</Empty>}
        {value?.items.map((item) => <Row key={item.id} item={item} chosen={item.id === number} />)}
        {value?.next != null && <p class="empty"><button type="button" onClick={() => setMost(most + PAGE)}>{t('show_more')}</button></p>}
      </>}>
      {number === null ? value !== null && value.items.length > 0 && <Empty>{t('pick_incident')}</Empty> : <Detail key={number} number={number} onChanged={again} />}
    </Split>
  )
}

function Row({ item, chosen }: { item: ListedIncident; chosen: boolean }) {
  const beat = item.beat === null ? undefined : ground.value?.areas.get(item.beat)
  return (
    <a class="list-row" href={href('incidents', item.id)} aria-current={chosen}>
      <span class="row">
        <b>{kindName(item.kind)}</b><Tag tone={stateTone(item.state)}>{incidentState(item.state)}</Tag>
        <span class="grow" /><span class="faint">#{item.id}</span>
      </span>
      <span class="row muted">
        <span class="grow">{beat ? named(beat) : '–'}{item.reports > 1 ? ` · ${t('reports')} ${item.reports}` : ''}</span>
        <span>{dateTime(item.opened_at)}</span>
      </span>
    </a>
  )
}

async function read(filter: Record<string, string | string[]>, most: number, signal: AbortSignal): Promise<Page<ListedIncident>> {
  const items: ListedIncident[] = []
  let next: string | null = null
  do {
    const page: Page<ListedIncident> = await get('/incidents', { ...filter, limit: Math.min(500, most - items.length), cursor: next }, signal)
    items.push(...page.items)
    next = page.next ?? null
  } while (next !== null && items.length < most)
  return { items, next }
}

/** Reads again shortly after something happened to an incident; a storm of events makes one reading. */
function useSoonAfterEvents(again: () => void): void {
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined
    const undo = onEvent(({ kind }) => {
      if (!ABOUT_INCIDENTS.has(kind) || timer !== undefined) return
      timer = setTimeout(() => {
        timer = undefined
        again()
      }, 1000)
    })
    return () => {
      undo()
      clearTimeout(timer)
    }
  }, [again])
}
