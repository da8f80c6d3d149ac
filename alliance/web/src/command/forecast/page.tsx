/** The next hours by beat, the worst first: coverage and people to be expected, and which beats will go cold. */
import { useState } from 'preact/hooks'
import { get } from '../../api.ts'
import { hourMinute, named, percent } from '../../i18n.ts'
import { useEvery, useLoad } from '../../ui/load.ts'
import { Choice, Empty, Failed, Notice } from '../../ui/parts.tsx'
import { common } from '../../words.ts'
import { ground } from '../desk.ts'
import { chooseArea } from '../map/lead.ts'
import { go } from '../router.ts'
import { t } from './texts.ts'

interface Row {
  needed: number[]
  planned: number[]
  expected: number[]
  coverage: number[]
}
interface BeatRow extends Row {
  beat: string
  cold: number[]
}
interface Outlook extends Row {
  at: number
  hours: number[]
  cold_below: number
  days: number
  show_rate: number
  beats: BeatRow[]
}

type Shown = 'coverage' | 'people'
const REFRESH_MS = 120_000

export default function ForecastPage() {
  const { value, refused, again } = useLoad((signal) => get<Outlook>('/forecast', undefined, signal), [])
  useEvery(REFRESH_MS, again)
  const [shown, setShown] = useState<Shown>('coverage')
  const [which, setWhich] = useState<'cold' | 'all'>('cold')
  return (
    <div class="sheet">
      <h1>{t('title')}</h1>
      {refused !== null && <Failed text={refused} retry={again} />}
      {value === null && refused === null && <Empty>{common('loading')}</Empty>}
      {value !== null && value.beats.length === 0 && <Empty>{t('no_beats')}</Empty>}
      {value !== null && value.beats.length > 0 && (
        <>
          {value.days === 0 ? <Notice tone="warn">{t('no_past')}</Notice> : <p class="muted">{t('line', { n: value.days })}</p>}
          <Tiles found={value} />
          <section class="box">
            <header>
              <Choice<'cold' | 'all'> label={t('which')} value={which} onChange={setWhich} options={[['cold', t('only_cold')], ['all', t('every')]]} />
              <Choice<Shown> label={t('shown')} value={shown} onChange={setShown} options={[['coverage', t('by_coverage')], ['people', t('by_people')]]} />
              <span class="grow" />
              <span class="muted">{t('hint', { share: percent(value.cold_below) })}</span>
            </header>
            <Hours found={value} shown={shown} rows={which === 'all' ? value.beats : value.beats.filter(({ cold }) => cold.length > 0)} />
          </section>
        </>
      )}
    </div>
  )
}

function Tiles({ found }: { found: Outlook }) {
  const least = Math.min(...found.coverage)
  const at = found.hours[found.coverage.indexOf(least)] ?? found.at
  const whole = (values: number[]): number => Math.round(values[0] ?? 0)
  return (
    <dl class="tiles">
      <div class="tile"><dt>{t('people')}</dt><dd>{whole(found.expected)}</dd>
        <dd class="small muted">{t('of_rostered', { planned: whole(found.planned), needed: whole(found.needed) })}</dd></div>
      <div class="tile"><dt>{t('coverage')}</dt><dd>{percent(found.coverage[0] ?? 0)}</dd>
        <dd class="small muted">{t('lowest')} {percent(least)} · {t('at_hour', { time: hourMinute(at) })}</dd></div>
      <div class="tile"><dt>{t('cold_beats')}</dt><dd class="bad">{found.beats.filter(({ cold }) => cold.length > 0).length}</dd>
        <dd class="small muted">{t('of_beats', { n: found.beats.length })}</dd></div>
      <div class="tile"><dt>{t('show_rate')}</dt><dd>{percent(found.show_rate)}</dd></div>
    </dl>
  )
}

function Hours({ found, rows, shown }: { found: Outlook; rows: BeatRow[]; shown: Shown }) {
  if (rows.length === 0) return <Empty>{t('nothing_cold')}</Empty>
  return (
    <div class="scroll outlook" tabIndex={0} role="region" aria-label={t('title')}>
      <table>
        <thead><tr><th scope="col">{t('beat')}</th>{found.hours.map((hour) => <th scope="col" class="num" key={hour}>{hourMinute(hour)}</th>)}</tr></thead>
        <tbody>
          <tr class="together"><th scope="row">{t('together')}</th>{found.hours.map((hour, n) => <Hour key={hour} row={found} n={n} at={hour} shown={shown} below={0} />)}</tr>
          {rows.map((row) => (
            <tr key={row.beat}>
              <th scope="row"><Beat code={row.beat} /></th>
              {found.hours.map((hour, n) => <Hour key={hour} row={row} n={n} at={hour} shown={shown} below={found.cold_below} />)}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

function Beat({ code }: { code: string }) {
  const area = ground.value?.areas.get(code)
  if (!area) return <>{code}</>
  return <button type="button" class="linklike" onClick={() => { go('map'); chooseArea(code) }}>{named(area)}</button>
}

function Hour({ row, n, at, shown, below }: { row: Row; n: number; at: number; shown: Shown; below: number }) {
  const [coverage, expected, needed] = [row.coverage[n] ?? 0, row.expected[n] ?? 0, row.needed[n] ?? 0]
  const cold = coverage < below
  const short = expected < needed - 0.5
  const spoken = t('spoken', { time: hourMinute(at), coverage: percent(coverage), expected: expected.toFixed(1), needed: needed.toFixed(0) })
  return (
    <td class={`num ${shown === 'coverage' ? `shade-${cold ? 'cold' : Math.min(4, Math.floor(coverage * 5))}` : short ? 'short' : ''}`} title={spoken}>
      <span class="unseen">{spoken}{cold ? `, ${t('cold')}` : ''}</span>
      <span aria-hidden="true">
        {shown === 'coverage' ? <>{percent(coverage)}{cold && <small> {t('cold')}</small>}</> : <>{expected.toFixed(1)}<small class="muted"> / {needed.toFixed(0)}</small></>}
      </span>
    </td>
  )
}
