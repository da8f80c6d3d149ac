/** One incident: what was reported, what was done, who was sent, what it earned. */
import { useEffect, useState } from 'preact/hooks'
import { ROOT, get, post } from '../../api.ts'
import { clockTime, dateTime, labelled, listed, named, points } from '../../i18n.ts'
import { Ask } from '../../ui/dialog.tsx'
import { Facts, Failed, Notice, Tag } from '../../ui/parts.tsx'
import { useLoad } from '../../ui/load.ts'
import { polices } from '../../session.ts'
import { common, incidentState, kindName } from '../../words.ts'
import { ground, onEvent } from '../desk.ts'
import type { EntryItem, IncidentDetail, ReportItem } from '../items.ts'
import { choice, lead } from '../map/lead.ts'
import { useName } from '../names.ts'
import { go } from '../router.ts'
import { creditKind, orderState } from '../codes.ts'
import { t } from '../texts.ts'
import { span } from '../time.ts'
import { stateTone } from '../tones.ts'
import { Candidates } from './candidates.tsx'
import { Steps } from './steps.tsx'

export function Detail({ number, onChanged }: { number: number; onChanged(): void }) {
  const { value, refused, again } = useLoad((signal) => get<IncidentDetail>(`/incidents/${number}`, undefined, signal), [number])
  useEffect(() => onEvent(({ data }) => {
    if (data['incident'] === number) again()
  }), [number, again])
  if (value === null) return refused === null ? <p class="empty">{common('loading')}</p> : <Failed text={refused} retry={again} />
  const changed = (): Promise<void> => {
    onChanged()
    return again()
  }
  const mine = polices(value.beat, value.station)
  const show = (): void => {
    choice.value = { kind: 'incident', id: number }
    lead.value = { lon: value.lon, lat: value.lat, zoom: 14 }
    go('map')
  }
  return (
    <>
      <h1>{kindName(value.kind)} <span class="faint">#{value.id}</span> <Tag tone={stateTone(value.state)}>{incidentState(value.state)}</Tag>
        <span class="grow" /><button type="button" onClick={show}>{t('on_map')}</button></h1>
      {refused !== null && <Notice tone="bad">{refused.text}</Notice>}
      {mine && <Steps incident={value} onChanged={changed} />}
      <div class="two">
        <div class="stack">
          <Reports incident={value} onChanged={changed} />
          {value.credit.length > 0 && <Credit entries={value.credit} />}
        </div>
        <div class="stack">
          <Where incident={value} />
          {mine && value.allowed.includes('dispatch') && <Candidates incident={value} onChanged={changed} />}
          {value.dispatches.length > 0 && <Dispatches incident={value} />}
          <History incident={value} />
        </div>
      </div>
    </>
  )
}

function Where({ incident }: { incident: IncidentDetail }) {
  const name = (code: string | null): string => {
    const area = code === null ? undefined : ground.value?.areas.get(code)
    return area ? named(area) : code ?? '–'
  }
  const { response_ms } = incident.sla
  return (
    <section class="box pad-facts">
      <div class="pad">
        <Facts rows={[
          [t('opened'), dateTime(incident.opened_at)],
          [t('town'), name(incident.town)],
          [t('station'), name(incident.station)],
          [t('beat'), name(incident.beat)],
          [t('grid'), <span class="mono">{incident.grid ?? '–'}</span>],
          [t('response'), response_ms === null ? '–' : span(response_ms)],
        ]} />
      </div>
    </section>
  )
}

function Reports({ incident, onChanged }: { incident: IncidentDetail; onChanged(): void }) {
  const proposed = incident.links.filter(({ state }) => state === 'proposed')
  return (
    <section class="box">
      <h2>{t('reports')} <span class="muted">{incident.reports.length}</span></h2>
      {incident.reports.map((report) => (
        <Report key={report.id} report={report} alone={incident.reports.length === 1} incident={incident} onChanged={onChanged} />
      ))}
      {proposed.map((link) => (
        <div class="report" key={link.id}>
          <span class="row"><b>{t('proposed')}</b><span class="muted">{t('report_n', { n: link.report })} · {link.score.toFixed(2)}</span>
            <span class="grow" />
            <button type="button" onClick={() => void post(`/incidents/${incident.id}/link`, { report: link.report }).then(onChanged)}>{t('link')}</button></span>
        </div>
      ))}
    </section>
  )
}

