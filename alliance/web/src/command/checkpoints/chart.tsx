/** Checkpoints on the map over the live coverage; a click on an empty place is where a new one goes. */
import { effect } from '@preact/signals'
import { useEffect, useRef, useState } from 'preact/hooks'
import { Marker } from 'maplibre-gl'
import { named } from '../../i18n.ts'
import { theme } from '../../theme.ts'
import { now, until } from '../desk.ts'
import type { Ground } from '../ground.ts'
import { prepareOutlines } from '../map/outlines.ts'
import { coverageShades } from '../map/shades.ts'
import { makeView, type View } from '../map/view.ts'
import { t as desk } from '../texts.ts'
import { go } from '../router.ts'
import { spot, type CheckpointItem, type Spot } from './items.ts'
import { t } from './texts.ts'

prepareOutlines()

export function Chart({ ground, items, chosen, onSpot }: {
  ground: Ground; items: readonly CheckpointItem[]; chosen: CheckpointItem | null; onSpot(at: Spot): void
}) {
  const container = useRef<HTMLDivElement>(null)
  const [view, setView] = useState<View | null>(null)
  const clicked = useRef(onSpot)
  clicked.current = onSpot
  useEffect(() => {
    const made = makeView({
      container: container.current!, ground, theme: theme.peek(), onHit: () => undefined, onDrawn: () => undefined,
      words: { zoomIn: desk('zoom_in'), zoomOut: desk('zoom_out') },
    })
    made.map.on('click', ({ lngLat }) => clicked.current({ lat: lngLat.lat, lon: lngLat.lng }))
    setView(made)
    return () => made.remove()
  }, [ground])
  useEffect(() => (view === null ? undefined : follow(view, ground)), [view])
  useEffect(() => (view === null ? undefined : mark(view, items, chosen?.id ?? null)), [view, items, chosen?.id])
  useEffect(() => {
    if (chosen !== null) view?.flyTo(chosen.lon, chosen.lat, 14.5)
  }, [view, chosen?.id])
  return <div class="stage"><div ref={container} class="map" role="region" aria-label={desk('map')} /></div>
}

function follow(view: View, { cells, district, towns, beats }: Ground): () => void {
  let fresh: Marker | null = null
  const undo = [
    effect(() => view.theme(theme.value)),
    effect(() => {
      for (const [layer, areas] of [['towns', towns], ['beats', beats]] as const) {
        view.labels(layer, areas.map((area) => ({ code: area.code, lon: area.lon, lat: area.lat, name: named(area), figure: '' })))
      }
    }),
    effect(() => {
      if (until.value !== null) view.shade(coverageShades(until.value, cells.tier, district.targets, now.value))
    }),
    effect(() => {
      fresh?.remove()
      fresh = spot.value === null ? null : new Marker({ element: sign('+', 'fresh', t('add_here')) }).setLngLat(spot.value).addTo(view.map)
    }),
  ]
  return () => {
    undo.forEach((step) => step())
    fresh?.remove()
  }
}

function mark(view: View, items: readonly CheckpointItem[], chosen: number | null): () => void {
  const markers = items.map(({ id, name, lat, lon, revoked_at }) => {
    const element = sign('', `${revoked_at === null ? '' : 'gone'} ${id === chosen ? 'chosen' : ''}`, name)
    element.addEventListener('click', (event) => {
      event.stopPropagation()
      go('checkpoints', id)
    })
    return new Marker({ element }).setLngLat([lon, lat]).addTo(view.map)
  })
  return () => markers.forEach((marker) => marker.remove())
}

/** A button on the map; the list beside it tells the same to those who don't see it. */
function sign(text: string, kind: string, name: string): HTMLElement {
  const element = document.createElement('button')
  element.type = 'button'
  element.tabIndex = -1
  element.className = `checkpoint-sign ${kind}`
  element.textContent = text
  element.title = name
  element.setAttribute('aria-label', name)
  return element
}
