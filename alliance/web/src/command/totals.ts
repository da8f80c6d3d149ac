/** Sums of credit, and the order they are shown in. */

export interface Total {
  key: string | null
  name: string | null
  amount: number
  entries: number
}

export const WAYS = ['month', 'week', 'day', 'town', 'station', 'beat', 'organisation', 'team', 'kind', 'person'] as const
export type Way = (typeof WAYS)[number]
const BY_TIME: readonly Way[] = ['month', 'week', 'day']

/** By time the newest first, all else the most first. */
export function inOrder(by: Way, totals: readonly Total[]): Total[] {
  const newer = (a: Total, b: Total): number => (b.key ?? '').localeCompare(a.key ?? '')
  return [...totals].sort(BY_TIME.includes(by) ? newer : (a, b) => b.amount - a.amount)
}
