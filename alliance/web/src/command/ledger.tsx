/** Credit: sums by time, place, organisation or kind; the head of the chain; the latest entries. */
import { useState } from 'preact/hooks'
import { get, type Page } from '../api.ts'
import { addDays, dateTime, isoDay, named, number, percent, points } from '../i18n.ts'
import { useLoad } from '../ui/load.ts'
import { Empty, Failed, Field } from '../ui/parts.tsx'
import { common } from '../words.ts'
import { ground, now } from './desk.ts'
import type { EntryItem } from './items.ts'
import { href } from './router.ts'
import { creditBy, creditKind } from './codes.ts'
import { t } from './texts.ts'
import { WAYS, inOrder, type Total, type Way } from './totals.ts'

interface Head {
  n: number
  hash: string
  at: number | null
}

const SHOWN = 60

export default function LedgerPage() {
  return (
    <div class="sheet">
      <h1>{t('ledger')}</h1>
      <ChainHead />
      <Totals />
      <Entries />
    </div>
  )
}

function ChainHead() {
  const { value, refused, again } = useLoad((signal) => get<Head>('/ledger/head', undefined, signal), [])
  const [copied, setCopied] = useState(false)
  if (refused !== null) return <Failed text={refused} retry={again} />
  if (value === null) return <Empty>{common('loading')}</Empty>
  const published = `${value.n}:${value.hash}`
  const copy = async (): Promise<void> => {
    await navigator.clipboard.writeText(published)
    setCopied(true)
  }
  return (
    <section class="box">
      <header>
        <h2>{t('head')}</h2>
        <span class="muted">{value.n === 0 || value.at === null ? t('head_empty') : t('head_line', { n: number(value.n), time: dateTime(value.at) })}</span>
        <span class="grow" />
        <button type="button" onClick={() => void copy()}>{t(copied ? 'copied' : 'copy')}</button>
      </header>
      <p class="pad mono hash">{published}</p>
    </section>
  )
}

function Totals() {
  const today = isoDay(now.peek())
  const [by, setBy] = useState<Way>('month')
  const [from, setFrom] = useState(addDays(today, -90))
  const [to, setTo] = useState(today)
  const { value, refused, again } = useLoad((signal) => get<{ items: Total[] }>('/credits', { by, from, to }, signal), [by, from, to])
  const rows = inOrder(by, value?.items ?? [])
  const widest = Math.max(1, ...rows.map(({ amount }) => Math.abs(amount)))
  return (
    <section class="box">
      <header>
        <h2>{t('totals')}</h2><span class="grow" />
        <Field label={t('by')}>
          <select value={by} onChange={(event) => setBy(event.currentTarget.value as Way)}>
            {WAYS.map((way) => <option key={way} value={way}>{creditBy(way)}</option>)}
          </select>
        </Field>
        <Field label={t('from')}><input type="date" value={from} max={to} onInput={(event) => setFrom(event.currentTarget.value)} /></Field>
        <Field label={t('to')}><input type="date" value={to} min={from} onInput={(event) => setTo(event.currentTarget.value)} /></Field>
      </header>
      {refused !== null && <Failed text={refused} retry={again} />}
      {value?.items.length === 0 && <Empty>{t('no_credit')}</Empty>}
      {rows.length > 0 && (
        <div class="scroll">
          <table class="bars">
            <thead><tr><th>{creditBy(by)}</th><td /><th class="num">{t('amount')}</th><th class="num">{t('entries')}</th></tr></thead>
            <tbody>
              {rows.slice(0, SHOWN).map((row) => (
                <tr key={row.key ?? ''}>
                  <td>{groupName(by, row)}</td>
                  <td><div class={`meter ${row.amount < 0 ? 'warn' : ''}`} aria-hidden="true"><i style={{ width: percent(Math.abs(row.amount) / widest) }} /></div></td>
                  <td class="num">{points(row.amount)}</td><td class="num">{number(row.entries)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  )
}

function groupName(by: Way, { key, name }: Total): string {
  if (key === null) return '–'
  if (by === 'kind') return creditKind(key)
  const area = ground.value?.areas.get(key)
  return area ? named(area) : name || key
}

function Entries() {
  const { value, refused, again } = useLoad((signal) => get<Page<EntryItem>>('/ledger', { limit: 50 }, signal), [])
  return (
    <section class="box">
      <h2>{t('latest_entries')}</h2>
      {refused !== null && <Failed text={refused} retry={again} />}
      {value?.items.length === 0 && <Empty>{t('head_empty')}</Empty>}
      {value !== null && value.items.length > 0 && (
        <div class="scroll">
          <table>
            <thead><tr><th>#</th><th>{t('day')}</th><th>{t('person')}</th><th>{t('kind')}</th><th>{t('why')}</th><th class="num">{t('amount')}</th></tr></thead>
            <tbody>
              {value.items.map((entry) => (
                <tr key={entry.n}>
                  <td>{entry.n}</td><td>{entry.duty_day}</td><td><a href={href('people', entry.person)}>{entry.name ?? entry.person}</a></td>
                  <td>{creditKind(entry.kind)}{entry.reverses !== null && <span class="muted"> · {t('reversal', { n: entry.reverses })}</span>}</td>
                  <td class="muted">{entry.source.kind === 'incident' ? <a href={href('incidents', entry.source.id)}>#{entry.source.id}</a> : ''} {entry.reason ?? ''}</td>
                  <td class={`num ${entry.amount < 0 ? 'bad' : ''}`}>{points(entry.amount)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  )
}
