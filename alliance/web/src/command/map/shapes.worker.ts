/** Off the page's thread: cells first, for the first picture, then borders; afterwards answers to what is asked. */
import { latLngToCell } from 'h3-js'
import type { Cells } from '../ground.ts'
import type { Corners } from './hexes.ts'
import { borders, boxes, cellShape, corners, rings, type Box, type Lines } from './shapes.ts'

/** Borders go as addresses of blobs: the map's own worker reads them, and no copy passes the page's thread. */
export type Made =
  | { part: 'cells'; corners: Corners; boxes: Record<string, Box> }
  | { part: 'town' | 'beat'; address: string }
  | { part: 'answer'; number: number; answer: unknown }

export type Asked =
  | { ask: 'shapes'; cells: Cells }
  | { ask: 'outline'; number: number; code: string | null; cell: number | null }
  | { ask: 'cell'; number: number; lon: number; lat: number }

const RESOLUTION = 9
const lines = new Map<string, Lines['features'][number]>()
let held: readonly string[] = []

onmessage = ({ data }: MessageEvent<Asked>) => {
  if (data.ask === 'shapes') make(data.cells)
  else say({ part: 'answer', number: data.number, answer: answer(data) })
}

const say = (made: Made, hand: Transferable[] = []): void => postMessage(made, { transfer: hand })

const blob = (value: unknown): string =>
  URL.createObjectURL(new Blob([JSON.stringify(value)], { type: 'application/geo+json' }))

function make({ cells, town, beat, codes }: Cells): void {
  held = cells
  const found = rings(cells)
  const made = corners(found)
  say({ part: 'cells', corners: made, boxes: { ...boxes(found, town, codes.town), ...boxes(found, beat, codes.beat) } }, [made.xy.buffer])
  for (const [part, owner] of [['town', town], ['beat', beat]] as const) {
    const made = borders(cells, owner, codes[part])
    for (const line of made.features) lines.set(line.properties.code, line)
    say({ part, address: blob(made) })
  }
}

function answer(asked: Exclude<Asked, { ask: 'shapes' }>): GeoJSON.Feature[] | number {
  if (asked.ask === 'cell') return held.indexOf(latLngToCell(asked.lat, asked.lon, RESOLUTION))
  const { code, cell } = asked
  const found = [code === null ? undefined : lines.get(code), cell === null ? undefined : held[cell]]
  return found.filter((one) => one !== undefined).map((one) => (typeof one === 'string' ? cellShape(one) : one))
}
