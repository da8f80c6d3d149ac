/** Two languages, Chinese first: dictionaries with checked keys, and how numbers and times are written. */
import { signal } from '@preact/signals'

export type Language = 'zh' | 'en'
export type Entry = readonly [zh: string, en: string]
export type Values = Record<string, string | number>

const REMEMBERED = 'alliance.language'

export const language = signal<Language>(remembered())

export function setLanguage(chosen: Language): void {
  language.value = chosen
  try {
    localStorage.setItem(REMEMBERED, chosen)
  } catch {
    // private windows may refuse storage; the choice then lasts as long as the page
  }
  if (typeof document !== 'undefined') document.documentElement.lang = chosen === 'zh' ? 'zh-CN' : 'en'
}

function remembered(): Language {
  try {
    return localStorage.getItem(REMEMBERED) === 'en' ? 'en' : 'zh'
  } catch {
    return 'zh'
  }
}

/** A look-up in the page's language; `{name}` in a text takes `values.name`. */
export function dictionary<K extends string>(entries: Record<K, Entry>): (key: K, values?: Values) => string {
  return (key, values) => fill(entries[key][language.value === 'zh' ? 0 : 1], values)
}

/** Like `dictionary` for codes that come from the service: an unknown code is shown as it is. */
export function codes(entries: Record<string, Entry>): (code: string) => string {
  return (code) => entries[code]?.[language.value === 'zh' ? 0 : 1] ?? code
}

export function fill(text: string, values: Values = {}): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole))
}

/** The name of a place or thing in the page's language; without an English one the Chinese stays. */
export function named(thing: { name: string; name_en?: string | null }): string {
  return language.value === 'en' && thing.name_en ? thing.name_en : thing.name
}

/** Several of a kind, one after the other. */
export const listed = (texts: readonly string[]): string => texts.join(language.value === 'zh' ? '、' : ', ')

export const labelled = (label: string, text: string): string => label + (language.value === 'zh' ? '：' : ': ') + text

/** Dates and times of the district's zone. */
let zone = 'Asia/Shanghai'
const formats = new Map<string, Intl.DateTimeFormat>()

export function setTimeZone(name: string): void {
  zone = name
  formats.clear()
}

export const timeZone = (): string => zone

function format(name: string, options: Intl.DateTimeFormatOptions, locale?: string): Intl.DateTimeFormat {
  const tag = locale ?? (language.value === 'zh' ? 'zh-CN' : 'en-GB')
  const key = `${name} ${tag}`
  const known = formats.get(key)
  if (known) return known
  const made = new Intl.DateTimeFormat(tag, { timeZone: zone, hourCycle: 'h23', ...options })
  formats.set(key, made)
  return made
}

export const clockTime = (at: number): string =>
  format('clock', { hour: '2-digit', minute: '2-digit', second: '2-digit' }, 'en-GB').format(at)

export const hourMinute = (at: number): string =>
  format('minute', { hour: '2-digit', minute: '2-digit' }, 'en-GB').format(at)

export const dayText = (at: number): string =>
  format('day', { month: 'short', day: 'numeric', weekday: 'short' }).format(at)

export const dateTime = (at: number): string =>
  format('full', { month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit' }).format(at)

/** The ISO date of an instant in the district's zone. */
export const isoDay = (at: number): string =>
  format('iso', { year: 'numeric', month: '2-digit', day: '2-digit' }, 'en-CA').format(at)

/** The ISO date so many days after another. */
export function addDays(day: string, days: number): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10)
}

export const number = (value: number): string => value.toLocaleString('en-US')

export const percent = (share: number, digits = 0): string => `${(share * 100).toFixed(digits)}%`

/** Hundredths of a point as points. */
export const points = (hundredths: number): string =>
  (hundredths / 100).toLocaleString('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 2 })
