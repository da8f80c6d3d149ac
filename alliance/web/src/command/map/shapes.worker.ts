/** Off the page's thread: cells first, for the first picture, then borders and boxes. */
import type { Cells } from '../ground.ts'
import { borders, boxes, cellShapes } from './shapes.ts'

export type Made =
  | { part: 'cells'; shapes: GeoJSON.FeatureCollection }
  | {
    part: 'borders'
    town: GeoJSON.FeatureCollection
    beat: GeoJSON.FeatureCollection
    boxes: Record<string, [number, number, number, number]>
  }

onmessage = ({ data }: MessageEvent<Cells>) => {
  const say = (made: Made): void => postMessage(made)
  const shapes = cellShapes(data.cells)
  say({ part: 'cells', shapes })
  say({
    part: 'borders',
    town: borders(data.cells, data.town, data.codes.town),
    beat: borders(data.cells, data.beat, data.codes.beat),
    boxes: { ...boxes(shapes, data.town, data.codes.town), ...boxes(shapes, data.beat, data.codes.beat) },
  })
}
