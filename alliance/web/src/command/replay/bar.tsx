/** The play bar under the map: a day and shift, a slider over its frames, play and pause. */
import { useEffect, useState } from 'preact/hooks'
import { problemOf } from '../../api.ts'
import { addDays, dateTime, hourMinute, isoDay, named, percent, timeZone } from '../../i18n.ts'
import { Notice } from '../../ui/parts.tsx'
import { common } from '../../words.ts'
import { now } from '../desk.ts'
import type { Ground } from '../ground.ts'
import { instantOf, timeOf } from './frames.ts'
import { endReplay, forget, frame, frames, load, period, playing } from './replay.ts'
import { t } from './texts.ts'

const BACK_DAYS = 14
const FRAME_MS = 250
const SPEEDS = ['1', '2', '4'] as const
const WHOLE_STEP_MS = 600_000
const SHIFT_STEP_MS = 300_000

export function ReplayBar({ ground }: { ground: Ground }) {
  const today = isoDay(now.peek())
  const [day, setDay] = useState(today)
  const [shift, setShift] = useState('')
  const [speed, setSpeed] = useState<string>('1')
  const [refused, setRefused] = useState<string | null>(null)
  useFrames(ground, day, shift, setRefused)
  useTicking(Number(speed))
  useEffect(() => endReplay, [])
  const held = frames.value
  const last = Math.max(0, (held?.on.length ?? 1) - 1)
  const at = held === null ? null : timeOf(held, frame.value)
  const share = held?.coverage[frame.value] ?? 0
  return (
    <section class="replay" aria-label={t('bar')}>
      <div class="replay-row">
        <input type="date" aria-label={t('day')} value={day} max={today} min={addDays(today, -BACK_DAYS)}
          onInput={(event) => event.currentTarget.value && setDay(event.currentTarget.value)} />
        <select aria-label={t('shift')} value={shift} onChange={(event) => setShift(event.currentTarget.value)}>
          <option value="">{t('whole_day')}</option>
          {ground.district.patterns.filter(({ duty }) => duty).map((one) => <option key={one.code} value={one.code}>{named(one)}</option>)}
        </select>
        <span class="grow" />
        <span class="muted">{t('places_only')}</span>
        <button type="button" onClick={endReplay}>{t('end')}</button>
      </div>
      <div class="replay-row">
        <button type="button" class="primary" disabled={held === null} onClick={() => toggle(last)}>{t(playing.value ? 'pause' : 'play')}</button>
        <input type="range" class="grow" aria-label={t('time')} min={0} max={last} value={frame.value} disabled={held === null}
          aria-valuetext={at === null ? '' : t('at', { time: dateTime(at), share: percent(share) })}
          onInput={(event) => { playing.value = false; frame.value = Number(event.currentTarget.value) }} />
        <output class="replay-at">{at === null ? '–' : <><b>{hourMinute(at)}</b> {percent(share)}</>}</output>
        <select class="speed" aria-label={t('speed')} value={speed} onChange={(event) => setSpeed(event.currentTarget.value)}>
          {SPEEDS.map((one) => <option key={one} value={one}>{t('times', { n: one })}</option>)}
        </select>
      </div>
      <Whole ground={ground} />
      {refused !== null && <Notice tone="bad">{refused}</Notice>}
      {held === null && refused === null && <p class="muted" role="status">{common('loading')}</p>}
    </section>
  )
}

/** Coverage over the whole window, and of each duty shift in it. */
function Whole({ ground }: { ground: Ground }) {
  const held = period.value
  if (held === null) return null
  const name = (code: string): string => {
    const found = ground.district.patterns.find((one) => one.code === code)
    return found ? named(found) : code
  }
  return (
    <p class="replay-whole">
      {t('whole', { share: percent(held.coverage, 1) })}
      {held.shifts.length > 1 && held.shifts.map((one) => <span key={one.from} class="muted">{name(one.pattern)} {percent(one.coverage)}</span>)}
    </p>
  )
}

/** From the start again when it has come to its end. */
function toggle(last: number): void {
  if (!playing.value && frame.value >= last) frame.value = 0
  playing.value = !playing.value
}

function useFrames(ground: Ground, day: string, shift: string, setRefused: (text: string | null) => void): void {
  useEffect(() => {
    const pattern = ground.district.patterns.find(({ code }) => code === shift)
    const minutes: readonly [number, number] = pattern ? [pattern.start_minute, pattern.start_minute + pattern.minutes] : [0, 1440]
    const [from, to] = [instantOf(day, minutes[0], timeZone()), instantOf(day, minutes[1], timeZone())]
    const asked = new AbortController()
    forget()
    if (from + SHIFT_STEP_MS * 2 > now.peek()) {
      setRefused(t('not_begun'))
      return
    }
    setRefused(null)
    load(ground.cells.cells.length, { from, to, step: pattern ? SHIFT_STEP_MS : WHOLE_STEP_MS }, asked.signal).catch((error: unknown) => {
      if (!asked.signal.aborted) setRefused(problemOf(error))
    })
    return () => asked.abort()
  }, [ground, day, shift])
}

function useTicking(speed: number): void {
  const on = playing.value
  useEffect(() => {
    if (!on) return
    const timer = setInterval(() => {
      const last = (frames.value?.on.length ?? 1) - 1
      if (frame.value >= last) playing.value = false
      else frame.value += 1
    }, FRAME_MS / speed)
    return () => clearInterval(timer)
  }, [on, speed])
}
