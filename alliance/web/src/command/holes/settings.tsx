/** How the district wants its published rosters mended: read by all at the desk, set by the administrator. */
import { useState } from 'preact/hooks'
import { call, get, problemOf } from '../../api.ts'
import { holds } from '../../session.ts'
import { Failed, Field, Notice } from '../../ui/parts.tsx'
import { useLoad } from '../../ui/load.ts'
import { h } from './texts.ts'

interface Changes {
  no_show_minutes: number | null
  at_once: number
  minutes: number
  swap_approval: boolean
  standby_percent: number
}

interface Read {
  changes: Changes
  version: number
}

export function Settings() {
  const [open, setOpen] = useState(false)
  if (!holds('administrator')) return null
  return (
    <details class="extra-need" open={open} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{h('settings')}…</summary>
      {open && <Form />}
    </details>
  )
}

async function read(signal: AbortSignal): Promise<Read> {
  const [changes, district] = await Promise.all([
    get<Changes>('/district/changes', undefined, signal), get<{ version: number }>('/district', undefined, signal),
  ])
  return { changes, version: district.version }
}

function Form() {
  const { value, refused, again } = useLoad(read, [])
  if (refused !== null) return <Failed text={refused} retry={again} />
  return value === null ? null : <Fields key={value.version} held={value} onSaved={again} />
}

function Fields({ held, onSaved }: { held: Read; onSaved(): void }) {
  const [given, setGiven] = useState(held.changes)
  const [said, setSaid] = useState<{ tone: 'good' | 'bad'; text: string } | null>(null)
  const set = (part: Partial<Changes>): void => setGiven({ ...given, ...part })
  const whole = (event: { currentTarget: HTMLInputElement }, least: number): number => event.currentTarget.valueAsNumber || least
  const save = async (event: Event): Promise<void> => {
    event.preventDefault()
    try {
      await call('PATCH', '/district/changes', { body: given, version: held.version })
      setSaid({ tone: 'good', text: h('saved') })
      onSaved()
    } catch (error) {
      setSaid({ tone: 'bad', text: problemOf(error) })
      onSaved()
    }
  }
  return (
    <form class="stack" onSubmit={save} aria-label={h('settings')}>
      <Field label={h('no_show_minutes')}><input type="number" min={5} max={240} value={given.no_show_minutes ?? ''}
        onInput={(event) => set({ no_show_minutes: Number.isNaN(event.currentTarget.valueAsNumber) ? null : event.currentTarget.valueAsNumber })} /></Field>
      <Field label={h('at_once')}><input type="number" min={1} max={50} required value={given.at_once} onInput={(event) => set({ at_once: whole(event, 1) })} /></Field>
      <Field label={h('minutes')}><input type="number" min={1} max={240} required value={given.minutes} onInput={(event) => set({ minutes: whole(event, 1) })} /></Field>
      <Field label={h('standby_percent')}><input type="number" min={0} max={50} required value={given.standby_percent} onInput={(event) => set({ standby_percent: whole(event, 0) })} /></Field>
      <label class="row"><input type="checkbox" class="tick" checked={given.swap_approval} onChange={(event) => set({ swap_approval: event.currentTarget.checked })} />{h('swap_approval')}</label>
      {said !== null && <Notice tone={said.tone}>{said.text}</Notice>}
      <button type="submit" class="primary">{h('save')}</button>
    </form>
  )
}
