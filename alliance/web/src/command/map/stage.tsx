/** The map in the page: what the desk knows goes to the view, clicks and moves come back. */
import { effect } from '@preact/signals'
import { useEffect, useRef, useState } from 'preact/hooks'
import { Marker } from 'maplibre-gl'
import { named, percent } from '../../i18n.ts'
import { theme } from '../../theme.ts'
import type { SosItem } from '../../state.ts'
import { Choice as Choose } from '../../ui/parts.tsx'
import { kindSign } from '../../words.ts'
import type { Area, Ground } from '../ground.ts'
import { incidents, now, people, sos, table, until, weights } from '../desk.ts'
import { t } from '../texts.ts'
import { opened, past, period } from '../replay/replay.ts'
import { t as replayText } from '../replay/texts.ts'
import { DAYS, readVisits, visitDays, visits, type Days } from '../replay/visits.ts'
import { choice, lead } from './lead.ts'
import { LAYERS, areaShades, coverageShades, demandShades, pastShades, tierShades, type Layer } from './shades.ts'
import { slotWeights } from './slot.tsx'
import { Search } from './search.tsx'
import { makeView, type Hit, type Label, type View } from './view.ts'

export function Stage({ ground, layer, onLayer }: { ground: Ground; layer: Layer; onLayer(layer: Layer): void }) {
  const container = useRef<HTMLDivElement>(null)
  const [view, setView] = useState<View | null>(null)
  useEffect(() => {
    if (container.current === null) return
    const made = makeView({
      container: container.current, ground, theme: theme.peek(), onHit: hit,
      onDrawn: () => performance.mark('map-drawn'),
      words: { zoomIn: t('zoom_in'), zoomOut: t('zoom_out') },
    })
    setView(made)
    return () => made.remove()
  }, [ground])
  useEffect(() => (view === null ? undefined : follow(view, ground)), [view, ground])
  useEffect(() => (view === null ? undefined : shadeCells(view, ground, layer)), [view, ground, layer])
  return (
    <>
      <div ref={container} class="map" role="region" aria-label={t('map')} />
      <div class="map-top">
        <Choose label={t('layer')} value={layer} onChange={onLayer} options={LAYERS.map((name) => [name, t(name)] as const)} />
        {layer === 'visits' && <Choose<Days> label={replayText('visits_days')} value={visitDays.value} onChange={(days) => (visitDays.value = days)}
          options={DAYS.map((days) => [days, replayText('days', { n: days })] as const)} />}
        <Search ground={ground} />
        <button type="button" onClick={() => { choice.value = null; lead.value = 'home' }}>{t('whole')}</button>
        <button type="button" aria-pressed={opened.value} onClick={() => { onLayer('coverage'); opened.value = !opened.value }}>{replayText('replay')}</button>
      </div>
    </>
  )
}

function hit(found: Hit | null): void {
  choice.value = found
}

const NOBODY: typeof people.value = new Map()

/** Everything but the cells' colours; returns the undoing. */
function follow(view: View, ground: Ground): () => void {
  const markers = new Map<number, Marker>()
  const undo = [
    effect(() => view.people(past.value === null ? people.value : NOBODY)),
    effect(() => view.incidents([...incidents.value.values()].map((item) => ({ ...item, sign: kindSign(item.kind) })))),
    effect(() => view.theme(theme.value)),
    effect(() => markSos(view, markers, sos.value)),
    effect(() => {
      const chosen = choice.value
      view.choose(chosen?.kind === 'area' ? chosen.code : null, chosen?.kind === 'cell' ? chosen.index : null)
    }),
    effect(() => {
      const target = lead.value
      if (target === null) return
      if (target === 'home') view.home()
      else if ('code' in target) view.fit(target.code)
      else view.flyTo(target.lon, target.lat, target.zoom)
      lead.value = null
    }),
    labelAreas(view, ground),
  ]
  return () => {
    for (const step of undo) step()
    for (const marker of markers.values()) marker.remove()
  }
}

function shadeCells(view: View, ground: Ground, layer: Layer): () => void {
  const { cells, district } = ground
  switch (layer) {
    case 'tiers':
      view.shade(tierShades(cells.tier))
      return () => undefined
    case 'areas':
      view.shade(areaShades(cells.town, cells.beat))
      return () => undefined
    case 'demand':
      return effect(() => view.shade(demandShades(slotWeights.value ?? weights.value ?? new Array<number>(cells.cells.length).fill(0))))
    case 'visits': {
      const undo = [
        effect(() => void readVisits(ground, visitDays.value).catch(() => undefined)),
        effect(() => { if (visits.value !== null) view.shade(demandShades(visits.value)) }),
      ]
      return () => undo.forEach((step) => step())
    }
    case 'coverage':
      return effect(() => {
        if (past.value !== null) view.shade(pastShades(past.value, cells.tier))
        else if (until.value !== null) view.shade(coverageShades(until.value, cells.tier, district.targets, now.value))
      })
  }
}

/** Names with their coverage; sent to the map only when a text on it changes. */
function labelAreas(view: View, ground: Ground): () => void {
  const shown = { towns: '', beats: '' }
  return effect(() => {
    for (const layer of ['towns', 'beats'] as const) {
      const labels = ground[layer].map((area) => label(area, past.value === null ? table.value?.[layer].get(area.code)?.coverage ?? null : period.value?.areas.get(area.code) ?? null))
      const text = labels.map(({ name, figure }) => name + figure).join()
      if (text === shown[layer]) continue
      shown[layer] = text
      view.labels(layer, labels)
    }
  })
}

function label(area: Area, coverage: number | null): Label {
  const { code, lon, lat } = area
  return { code, lon, lat, name: named(area), figure: coverage === null ? '' : percent(coverage) }
}

function markSos(view: View, markers: Map<number, Marker>, items: ReadonlyMap<number, SosItem>): void {
  for (const [id, marker] of markers) {
    if (items.has(id)) continue
    marker.remove()
    markers.delete(id)
  }
  for (const { id, name, lat, lon, acknowledged_at } of items.values()) {
    if (lat === null || lon === null) continue
    let marker = markers.get(id)
    if (marker === undefined) {
      const element = document.createElement('div')
      element.append(document.createElement('i'), document.createElement('b'))
      marker = new Marker({ element }).setLngLat([lon, lat]).addTo(view.map)
      markers.set(id, marker)
    }
    const element = marker.setLngLat([lon, lat]).getElement()
    element.classList.add('sos-marker')
    element.classList.toggle('heard', acknowledged_at !== null)
    const text = element.querySelector('b')
    if (text) text.textContent = `${t('sos')} ${name}`
  }
}
