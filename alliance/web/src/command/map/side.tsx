/** The list that leads the map: district, towns, their beats, with coverage, staffing and cold cells. */
import { useEffect, useRef, useState } from 'preact/hooks'
import { named, number, percent } from '../../i18n.ts'
import { Choice, Meter, type Tone } from '../../ui/parts.tsx'
import type { Figure, Figures } from '../figures.ts'
import type { Area, Ground } from '../ground.ts'
import { incidents, known, table } from '../desk.ts'
import { t } from '../texts.ts'
import { choice, chooseArea, lead } from './lead.ts'

type Order = 'coverage' | 'cold' | 'name'
const ORDER_MS = 10_000
const NOTHING: Figure = { coverage: null, cold: 0, high: 0, present: 0, needed: 0, planned: 0 }

export function Side({ ground }: { ground: Ground }) {
  const [order, setOrder] = useState<Order>('name')
  const [open, setOpen] = useState<string | null>(null)
  const held = table.value
  const towns = useOrdered(ground.towns, order, held?.towns)
  const chosen = choice.value?.kind === 'area' ? ground.areas.get(choice.value.code) : undefined
  useEffect(() => {
    if (chosen) setOpen(chosen.kind === 'town' ? chosen.code : chosen.town)
  }, [chosen?.code])
  const toggle = (town: Area): void => {
    if (open === town.code && chosen?.code === town.code) {
      setOpen(null)
      choice.value = null
      lead.value = 'home'
    } else {
      setOpen(town.code)
      chooseArea(town.code)
    }
  }
  return (
    <aside class="side" aria-label={t('areas')}>
      <Summary figure={held?.district ?? NOTHING} />
      <div class="side-tools">
        <Choice<Order> label={t('sort')} value={order} onChange={setOrder}
          options={[['name', t('by_name')], ['coverage', t('by_coverage')], ['cold', t('by_cold')]]} />
      </div>
      <div class="side-head" aria-hidden="true">
        <span>{t('town_or_beat')}</span><span>{t('coverage')}</span><span>{t('staffing')}</span><span>{t('cold_short')}</span>
      </div>
      <ul class="side-list">
        {towns.map((town) => (
          <li key={town.code}>
            <AreaRow area={town} figure={held?.towns.get(town.code) ?? NOTHING} chosen={chosen?.code === town.code}
              open={open === town.code} onPick={() => toggle(town)} />
            {open === town.code && <Beats ground={ground} town={town} order={order} held={held} chosen={chosen?.code} />}
          </li>
        ))}
      </ul>
      {ground.district.made_up['towns'] === true && <p class="side-foot faint">{t('made_up')}</p>}
      {ground.district.source !== '' && <p class="side-foot faint">{t('source', { source: ground.district.source })}</p>}
    </aside>
  )
}

function Beats({ ground, town, order, held, chosen }: {
  ground: Ground; town: Area; order: Order; held: Figures | null; chosen: string | undefined
}) {
  const own = ground.beats.filter((beat) => beat.town === town.code)
  const beats = useOrdered(own, order, held?.beats)
  return (
    <ul class="side-beats">
      {beats.map((beat) => (
        <li key={beat.code}>
          <AreaRow area={beat} figure={held?.beats.get(beat.code) ?? NOTHING} chosen={chosen === beat.code} onPick={() => chooseArea(beat.code)} />
        </li>
      ))}
    </ul>
  )
}

function Summary({ figure }: { figure: Figure }) {
  const live = known.value.has('coverage')
  return (
    <dl class="summary" aria-label={t('whole')}>
      <div class="wide">
        <dt>{t('district_coverage')}</dt>
        <dd class="large">{figure.coverage === null ? '–' : percent(figure.coverage, 1)}</dd>
        {figure.coverage !== null && <Meter share={figure.coverage} label={t('district_coverage')} />}
        {!live && <p class="faint" role="status">{t('no_snapshot')}</p>}
      </div>
      <div>
        <dt>{t('present_needed')}</dt>
        <dd>{number(figure.present)}<span class="muted"> / {number(figure.needed)}</span></dd>
      </div>
      <div>
        <dt>{t('cold_high')}</dt>
        <dd>{number(figure.cold)}<span class="muted"> / {number(figure.high)}</span></dd>
      </div>
      <div>
        <dt>{t('open_incidents')}</dt>
        <dd>{number(incidents.value.size)}</dd>
      </div>
    </dl>
  )
}

function AreaRow({ area, figure, chosen, open, onPick }: {
  area: Area; figure: Figure; chosen: boolean; open?: boolean; onPick(): void
}) {
  const { coverage, present, needed, cold } = figure
  const name = named(area)
  const spoken = `${name}, ${t('coverage')} ${coverage === null ? '–' : percent(coverage)}, ${t('staffing')} ${present}/${needed}, ${t('cold_high')} ${cold}`
  return (
    <button type="button" class={`area-row ${area.kind}`} aria-expanded={open} aria-pressed={chosen} aria-label={spoken} onClick={onPick}>
      <span class="area-name">{name}</span>
      <span class="area-coverage">
        {coverage === null ? '–' : percent(coverage)}
        <span class={`meter ${tone(coverage)}`} aria-hidden="true"><i style={{ width: percent(coverage ?? 0) }} /></span>
      </span>
      <span class={needed > 0 && present < needed ? 'warn' : ''}>{needed === 0 && present === 0 ? '–' : `${present}/${needed}`}</span>
      <span class={cold > 0 ? 'bad' : 'faint'}>{cold}</span>
    </button>
  )
}

function tone(coverage: number | null): Tone | '' {
  if (coverage === null) return ''
  return coverage < 0.15 ? 'bad' : coverage < 0.4 ? 'warn' : ''
}

/** Sorted anew only now and then, so that rows don't jump under the pointer. */
function useOrdered(areas: Area[], order: Order, held: ReadonlyMap<string, Figure> | undefined): Area[] {
  const latest = useRef(held)
  latest.current = held
  const [turn, setTurn] = useState(0)
  const [sorted, setSorted] = useState(areas)
  useEffect(() => {
    const timer = setInterval(() => setTurn((count) => count + 1), ORDER_MS)
    return () => clearInterval(timer)
  }, [])
  const there = held !== undefined && held.size > 0
  useEffect(() => {
    const of = ({ code }: Area): Figure => latest.current?.get(code) ?? NOTHING
    const by = (a: Area, b: Area): number => {
      if (order === 'cold') return of(b).cold - of(a).cold || (of(a).coverage ?? 0) - (of(b).coverage ?? 0)
      if (order === 'coverage') return (of(a).coverage ?? 0) - (of(b).coverage ?? 0)
      return a.code.localeCompare(b.code)
    }
    setSorted([...areas].sort(by))
  }, [order, turn, there, areas.length, areas[0]?.code])
  return sorted.length === areas.length ? sorted : areas
}
