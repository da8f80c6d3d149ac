/** Visits per cell of the last days, for the layer that shows where patrols have been. */
import { signal } from '@preact/signals'
import { get } from '../../api.ts'
import type { Ground } from '../ground.ts'

export const DAYS = ['1', '5', '7', '15'] as const
export type Days = (typeof DAYS)[number]

export const visitDays = signal<Days>('7')
/** In the order of the district's cells; `null` before the answer. */
export const visits = signal<number[] | null>(null)

let reading = 0

export async function readVisits(ground: Ground, days: Days): Promise<void> {
  const mine = ++reading
  const answer = await get<{ cells: string[]; visits: number[] }>('/cells', { layer: 'visits', days })
  if (mine !== reading) return
  const found = new Array<number>(ground.cells.cells.length).fill(0)
  answer.cells.forEach((cell, i) => {
    const at = ground.index.get(cell)
    if (at !== undefined) found[at] = answer.visits[i] ?? 0
  })
  visits.value = found
}
