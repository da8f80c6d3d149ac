/** The own swaps, and duties of others that this person could take. */
import { signal } from '@preact/signals'
import { Problem, get, newKey, post } from '../api.ts'
import type { Place } from '../words.ts'
import { onChanges, readDuties } from './patrol.ts'

export interface Half extends Place {
  assignment: number
  start: number
  end: number
}

export interface Swap {
  id: number
  state: 'open' | 'proposed' | 'agreed' | 'done' | 'cancelled' | 'expired' | 'refused'
  person: number | null
  name: string | null
  to: number | null
  taker: number | null
  taker_name: string | null
  note: string
  offered_at: number
  reason: string
  duty: Half
  exchange: Half | null
}

export const swaps = signal<readonly Swap[]>([])
/** Open to all, and legal for this person. */
export const market = signal<readonly Swap[]>([])

const RUNNING = new Set(['open', 'proposed', 'agreed'])
export const runs = (swap: Swap): boolean => RUNNING.has(swap.state)

export async function readSwaps(): Promise<void> {
  try {
    const [own, open] = await Promise.all([get<{ items: Swap[] }>('/me/swaps'), get<{ items: Swap[] }>('/me/swaps/open')])
    swaps.value = own.items
    market.value = open.items
  } catch (error) {
    if (!(error instanceof Problem)) throw error
  }
}

onChanges(() => void readSwaps())

async function done(work: Promise<unknown>): Promise<void> {
  try {
    await work
  } finally {
    await Promise.all([readSwaps(), readDuties()])
  }
}

export const offerSwap = (assignment: number, to: number | null, note: string): Promise<void> =>
  done(post('/swaps', { assignment, ...(to !== null && { to }), note }, { key: newKey() }))

export const takeSwap = (swap: Swap, exchange: number | null): Promise<void> =>
  done(post(`/swaps/${swap.id}/take`, exchange === null ? {} : { exchange }, { key: newKey() }))

export const answerSwap = (swap: Swap, step: 'agree' | 'decline' | 'cancel'): Promise<void> => done(post(`/swaps/${swap.id}/${step}`))
