/** Which days have a published roster, and which is the first that has none. */
import { addDays } from '../../i18n.ts'

export type Span = readonly [from: string, to: string]

interface Days {
  state: string
  first_day: string
  last_day: string
}

/** In order, those that touch or overlap joined. */
export function publishedSpans(rosters: readonly Days[]): Span[] {
  const spans = rosters.filter(({ state }) => state === 'published').map(({ first_day, last_day }): Span => [first_day, last_day])
  const joined: Span[] = []
  for (const [from, to] of spans.sort(([a], [b]) => (a < b ? -1 : 1))) {
    const before = joined.at(-1)
    if (before && from <= addDays(before[1], 1)) joined[joined.length - 1] = [before[0], to > before[1] ? to : before[1]]
    else joined.push([from, to])
  }
  return joined
}

/** The day after the last published one, tomorrow at the earliest. */
export function firstFree(published: readonly Span[], today: string): string {
  const last = published.at(-1)?.[1] ?? today
  return addDays(last > today ? last : today, 1)
}

export const spanText = (from: string, to: string): string => (from === to ? from : `${from} – ${to}`)
