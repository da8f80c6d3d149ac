/** Weekly spans in minutes of the day they start on; from 1440 on they lie on the next. */

export const clockMinute = (minute: number): string =>
  `${String(Math.floor(minute / 60) % 24).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`

export function minuteOf(clock: string): number {
  const [hours = 0, minutes = 0] = clock.split(':').map(Number)
  return hours * 60 + minutes
}

/** An end at or before the start is one of the next day. */
export const spanOf = (from: number, to: number): { start_minute: number; end_minute: number } =>
  ({ start_minute: from, end_minute: to <= from ? to + 1440 : to })
