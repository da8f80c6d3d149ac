/** Duties of this person that were cancelled, and why. */
import { signal } from '@preact/signals'
import { Problem, get } from '../api.ts'
import { dayText, hourMinute } from '../i18n.ts'
import { me } from '../session.ts'
import { causeText, placeText, type Place } from '../words.ts'
import { c } from './change_texts.ts'
import { now, onChanges, say } from './patrol.ts'

interface Lost extends Place {
  id: number
  start: number
  end: number
  kind: string
  reason: string
  by: number | null
}

const cancelled = signal<readonly Lost[] | null>(null)
const others = (): Lost[] => cancelled.value?.filter((one) => one.by !== me.value?.person && one.end > now.value) ?? []

async function read(): Promise<void> {
  try {
    const before = cancelled.value && new Set(others().map(({ id }) => id))
    cancelled.value = (await get<{ items: Lost[] }>('/me/cancelled')).items
    if (before && others().some(({ id }) => !before.has(id))) say(c('cancelled_now'), 'bad')
  } catch (error) {
    if (!(error instanceof Problem)) throw error
  }
}

onChanges(() => void read())

export function Cancelled() {
  const shown = others()
  if (shown.length === 0) return null
  return (
    <section aria-labelledby="cancelled">
      <h2 id="cancelled">{c('cancelled')}</h2>
      <ul class="shift-list">{shown.map((one) => <Row key={one.id} one={one} />)}</ul>
    </section>
  )
}

function Row({ one }: { one: Lost }) {
  return (
    <li>
      <span class="when">{dayText(one.start)}<b>{hourMinute(one.start)}–{hourMinute(one.end)}</b></span>
      <span class="where">{placeText(one)}
        <small class="bad">{causeText(one.kind, one.reason)}</small></span>
    </li>
  )
}
