/** Beside the map when nothing is chosen: open incidents, then what just happened. */
import { useMemo } from 'preact/hooks'
import { clockTime, hourMinute, named } from '../../i18n.ts'
import type { IncidentItem } from '../../state.ts'
import { Empty, Tag } from '../../ui/parts.tsx'
import { incidentState, kindName } from '../../words.ts'
import type { EventMessage } from '../../wire.ts'
import { Summary } from '../attention/badge.tsx'
import type { Ground } from '../ground.ts'
import { events, incidents, now } from '../desk.ts'
import { eventName } from '../codes.ts'
import { t } from '../texts.ts'
import { ago } from '../time.ts'
import { stateTone } from '../tones.ts'
import { choice, chooseArea, lead } from './lead.ts'

const INCIDENTS_SHOWN = 40
const EVENTS_SHOWN = 60

export function Happening({ ground }: { ground: Ground }) {
  const open = useMemo(
    () => [...incidents.value.values()].sort((a, b) => b.opened_at - a.opened_at), [incidents.value],
  )
  return (
    <aside class="panel" aria-label={t('happening')}>
      <Summary />
      <h2>{t('open_incidents')} <span class="muted">{open.length}</span></h2>
      {open.length === 0 ? <Empty>{t('no_open_incidents')}</Empty> : (
        <ul class="cards">{open.slice(0, INCIDENTS_SHOWN).map((item) => <Card key={item.id} item={item} ground={ground} />)}</ul>
      )}
      <h2>{t('happening')}</h2>
      {events.value.length === 0 ? <Empty>{t('nothing_yet')}</Empty> : (
        <ol class="ticker">{events.value.slice(0, EVENTS_SHOWN).map((event) => <Line key={event.id} event={event} ground={ground} />)}</ol>
      )}
    </aside>
  )
}

function Card({ item, ground }: { item: IncidentItem; ground: Ground }) {
  const beat = item.beat === null ? undefined : ground.areas.get(item.beat)
  const show = (): void => {
    choice.value = { kind: 'incident', id: item.id }
    lead.value = { lon: item.lon, lat: item.lat, zoom: 13.5 }
  }
  return (
    <li>
      <button type="button" class="card" onClick={show}>
        <span class="row">
          <b>{kindName(item.kind)}</b>
          <Tag tone={stateTone(item.state)}>{incidentState(item.state)}</Tag>
          <span class="grow" />
          <span class="muted">{ago(now.value - item.opened_at)}</span>
        </span>
        <span class="muted">{beat ? named(beat) : ''}{(item.reports ?? 1) > 1 ? ` · ${t('reports')} ${item.reports}` : ''}</span>
      </button>
    </li>
  )
}

function Line({ event, ground }: { event: EventMessage; ground: Ground }) {
  const code = typeof event.data['beat'] === 'string' ? event.data['beat'] : null
  const beat = code === null ? undefined : ground.areas.get(code)
  const kind = typeof event.data['kind'] === 'string' ? kindName(event.data['kind']) : ''
  const state = event.kind === 'incident_changed' ? incidentState(String(event.data['to'])) : ''
  return (
    <li>
      <time title={clockTime(event.at)}>{hourMinute(event.at)}</time>
      <span>
        {eventName(event.kind)}{[kind, state].filter(Boolean).map((text) => ` · ${text}`)}
        {beat && <> · <button type="button" class="linklike" onClick={() => chooseArea(beat.code)}>{named(beat)}</button></>}
      </span>
    </li>
  )
}
