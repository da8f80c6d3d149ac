/** The weights of a weekday's duty shift instead of those of now: what the demand layer then shows. */
import { signal } from '@preact/signals'
import { get, problemOf } from '../../api.ts'
import { addDays, hourMinute, isoDay, named } from '../../i18n.ts'
import { Said } from '../../ui/parts.tsx'
import { weekdayName } from '../codes.ts'
import { ground, now } from '../desk.ts'
import { t } from '../texts.ts'

interface Slot {
  weekday: number
  pattern: string
}

export const slot = signal<Slot | null>(null)
/** In the order of the cells; null while those of now are shown. */
export const slotWeights = signal<number[] | null>(null)
const refused = signal<string | null>(null)

const WEEKDAYS = [0, 1, 2, 3, 4, 5, 6] as const

/** The next such weekday from today on. */
export function nextDay(today: string, weekday: number): string {
  const first = (new Date(`${today}T00:00:00Z`).getUTCDay() + 6) % 7
  return addDays(today, (weekday - first + 7) % 7)
}

/** The instant at which a local day has reached so many minutes. */
export function instantAt(day: string, minute: number): number {
  const guess = Date.parse(`${day}T00:00:00Z`) + minute * 60_000
  const local = Date.parse(`${isoDay(guess)}T${hourMinute(guess)}:00Z`)
  return guess - (local - guess)
}

async function choose(next: Slot | null): Promise<void> {
  slot.value = next
  refused.value = null
  const held = ground.value
  const pattern = held?.district.patterns.find(({ code }) => code === next?.pattern)
  if (next === null || held === null || pattern === undefined) {
    slotWeights.value = null
    return
  }
  try {
    const at = instantAt(nextDay(isoDay(now.peek()), next.weekday), pattern.start_minute)
    const { cells, weight } = await get<{ cells: string[]; weight: number[] }>('/cells', { layer: 'demand', at })
    if (slot.value !== next) return
    const found = new Array<number>(held.index.size).fill(0)
    cells.forEach((cell, i) => {
      const place = held.index.get(cell)
      if (place !== undefined) found[place] = weight[i] ?? 0
    })
    slotWeights.value = found
  } catch (error) {
    refused.value = problemOf(error)
  }
}

export function SlotChoice() {
  const patterns = (ground.value?.district.patterns ?? []).filter(({ duty }) => duty)
  const chosen = slot.value
  const take = (change: Partial<Slot>): void => void choose({ weekday: 0, pattern: patterns[0]?.code ?? '', ...chosen, ...change })
  return (
    <div class="stack">
      <select aria-label={t('weekday')} value={chosen?.weekday ?? ''} onChange={({ currentTarget: { value } }) => (value === '' ? void choose(null) : take({ weekday: Number(value) }))}>
        <option value="">{t('slot_now')}</option>
        {WEEKDAYS.map((day) => <option key={day} value={day}>{weekdayName(String(day))}</option>)}
      </select>
      {chosen !== null && (
        <select aria-label={t('shift')} value={chosen.pattern} onChange={(event) => take({ pattern: event.currentTarget.value })}>
          {patterns.map((one) => <option key={one.code} value={one.code}>{named(one)}</option>)}
        </select>
      )}
      {refused.value !== null && <p class="bad" role="alert"><Said text={refused.value} /></p>}
    </div>
  )
}
