/** Calls for help, above everything: they ring until someone acknowledges, and stay until closed. */
import { useEffect, useState } from 'preact/hooks'
import { post, problemOf } from '../api.ts'
import { clockTime, named } from '../i18n.ts'
import type { SosItem } from '../state.ts'
import { Ask } from '../ui/dialog.tsx'
import { Said } from '../ui/parts.tsx'
import { common } from '../words.ts'
import { allowSound, ring, silenced } from './alarm.ts'
import { ground, now, sos } from './desk.ts'
import { lead } from './map/lead.ts'
import { go } from './router.ts'
import { t } from './texts.ts'
import { ago } from './time.ts'

export function SosBanner() {
  const all = [...sos.value.values()].sort((a, b) => Number(a.acknowledged_at !== null) - Number(b.acknowledged_at !== null) || b.at - a.at)
  const waiting = all.filter(({ acknowledged_at }) => acknowledged_at === null).length
  useEffect(() => {
    ring(waiting > 0)
    return () => ring(false)
  }, [waiting > 0])
  return (
    <>
      <p class="unseen" role="alert" aria-live="assertive">{waiting > 0 ? t('sos_waiting', { n: waiting }) : ''}</p>
      {all.length > 0 && (
        <section class={`sos ${waiting > 0 ? 'ringing' : ''}`} aria-label={t('sos')}>
          {silenced.value && <button type="button" onClick={() => void allowSound()}>{t('sound_on')}</button>}
          <ul>{all.map((item) => <SosRow key={item.id} item={item} />)}</ul>
        </section>
      )}
    </>
  )
}

function SosRow({ item }: { item: SosItem }) {
  const [closing, setClosing] = useState(false)
  const [busy, setBusy] = useState(false)
  const [refused, setRefused] = useState<string | null>(null)
  const beat = item.beat === null ? undefined : ground.value?.areas.get(item.beat)
  const { lat, lon } = item
  const acknowledge = async (): Promise<void> => {
    setBusy(true)
    setRefused(null)
    await post(`/sos/${item.id}/acknowledge`, {}).catch((error: unknown) => setRefused(problemOf(error)))
    setBusy(false)
  }
  return (
    <li class={item.acknowledged_at === null ? 'waiting' : 'heard'}>
      <b>{t('sos_from', { name: item.name || `#${item.person}` })}</b>
      <span>{beat ? named(beat) : ''}</span>
      <span>{clockTime(item.at)} · {ago(now.value - item.at)}</span>
      {refused !== null && <span role="alert"><Said text={refused} /></span>}
      <span class="grow" />
      {lat !== null && lon !== null
        ? <button type="button" onClick={() => { go('map'); lead.value = { lon, lat, zoom: 15 } }}>{t('show')}</button>
        : <span>{t('no_place')}</span>}
      {item.acknowledged_at === null
        ? <button type="button" class="answer" disabled={busy} onClick={() => void acknowledge()}>{t('acknowledge')}</button>
        : <span>{t('acknowledged')} {clockTime(item.acknowledged_at)}</span>}
      <button type="button" onClick={() => setClosing(true)}>{common('close')}…</button>
      {closing && (
        <Ask title={t('close_sos')} confirm={t('close_sos')} danger reason={t('close_sos_why')} reasonNeeded
          onConfirm={async (reason) => { await post(`/sos/${item.id}/close`, { reason }) }} onClose={() => setClosing(false)} />
      )}
    </li>
  )
}
