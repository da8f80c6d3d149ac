/** A checkpoint's code was opened on this phone: it becomes a letter with its own time, and its fate is told. */
import { effect, signal } from '@preact/signals'
import { newKey } from '../api.ts'
import { me } from '../session.ts'
import { keyIn } from './code.ts'
import { box, clockNow, office } from './patrol.ts'

export interface Arrival {
  key: string
  code: string
  name: string
  at: number
}

/** Opened, but nobody is signed in yet; `since` is by the page's monotonic clock. */
export const opened = signal<{ checkpoint: string; since: number } | null>(null)
export const arrived = signal<Arrival | null>(null)

/** Takes the key out of the address, so that a reload is not a second scan. */
export function takeAddress(): void {
  const checkpoint = keyIn(location.hash)
  if (checkpoint === null) return
  history.replaceState(null, '', location.pathname + location.search)
  scanned(checkpoint)
}

export function scanned(checkpoint: string): void {
  opened.value = { checkpoint, since: performance.now() }
}

export const dismissArrival = (): void => {
  arrived.value = null
  void box.value?.keep(`scanned ${me.value?.person}`, null)
}

/** Sends what was opened as soon as somebody is here, and follows what became of it in any of the browser's pages. */
export function followScans(): () => void {
  const undo = [
    effect(() => {
      const found = opened.value
      const sending = office.value
      if (found === null || sending === null) return
      opened.value = null
      const at = clockNow() - Math.round(performance.now() - found.since)
      void sending.add({ type: 'scan', key: newKey(), checkpoint: found.checkpoint, at })
    }),
    effect(() => {
      const person = me.value?.person
      const waiting = office.value?.waiting.value.letters.filter(({ message }) => message.type === 'scan').length
      if (person === undefined || waiting === undefined) return
      void box.value?.kept<Arrival>(`scanned ${person}`).then((found) => (arrived.value = found))
    }),
  ]
  addEventListener('hashchange', takeAddress)
  return () => {
    undo.forEach((step) => step())
    removeEventListener('hashchange', takeAddress)
  }
}
