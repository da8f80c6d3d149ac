/** How good a roster is: its figures, terms, fairness, lacks, and what was changed by hand. */
import { get, type Page } from '../../api.ts'
import { dateTime, number, percent } from '../../i18n.ts'
import { useLoad } from '../../ui/load.ts'
import { Empty, Failed } from '../../ui/parts.tsx'
import { common, roleName } from '../../words.ts'
import { isCommand } from '../../session.ts'
import { TERMS, termName } from '../codes.ts'
import type { RosterItem } from '../items.ts'
import { useName } from '../names.ts'
import { t } from '../texts.ts'
import { signed } from './bar.tsx'
import type { DoneItem, FairnessItem, SpreadItem } from './items.ts'
import { Shortfalls } from './shortfalls.tsx'
import { r } from './texts.ts'

export function Overview({ roster }: { roster: RosterItem }) {
  return (
    <>
      <Figures roster={roster} />
      <div class="two">
        <Shortfalls roster={roster} />
        <div class="stack">
          <Terms terms={roster.terms} />
          <Fairness roster={roster} />
        </div>
      </div>
      {isCommand() && <Edits roster={roster} />}
    </>
  )
}

export function Figures({ roster }: { roster: RosterItem }) {
  const broken = roster.hard_violations
  const { seconds } = roster.progress
  return (
    <dl class="tiles">
      <div class="tile"><dt>{t('assignments')}</dt><dd>{number(roster.assignments)}</dd></div>
      <div class="tile"><dt>{t('hard_violations')}</dt><dd class={broken === 0 ? 'good' : 'bad'}>{broken ?? '–'}</dd></div>
      <div class="tile"><dt>{t('missing_people')}</dt><dd class={roster.unmet === 0 ? 'good' : 'warn'}>{number(roster.unmet)}</dd></div>
      <div class="tile"><dt>{t('objective')}</dt><dd>{roster.objective === null ? '–' : number(Math.round(roster.objective * 10) / 10)}</dd></div>
      <div class="tile"><dt>{t('gap')}</dt><dd>{roster.gap === null ? <span class="faint">{t('no_bound')}</span> : percent(roster.gap, 2)}</dd></div>
      <div class="tile"><dt>{t('made_at', { time: '' })}</dt>
        <dd class="small">{dateTime(roster.made_at)}{seconds != null && <span class="muted"> · {t('computed_in', { n: seconds.toFixed(1) })}</span>}</dd></div>
    </dl>
  )
}

export const inOrder = (terms: Record<string, number>): [string, number][] => {
  const rank = (name: string): number => (TERMS.includes(name) ? TERMS.indexOf(name) : TERMS.length)
  return Object.entries(terms).sort(([a], [b]) => rank(a) - rank(b))
}

export const figure = (value: number): string => value.toLocaleString('en-US', { maximumFractionDigits: 1 })

function Terms({ terms }: { terms: Record<string, number> }) {
  const rows = inOrder(terms)
  const widest = Math.max(1e-9, ...rows.map(([, value]) => Math.abs(value)))
  const total = rows.reduce((sum, [, value]) => sum + value, 0)
  return (
    <section class="box">
      <h2>{t('terms')}</h2>
      <table class="bars">
        <thead><tr><th>{t('term')}</th><td /><th class="num">{t('value')}</th></tr></thead>
        <tbody>
          {rows.map(([name, value]) => (
            <tr key={name}>
              <td>{termName(name)}</td>
              <td><div class={`meter ${value < 0 ? 'warn' : ''}`} aria-hidden="true"><i style={{ width: percent(Math.abs(value) / widest) }} /></div></td>
              <td class="num">{figure(value)}</td>
            </tr>
          ))}
          <tr><td><b>{t('objective')}</b></td><td /><td class="num"><b>{figure(total)}</b></td></tr>
        </tbody>
      </table>
    </section>
  )
}

function Fairness({ roster }: { roster: RosterItem }) {
  const { value, refused, again } = useLoad((signal) => get<FairnessItem>(`/rosters/${roster.id}/fairness`, undefined, signal), [roster.id, roster.version])
  return (
    <section class="box">
      <h2>{r('fairness')} <span class="muted">{r('per_person')}</span></h2>
      {refused !== null && <Failed text={refused} retry={again} />}
      {value === null && refused === null && <Empty>{common('loading')}</Empty>}
      {value !== null && (
        <table class="bars">
          <thead><tr><td /><th class="num">{r('mean')}</th><th class="num">{r('deviation')}</th><th class="num">{r('least')}</th><th class="num">{r('median')}</th><th class="num">{r('most')}</th><th class="num">{r('gini')}</th></tr></thead>
          <tbody>{value.spreads.map((one) => <SpreadRow key={one.role + one.load} spread={one} />)}</tbody>
        </table>
      )}
    </section>
  )
}

function SpreadRow({ spread }: { spread: SpreadItem }) {
  return (
    <tr><th scope="row">{roleName(spread.role)} · {r(spread.load)} <span class="muted">{r('people_of', { n: number(spread.people) })}</span></th>
      {([spread.mean, spread.deviation, spread.least, spread.median, spread.most, spread.gini]).map((value, n) => <td key={n} class="num">{figure(value)}</td>)}</tr>
  )
}

function Edits({ roster }: { roster: RosterItem }) {
  const { value, refused, again } = useLoad((signal) => get<Page<DoneItem>>(`/rosters/${roster.id}/edits`, { limit: 50 }, signal), [roster.id, roster.version])
  return (
    <section class="box">
      <h2>{r('edits')} <span class="muted">{value?.items.length || ''}</span></h2>
      {refused !== null && <Failed text={refused} retry={again} />}
      {value?.items.length === 0 && <Empty>{r('no_edits')}</Empty>}
      <ul class="pad rows">{value?.items.map((one) => <EditRow key={one.version} one={one} />)}</ul>
    </section>
  )
}

function EditRow({ one }: { one: DoneItem }) {
  const { added, removed, pinned, unpinned } = one.change
  const name = useName(one.actor)
  return (
    <li class="wrap"><time>{dateTime(one.at)}</time><b>{name}</b>
      <span class="grow">{r('edit_line', { added: added.length, removed: removed.length, pinned: pinned.length, unpinned: unpinned.length })}{one.reason && <span class="muted"> · {one.reason}</span>}</span>
      <span class={one.value < 0 ? 'warn' : 'good'}>{signed(one.value)}</span></li>
  )
}
