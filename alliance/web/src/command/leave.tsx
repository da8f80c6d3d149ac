/** A person's leave: entered and withdrawn; and what a change took from the published rosters. */
import { useState } from 'preact/hooks'
import { call, get, newKey, post, type Page } from '../api.ts'
import { addDays, dateTime, isoDay, timeZone } from '../i18n.ts'
import { Ask } from '../ui/dialog.tsx'
import { useLoad } from '../ui/load.ts'
import { Empty, Failed, Field, Notice } from '../ui/parts.tsx'
import { common, leaveKind } from '../words.ts'
import { now } from './desk.ts'
import type { LeaveItem } from './items.ts'
import { instantOf } from './replay/frames.ts'
import { href } from './router.ts'
import { t } from './texts.ts'

const KINDS = ['annual', 'sick', 'family'] as const

export function FellOut({ duties }: { duties: number }) {
  if (duties === 0) return null
  return <Notice>{t('fell_out', { n: duties })} <a href={href('holes')}>{t('fell_out_holes')}</a></Notice>
}

export function Leaves({ person, onFell }: { person: number; onFell(duties: number): void }) {
  const [adding, setAdding] = useState(false)
  const { value, refused, again } = useLoad((signal) => get<Page<LeaveItem>>(`/people/${person}/leave`, undefined, signal), [person])
  const coming = value?.items.filter((one) => one.end > now.peek()) ?? []
  const withdraw = async (one: LeaveItem): Promise<void> => {
    await call('DELETE', `/people/${person}/leave/${one.id}`)
    again()
  }
  return (
    <section class="box" aria-label={t('leave')}>
      <header><h2>{t('leave')}</h2><span class="grow" /><button type="button" onClick={() => setAdding(true)}>{t('add_leave')}…</button></header>
      {refused !== null && <Failed text={refused} retry={again} />}
      {value !== null && coming.length === 0 && <Empty>{common('none')}</Empty>}
      <ul class="pad rows">
        {coming.map((one) => (
          <li key={one.id}><span class="grow">{leaveKind(one.kind)} <span class="muted">{dateTime(one.start)} – {dateTime(one.end)}</span></span>
            <button type="button" class="plain" onClick={() => void withdraw(one)}>{t('withdraw_leave')}</button></li>
        ))}
      </ul>
      {adding && <LeaveForm person={person} onClose={() => setAdding(false)} onSaved={(duties) => { onFell(duties); again() }} />}
    </section>
  )
}

function LeaveForm({ person, onClose, onSaved }: { person: number; onClose(): void; onSaved(duties: number): void }) {
  const tomorrow = addDays(isoDay(now.peek()), 1)
  const [given, setGiven] = useState({ kind: 'annual', first: tomorrow, last: tomorrow })
  const [key] = useState(newKey)
  const set = (change: Partial<typeof given>): void => setGiven((before) => ({ ...before, ...change }))
  const save = async (): Promise<void> => {
    const [start, end] = [instantOf(given.first, 0, timeZone()), instantOf(given.last, 1440, timeZone())]
    const body = { kind: given.kind, start, end }
    const { holes } = await post<LeaveItem & { holes: number[] }>(`/people/${person}/leave`, body, { key })
    onSaved(holes.length)
  }
  return (
    <Ask title={t('add_leave')} confirm={t('save')} onConfirm={save} onClose={onClose}>
      <p>{t('leave_line')}</p>
      <Field label={t('kind')}>
        <select value={given.kind} onChange={(event) => set({ kind: event.currentTarget.value })}>
          {KINDS.map((kind) => <option key={kind} value={kind}>{leaveKind(kind)}</option>)}
        </select>
      </Field>
      <Field label={t('first_day')}><input type="date" required value={given.first} onInput={(event) => set({ first: event.currentTarget.value })} /></Field>
      <Field label={t('last_day_too')}><input type="date" required min={given.first} value={given.last} onInput={(event) => set({ last: event.currentTarget.value })} /></Field>
    </Ask>
  )
}
