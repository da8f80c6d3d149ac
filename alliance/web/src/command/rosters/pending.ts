/** A change by hand before it is made: what goes, what comes, what is pinned. Pure. */
import type { EditBody, Put } from './items.ts'

/** An assignment as far as a change needs it. */
export interface Standing {
  id: number
  person: number
  post: number
  shift: number
  pinned: boolean
}

export const NO_CHANGE: EditBody = { add: [], remove: [], pin: [], unpin: [] }

export const isEmpty = ({ add, remove, pin, unpin }: EditBody): boolean =>
  add.length + remove.length + pin.length + unpin.length === 0

export const sizeOf = ({ add, remove, pin, unpin }: EditBody): number => add.length + remove.length + pin.length + unpin.length

const toggled = (ids: number[], id: number): number[] => (ids.includes(id) ? ids.filter((one) => one !== id) : [...ids, id])

const without = (ids: number[], id: number): number[] => ids.filter((one) => one !== id)

/** Taken off, or left where it is after all; a pin is loosened with it. */
export function take(change: EditBody, one: Standing): EditBody {
  const goes = !change.remove.includes(one.id)
  return {
    ...change,
    remove: toggled(change.remove, one.id),
    pin: without(change.pin, one.id),
    unpin: goes && one.pinned ? [...without(change.unpin, one.id), one.id] : without(change.unpin, one.id),
  }
}

/** Pinned or loosened; asked twice, it stays as it was. */
export function pin(change: EditBody, one: Standing): EditBody {
  return one.pinned ? { ...change, unpin: toggled(change.unpin, one.id) } : { ...change, pin: toggled(change.pin, one.id) }
}

export function put(change: EditBody, coming: Put): EditBody {
  const known = change.add.some((one) => same(one, coming))
  return known ? change : { ...change, add: [...change.add, coming] }
}

export const call = (change: EditBody, coming: Put): EditBody => ({ ...change, add: change.add.filter((one) => !same(one, coming)) })

/** From where someone stands to another post or shift. */
export function move(change: EditBody, one: Standing, to: { post: number; shift: number }): EditBody {
  if (one.post === to.post && one.shift === to.shift) return change
  const taken = change.remove.includes(one.id) ? change : take(change, one)
  return put(taken, { person: one.person, ...to })
}

const same = (one: Put, other: Put): boolean => one.person === other.person && one.post === other.post && one.shift === other.shift

/** Without what others have taken off meanwhile. */
export function withoutGone(change: EditBody, gone: ReadonlySet<number>): EditBody {
  const still = (ids: number[]): number[] => ids.filter((id) => !gone.has(id))
  return { add: change.add, remove: still(change.remove), pin: still(change.pin), unpin: still(change.unpin) }
}

/** Nobody wants to read differences of nothing; the largest first. */
export function telling(terms: Record<string, number>): [name: string, by: number][] {
  return Object.entries(terms).filter(([, by]) => Math.abs(by) >= 0.005).sort(([, a], [, b]) => Math.abs(b) - Math.abs(a))
}
