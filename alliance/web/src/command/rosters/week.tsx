/** A roster by person: a row each with the duties of the week, hours and nights; read a page at a time. */
import { useEffect, useRef, useState } from 'preact/hooks'
import { get, type Page } from '../../api.ts'
import { addDays, dayText, hourMinute, isoDay } from '../../i18n.ts'
import { Choice, Empty, Failed } from '../../ui/parts.tsx'
import { useLoad } from '../../ui/load.ts'
import { common } from '../../words.ts'
import type { RosterItem } from '../items.ts'
import { organisationName } from '../organisations.ts'
import { href } from '../router.ts'
import { t } from '../texts.ts'
import { figure } from './overview.tsx'
import { Burden } from './burden.tsx'
import type { WeekDuty, WeekItem } from './items.ts'
import { postName } from './posts.ts'
import { r } from './texts.ts'

type Order = 'name' | 'hours' | 'nights'
const PAGE = 60
const TYPING_MS = 250
const DAYS_AT_ONCE = 14

export function ByPerson({ roster }: { roster: RosterItem }) {
  const [text, setText] = useState('')
  const [q, setQ] = useState('')
  const [order, setOrder] = useState<Order>('hours')
  useEffect(() => {
    const timer = setTimeout(() => setQ(text.trim()), TYPING_MS)
    return () => clearTimeout(timer)
  }, [text])
  return (
    <section class="box">
      <header>
        <Choice<Order> label={r('order')} value={order} onChange={setOrder} options={[['hours', r('order_hours')], ['nights', r('order_nights')], ['name', r('order_name')]]} />
        <span class="grow" />
        <input class="narrow" type="search" aria-label={t('name')} placeholder={t('name')} value={text} onInput={(event) => setText(event.currentTarget.value)} />
      </header>
      <Weeks key={`${roster.version} ${q} ${order}`} roster={roster} q={q} order={order} />
    </section>
  )
}

function Weeks({ roster, q, order }: { roster: RosterItem; q: string; order: Order }) {
  const [before, setBefore] = useState<WeekItem[]>([])
  const [cursor, setCursor] = useState<string | null>(null)
  const { value, refused, busy, again } = useLoad(
    (signal) => get<Page<WeekItem>>(`/rosters/${roster.id}/people`, { q, order, cursor, limit: PAGE }, signal), [cursor],
  )
  const more = value?.next ?? null
  const items = [...before, ...(value?.items ?? [])]
  const end = useSeen(() => {
    if (more === null || busy) return
    setBefore(items)
    setCursor(more)
  })
  const days = daysOf(roster)
  return (
    <div class="board-scroll" aria-busy={busy}>
      {refused !== null && <Failed text={refused} retry={again} />}
      {value === null && refused === null && <Empty>{common('loading')}</Empty>}
      {value !== null && items.length === 0 && <Empty>{r('no_people')}</Empty>}
      {items.length > 0 && (
        <table class="board weeks">
          <thead><tr><th class="board-post">{t('person')}</th><th class="num">{r('hours')}</th><th class="num">{r('nights')}</th>
            {days.map((day) => <th key={day} scope="col">{dayText(Date.parse(`${day}T12:00:00Z`))}</th>)}</tr></thead>
          <tbody>{items.map((week) => <WeekRow key={week.person} roster={roster} week={week} days={days} />)}</tbody>
        </table>
      )}
      {more !== null && <p class="empty" ref={end}><button type="button" disabled={busy} onClick={() => { setBefore(items); setCursor(more) }}>{t('show_more')}</button></p>}
    </div>
  )
}

function WeekRow({ roster, week, days }: { roster: RosterItem; week: WeekItem; days: readonly string[] }) {
  const [open, setOpen] = useState(false)
  const on = (day: string): WeekDuty[] => week.duties.filter(({ start }) => isoDay(start) === day)
  return (
    <>
      <tr>
        <th scope="row" class="board-post"><a href={href('people', week.person)}>{week.name}</a><div class="muted">{organisationName(week.organisation)}</div></th>
        <td class="num">{figure(week.hours)}</td>
        <td class="num"><button type="button" class="linklike" aria-expanded={open} aria-label={r('why_nights_of', { name: week.name })} title={r('why_nights')} onClick={() => setOpen(!open)}>{week.nights}</button></td>
        {days.map((day) => (
          <td key={day}>{on(day).map((duty) => (
            <div key={duty.id} class={`duty ${duty.pinned ? 'pinned' : ''}`} title={postName(duty.post, duty.post_name)}><b>{hourMinute(duty.start)}–{hourMinute(duty.end)}</b><span>{postName(duty.post, duty.post_name)}</span></div>
          ))}</td>
        ))}
      </tr>
      {open && <tr><td class="reasons" colSpan={days.length + 3}><Burden roster={roster.id} person={week.person} /></td></tr>}
    </>
  )
}

function daysOf({ first_day, last_day }: RosterItem): string[] {
  const days: string[] = []
  for (let day = first_day; day <= last_day && days.length < DAYS_AT_ONCE; day = addDays(day, 1)) days.push(day)
  return days
}

/** Calls when the element comes into sight. */
function useSeen(then: () => void) {
  const element = useRef<HTMLParagraphElement>(null)
  const latest = useRef(then)
  latest.current = then
  useEffect(() => {
    const seen = element.current
    if (seen === null) return
    const watching = new IntersectionObserver((entries) => {
      if (entries.some(({ isIntersecting }) => isIntersecting)) latest.current()
    }, { rootMargin: '400px' })
    watching.observe(seen)
    return () => watching.disconnect()
  })
  return element
}
