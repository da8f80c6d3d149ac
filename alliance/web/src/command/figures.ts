/** Coverage, cold cells and staffing per area at an instant, from what the desk holds. */
import type { Cells } from './ground.ts'
import type { Staffed } from '../state.ts'

export interface Figure {
  /** Weight of the covered cells over the weight of all; null without cells. */
  coverage: number | null
  /** High-demand cells not covered. */
  cold: number
  high: number
  present: number
  needed: number
  planned: number
}

export interface Figures {
  district: Figure
  towns: ReadonlyMap<string, Figure>
  beats: ReadonlyMap<string, Figure>
}

interface Sum {
  covered: number
  weight: number
  cold: number
  high: number
}

const HIGH = 1

export function figures(
  cells: Cells, until: Float64Array | null, weights: readonly number[] | null,
  staffing: ReadonlyMap<string, Staffed>, townOf: ReadonlyMap<string, string>, now: number,
): Figures {
  const towns = cells.codes.town.map(empty)
  const beats = cells.codes.beat.map(empty)
  const district = empty()
  for (let i = 0; i < cells.cells.length; i++) {
    const weight = weights?.[i] ?? 1
    const covered = until !== null && (until[i] ?? 0) > now
    const high = cells.tier[i] === HIGH
    for (const sum of [district, towns[cells.town[i] ?? 0], beats[cells.beat[i] ?? 0]]) {
      if (sum) add(sum, weight, covered, high)
    }
  }
  return staffed(cells, { district, towns, beats }, until !== null, staffing, townOf)
}

const empty = (): Sum => ({ covered: 0, weight: 0, cold: 0, high: 0 })

function add(sum: Sum, weight: number, covered: boolean, high: boolean): void {
  sum.weight += weight
  if (covered) sum.covered += weight
  if (high) sum.high += 1
  if (high && !covered) sum.cold += 1
}

function staffed(
  cells: Cells, sums: { district: Sum; towns: Sum[]; beats: Sum[] }, known: boolean,
  staffing: ReadonlyMap<string, Staffed>, townOf: ReadonlyMap<string, string>,
): Figures {
  const figure = (sum: Sum): Figure => ({
    coverage: known && sum.weight > 0 ? sum.covered / sum.weight : null,
    cold: known ? sum.cold : 0, high: sum.high, present: 0, needed: 0, planned: 0,
  })
  const district = figure(sums.district)
  const towns = new Map(cells.codes.town.map((code, i) => [code, figure(sums.towns[i] ?? empty())]))
  const beats = new Map(cells.codes.beat.map((code, i) => [code, figure(sums.beats[i] ?? empty())]))
  for (const [beat, { present, needed, planned }] of staffing) {
    for (const held of [district, towns.get(townOf.get(beat) ?? ''), beats.get(beat)]) {
      if (!held) continue
      held.present += present
      held.needed += needed
      held.planned += planned
    }
  }
  return { district, towns, beats }
}
