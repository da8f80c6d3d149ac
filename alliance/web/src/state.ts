/** What the desk knows from the feed, folded from its messages by pure functions. */
import type { Outgoing, Position } from './wire.ts'

export interface Place {
  id: number
  lat: number
  lon: number
  at: number
  assignment: number
  state: string
}

export interface IncidentItem {
  id: number
  kind: string
  state: string
  opened_at: number
  lat: number
  lon: number
  cell?: string
  beat: string | null
  town?: string | null
  reports?: number
  version: number
}

export interface SosItem {
  id: number
  person: number
  name: string
  at: number
  lat: number | null
  lon: number | null
  beat: string | null
  acknowledged_at: number | null
}

export interface Staffed {
  present: number
  needed: number
  planned: number
}

/** Each part is replaced, never changed, so that an unchanged part is the same object. */
export interface Live {
  /** Time of the last coverage or positions frame. */
  at: number
  /** Cells by their index in the district; 0 = never. `null` before the first snapshot. */
  until: Float64Array | null
  people: ReadonlyMap<number, Place>
  incidents: ReadonlyMap<number, IncidentItem>
  sos: ReadonlyMap<number, SosItem>
  staffing: ReadonlyMap<string, Staffed>
  /** Layers whose snapshot has come. */
  known: ReadonlySet<string>
}

export const NOTHING: Live = {
  at: 0, until: null, people: new Map(), incidents: new Map(), sos: new Map(), staffing: new Map(), known: new Set(),
}

/** Incidents in these states stay on the map. */
const ON_MAP = new Set(['open', 'dispatched', 'on_scene'])

export type Index = ReadonlyMap<string, number>

export function fold(live: Live, message: Outgoing, cells: Index): Live {
  switch (message.type) {
    case 'snapshot':
      return { ...snapshot(live, message.layer, message.data, cells), known: with_(live.known, message.layer) }
    case 'coverage':
      return { ...live, at: Math.max(live.at, message.at), until: covered(live.until, message.cells, cells) }
    case 'positions':
      return { ...live, at: Math.max(live.at, message.at), people: moved(live.people, message.people, message.gone) }
    case 'event':
      return happened(live, message.kind, message.at, message.data)
    case 'reset':
      return { ...live, known: new Set() }
    default:
      return live
  }
}

function with_(known: ReadonlySet<string>, layer: string): ReadonlySet<string> {
  return known.has(layer) ? known : new Set([...known, layer])
}

function snapshot(live: Live, layer: string, data: unknown, cells: Index): Live {
  switch (layer) {
    case 'coverage': {
      const { at, cells: given } = data as { at: number; cells: [string, number][] }
      return { ...live, at: Math.max(live.at, at), until: covered(new Float64Array(cells.size), given, cells) }
    }
    case 'positions': {
      const { at, people } = data as { at: number; people: Position[] }
      return { ...live, at: Math.max(live.at, at), people: moved(new Map(), people, []) }
    }
    case 'incidents': {
      const { incidents, sos } = data as { incidents: IncidentItem[]; sos: SosItem[] }
      return { ...live, incidents: byId(incidents.filter(({ state }) => ON_MAP.has(state))), sos: byId(sos) }
    }
    case 'staffing': {
      const { beats } = data as { beats: [string, number, number, number][] }
      const rows = beats.map(([beat, present, needed, planned]) => [beat, { present, needed, planned }] as const)
      return { ...live, staffing: new Map(rows) }
    }
    default:
      return live
  }
}

function byId<T extends { id: number }>(items: readonly T[]): ReadonlyMap<number, T> {
  return new Map(items.map((item) => [item.id, item]))
}

function covered(before: Float64Array | null, given: readonly [string, number][], cells: Index): Float64Array {
  const until = before === null ? new Float64Array(cells.size) : before.slice()
  for (const [cell, at] of given) {
    const index = cells.get(cell)
    if (index !== undefined) until[index] = at
  }
  return until
}

function moved(before: ReadonlyMap<number, Place>, people: readonly Position[], gone: readonly number[]) {
  const places = new Map(before)
  for (const [id, assignment, lat, lon, at, state] of people) {
    places.set(id, { id, assignment, lat, lon, at, state })
  }
  for (const id of gone) places.delete(id)
  return places
}

function happened(live: Live, kind: string, at: number, data: Record<string, unknown>): Live {
  switch (kind) {
    case 'incident_opened':
    case 'incident_changed':
      return { ...live, incidents: incident(live.incidents, data) }
    case 'linked':
      return { ...live, incidents: counted(live.incidents, data, 1) }
    case 'unlinked':
      return { ...live, incidents: counted(live.incidents, data, -1) }
    case 'sos_raised':
    case 'sos_acknowledged':
    case 'sos_closed':
      return { ...live, sos: sos(live.sos, kind, at, data) }
    default:
      return live
  }
}

function incident(before: ReadonlyMap<number, IncidentItem>, data: Record<string, unknown>) {
  const id = Number(data['incident'])
  const known = before.get(id)
  if (known !== undefined && Number(data['version']) < known.version) return before
  const state = String(data['state'] ?? data['to'])
  const after = new Map(before)
  if (!ON_MAP.has(state)) {
    after.delete(id)
    return after
  }
  const item = { ...known, ...data, id, state } as unknown as IncidentItem
  if (typeof item.lat === 'number' && typeof item.lon === 'number') after.set(id, { ...item, reports: item.reports ?? 1 })
  return after
}

function counted(before: ReadonlyMap<number, IncidentItem>, data: Record<string, unknown>, more: number) {
  const known = before.get(Number(data['incident']))
  const version = Number(data['version'])
  if (known === undefined || version <= known.version) return before
  return new Map(before).set(known.id, { ...known, version, reports: (known.reports ?? 1) + more })
}

function sos(before: ReadonlyMap<number, SosItem>, kind: string, at: number, data: Record<string, unknown>) {
  const id = Number(data['sos'])
  const after = new Map(before)
  const known = after.get(id)
  if (kind === 'sos_closed') after.delete(id)
  else if (kind === 'sos_acknowledged') {
    if (known) after.set(id, { ...known, acknowledged_at: at })
  } else {
    after.set(id, {
      lat: null, lon: null, beat: null, name: '', at, ...known, ...data,
      id, person: Number(data['person']), acknowledged_at: known?.acknowledged_at ?? null,
    } as SosItem)
  }
  return after
}
