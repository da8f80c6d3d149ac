/** The outlines of cells and areas, computed by h3-js; runs in a worker. */
import { cellToBoundary, cellsToMultiPolygon } from 'h3-js'
import type { Corners } from './hexes.ts'

export type Box = [west: number, south: number, east: number, north: number]
export type Lines = GeoJSON.FeatureCollection<GeoJSON.MultiLineString, { code: string }>

/** Web Mercator, the whole world from 0 to 1. */
export function world(lon: number, lat: number): [x: number, y: number] {
  const sine = Math.sin((lat * Math.PI) / 180)
  return [lon / 360 + 0.5, 0.5 - Math.log((1 + sine) / (1 - sine)) / (4 * Math.PI)]
}

type Ring = readonly (readonly number[])[]

/** Each cell's corners, the first not repeated. */
export function rings(cells: readonly string[]): Ring[] {
  return cells.map((cell) => cellToBoundary(cell, true).slice(0, -1))
}

/** A cell with fewer corners than the richest repeats its last. */
export function corners(found: readonly Ring[]): Corners {
  const sides = found.reduce((most, ring) => Math.max(most, ring.length), 3)
  const [lon = 0, lat = 0] = found[0]?.[0] ?? []
  const origin = world(lon, lat)
  const xy = new Float32Array(found.length * sides * 2)
  found.forEach((ring, cell) => {
    for (let side = 0; side < sides; side++) {
      const [lon = 0, lat = 0] = ring[Math.min(side, ring.length - 1)] ?? []
      const [x, y] = world(lon, lat)
      xy[(cell * sides + side) * 2] = x - origin[0]
      xy[(cell * sides + side) * 2 + 1] = y - origin[1]
    }
  })
  return { origin, sides, xy }
}

export function cellShape(cell: string): GeoJSON.Feature<GeoJSON.Polygon> {
  return { type: 'Feature', properties: {}, geometry: { type: 'Polygon', coordinates: [cellToBoundary(cell, true)] } }
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
export function boxes(found: readonly Ring[], owner: readonly number[], codes: readonly string[]): Record<string, Box> {
  const boxes: Record<string, Box> = {}
  found.forEach((ring, i) => {
    const code = codes[owner[i] ?? 0] ?? ''
    const box = (boxes[code] ??= [180, 90, -180, -90])
    for (const [lon = 0, lat = 0] of ring) {
      box[0] = Math.min(box[0], lon)
      box[1] = Math.min(box[1], lat)
      box[2] = Math.max(box[2], lon)
      box[3] = Math.max(box[3], lat)
    }
  })
  return boxes
}
