/** What the service answers about holes, offers, candidates and repairs. */
import type { Place } from '../../words.ts'

export type HoleState = 'open' | 'filled' | 'closed'

export interface HoleItem extends Place {
  id: number
  state: HoleState
  cause: string
  post: number
  beat: string
  shift: number
  duty_day: string
  start: number
  end: number
  assignment: number | null
  absent: number | null
  absent_name: string | null
  people: number
  certified: number
  filled: number
  reason: string
  opened_at: number
  end_reason: string
  calling: boolean
  asked: number
  said_no: number
  silent: number
  expires_at: number | null
  version: number
}

export interface OfferItem {
  id: number
  person: number
  name: string
  organisation: number
  state: string
  asked_at: number
  expires_at: number
  answered_at: number | null
  reason: string
  standby: boolean
  rank: { value?: number; km?: number | null }
}

export interface HoleDetail extends HoleItem {
  offers: OfferItem[]
}

export interface CandidateItem {
  person: number
  name: string
  organisation: number
  guard: boolean
  certified: boolean
  standby: boolean
  km: number | null
  last_asked: number | null
  value: number
  change: Record<string, number>
}
