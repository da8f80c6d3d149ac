/** The district as the desk holds it: its areas, and its cells in columns. */
import { all, get } from '../api.ts'

export interface District {
  id: number
  name: string
  name_en: string
  time_zone: string
  boundary: GeoJSON.Geometry
  targets: { high: number; medium: number; low: number }
  patterns: { code: string; name: string; name_en: string; start_minute: number; minutes: number; role: string; duty: boolean }[]
  made_up: Record<string, boolean>
  source: string
  version: number
}

export interface Area {
  code: string
  kind: 'town' | 'station' | 'beat' | 'grid'
  name: string
  name_en: string
  town: string
  station: string | null
  beat: string | null
  lat: number
  lon: number
  cells: number
  made_up: boolean
}

/** Columns of equal length: cell i belongs to town `codes.town[town[i]]`, and so on. */
export interface Cells {
  cells: string[]
  town: number[]
  station: number[]
  beat: number[]
  grid: number[]
  /** 1 high, 2 medium, 3 low. */
  tier: number[]
  codes: { town: string[]; station: string[]; beat: string[]; grid: string[] }
}

export interface Ground {
  district: District
  cells: Cells
  index: ReadonlyMap<string, number>
  areas: ReadonlyMap<string, Area>
  towns: Area[]
  beats: Area[]
  stations: Area[]
}

/** `onCells` is called as soon as the cells are there, before the rest. */
export async function readGround(onCells: (cells: Cells) => void): Promise<Ground> {
  const [district, cells, towns, stations, beats] = await Promise.all([
    get<District>('/district'),
    get<Cells>('/cells', { layer: 'areas' }).then((cells) => {
      onCells(cells)
      return cells
    }),
    all<Area>('/areas', { kind: 'town' }),
    all<Area>('/areas', { kind: 'station' }),
    all<Area>('/areas', { kind: 'beat' }),
  ])
  return {
    district, cells, towns, beats, stations,
    index: new Map(cells.cells.map((cell, index) => [cell, index])),
    areas: new Map([...towns, ...stations, ...beats].map((area) => [area.code, area])),
  }
}

let grids: Promise<Area[]> | null = null

/** The grids, read when they are first asked for. */
export function readGrids(): Promise<Area[]> {
  grids ??= all<Area>('/areas', { kind: 'grid' }).catch((error: unknown) => {
    grids = null
    throw error
  })
  return grids
}
