/** Beside the map when something is chosen: an area, a cell, a person on duty, an incident. */
import { get } from '../../api.ts'
import { clockTime, dateTime, hourMinute, listed, named, percent } from '../../i18n.ts'
import { Empty, Facts, Failed, Meter, Tag } from '../../ui/parts.tsx'
import { useEvery, useLoad } from '../../ui/load.ts'
import { common, dutyState, incidentState, kindName, roleName } from '../../words.ts'
import { incidents, now, people, table, until, weights } from '../desk.ts'
import type { DutyItem, PersonItem } from '../items.ts'
import type { Area, Ground } from '../ground.ts'
import { useReached } from '../narrow.ts'
import { organisationName } from '../organisations.ts'
import { href } from '../router.ts'
import { t } from '../texts.ts'
import { ago, span } from '../time.ts'
import { stateTone } from '../tones.ts'
import { choice, chooseArea, lead, type Choice } from './lead.ts'
import { Overrides } from './overrides.tsx'
import { slotWeights } from './slot.tsx'

const DUTY_MS = 20_000

export function Panel({ ground, choice: chosen }: { ground: Ground; choice: Choice }) {
  const panel = useReached(chosen, '.stage')
  return (
    <aside class="panel chosen" ref={panel} tabIndex={-1} aria-label={t('chosen')}>
      <p><button type="button" class="plain back" onClick={() => (choice.value = null)}>‹ {t('back')}</button></p>
      {chosen.kind === 'area' && <AreaPanel key={chosen.code} ground={ground} code={chosen.code} />}
      {chosen.kind === 'cell' && <CellPanel ground={ground} index={chosen.index} />}
      {chosen.kind === 'person' && <PersonPanel key={chosen.id} ground={ground} id={chosen.id} />}
      {chosen.kind === 'incident' && <IncidentPanel ground={ground} id={chosen.id} />}
    </aside>
  )
}

function AreaLink({ ground, code }: { ground: Ground; code: string | null | undefined }) {
  const area = code == null ? undefined : ground.areas.get(code)
  if (!area) return <>{code ?? '–'}</>
  if (area.kind === 'station') return <>{named(area)}</>
  return <button type="button" class="linklike" onClick={() => chooseArea(area.code)}>{named(area)}</button>
}

function AreaPanel({ ground, code }: { ground: Ground; code: string }) {
  const area = ground.areas.get(code)
  if (!area) return <Empty>{common('none')}</Empty>
  const figure = (area.kind === 'town' ? table.value?.towns : table.value?.beats)?.get(code)
  const coverage = figure?.coverage ?? null
  return (
    <>
      <h2>{named(area)} <span class="faint">{t(area.kind)}</span></h2>
      <div class="figure">
        <span class="large">{coverage === null ? '–' : percent(coverage)}</span> <span class="muted">{t('coverage')}</span>
        {coverage !== null && <Meter share={coverage} label={t('coverage')} />}
      </div>
      <Facts rows={[
        ...(area.kind === 'beat' ? [[t('town'), <AreaLink ground={ground} code={area.town} />] as const, [t('station'), <AreaLink ground={ground} code={area.station} />] as const] : []),
        [t('present_needed'), `${figure?.present ?? 0} / ${figure?.needed ?? 0}`],
        [t('planned'), figure?.planned ?? 0],
        [t('cold_high'), `${figure?.cold ?? 0} / ${figure?.high ?? 0}`],
        [t('cells'), area.cells],
        [t('code'), <span class="mono">{area.code}</span>],
      ]} />
      <Here ground={ground} area={area} />
    </>
  )
}

/** Who is in the area now, and who should be. */
function Here({ ground, area }: { ground: Ground; area: Area }) {
  const { value, refused, again } = useLoad((signal) => get<{ items: DutyItem[] }>('/duty/now', undefined, signal), [area.code])
  useEvery(DUTY_MS, again)
  const own = value?.items.filter(({ beat }) => area.kind === 'beat' ? beat === area.code : ground.areas.get(beat)?.town === area.code)
  return (
    <>
      <h3>{t('people_here')}</h3>
      {refused !== null && <Failed text={refused} retry={again} />}
      {own?.length === 0 && <Empty>{t('nobody_here')}</Empty>}
      <ul class="rows">
        {own?.slice(0, 80).map((item) => (
          <li key={item.assignment} class="tight">
            <button type="button" class="linklike" disabled={!people.value.has(item.person)} onClick={() => showPerson(item.person)}>{item.name}</button>
            <span class="muted grow">{organisationName(item.organisation)}</span>
            <span class="muted">{hourMinute(item.start)}–{hourMinute(item.end)}</span>
            <Tag tone={item.state === 'present' ? 'good' : item.state === 'late' ? 'bad' : 'plain'}>{dutyState(item.state)}</Tag>
          </li>
        ))}
      </ul>
    </>
  )
}

