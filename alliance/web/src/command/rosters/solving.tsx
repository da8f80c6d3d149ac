/** A search under way: phase, best so far, bound and gap as they come; ended with the best so far, or thrown away. */
import { useEffect, useState } from 'preact/hooks'
import { post } from '../../api.ts'
import { percent } from '../../i18n.ts'
import { isCommand } from '../../session.ts'
import { Ask } from '../../ui/dialog.tsx'
import { PHASES, phaseName } from '../codes.ts'
import { now } from '../desk.ts'
import type { RosterItem } from '../items.ts'
import { t } from '../texts.ts'
import { figure } from './overview.tsx'
import { r, stepName } from './texts.ts'

interface Reached {
  at: number
  incumbent: number
  bound: number | null
}

export function Solving({ roster, onAsked }: { roster: RosterItem; onAsked(): void }) {
  const { phase = 'waiting', step = '', incumbent = null, bound = null, gap = null, stop = false } = roster.progress
  const at = Math.max(0, PHASES.findIndex((name) => name === (phase === 'preparing' ? 'solving' : phase)))
  const elapsed = Math.max(0, Math.floor((now.value - roster.made_at) / 1000))
  const course = useCourse(roster)
  const [asking, setAsking] = useState(false)
  const doing = step !== '' && phase === 'solving' ? `${phaseName(phase)} · ${stepName(step)}` : phaseName(phase)
  return (
    <section class="box">
      <div class="pad stack">
        <div class="row wrap"><b role="status">{t('solving')} · {stop ? r('stopping') : doing}</b><span class="grow" /><span class="muted">{t('elapsed', { n: elapsed })}</span>
          {isCommand() && !stop && phase === 'solving' && <button type="button" onClick={() => setAsking(true)}>{r('keep_best')}</button>}</div>
        <div class="progress" role="progressbar" aria-label={t('solving')} aria-valuemin={0} aria-valuemax={PHASES.length - 1} aria-valuenow={at} aria-valuetext={phaseName(phase)}>
          <i style={{ width: percent((at + 0.5) / PHASES.length) }} />
        </div>
        <ol class="phases">
          {PHASES.slice(0, -1).map((name, n) => (
            <li key={name} class={n < at ? 'past' : n === at ? 'present' : ''} aria-current={n === at ? 'step' : undefined}>{phaseName(name)}</li>
          ))}
        </ol>
        <dl class="tiles">
          <div class="tile"><dt>{r('incumbent')}</dt><dd>{incumbent === null ? <span class="faint">{r('not_yet')}</span> : figure(incumbent)}</dd></div>
          <div class="tile"><dt>{r('bound')}</dt><dd>{bound === null ? <span class="faint">{r('not_yet')}</span> : figure(bound)}</dd></div>
          <div class="tile"><dt>{r('gap')}</dt><dd>{gap === null ? <span class="faint">{r('not_yet')}</span> : percent(gap, 2)}</dd></div>
        </dl>
        {course.length > 1 && <Course course={course} />}
      </div>
      {asking && (
        <Ask title={r('keep_best_title')} confirm={r('keep_best')} onClose={() => setAsking(false)}
          onConfirm={async () => {
            await post(`/rosters/${roster.id}/stop`)
            onAsked()
          }} />
      )}
    </section>
  )
}

/** What was reached at each look, while this page looked. */
function useCourse(roster: RosterItem): Reached[] {
  const [course, setCourse] = useState<Reached[]>([])
  const { incumbent = null, bound = null } = roster.progress
  useEffect(() => {
    if (incumbent !== null) setCourse((before) => [...before.slice(-600), { at: now.peek(), incumbent, bound }])
  }, [roster])
  return course
}

const WIDTH = 600
const HEIGHT = 120

function Course({ course }: { course: readonly Reached[] }) {
  const first = course[0]?.at ?? 0
  const span = Math.max(1, (course.at(-1)?.at ?? 0) - first)
  const values = course.flatMap(({ incumbent, bound }) => (bound === null ? [incumbent] : [incumbent, bound]))
  const low = Math.min(...values)
  const high = Math.max(...values, low + 1e-9)
  const place = (at: number, value: number): string => `${(((at - first) / span) * WIDTH).toFixed(1)},${(HEIGHT - 4 - ((value - low) / (high - low)) * (HEIGHT - 8)).toFixed(1)}`
  return (
    <svg class="course" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" role="img" aria-label={r('course')}>
      <polyline class="bound" points={course.filter(({ bound }) => bound !== null).map(({ at, bound }) => place(at, bound ?? 0)).join(' ')} />
      <polyline class="incumbent" points={course.map(({ at, incumbent }) => place(at, incumbent)).join(' ')} />
    </svg>
  )
}
