/** Which positions are worth a fix: every 15 s while moving, every 60 s while still. */

export const MOVING_MS = 15_000
export const STILL_MS = 60_000
const MOVED_M = 20
const WALKING_MS = 0.7

export interface Place {
  at: number
  lat: number
  lon: number
  accuracy: number
  speed?: number | null
}

const EARTH_M = 6_371_007.180918475

export function metres(one: Place, other: Place): number {
  const radians = Math.PI / 180
  const dLat = (other.lat - one.lat) * radians
  const dLon = (other.lon - one.lon) * radians
  const a =
    Math.sin(dLat / 2) ** 2 + Math.cos(one.lat * radians) * Math.cos(other.lat * radians) * Math.sin(dLon / 2) ** 2
  return 2 * EARTH_M * Math.asin(Math.min(1, Math.sqrt(a)))
}

/** Whether this place is to be kept after the last one kept. */
export function worth(last: Place | null, here: Place): boolean {
  if (last === null) return true
  const passed = here.at - last.at
  if (passed < MOVING_MS) return false
  const moved = metres(last, here) > Math.max(MOVED_M, here.accuracy / 2) || (here.speed ?? 0) > WALKING_MS
  return moved || passed >= STILL_MS
}

/** Whether someone who was heard `quiet` ms ago and stands still should be asked for a place anew. */
export const overdue = (last: Place | null, now: number): boolean => last === null || now - last.at >= STILL_MS
