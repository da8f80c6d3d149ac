/** The browser's position: one for a check-in, and one after another while on duty. */
import type { Clock } from '../clock.ts'
import type { Fix } from '../wire.ts'
import { overdue, worth, type Place } from './pace.ts'

export type Trouble = 'denied' | 'unavailable'

const ONE_MS = 10_000
const OLDEST_MS = 10_000
const LOOK_MS = 20_000
const FIRST_MS = 1_500

/** What the browser tells, with the time at which it was taken by our own clock. */
export function placeOf(position: GeolocationPosition, clock: Clock): Place {
  const age = Math.min(Math.max(Date.now() - position.timestamp, 0), 60_000)
  const { latitude, longitude, accuracy, speed } = position.coords
  return { at: clock.now() - Math.round(age), lat: latitude, lon: longitude, accuracy, speed }
}

export function fixOf(place: Place, battery: number | null): Fix {
  const short = (value: number): number => Math.round(value * 1e7) / 1e7
  const accuracy = Math.round(place.accuracy * 10) / 10
  const [lat, lon] = [short(place.lat), short(place.lon)]
  return battery === null ? [place.at, lat, lon, accuracy] : [place.at, lat, lon, accuracy, battery]
}

export function trouble(error: GeolocationPositionError): Trouble {
  return error.code === error.PERMISSION_DENIED ? 'denied' : 'unavailable'
}

/** One place, now. Rejects with a Trouble. */
export function here(clock: Clock): Promise<Place> {
  return new Promise((found, failed) => {
    if (!('geolocation' in navigator)) {
      failed('unavailable' satisfies Trouble)
      return
    }
    navigator.geolocation.getCurrentPosition(
      (position) => found({ ...placeOf(position, clock), at: clock.now() }),
      (error) => failed(trouble(error)),
      { enableHighAccuracy: true, timeout: ONE_MS, maximumAge: OLDEST_MS },
    )
  })
}

export async function battery(): Promise<number | null> {
  const source = navigator as Navigator & { getBattery?: () => Promise<{ level: number }> }
  try {
    const level = (await source.getBattery?.())?.level
    return level === undefined ? null : Math.round(level * 100) / 100
  } catch {
    return null
  }
}

/** Calls `keep` for each place since `from` that is worth a fix, keeps the screen on; returns the end of it. */
export function follow(
  clock: Clock, from: number, keep: (place: Place) => void, fail: (trouble: Trouble | null) => void,
): () => void {
  let last: Place | null = null
  let lock: WakeLockSentinel | null = null
  let ended = false
  const take = (position: GeolocationPosition): void => {
    fail(null)
    const place = placeOf(position, clock)
    // What the browser remembers from before the check-in is none of ours.
    if (place.at < from || !worth(last, place)) return
    last = place
    keep(place)
  }
  const options = { enableHighAccuracy: true, maximumAge: 0 }
  const watch = navigator.geolocation.watchPosition(take, (error) => fail(trouble(error)), options)
  const ask = (): void => {
    if (overdue(last, clock.now())) navigator.geolocation.getCurrentPosition(take, () => undefined, { ...options, timeout: ONE_MS })
  }
  // Someone who stands still moves no watch: ask from time to time.
  const asking = setInterval(ask, LOOK_MS)
  const first = setTimeout(ask, FIRST_MS)
  const awake = async (): Promise<void> => {
    if (ended || document.visibilityState !== 'visible' || !('wakeLock' in navigator)) return
    lock = await navigator.wakeLock.request('screen').catch(() => null)
  }
  document.addEventListener('visibilitychange', awake)
  void awake()
  return () => {
    ended = true
    navigator.geolocation.clearWatch(watch)
    clearInterval(asking)
    clearTimeout(first)
    document.removeEventListener('visibilitychange', awake)
    void lock?.release()
  }
}
