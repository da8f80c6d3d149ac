/** More people than planned: where, when, how many, and why. */
import { useState } from 'preact/hooks'
import { get, newKey, post, problemOf, type Page } from '../../api.ts'
import { addDays, isoDay, named } from '../../i18n.ts'
import { Field, Notice } from '../../ui/parts.tsx'
import { useLoad } from '../../ui/load.ts'
import { ground, now } from '../desk.ts'
import type { PostItem, ShiftItem } from '../items.ts'
import { go } from '../router.ts'
import { shiftText } from '../rosters/shortfalls.tsx'
import type { HoleItem } from './items.ts'
import { h } from './texts.ts'

const DAYS = 14

export function ExtraNeed({ onMade }: { onMade(): void }) {
  const [open, setOpen] = useState(false)
  return (
    <details class="extra-need" open={open} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{h('extra')}…</summary>
      {open && <Form onMade={(made) => { setOpen(false); onMade(); go('holes', made.id) }} />}
    </details>
  )
}

function Form({ onMade }: { onMade(made: HoleItem): void }) {
  const [beat, setBeat] = useState('')
  const [postId, setPost] = useState('')
  const [shift, setShift] = useState('')
  const [people, setPeople] = useState(2)
  const [certified, setCertified] = useState(0)
  const [reason, setReason] = useState('')
  const [problem, setProblem] = useState<string | null>(null)
  const today = isoDay(now.peek())
  const posts = useLoad((signal) => (beat ? get<Page<PostItem>>('/posts', { beat }, signal) : Promise.resolve(null)), [beat])
  const shifts = useLoad((signal) => get<Page<ShiftItem>>('/shifts', { from_day: today, to_day: addDays(today, DAYS) }, signal), [])
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault()
    setProblem(null)
    try {
      onMade(await post<HoleItem>('/holes', { post: Number(postId), shift: Number(shift), people, certified, reason }, { key: newKey() }))
    } catch (error) {
      setProblem(problemOf(error))
    }
  }
  return (
    <form class="stack" onSubmit={submit} aria-label={h('extra')}>
      <Field label={h('beat')}>
        <select required value={beat} onChange={(event) => { setBeat(event.currentTarget.value); setPost('') }}>
          <option value="">{h('choose')}</option>
          {ground.value?.beats.map((area) => <option key={area.code} value={area.code}>{named(area)}</option>)}
        </select>
      </Field>
      <Field label={h('post')}>
        <select required value={postId} onChange={(event) => setPost(event.currentTarget.value)}>
          <option value="">{h('choose')}</option>
          {posts.value?.items.map((one) => <option key={one.id} value={one.id}>{named(one)}</option>)}
        </select>
      </Field>
      <Field label={h('shift')}>
        <select required value={shift} onChange={(event) => setShift(event.currentTarget.value)}>
          <option value="">{h('choose')}</option>
          {shifts.value?.items.filter((one) => one.end > now.value).map((one) => <option key={one.id} value={one.id}>{shiftText(one, one.id)}</option>)}
        </select>
      </Field>
      <div class="row">
        <Field label={h('people')}><input type="number" min={1} max={500} required value={people} onInput={(event) => setPeople(event.currentTarget.valueAsNumber || 1)} /></Field>
        <Field label={h('of_them_certified')}><input type="number" min={0} max={people} required value={certified} onInput={(event) => setCertified(event.currentTarget.valueAsNumber || 0)} /></Field>
      </div>
      <Field label={h('why')}><input required maxLength={500} value={reason} onInput={(event) => setReason(event.currentTarget.value)} /></Field>
      {problem !== null && <Notice tone="bad">{problem}</Notice>}
      <button type="submit" class="primary">{h('ask_for')}</button>
    </form>
  )
}
