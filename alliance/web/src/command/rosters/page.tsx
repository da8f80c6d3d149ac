/** Rosters: the list and a new draft on the left, one roster on the right. */
import { useEffect, useState } from 'preact/hooks'
import { get, newKey, post, problemOf, type Page } from '../../api.ts'
import { addDays, dateTime, isoDay, number } from '../../i18n.ts'
import { Empty, Failed, Field, Notice, Tag } from '../../ui/parts.tsx'
import { useLoad } from '../../ui/load.ts'
import { common } from '../../words.ts'
import { isCommand } from '../../session.ts'
import { now, onEvent } from '../desk.ts'
import type { RosterItem } from '../items.ts'
import { go, href, route } from '../router.ts'
import { rosterState } from '../codes.ts'
import { t } from '../texts.ts'
import { rosterTone } from '../tones.ts'
import { Detail } from './detail.tsx'
import { firstFree, publishedSpans } from './days.ts'

const ABOUT_ROSTERS = /^roster_/

export default function RostersPage() {
  const { value, refused, again } = useLoad((signal) => get<Page<RosterItem>>('/rosters', undefined, signal), [])
  useEffect(() => onEvent(({ kind }) => {
    if (ABOUT_ROSTERS.test(kind)) again()
  }), [again])
  const chosen = route.value.key === null ? null : Number(route.value.key)
  return (
    <div class={`split ${chosen === null ? '' : 'chosen'}`}>
      <section class="list" aria-label={t('rosters')}>
        {isCommand() && value !== null && <NewDraft rosters={value.items} onMade={(made) => { again(); go('rosters', made.id) }} />}
        {refused !== null && <Failed text={refused} retry={again} />}
        {value === null && refused === null && <Empty>{common('loading')}</Empty>}
        {value?.items.length === 0 && <Empty>{t('no_rosters')}</Empty>}
        {value?.items.map((item) => <Row key={item.id} item={item} chosen={item.id === chosen} />)}
      </section>
      <section class="detail" aria-label={t('roster')}>
        {chosen === null ? <Empty>{t('pick_roster')}</Empty> : <Detail key={chosen} id={chosen} onChanged={again} />}
      </section>
    </div>
  )
}

export const period = ({ first_day, last_day }: RosterItem): string => spanText(first_day, last_day)

const spanText = (from: string, to: string): string => (from === to ? from : `${from} – ${to}`)

function Row({ item, chosen }: { item: RosterItem; chosen: boolean }) {
  return (
    <a class="list-row" href={href('rosters', item.id)} aria-current={chosen}>
      <span class="row"><b>{period(item)}</b><span class="grow" /><Tag tone={rosterTone(item.state)}>{rosterState(item.state)}</Tag></span>
      <span class="row muted">
        <span class="grow">{t('assignments')} {number(item.assignments)}</span><span>{t('made_at', { time: dateTime(item.made_at) })}</span>
      </span>
    </a>
  )
}

function NewDraft({ rosters, onMade }: { rosters: readonly RosterItem[]; onMade(made: RosterItem): void }) {
  const published = publishedSpans(rosters)
  const [picked, setFirst] = useState<string | null>(null)
  const first = picked ?? firstFree(published, isoDay(now.peek()))
  const [days, setDays] = useState(7)
  const [sweeps, setSweeps] = useState(3)
  const [busy, setBusy] = useState(false)
  const [refused, setRefused] = useState<string | null>(null)
  const last = addDays(first, days - 1)
  const taken = published.some(([from, to]) => from <= last && first <= to)
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault()
    setBusy(true)
    setRefused(null)
    try {
      const made = await post<RosterItem>('/rosters', { first_day: first, last_day: last, sweeps }, { key: newKey() })
      setFirst(null)
      onMade(made)
    } catch (error) {
      setRefused(problemOf(error))
    }
    setBusy(false)
  }
  return (
    <form class="new-roster" onSubmit={submit} aria-label={t('make_roster')}>
      <Field label={t('first_day')}><input type="date" required value={first} onInput={(event) => setFirst(event.currentTarget.value)} /></Field>
      <Field label={t('days')}><input type="number" min={1} max={31} required value={days} onInput={(event) => setDays(event.currentTarget.valueAsNumber || 1)} /></Field>
      <Field label={t('sweeps')}><input type="number" min={1} max={50} required value={sweeps} onInput={(event) => setSweeps(event.currentTarget.valueAsNumber || 1)} /></Field>
      <button type="submit" class="primary" disabled={busy}>{t('make_draft')}</button>
      <p class="hint">{published.length === 0 ? t('none_published') : t('published_days', { days: published.slice(-3).map(([from, to]) => spanText(from, to)).join(t('comma')) })}</p>
      {taken && <Notice tone="warn">{t('already_published')}</Notice>}
      {refused !== null && <Notice tone="bad">{refused}</Notice>}
    </form>
  )
}