export function showPerson(id: number): void {
  const place = people.value.get(id)
  choice.value = { kind: 'person', id }
  if (place) lead.value = { lon: place.lon, lat: place.lat, zoom: 14.5 }
}

function CellPanel({ ground, index }: { ground: Ground; index: number }) {
  const { cells, district } = ground
  const tier = cells.tier[index] ?? 3
  const ends = until.value?.[index] ?? 0
  const target = [0, district.targets.high, district.targets.medium, district.targets.low][tier] ?? 0
  const covered = ends > now.value
  const code = (kind: 'town' | 'station' | 'beat' | 'grid'): string => cells.codes[kind][cells[kind][index] ?? 0] ?? ''
  return (
    <>
      <h2>{t('cell')} <span class="mono faint">{cells.cells[index]}</span></h2>
      <p class="figure">
        {covered ? <><span class="large good">{span(ends - now.value)}</span> <span class="muted">{t('covered_until')} {clockTime(ends)}</span></>
          : <span class="bad">{ends > 0 ? t('cold_since', { time: dateTime(ends) }) : t('cold_now')}</span>}
      </p>
      <Facts rows={[
        [t('tier'), t((['high', 'high', 'medium', 'low'] as const)[tier] ?? 'low')],
        [t('target'), t('minutes', { n: target })],
        [t('weight'), (slotWeights.value ?? weights.value)?.[index]?.toFixed(2) ?? '–'],
        [t('town'), <AreaLink ground={ground} code={code('town')} />],
        [t('station'), <AreaLink ground={ground} code={code('station')} />],
        [t('beat'), <AreaLink ground={ground} code={code('beat')} />],
        [t('grid'), <span class="mono">{code('grid')}</span>],
      ]} />
      <Overrides key={index} cell={cells.cells[index] ?? ''} beat={code('beat')} station={code('station')} />
    </>
  )
}

function PersonPanel({ ground, id }: { ground: Ground; id: number }) {
  const { value, refused, again } = useLoad((signal) => get<PersonItem>(`/people/${id}`, undefined, signal), [id])
  const place = people.value.get(id)
  return (
    <>
      <h2>{value?.name ?? t('person')}</h2>
      {refused !== null && <Failed text={refused} retry={again} />}
      {value && (
        <Facts rows={[
          [t('organisation'), value.organisation_name],
          [t('roles'), listed(value.roles.map(({ role }) => roleName(role)))],
          [t('phone'), value.phone ?? '–'],
        ]} />
      )}
      {place ? (
        <Facts rows={[
          [t('last_fix'), ago(now.value - place.at)],
          [t('beat'), <AreaLink ground={ground} code={beatAt(ground, place.lat, place.lon)} />],
        ]} />
      ) : <Empty>{t('no_longer')}</Empty>}
      {place && <button type="button" onClick={() => showPerson(id)}>{t('show')}</button>}
    </>
  )
}

/** The beat whose middle is nearest; good enough to say where someone walks. */
function beatAt(ground: Ground, lat: number, lon: number): string | null {
  const shrink = Math.cos((lat * Math.PI) / 180)
  let best: string | null = null
  let least = Infinity
  for (const beat of ground.beats) {
    const distance = (beat.lat - lat) ** 2 + ((beat.lon - lon) * shrink) ** 2
    if (distance < least) [least, best] = [distance, beat.code]
  }
  return best
}

function IncidentPanel({ ground, id }: { ground: Ground; id: number }) {
  const item = incidents.value.get(id)
  if (!item) return <p><a href={href('incidents', id)}>{t('open_it')}</a></p>
  return (
    <>
      <h2>{kindName(item.kind)} <Tag tone={stateTone(item.state)}>{incidentState(item.state)}</Tag></h2>
      <Facts rows={[
        [t('opened'), `${dateTime(item.opened_at)} · ${ago(now.value - item.opened_at)}`],
        [t('beat'), <AreaLink ground={ground} code={item.beat} />],
        [t('reports'), item.reports ?? 1],
      ]} />
      <p><a class="button" href={href('incidents', id)}>{t('open_it')}</a></p>
    </>
  )
}
