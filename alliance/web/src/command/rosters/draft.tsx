/** A new draft: its days, how long to search, what to weigh, and from which roster to start. */
import { useState } from 'preact/hooks'
import { get, newKey, post, problemOf } from '../../api.ts'
import { addDays, isoDay } from '../../i18n.ts'
import { useLoad } from '../../ui/load.ts'
import { Field, Notice } from '../../ui/parts.tsx'
import { TERMS, rosterState, termName } from '../codes.ts'
import { now } from '../desk.ts'
import type { RosterItem } from '../items.ts'
import { t } from '../texts.ts'
import { firstFree, publishedSpans, spanText } from './days.ts'
import { r } from './texts.ts'

const LONGEST = 56

interface Wishes {
  seconds: string
  gap: string
  seed: string
  standby: string
  origin: string
  pins: boolean
  close: boolean
  weights: Record<string, string>
}

const NOTHING: Wishes = { seconds: '', gap: '', seed: '', standby: '', origin: '', pins: true, close: true, weights: {} }

export function NewDraft({ rosters, onMade }: { rosters: readonly RosterItem[]; onMade(made: RosterItem): void }) {
  const published = publishedSpans(rosters)
  const [picked, setFirst] = useState<string | null>(null)
  const [days, setDays] = useState(7)
  const [wishes, setWishes] = useState(NOTHING)
  const [busy, setBusy] = useState(false)
  const [refused, setRefused] = useState<string | null>(null)
  const origin = rosters.find(({ id }) => String(id) === wishes.origin)
  const first = picked ?? origin?.first_day ?? firstFree(published, isoDay(now.peek()))
  const last = addDays(first, days - 1)
  const taken = published.some(([from, to]) => from <= last && first <= to)
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault()
    setBusy(true)
    setRefused(null)
    try {
      const made = await post<RosterItem>('/rosters', { first_day: first, last_day: last, ...asked(wishes) }, { key: newKey() })
      setFirst(null)
      setWishes(NOTHING)
      onMade(made)
    } catch (error) {
      setRefused(problemOf(error))
    }
    setBusy(false)
  }
  return (
    <form class="new-roster" onSubmit={submit} aria-label={t('make_roster')}>
      <Field label={t('first_day')}><input type="date" required value={first} onInput={(event) => setFirst(event.currentTarget.value)} /></Field>
      <Field label={t('days')}><input type="number" min={1} max={LONGEST} required value={days} onInput={(event) => setDays(event.currentTarget.valueAsNumber || 1)} /></Field>
      <button type="submit" class="primary" disabled={busy}>{t('make_draft')}</button>
      <More wishes={wishes} rosters={rosters} onChange={(change) => setWishes({ ...wishes, ...change })} />
      <p class="hint">{published.length === 0 ? t('none_published') : t('published_days', { days: published.slice(-3).map(([from, to]) => spanText(from, to)).join(t('comma')) })}</p>
      {taken && <Notice tone="warn">{t('already_published')}</Notice>}
      {refused !== null && <Notice tone="bad">{refused}</Notice>}
    </form>
  )
}

function More({ wishes, rosters, onChange }: { wishes: Wishes; rosters: readonly RosterItem[]; onChange(change: Partial<Wishes>): void }) {
  const origins = rosters.filter(({ state }) => state === 'draft' || state === 'published')
  return (
    <details class="more-options">
      <summary>{r('more_options')}</summary>
      <div class="option-fields">
        <Field label={r('seconds')}><input type="number" min={1} max={3600} value={wishes.seconds} onInput={(event) => onChange({ seconds: event.currentTarget.value })} /></Field>
        <Field label={r('gap_asked')}><input type="number" min={0} max={100} step="any" value={wishes.gap} onInput={(event) => onChange({ gap: event.currentTarget.value })} /></Field>
        <Field label={r('seed')}><input type="number" min={0} value={wishes.seed} onInput={(event) => onChange({ seed: event.currentTarget.value })} /></Field>
        <Standby value={wishes.standby} onChange={(standby) => onChange({ standby })} />
      </div>
      <Field label={r('origin')}>
        <select value={wishes.origin} onChange={(event) => onChange({ origin: event.currentTarget.value })}>
          <option value="">{r('origin_none')}</option>
          {origins.map((one) => <option key={one.id} value={one.id}>#{one.id} {rosterState(one.state)} {spanText(one.first_day, one.last_day)}</option>)}
        </select>
      </Field>
      {wishes.origin !== '' && (
        <div class="checks">
          <label class="check"><input type="checkbox" checked={wishes.pins} onChange={(event) => onChange({ pins: event.currentTarget.checked })} />{r('take_pins')}</label>
          <label class="check"><input type="checkbox" checked={wishes.close} onChange={(event) => onChange({ close: event.currentTarget.checked })} />{r('stay_close')}</label>
        </div>
      )}
      <fieldset class="option-fields">
        <legend>{r('weights')} <span class="hint">{r('weights_hint')}</span></legend>
        {TERMS.map((name) => (
          <Field key={name} label={termName(name)}>
            <input type="number" min={0} max={1000} step="any" value={wishes.weights[name] ?? ''} onInput={(event) => onChange({ weights: { ...wishes.weights, [name]: event.currentTarget.value } })} />
          </Field>
        ))}
      </fieldset>
    </details>
  )
}

function Standby({ value, onChange }: { value: string; onChange(percent: string): void }) {
  const usual = useLoad((signal) => get<{ standby_percent: number }>('/district/changes', undefined, signal), [])
  return (
    <Field label={r('standby')}>
      <input type="number" min={0} max={50} value={value} placeholder={usual.value === null ? '' : r('usually', { n: usual.value.standby_percent })}
        onInput={(event) => onChange(event.currentTarget.value)} />
    </Field>
  )
}

function asked({ seconds, gap, seed, standby, origin, pins, close, weights }: Wishes): Record<string, unknown> {
  const given = Object.entries(weights).filter(([, value]) => value !== '').map(([name, value]) => [name, Number(value)] as const)
  return {
    ...(seconds !== '' && { seconds: Number(seconds) }),
    ...(gap !== '' && { gap: Number(gap) / 100 }),
    ...(seed !== '' && { seed: Number(seed) }),
    ...(standby !== '' && { standby_percent: Number(standby) }),
    ...(origin !== '' && pins && { pins_from: Number(origin) }),
    ...(origin !== '' && close && { stable_to: Number(origin) }),
    ...(given.length > 0 && { weights: Object.fromEntries(given) }),
  }
}
