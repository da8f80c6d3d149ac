/** Off the page's thread: cells first, for the first picture, then borders; afterwards outlines on request. */
import type { Cells } from '../ground.ts'
import { borders, boxes, cellShapes, type Box, type Lines, type Shapes } from './shapes.ts'

/** Shapes go as addresses of blobs: the map's own worker reads them, and no copy passes the page's thread. */
export type Made =
  | { part: 'cells'; address: string; boxes: Record<string, Box> }
  | { part: 'town' | 'beat'; address: string }
  | { part: 'outline'; number: number; features: GeoJSON.Feature[] }

export type Asked =
  | { ask: 'shapes'; cells: Cells }
  | { ask: 'outline'; number: number; code: string | null; cell: number | null }

let shapes: Shapes | null = null
const lines = new Map<string, Lines['features'][number]>()

onmessage = ({ data }: MessageEvent<Asked>) => {
  if (data.ask === 'shapes') make(data.cells)
  else say({ part: 'outline', number: data.number, features: outline(data.code, data.cell) })
}

const say = (made: Made): void => postMessage(made)

const blob = (value: unknown): string =>
  URL.createObjectURL(new Blob([JSON.stringify(value)], { type: 'application/geo+json' }))

function make({ cells, town, beat, codes }: Cells): void {
  shapes = cellShapes(cells)
  say({ part: 'cells', address: blob(shapes), boxes: { ...boxes(shapes, town, codes.town), ...boxes(shapes, beat, codes.beat) } })
  for (const [part, owner] of [['town', town], ['beat', beat]] as const) {
    const made = borders(cells, owner, codes[part])
    for (const line of made.features) lines.set(line.properties.code, line)
    say({ part, address: blob(made) })
  }
}

function outline(code: string | null, cell: number | null): GeoJSON.Feature[] {
  const found = [code === null ? undefined : lines.get(code), cell === null ? undefined : shapes?.features[cell]]
  return found.filter((feature) => feature !== undefined)
}
