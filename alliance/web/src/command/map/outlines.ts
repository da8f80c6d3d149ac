/** The page's side of the shapes' worker: started before the cells are there, asked once for a district. */
import type { Cells } from '../ground.ts'
import type { Corners } from './hexes.ts'
import type { Box } from './shapes.ts'
import type { Asked, Made } from './shapes.worker.ts'

interface CellShapes {
  corners: Corners
  boxes: Record<string, Box>
}

export interface Outlines {
  cells: Promise<CellShapes>
  town: Promise<string>
  beat: Promise<string>
  /** The borders of an area and of a cell. */
  of(code: string | null, cell: number | null): Promise<GeoJSON.Feature[]>
  /** The number of the cell at a place; -1 outside the district. */
  at(lon: number, lat: number): Promise<number>
}

const made = new WeakMap<Cells, Outlines>()
let spare: Worker | null = null

const open = (): Worker => new Worker(new URL('./shapes.worker.ts', import.meta.url), { type: 'module' })

/** Loads the worker while the cells are still on their way. */
export function prepareOutlines(): void {
  spare ??= open()
}

export function outlines(cells: Cells): Outlines {
  const known = made.get(cells)
  if (known) return known
  const fresh = start(cells, spare ?? open())
  spare = null
  made.set(cells, fresh)
  return fresh
}

type Question = Exclude<Asked, { ask: 'shapes' }>
type Unnumbered<T> = T extends { number: number } ? Omit<T, 'number'> : never

function start(cells: Cells, worker: Worker): Outlines {
  const shapes = Promise.withResolvers<CellShapes>()
  const borders = { town: Promise.withResolvers<string>(), beat: Promise.withResolvers<string>() }
  const waiting = new Map<number, (answer: unknown) => void>()
  let asked = 0
  const ask = <T>(question: Unnumbered<Question>): Promise<T> => new Promise((resolve) => {
    asked += 1
    waiting.set(asked, resolve as (answer: unknown) => void)
    worker.postMessage({ ...question, number: asked })
  })
  worker.onmessage = ({ data }: MessageEvent<Made>) => {
    if (data.part === 'cells') shapes.resolve(data)
    else if (data.part === 'answer') {
      waiting.get(data.number)?.(data.answer)
      waiting.delete(data.number)
    } else borders[data.part].resolve(data.address)
  }
  worker.postMessage({ ask: 'shapes', cells } satisfies Asked)
  return {
    cells: shapes.promise,
    town: borders.town.promise,
    beat: borders.beat.promise,
    of: (code, cell) => ask({ ask: 'outline', code, cell }),
    at: (lon, lat) => ask({ ask: 'cell', lon, lat }),
  }
}
