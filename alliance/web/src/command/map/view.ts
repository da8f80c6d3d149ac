/** The map itself: MapLibre behind a few verbs, so that the page says what to show and never how. */
import { Map as MapLibre, NavigationControl, setWorkerUrl, type GeoJSONSource, type MapMouseEvent } from 'maplibre-gl'
import 'maplibre-gl/dist/maplibre-gl.css'
import workerUrl from 'maplibre-gl/dist/maplibre-gl-worker.mjs?url'
import type { Theme } from '../../theme.ts'
import type { Place } from '../../state.ts'
import type { Ground } from '../ground.ts'
import { makeHexes } from './hexes.ts'
import { differences } from './moves.ts'
import { outlines } from './outlines.ts'
import type { Box } from './shapes.ts'
import { palette } from './shades.ts'
import { layers, mapStyle } from './style.ts'

setWorkerUrl(workerUrl)

export type Hit =
  | { kind: 'incident'; id: number }
  | { kind: 'person'; id: number }
  | { kind: 'cell'; index: number }

export interface Label {
  code: string
  lon: number
  lat: number
  name: string
  figure: string
}

export interface Sign {
  id: number
  lon: number
  lat: number
  state: string
  sign: string
}

export interface View {
  readonly map: MapLibre
  shade(shades: Uint8Array): void
  people(places: ReadonlyMap<number, Place>): void
  incidents(signs: readonly Sign[]): void
  labels(layer: 'towns' | 'beats', labels: readonly Label[]): void
  choose(code: string | null, cell: number | null): void
  theme(theme: Theme): void
  flyTo(lon: number, lat: number, zoom?: number): void
  fit(code: string): void
  home(): void
  remove(): void
}

export interface ViewOptions {
  container: HTMLElement
  ground: Ground
  theme: Theme
  onHit(hit: Hit | null): void
  onDrawn(): void
  words: { zoomIn: string; zoomOut: string }
}

const PEOPLE_EVERY_MS = 250
/** Room for what lies over the map's top. */
const PADDING = { top: innerWidth > 760 ? 60 : 104, right: 28, bottom: 20, left: 28 }

export function makeView(options: ViewOptions): View {
  const { ground } = options
  const bounds = boxOf(ground.district.boundary)
  const map = new MapLibre({
    container: options.container, style: mapStyle(options.theme, ground.district.boundary), bounds,
    fitBoundsOptions: { padding: PADDING }, attributionControl: false, dragRotate: false, pitchWithRotate: false,
    maxZoom: 17, minZoom: 7, fadeDuration: 0,
    locale: { 'NavigationControl.ZoomIn': options.words.zoomIn, 'NavigationControl.ZoomOut': options.words.zoomOut },
  })
  map.touchZoomRotate.disableRotation()
  map.addControl(new NavigationControl({ showCompass: false }), 'top-right')
  const source = (name: string): GeoJSONSource | undefined => map.getSource<GeoJSONSource>(name)
  const shapes = outlines(ground.cells)
  let boxes: Record<string, Box> = {}
  let chosen = 0
  const hexes = makeHexes(options.onDrawn)
  hexes.palette(palette(options.theme))
  map.on('style.load', () => {
    if (!map.getLayer('cells')) map.addLayer(hexes.layer, 'beat-borders')
  })
  const later = whenLoaded(map)
  const fill = (name: string, address: string): void => later(() => void source(name)?.setData(address))

  void shapes.cells.then((made) => {
    boxes = made.boxes
    hexes.corners(made.corners)
  })
  void shapes.town.then((address) => fill('town-borders', address))
  void shapes.beat.then((address) => fill('beat-borders', address))

  map.on('click', (event) => {
    const sign = signAt(map, event)
    if (sign !== null) options.onHit(sign)
    else void shapes.at(event.lngLat.lng, event.lngLat.lat).then((index) => options.onHit(index < 0 ? null : { kind: 'cell', index }))
  })
  for (const layer of ['people', 'incidents']) {
    map.on('mouseenter', layer, () => (map.getCanvas().style.cursor = 'pointer'))
    map.on('mouseleave', layer, () => (map.getCanvas().style.cursor = ''))
  }

  const people = pacedPeople(() => source('people'))
  return {
    map,
    shade: (shades) => hexes.shade(shades),
    people: (places) => later(() => people.show(places)),
    incidents: (signs) => later(() => source('incidents')?.setData(signFeatures(signs))),
    labels: (layer, labels) => later(() => source(layer)?.setData(labelFeatures(labels))),
    choose: (code, cell) => {
      const mine = ++chosen
      void shapes.of(code, cell).then((features) => {
        if (mine === chosen) later(() => void source('chosen')?.setData({ type: 'FeatureCollection', features }))
      })
    },
    theme: (theme) => {
      hexes.palette(palette(theme))
      later(() => recolour(map, theme))
    },
    flyTo: (lon, lat, zoom = 14) => map.flyTo({ center: [lon, lat], zoom: Math.max(map.getZoom(), zoom), duration: 700 }),
    fit: (code) => {
      const box = boxes[code]
      if (box) map.fitBounds(box, { padding: 48, duration: 700, maxZoom: 14 })
    },
    home: () => map.fitBounds(bounds, { padding: PADDING, duration: 700 }),
    remove: () => {
      people.stop()
      map.remove()
    },
  }
}

