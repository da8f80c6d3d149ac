/** What a person's duties are at a moment, by the roster, the own check-ins and what the service said. */
import type { Place } from '../words.ts'

export interface Duty extends Place {
  id: number
  post: number
  beat: string
  duty_day: string
  start: number
  end: number
  check_in_from: number
  accepted: boolean
  people: { person: number; name: string }[]
}

/** A check-in or check-out of this phone, sent or not. */
export interface Mark {
  assignment: number
  kind: 'in' | 'out'
  at: number
}

export type DutyState = 'later' | 'open' | 'present' | 'left' | 'over'

export const GRACE_MS = 30 * 60_000

/** The state of one duty; marks of this phone win over what the service last said, as they may not have arrived. */
export function stateOf(duty: Duty, marks: readonly Mark[], served: string | undefined, now: number): DutyState {
  const own = marks.filter((mark) => mark.assignment === duty.id).sort((one, other) => one.at - other.at)
  const last = own.at(-1)
  const inside = last ? last.kind === 'in' : served === 'present'
  if (now >= duty.end + GRACE_MS) return 'over'
  if (inside) return 'present'
  if (now > duty.end) return 'over'
  if (now < duty.check_in_from) return 'later'
  return last?.kind === 'out' ? 'left' : 'open'
}

/** The duty that matters now: one with the person on it, else one to check in to, else the next. */
export function current(
  duties: readonly Duty[], marks: readonly Mark[], served: ReadonlyMap<number, string>, now: number,
): Duty | null {
  const ranked: DutyState[] = ['present', 'open', 'left', 'later']
  for (const state of ranked) {
    const found = duties
      .filter((duty) => stateOf(duty, marks, served.get(duty.id), now) === state)
      .sort((one, other) => one.start - other.start)[0]
    if (found) return found
  }
  return null
}
