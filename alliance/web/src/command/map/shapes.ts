/** The outlines of cells and areas as GeoJSON, computed by h3-js; runs in a worker. */
import { cellToBoundary, cellsToMultiPolygon } from 'h3-js'

export type Box = [west: number, south: number, east: number, north: number]
export type Shapes = GeoJSON.FeatureCollection<GeoJSON.Polygon>
export type Lines = GeoJSON.FeatureCollection<GeoJSON.MultiLineString, { code: string }>

const round = (degrees: number): number => Math.round(degrees * 1e6) / 1e6

export function cellShapes(cells: readonly string[]): Shapes {
  return {
    type: 'FeatureCollection',
    features: cells.map((cell, id) => {
      const ring = cellToBoundary(cell, true).map(([lon, lat]) => [round(lon), round(lat)])
      return { type: 'Feature', id, properties: {}, geometry: { type: 'Polygon', coordinates: [ring] } }
    }),
  }
}

/** One feature per area, its border as lines; `code` in the properties. */
export function borders(cells: readonly string[], owner: readonly number[], codes: readonly string[]): Lines {
  const own: string[][] = codes.map(() => [])
  cells.forEach((cell, i) => own[owner[i] ?? 0]?.push(cell))
  return {
    type: 'FeatureCollection',
    features: own.map((members, i) => ({
      type: 'Feature', id: i, properties: { code: codes[i] ?? '' },
      geometry: { type: 'MultiLineString', coordinates: cellsToMultiPolygon(members, true).flat() },
    })),
  }
}

/** The box around each area's cells. */
export function boxes(shapes: Shapes, owner: readonly number[], codes: readonly string[]): Record<string, Box> {
  const found: Record<string, Box> = {}
  shapes.features.forEach((shape, i) => {
    const code = codes[owner[i] ?? 0] ?? ''
    const box = (found[code] ??= [180, 90, -180, -90])
    for (const [lon = 0, lat = 0] of shape.geometry.coordinates[0] ?? []) {
      box[0] = Math.min(box[0], lon)
      box[1] = Math.min(box[1], lat)
      box[2] = Math.max(box[2], lon)
      box[3] = Math.max(box[3], lat)
    }
  })
  return found
}