/** Runs at once when the style is there, else when it comes, in order. */
function whenLoaded(map: MapLibre): (step: () => void) => void {
  let ready = false
  let waiting: (() => void)[] = []
  map.once('style.load', () => {
    ready = true
    for (const step of waiting) step()
    waiting = []
  })
  return (step) => {
    if (ready) step()
    else waiting.push(step)
  }
}

function recolour(map: MapLibre, theme: Theme): void {
  for (const layer of layers(theme)) {
    for (const [name, value] of Object.entries(layer.paint ?? {})) {
      map.setPaintProperty(layer.id, name as 'fill-color', value as string)
    }
  }
}

/** Moves people at most four times a second and never while the last move is still being drawn. */
function pacedPeople(source: () => GeoJSONSource | undefined) {
  let shown: ReadonlyMap<number, Place> = new Map()
  let wanted: ReadonlyMap<number, Place> = shown
  let busy = false
  let timer: ReturnType<typeof setTimeout> | undefined
  const step = async (): Promise<void> => {
    const target = source()
    if (busy || target === undefined || wanted === shown) return
    const diff = differences(shown, wanted)
    shown = wanted
    if (diff === null) return
    busy = true
    await target.updateData(diff)
    timer = setTimeout(() => {
      busy = false
      void step()
    }, PEOPLE_EVERY_MS)
  }
  return {
    show: (places: ReadonlyMap<number, Place>) => {
      wanted = places
      void step()
    },
    stop: () => {
      busy = true
      clearTimeout(timer)
    },
  }
}

/** The incident or person under the pointer. */
function signAt(map: MapLibre, { point: { x, y } }: MapMouseEvent): Hit | null {
  for (const [layer, kind] of [['incidents', 'incident'], ['people', 'person']] as const) {
    const found = map.queryRenderedFeatures([[x - 5, y - 5], [x + 5, y + 5]], { layers: [layer] })[0]
    if (found?.id !== undefined) return { kind, id: Number(found.id) }
  }
  return null
}

const point = (lon: number, lat: number): GeoJSON.Point => ({ type: 'Point', coordinates: [lon, lat] })

function signFeatures(signs: readonly Sign[]): GeoJSON.FeatureCollection {
  return {
    type: 'FeatureCollection',
    features: signs.map(({ id, lon, lat, state, sign }) => ({
      type: 'Feature', id, properties: { state, sign }, geometry: point(lon, lat),
    })),
  }
}

function labelFeatures(labels: readonly Label[]): GeoJSON.FeatureCollection {
  return {
    type: 'FeatureCollection',
    features: labels.map(({ name, figure, lon, lat }, id) => ({
      type: 'Feature', id, properties: { name, figure: figure && `\n${figure}` }, geometry: point(lon, lat),
    })),
  }
}

function boxOf(geometry: GeoJSON.Geometry): Box {
  const box: Box = [180, 90, -180, -90]
  const visit = (part: unknown): void => {
    if (!Array.isArray(part)) return
    if (typeof part[0] === 'number') {
      const [lon, lat] = part as [number, number]
      box[0] = Math.min(box[0], lon)
      box[1] = Math.min(box[1], lat)
      box[2] = Math.max(box[2], lon)
      box[3] = Math.max(box[3], lat)
    } else part.forEach(visit)
  }
  if ('coordinates' in geometry) visit(geometry.coordinates)
  return box
}
