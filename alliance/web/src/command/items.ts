/** What the service's lists answer with, as far as the desk shows it. */
import type { RoleHeld } from '../session.ts'

export interface DutyItem {
  assignment: number
  person: number
  name: string
  organisation: number
  beat: string
  start: number
  end: number
  state: 'present' | 'late' | 'expected' | 'left'
  since: number | null
}

export interface PersonItem {
  id: number
  name: string
  organisation: number
  organisation_name: string
  phone: string | null
  roles: RoleHeld[]
  home: string | null
  born: string | null
  travel_limit_m: number
  night_consent: boolean
  overtime_consent: boolean
  certificates: { kind: string; number: string; valid_from: string; valid_until: string }[]
  availability: { weekday: number; start_minute: number; end_minute: number }[]
  active: boolean
  version: number
}

/** `holes`: left by published duties that a change took away. */
export interface SavedPerson extends PersonItem {
  holes?: number[]
}

export interface LeaveItem {
  id: number
  start: number
  end: number
  kind: string
}

export interface OrganisationItem {
  id: number
  code: string
  name: string
  name_en: string
  kind: string
  permit: boolean
  active: boolean
}

export interface ListedIncident {
  id: number
  kind: string
  state: string
  opened_at: number
  lat: number
  lon: number
  grid: string | null
  beat: string | null
  station: string | null
  town: string | null
  by_patrol: boolean
  version: number
  allowed: string[]
  sla: { ordered_at: number | null; arrived_at: number | null; closed_at: number | null; response_ms: number | null }
  reports: number
}

export interface ReportItem {
  id: number
  incident: number
  person: number | null
  name: string | null
  kind: string
  at: number
  received_at: number
  text: string | null
  link_score: number | null
  participants: { person: number; name: string }[]
  others: number
  photos: number[]
}

export interface IncidentDetail extends Omit<ListedIncident, 'reports'> {
  reports: ReportItem[]
  transitions: { n: number; from: string | null; to: string; at: number; actor: number | null; actor_name: string | null; reason: string }[]
  links: { id: number; report: number; incident: number; state: string; score: number; at: number }[]
  dispatches: { id: number; person: number; name?: string; state: string; ordered_at: number; answered_at: number | null; arrived_at: number | null; done_at: number | null }[]
  credit: EntryItem[]
}

export interface EntryItem {
  n: number
  person: number
  organisation: number
  kind: string
  amount: number
  duty_day: string
  at: number
  reverses: number | null
  beat: string | null
  source: { kind: string; id: number }
  hash: string
  name?: string
  reason?: string | null
  reversed_by?: number | null
}

export interface CandidateItem {
  person: number
  name: string
  role: string
  unit: string | null
  beat: string
  metres: number
  travel_s: number
  task: string | null
}

/** What would end a shortfall: who could come at a price, and the nearest who can't, with the rules in the way. */
export interface RemedyItem {
  within_km: number | null
  spare_km: number | null
  able: { person: number; value: number }[]
  unable: { person: number; km: number | null; violations: { rule: string; explanation: Record<string, string | number | null> }[] }[]
}

export interface LackItem {
  post: number
  shift: number
  kind: string
  missing: number
  reason: string
  detail: Record<string, number> & { remedy?: RemedyItem }
}

export interface RosterItem {
  id: number
  first_day: string
  last_day: string
  state: 'solving' | 'failed' | 'draft' | 'published' | 'discarded'
  seed: number
  weights: Record<string, number>
  progress: {
    phase?: string
    step?: string
    stop?: boolean
    asked?: { standby_percent?: number | null }
    problem?: string | null
    seconds?: number | null
    violations?: unknown[]
    incumbent?: number | null
    bound?: number | null
    gap?: number | null
  }
  objective: number | null
  bound: number | null
  gap: number | null
  terms: Record<string, number>
  hard_violations: number | null
  assignments: number
  unmet: number
  shortfalls: LackItem[]
  made_at: number
  published_at: number | null
  version: number
}

export interface AssignmentItem {
  id: number
  person: number
  name: string
  post: number
  post_name: string
  beat: string
  shift: number
  duty_day: string
  start: number
  end: number
  state: string
  pinned: boolean
  why: Record<string, unknown>
}

export interface PostItem {
  id: number
  code: string
  name: string
  name_en: string
  beat: string
}

export interface ShiftItem {
  id: number
  pattern: string
  duty_day: string
  start: number
  end: number
}
