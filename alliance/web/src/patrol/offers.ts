/** What this person is asked to take, and the answers. */
import { signal } from '@preact/signals'
import { Problem, get, newKey, post } from '../api.ts'
import type { Place } from '../words.ts'
import { onChanges, readDuties } from './patrol.ts'

export interface Offer extends Place {
  id: number
  state: 'asked' | 'accepted' | 'declined' | 'expired' | 'withdrawn' | 'refused'
  asked_at: number
  expires_at: number
  reason: string
  standby: boolean
  start: number
  end: number
  cause: string
}

export const offers = signal<readonly Offer[]>([])

export async function readOffers(): Promise<void> {
  try {
    offers.value = (await get<{ items: Offer[] }>('/me/offers')).items
  } catch (error) {
    if (!(error instanceof Problem)) throw error
  }
}

onChanges(() => void readOffers())

/** The same key for each answer, so that one lost on the way and given again is the same. */
const keys = new Map<string, string>()

export async function answerOffer(offer: Offer, reply: 'accept' | 'decline'): Promise<void> {
  const name = `${offer.id} ${reply}`
  const key = keys.get(name) ?? newKey()
  keys.set(name, key)
  try {
    await post(`/me/offers/${offer.id}/${reply}`, undefined, { key })
  } finally {
    await Promise.all([readOffers(), readDuties()])
  }
}

/** Tells the service that this person can't come to a duty. */
export async function cannotCome(assignment: number, kind: 'illness' | 'leave', reason: string): Promise<void> {
  await post(`/assignments/${assignment}/absence`, { kind, reason }, { key: newKey() })
  await readDuties()
}
