/** One roster: how good it is, what it lacks, who stands where; publishing and discarding. */
import { useEffect, useState } from 'preact/hooks'
import { get, post } from '../../api.ts'
import { dateTime, number, percent } from '../../i18n.ts'
import { Ask } from '../../ui/dialog.tsx'
import { Empty, Failed, Notice, Tag } from '../../ui/parts.tsx'
import { useEvery, useLoad } from '../../ui/load.ts'
import { common } from '../../words.ts'
import { isCommand } from '../../session.ts'
import { now, onEvent } from '../desk.ts'
import type { RosterItem } from '../items.ts'
import { PHASES, TERMS, phaseName, rosterState, termName } from '../codes.ts'
import { t } from '../texts.ts'
import { rosterTone } from '../tones.ts'
import { Assignments } from './assignments.tsx'
import { period } from './page.tsx'
import { Shortfalls } from './shortfalls.tsx'

const POLL_MS = 1500

export function Detail({ id, onChanged }: { id: number; onChanged(): void }) {
  const { value, refused, again } = useLoad((signal) => get<RosterItem>(`/rosters/${id}`, undefined, signal), [id])
  const [asking, setAsking] = useState<'publish' | 'discard' | null>(null)
  useEvery(POLL_MS, () => {
    if (value?.state === 'solving') again()
  })
  useEffect(() => onEvent(({ data }) => {
    if (data['roster'] === id) again()
  }), [id, again])
  useEffect(() => {
    if (value !== null && value.state !== 'solving') onChanged()
  }, [value?.state])
  if (value === null) return refused === null ? <Empty>{common('loading')}</Empty> : <Failed text={refused} retry={again} />
  const take = async (step: 'publish' | 'discard'): Promise<void> => {
    await post(`/rosters/${id}/${step}`, undefined, { version: value.version })
    again()
    onChanged()
  }
  const command = isCommand()
  return (
    <>
      <h1>{t('roster')} {period(value)} <Tag tone={rosterTone(value.state)}>{rosterState(value.state)}</Tag>
        <span class="grow" />
        {command && value.state === 'draft' && <button type="button" class="primary" onClick={() => setAsking('publish')}>{t('publish')}…</button>}
        {command && (value.state === 'draft' || value.state === 'solving') && <button type="button" onClick={() => setAsking('discard')}>{t(value.state === 'solving' ? 'cancel_solving' : 'discard')}…</button>}
      </h1>
      {refused !== null && <Notice tone="bad">{refused}</Notice>}
      {value.state === 'solving' && <Solving roster={value} />}
      {value.state === 'failed' && <Notice tone="bad">{t('failed_why', { why: value.progress.problem ?? '–' })}</Notice>}
      {value.state !== 'solving' && value.state !== 'failed' && (
        <>
          <Figures roster={value} />
          <div class="two">
            <Shortfalls roster={value} />
            <Terms terms={value.terms} />
          </div>
          <Assignments roster={value} />
        </>
      )}
      {asking === 'publish' && (
        <Ask title={t('publish_title')} confirm={t('publish')} onConfirm={() => take('publish')} onClose={() => setAsking(null)}>
          <p>{t('publish_line', { period: period(value), n: number(value.assignments) })}</p>
          {(value.hard_violations ?? 0) > 0 && <Notice tone="bad">{t('hard_violations')}: {value.hard_violations}</Notice>}
        </Ask>
      )}
      {asking === 'discard' && (
        <Ask title={t(value.state === 'solving' ? 'cancel_solving_title' : 'discard_title')} confirm={t(value.state === 'solving' ? 'cancel_solving' : 'discard')} danger onConfirm={() => take('discard')} onClose={() => setAsking(null)} />
      )}
    </>
  )
}

/** What the worker does now, what is done and what is still to come. */
function Solving({ roster }: { roster: RosterItem }) {
  const phase = roster.progress.phase ?? 'waiting'
  const at = Math.max(0, PHASES.findIndex((name) => name === phase))
  const elapsed = Math.max(0, Math.floor((now.value - roster.made_at) / 1000))
  return (
    <section class="box">
      <div class="pad stack">
        <div class="row"><b role="status">{t('solving')} · {phaseName(phase)}</b><span class="grow" /><span class="muted">{t('elapsed', { n: elapsed })}</span></div>
        <div class="progress" role="progressbar" aria-label={t('solving')} aria-valuemin={0} aria-valuemax={PHASES.length - 1} aria-valuenow={at} aria-valuetext={phaseName(phase)}>
          <i style={{ width: percent((at + 0.5) / PHASES.length) }} />
        </div>
        <ol class="phases">
          {PHASES.slice(0, -1).map((name, n) => (
            <li key={name} class={n < at ? 'past' : n === at ? 'present' : ''} aria-current={n === at ? 'step' : undefined}>{phaseName(name)}</li>
          ))}
        </ol>
      </div>
    </section>
  )
}

function Figures({ roster }: { roster: RosterItem }) {
  const broken = roster.hard_violations
  const { seconds } = roster.progress
  return (
    <dl class="tiles">
      <div class="tile"><dt>{t('assignments')}</dt><dd>{number(roster.assignments)}</dd></div>
      <div class="tile"><dt>{t('hard_violations')}</dt><dd class={broken === 0 ? 'good' : 'bad'}>{broken ?? '–'}</dd></div>
      <div class="tile"><dt>{t('missing_people')}</dt><dd class={roster.unmet === 0 ? 'good' : 'warn'}>{number(roster.unmet)}</dd></div>
      <div class="tile"><dt>{t('gap')}</dt><dd>{roster.gap === null ? <span class="faint">{t('no_bound')}</span> : percent(roster.gap, 2)}</dd></div>
      <div class="tile"><dt>{t('made_at', { time: '' })}</dt>
        <dd class="small">{dateTime(roster.made_at)}{seconds != null && <span class="muted"> · {t('computed_in', { n: seconds.toFixed(1) })}</span>}</dd></div>
    </dl>
  )
}

function Terms({ terms }: { terms: Record<string, number> }) {
  const rank = (name: string): number => (TERMS.includes(name) ? TERMS.indexOf(name) : TERMS.length)
  const rows = Object.entries(terms).sort(([a], [b]) => rank(a) - rank(b))
  const widest = Math.max(1e-9, ...rows.map(([, value]) => Math.abs(value)))
  const total = rows.reduce((sum, [, value]) => sum + value, 0)
  const figure = (value: number): string => value.toLocaleString('en-US', { maximumFractionDigits: 1 })
  return (
    <section class="box">
      <h2>{t('terms')}</h2>
      <table class="bars">
        <thead><tr><th>{t('term')}</th><th /><th class="num">{t('value')}</th></tr></thead>
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
