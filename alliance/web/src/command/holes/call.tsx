/** Beginning a call-out, going on with it, stopping it. */
import { useState } from 'preact/hooks'
import { get } from '../../api.ts'
import { Field } from '../../ui/parts.tsx'
import { useLoad } from '../../ui/load.ts'
import type { HoleDetail } from './items.ts'
import { h } from './texts.ts'


interface Calling {
  hole: HoleDetail
  onCall(body: { at_once: number; minutes: number }): Promise<void>
  onStop(): Promise<void>
}

export function Call({ hole, onCall, onStop }: Calling) {
  const changes = useLoad((signal) => get<{ at_once: number; minutes: number }>('/district/changes', undefined, signal), [])
  const [picked, pick] = useState<{ atOnce?: number; minutes?: number }>({})
  const atOnce = picked.atOnce ?? changes.value?.at_once ?? 1
  const minutes = picked.minutes ?? changes.value?.minutes ?? 1
  const [busy, setBusy] = useState(false)
  const doing = (step: () => Promise<void>) => async (event: Event): Promise<void> => {
    event.preventDefault()
    setBusy(true)
    await step()
    setBusy(false)
  }
  return (
    <section class="box">
      <form class="pad row wrap end" aria-label={h('call')} onSubmit={doing(() => onCall({ at_once: atOnce, minutes }))}>
        <Field label={h('at_once')}><input type="number" min={1} max={50} required value={atOnce} onInput={(event) => pick({ ...picked, atOnce: event.currentTarget.valueAsNumber || 1 })} /></Field>
        <Field label={h('minutes')}><input type="number" min={1} max={240} required value={minutes} onInput={(event) => pick({ ...picked, minutes: event.currentTarget.valueAsNumber || 1 })} /></Field>
        <button type="submit" class="primary" disabled={busy || changes.value === null}>{hole.offers.length > 0 ? h('call_again') : h('call')}</button>
        {hole.calling && <button type="button" disabled={busy} onClick={doing(onStop)}>{h('stop')}</button>}
      </form>
    </section>
  )
}
