/** What is being replayed on the map, if anything. */
import { computed, signal } from '@preact/signals'
import { get } from '../../api.ts'
import { atStart, moved, type Cursor, type Frames } from './frames.ts'

export const frames = signal<Frames | null>(null)
export const frame = signal(0)
/** The bar is open; the map shows the past as soon as its frames are there. */
export const playing = signal(false)
/** Whether the bar stands, with or without frames. */
export const opened = signal(false)

let cursor: Cursor = atStart(0)
let of: Frames | null = null

/** The covered cells of the frame shown, or `null` while the map is live. */
export const past = computed((): Uint8Array | null => {
  const held = frames.value
  if (held === null) return null
  if (of !== held) {
    of = held
    cursor = atStart(cells)
  }
  cursor = moved(held, cursor, frame.value)
  return cursor.covered.slice()
})

let cells = 0

/** Coverage over the whole window: of all, of the duty shifts in it, and of each area by its code. */
export interface Period {
  coverage: number
  shifts: { pattern: string; from: number; to: number; coverage: number }[]
  areas: ReadonlyMap<string, number>
}

export const period = signal<Period | null>(null)

export interface Window {
  from: number
  to: number
  step: number
}

export async function load(count: number, { from, to, step }: Window, signalled: AbortSignal): Promise<void> {
  const found = await get<Frames>('/replay', { from, to, step }, signalled)
  cells = count
  frame.value = 0
  frames.value = found
  const end = Math.min(to, found.from + found.on.length * found.step)
  const whole = await get<Omit<Period, 'areas'> & { areas: { code: string; coverage: number }[] }>('/cells', { layer: 'coverage', from, to: end }, signalled)
  period.value = { ...whole, areas: new Map(whole.areas.map(({ code, coverage }) => [code, coverage])) }
}

export function endReplay(): void {
  playing.value = false
  opened.value = false
  forget()
}

/** Nothing is held of the window before. */
export function forget(): void {
  playing.value = false
  frames.value = null
  period.value = null
}
