/** When this person is on call at home. */
import { signal } from '@preact/signals'
import { Problem, get, post } from '../api.ts'
import { dayText, hourMinute, named } from '../i18n.ts'
import { useState } from 'preact/hooks'
import { Ask } from '../ui/dialog.tsx'
import { c } from './change_texts.ts'
import { onChanges } from './patrol.ts'

interface OnCall {
  id: number
  town_name: string
  town_name_en: string
  start: number
  end: number
  assignment: number | null
}

const onCall = signal<readonly OnCall[]>([])

async function read(): Promise<void> {
  try {
    onCall.value = (await get<{ items: OnCall[] }>('/me/standby')).items
  } catch (error) {
    if (!(error instanceof Problem)) throw error
  }
}

onChanges(() => void read())

export function Standby() {
  const waiting = onCall.value.filter((one) => one.assignment === null)
  if (waiting.length === 0) return null
  return (
    <section aria-labelledby="standby">
      <h2 id="standby">{c('on_call')}</h2>
      <p class="faint">{c('on_call_line')}</p>
      <ul class="shift-list">{waiting.map((one) => <Row key={one.id} one={one} />)}</ul>
    </section>
  )
}

function Row({ one }: { one: OnCall }) {
  const [asking, setAsking] = useState(false)
  const release = async (reason: string): Promise<void> => {
    await post(`/standby/${one.id}/release`, { reason })
    await read()
  }
  return (
    <li>
      <span class="when">{dayText(one.start)}<b>{hourMinute(one.start)}–{hourMinute(one.end)}</b></span>
      <span class="where">{c('on_call_in', { town: named({ name: one.town_name, name_en: one.town_name_en }) })}
        <button type="button" class="plain start" onClick={() => setAsking(true)}>{c('not_on_call')}…</button></span>
      {asking && <Ask title={c('not_on_call')} confirm={c('not_on_call')} danger reason={c('why')} reasonNeeded onClose={() => setAsking(false)} onConfirm={release} />}
    </li>
  )
}
