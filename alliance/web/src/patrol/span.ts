/** Lengths of time and directions in words. */
import { language } from '../i18n.ts'
import { t } from './texts.ts'

export function span(milliseconds: number): string {
  const whole = Math.max(0, Math.round(milliseconds / 60_000))
  const h = Math.floor(whole / 60)
  return h > 0 ? t('hours', { h, m: whole % 60 }) : t('minutes', { m: whole })
}

const NAMES = {
  zh: ['北', '东北', '东', '东南', '南', '西南', '西', '西北'],
  en: ['N', 'NE', 'E', 'SE', 'S', 'SW', 'W', 'NW'],
}

/** The compass direction from one place to another. */
export function bearing(from: { lat: number; lon: number }, to: { lat: number; lon: number }): string {
  const east = (to.lon - from.lon) * Math.cos((from.lat * Math.PI) / 180)
  const turn = Math.atan2(east, to.lat - from.lat) / (Math.PI / 4)
  return NAMES[language.value][(Math.round(turn) + 8) % 8]!
}
