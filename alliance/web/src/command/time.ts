/** Spans of time in words. */
import { t } from './texts.ts'

export function ago(milliseconds: number): string {
  const seconds = Math.max(0, Math.round(milliseconds / 1000))
  if (seconds < 90) return t('seconds_ago', { n: seconds })
  if (seconds < 5400) return t('minutes_ago', { n: Math.round(seconds / 60) })
  return t('hours_ago', { n: Math.round(seconds / 3600) })
}

/** Hours, minutes and seconds: 1:05:09 or 5:09. */
export function span(milliseconds: number): string {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000))
  const two = (value: number): string => String(value).padStart(2, '0')
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60]
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`
}
