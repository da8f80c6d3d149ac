/** A new checkpoint: its name, and its place from the map or by coordinates of any of the three datums. */
import { useEffect, useState } from 'preact/hooks'
import { Problem, newKey, post, problemOf } from '../../api.ts'
import { Field, Notice } from '../../ui/parts.tsx'
import { common } from '../../words.ts'
import { spot, type CheckpointItem } from './items.ts'
import { t } from './texts.ts'

export const CODE = '[A-Za-z0-9][A-Za-z0-9.\\-]{0,19}'
const DATUMS = ['wgs84', 'gcj02', 'bd09'] as const

export function NewCheckpoint({ onMade, onClose }: { onMade(made: CheckpointItem): void; onClose(): void }) {
  const [name, setName] = useState('')
  const [code, setCode] = useState('')
  const [lat, setLat] = useState('')
  const [lon, setLon] = useState('')
  const [datum, setDatum] = useState<string>('wgs84')
  const [key, setKey] = useState(newKey)
  const [busy, setBusy] = useState(false)
  const [refused, setRefused] = useState<string | null>(null)
  const here = spot.value
  useEffect(() => {
    if (here === null) return
    setLat(here.lat.toFixed(6))
    setLon(here.lon.toFixed(6))
    setDatum('wgs84')
  }, [here])
  const save = async (event: Event): Promise<void> => {
    event.preventDefault()
    setBusy(true)
    setRefused(null)
    try {
      const body = { name: name.trim(), lat: Number(lat), lon: Number(lon), datum, ...(code !== '' && { code }) }
      onMade(await post<CheckpointItem>('/checkpoints', body, { key }))
    } catch (error) {
      setKey(newKey())
      setRefused(isOutside(error) ? t('outside') : problemOf(error))
      setBusy(false)
    }
  }
  return (
    <form class="stack" onSubmit={save} aria-labelledby="new-checkpoint">
      <h2 id="new-checkpoint">{t('add')}</h2>
      <Field label={t('name')}><input name="name" required maxLength={60} placeholder={t('name_hint')} value={name} onInput={(event) => setName(event.currentTarget.value)} /></Field>
      <Field label={t('code')}><input name="code" pattern={CODE} title={t('code_rule')} placeholder={t('code_hint')} value={code} onInput={(event) => setCode(event.currentTarget.value)} /></Field>
      <p class="muted">{t('place_hint')}</p>
      <div class="row">
        <Field label={t('lat')}><input name="lat" type="number" required step="any" min={-90} max={90} value={lat} onInput={(event) => setLat(event.currentTarget.value)} /></Field>
        <Field label={t('lon')}><input name="lon" type="number" required step="any" min={-180} max={180} value={lon} onInput={(event) => setLon(event.currentTarget.value)} /></Field>
      </div>
      <Field label={t('datum')}>
        <select value={datum} onChange={(event) => setDatum(event.currentTarget.value)}>{DATUMS.map((one) => <option key={one} value={one}>{t(one)}</option>)}</select>
      </Field>
      {refused !== null && <Notice tone="bad">{refused}</Notice>}
      <div class="row">
        <button type="submit" class="primary" disabled={busy}>{t('save')}</button>
        <button type="button" onClick={onClose}>{common('cancel')}</button>
      </div>
    </form>
  )
}

const isOutside = (error: unknown): boolean => error instanceof Problem && error.detail.startsWith('lat, lon')
