/** The district and the timed jobs: is everything that should run running? */
import { get } from '../api.ts'
import { dateTime, named, number } from '../i18n.ts'
import { useEvery, useLoad } from '../ui/load.ts'
import { Empty, Facts, Failed, Tag, type Tone } from '../ui/parts.tsx'
import { common, roleName } from '../words.ts'
import { holds } from '../session.ts'
import { events, ground } from './desk.ts'
import { jobName, outcomeName } from './codes.ts'
import { t } from './texts.ts'

interface JobItem {
  job: string
  last_started: number | null
  last_ended: number | null
  outcome: string | null
  detail: unknown
  next: number | null
}

const REFRESH_MS = 10_000

export default function SystemPage() {
  return (
    <div class="sheet">
      <h1>{t('system')}</h1>
      {holds('administrator') && <Jobs />}
      <District />
    </div>
  )
}

function Jobs() {
  const { value, refused, again } = useLoad((signal) => get<{ items: JobItem[] }>('/jobs', undefined, signal), [])
  useEvery(REFRESH_MS, again)
  return (
    <section class="box">
      <h2>{t('jobs')}</h2>
      {refused !== null && <Failed text={refused} retry={again} />}
      {value === null && refused === null && <Empty>{common('loading')}</Empty>}
      {value?.items.length === 0 && <Empty>{t('no_jobs')}</Empty>}
      {value !== null && value.items.length > 0 && (
        <div class="scroll">
          <table>
            <thead><tr><th>{t('job')}</th><th>{t('last_started')}</th><th class="num">{t('took')}</th><th>{t('outcome')}</th><th>{t('detail')}</th><th>{t('next')}</th></tr></thead>
            <tbody>
              {value.items.map((item) => (
                <tr key={item.job}>
                  <td title={item.job}>{jobName(item.job)}</td><td>{item.last_started === null ? '–' : dateTime(item.last_started)}</td><td class="num">{took(item)}</td>
                  <td>{item.outcome === null ? '–' : <Tag tone={tone(item.outcome)}>{outcomeName(item.outcome)}</Tag>}</td>
                  <td class="muted">{detail(item.detail)}</td><td>{item.next === null ? '–' : dateTime(item.next)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  )
}

const took = ({ last_started, last_ended }: JobItem): string =>
  last_started === null || last_ended === null ? '–' : `${((last_ended - last_started) / 1000).toFixed(1)} s`

const tone = (outcome: string): Tone => (outcome === 'failed' ? 'bad' : outcome === 'running' ? 'info' : 'good')

function detail(value: unknown): string {
  if (value === null || value === undefined || value === '') return ''
  return typeof value === 'string' ? value : JSON.stringify(value)
}

function District() {
  const held = ground.value
  if (held === null) return null
  const { district, towns, stations, beats, cells } = held
  const time = (minute: number): string => `${String(Math.floor(minute / 60) % 24).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`
  return (
    <div class="two">
      <section class="box">
        <h2>{t('district')}</h2>
        <div class="pad">
          <Facts rows={[
            [t('district_name'), named(district)],
            [t('code'), district.id],
            [t('time_zone'), district.time_zone],
            [t('towns'), towns.length],
            [t('stations'), stations.length],
            [t('beats'), beats.length],
            [t('cells'), number(cells.cells.length)],
            [t('event_number'), events.value[0]?.id ?? '–'],
          ]} />
        </div>
      </section>
      <section class="box">
        <h2>{t('patterns')}</h2>
        <table>
          <thead><tr><th>{t('shift')}</th><th>{t('time')}</th><th>{t('roles')}</th></tr></thead>
          <tbody>
            {district.patterns.map((one) => (
              <tr key={one.code}><td>{named(one)}</td><td>{time(one.start_minute)}–{time(one.start_minute + one.minutes)}</td>
                <td>{one.role === 'any' ? t('any_role_short') : roleName(one.role)}</td></tr>
            ))}
          </tbody>
        </table>
      </section>
    </div>
  )
}