function Report({ report, alone, incident, onChanged }: {
  report: ReportItem; alone: boolean; incident: IncidentDetail; onChanged(): void
}) {
  const [parting, setParting] = useState(false)
  const others = report.participants.filter(({ person }) => person !== report.person).map(({ name }) => name)
  if (report.others > 0) others.push(t('and_others', { n: report.others }))
  return (
    <article class="report">
      <span class="row wrap">
        <b>{report.name ?? t('report_n', { n: report.id })}</b><Tag>{kindName(report.kind)}</Tag>
        <span class="muted">{dateTime(report.at)}</span>
        {report.received_at - report.at > 60_000 && <span class="faint">{t('received', { time: clockTime(report.received_at) })}</span>}
        <span class="grow" />
        {!alone && <button type="button" class="plain" onClick={() => setParting(true)}>{t('unlink')}</button>}
      </span>
      <p>{report.text === null || report.text === '' ? <span class="faint">{t('no_text')}</span> : report.text}</p>
      {others.length > 0 && <p class="muted">{labelled(t('participants'), listed(others))}</p>}
      {report.link_score !== null && <p class="faint">{t('joined_by', { score: report.link_score.toFixed(2) })}</p>}
      {report.photos.length > 0 && (
        <div class="photos">
          {report.photos.map((photo) => (
            <a key={photo} href={`${ROOT}/photos/${photo}`} target="_blank" rel="noopener">
              <img src={`${ROOT}/photos/${photo}`} alt={t('report_n', { n: report.id })} loading="lazy" />
            </a>
          ))}
        </div>
      )}
      {parting && (
        <Ask title={t('unlink')} confirm={t('unlink')} onClose={() => setParting(false)}
          onConfirm={async () => { await post(`/incidents/${incident.id}/unlink`, { report: report.id }); onChanged() }}>
          <p>{t('unlink_line')}</p>
        </Ask>
      )}
    </article>
  )
}

function History({ incident }: { incident: IncidentDetail }) {
  return (
    <section class="box">
      <h2>{t('history')}</h2>
      <ol class="pad rows">
        {incident.transitions.map((step) => (
          <li key={step.n}>
            <span class="muted">{dateTime(step.at)}</span>
            <span class="grow">
              {step.from === null ? t('opened_state') : t('from_state', { from: incidentState(step.from), to: incidentState(step.to) })}
              {step.reason !== '' && <span class="muted"> · {step.reason}</span>}
            </span>
            <span class="muted">{step.actor_name ?? ''}</span>
          </li>
        ))}
      </ol>
    </section>
  )
}

function Dispatches({ incident }: { incident: IncidentDetail }) {
  return (
    <section class="box">
      <h2>{t('dispatches')}</h2>
      <ul class="pad rows">
        {incident.dispatches.map((order) => (
          <li key={order.id}>
            <Name person={order.person} /><span class="grow muted">{dateTime(order.ordered_at)}</span>
            <Tag tone={order.state === 'declined' || order.state === 'expired' ? 'bad' : order.state === 'ordered' ? 'warn' : 'good'}>{orderState(order.state)}</Tag>
          </li>
        ))}
      </ul>
    </section>
  )
}

function Credit({ entries }: { entries: readonly EntryItem[] }) {
  return (
    <section class="box">
      <h2>{t('credit')}</h2>
      <table>
        <thead><tr><th>#</th><th>{t('person')}</th><th>{t('kind')}</th><th class="num">{t('amount')}</th></tr></thead>
        <tbody>
          {entries.map((entry) => (
            <tr key={entry.n}>
              <td>{entry.n}</td><td><Name person={entry.person} /></td>
              <td>{creditKind(entry.kind)}{entry.reverses !== null && <span class="muted"> · {t('reversal', { n: entry.reverses })}</span>}</td>
              <td class="num">{points(entry.amount)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}

function Name({ person }: { person: number }) {
  return <span>{useName(person)}</span>
}
