/** The page's side of the shapes' worker: started once for a district, as soon as its cells are there. */
import type { Cells } from '../ground.ts'
import type { Box } from './shapes.ts'
import type { Asked, Made } from './shapes.worker.ts'

export interface Outlines {
  cells: Promise<{ address: string; boxes: Record<string, Box> }>
  town: Promise<string>
  beat: Promise<string>
  /** The borders of an area and of a cell. */
  of(code: string | null, cell: number | null): Promise<GeoJSON.Feature[]>
}

const made = new WeakMap<Cells, Outlines>()

export function outlines(cells: Cells): Outlines {
  const known = made.get(cells)
  if (known) return known
  const fresh = start(cells)
  made.set(cells, fresh)
  return fresh
}

function start(cells: Cells): Outlines {
  const worker = new Worker(new URL('./shapes.worker.ts', import.meta.url), { type: 'module' })
  const ask = (asked: Asked): void => worker.postMessage(asked)
  const shapes = Promise.withResolvers<{ address: string; boxes: Record<string, Box> }>()
  const borders = { town: Promise.withResolvers<string>(), beat: Promise.withResolvers<string>() }
  const waiting = new Map<number, (features: GeoJSON.Feature[]) => void>()
  let asked = 0
  worker.onmessage = ({ data }: MessageEvent<Made>) => {
    if (data.part === 'cells') shapes.resolve(data)
    else if (data.part === 'outline') {
      waiting.get(data.number)?.(data.features)
      waiting.delete(data.number)
    } else borders[data.part].resolve(data.address)
  }
  ask({ ask: 'shapes', cells })
  return {
    cells: shapes.promise,
    town: borders.town.promise,
    beat: borders.beat.promise,
    of: (code, cell) => new Promise((resolve) => {
      asked += 1
      waiting.set(asked, resolve)
      ask({ ask: 'outline', number: asked, code, cell })
    }),
  }
}
