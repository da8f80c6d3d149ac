/** What asks for attention now: read when the desk opens, and soon after whatever changes it. */
import { computed, signal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { all, problemOf } from '../../api.ts'
import { useEvery } from '../../ui/load.ts'
import { onEvent } from '../desk.ts'
import { grouped, type AttentionItem } from './groups.ts'

const SOON_MS = 700
const EVERY_MS = 60_000
const MOST = 3000

/** `null` before the first answer. */
export const open = signal<AttentionItem[] | null>(null)
export const refused = signal<string | null>(null)
export const groups = computed(() => grouped(open.value ?? []))
export const unanswered = computed(() => groups.value.filter(({ state }) => state === 'open').length)

let reading = 0

export async function read(): Promise<void> {
  const mine = ++reading
  try {
    const found = await all<AttentionItem>('/attention', { open: true }, MOST)
    if (mine !== reading) return
    open.value = found
    refused.value = null
  } catch (error) {
    if (mine === reading) refused.value = problemOf(error)
  }
}

/** Keeps the list while the component stands. Many changes at once are one reading. */
export function useAttention(): void {
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined
    void read()
    const undo = onEvent(({ kind }) => {
      if (timer !== undefined || !(kind.startsWith('attention_') || kind.startsWith('sos_'))) return
      timer = setTimeout(() => {
        timer = undefined
        void read()
      }, SOON_MS)
    })
    return () => {
      undo()
      clearTimeout(timer)
      open.value = null
    }
  }, [])
  useEvery(EVERY_MS, () => void read())
}
