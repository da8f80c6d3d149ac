/** Beginning a call-out, going on with it, stopping it. */
import { useState } from 'preact/hooks'
import { Field } from '../../ui/parts.tsx'
import type { HoleDetail } from './items.ts'
import { h } from './texts.ts'

const AT_ONCE = 3
const MINUTES = 10

interface Calling {
  hole: HoleDetail
  onCall(body: { at_once: number; minutes: number }): Promise<void>
  onStop(): Promise<void>
}

export function Call({ hole, onCall, onStop }: Calling) {
  const [atOnce, setAtOnce] = useState(AT_ONCE)
  const [minutes, setMinutes] = useState(MINUTES)
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
        <Field label={h('at_once')}><input type="number" min={1} max={50} required value={atOnce} onInput={(event) => setAtOnce(event.currentTarget.valueAsNumber || 1)} /></Field>
        <Field label={h('minutes')}><input type="number" min={1} max={240} required value={minutes} onInput={(event) => setMinutes(event.currentTarget.valueAsNumber || 1)} /></Field>
        <button type="submit" class="primary" disabled={busy}>{hole.offers.length > 0 ? h('call_again') : h('call')}</button>
        {hole.calling && <button type="button" disabled={busy} onClick={doing(onStop)}>{h('stop')}</button>}
      </form>
    </section>
  )
}
