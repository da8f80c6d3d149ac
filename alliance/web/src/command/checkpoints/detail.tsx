/** One checkpoint: where, since when, last scanned by whom; renamed, revoked, printed. */
import { useState } from 'preact/hooks'
import { call, post } from '../../api.ts'
import { dateTime } from '../../i18n.ts'
import { polices } from '../../session.ts'
import { Ask } from '../../ui/dialog.tsx'
import { Facts, Field, Tag } from '../../ui/parts.tsx'
import { ground, now } from '../desk.ts'
import { useName } from '../names.ts'
import { go, href } from '../router.ts'
import { ago } from '../time.ts'
import { CODE } from './form.tsx'
import { selected, type CheckpointItem } from './items.ts'
import { beatName } from './list.tsx'
import { t } from './texts.ts'

export function Detail({ item, again, onRevoked }: { item: CheckpointItem; again(): void; onRevoked(item: CheckpointItem): void }) {
  const [asking, setAsking] = useState<'rename' | 'revoke' | null>(null)
  const may = polices(item.beat, ground.value?.areas.get(item.beat)?.station ?? null)
  const { id, name, code, revoked_at } = item
  return (
    <>
      <h2>{name} {revoked_at !== null && <Tag tone="bad">{t('revoked')}</Tag>}</h2>
      <Facts rows={[
        [t('code'), <span class="mono">{code}</span>],
        [t('beat'), beatName(item.beat)],
        [t('place'), <span class="mono">{item.lat.toFixed(6)}, {item.lon.toFixed(6)}</span>],
        [t('cell'), <span class="mono">{item.cell}</span>],
        [t('made'), <Made item={item} />],
        [t('last_scan'), item.scanned_at === null ? t('never') : <Scanned at={item.scanned_at} by={item.scanned_by} />],
        ...(revoked_at === null ? [] : [[t('revoked'), dateTime(revoked_at)] as const]),
      ]} />
      {may && (
        <div class="row wrap">
          <button type="button" onClick={() => setAsking('rename')}>{t('rename')}…</button>
          {revoked_at === null && <button type="button" onClick={() => { selected.value = new Set([id]); go('checkpoints', 'print') }}>{t('print')}</button>}
          {revoked_at === null
            ? <button type="button" class="danger" onClick={() => setAsking('revoke')}>{t('revoke')}…</button>
            : <button type="button" onClick={() => void post(`/checkpoints/${id}/restore`).then(again)}>{t('restore')}</button>}
        </div>
      )}
      {asking === 'rename' && <Rename item={item} again={again} onClose={() => setAsking(null)} />}
      {asking === 'revoke' && (
        <Ask title={`${t('revoke')} · ${name}`} confirm={t('revoke')} danger onClose={() => setAsking(null)} onConfirm={async () => {
          await post(`/checkpoints/${id}/revoke`)
          onRevoked(item)
          again()
        }}>
          <p>{t('revoke_line')}</p>
        </Ask>
      )}
    </>
  )
}

function Made({ item }: { item: CheckpointItem }) {
  const name = useName(item.made_by)
  return <>{t('made_by', { time: dateTime(item.made_at), name })}</>
}

function Scanned({ at, by }: { at: number; by: number | null }) {
  return <><time title={dateTime(at)}>{ago(now.value - at)}</time>{by !== null && <> · <Person id={by} /></>}</>
}

function Person({ id }: { id: number }) {
  return <a href={href('people', id)}>{useName(id)}</a>
}

function Rename({ item, again, onClose }: { item: CheckpointItem; again(): void; onClose(): void }) {
  const [name, setName] = useState(item.name)
  const [code, setCode] = useState(item.code)
  return (
    <Ask title={`${t('rename')} · ${item.name}`} confirm={t('save')} onClose={onClose} onConfirm={async () => {
      await call('PATCH', `/checkpoints/${item.id}`, { body: { name: name.trim(), code }, version: item.version }).finally(again)
    }}>
      <Field label={t('name')}><input required maxLength={60} value={name} onInput={(event) => setName(event.currentTarget.value)} /></Field>
      <Field label={t('code')}><input required pattern={CODE} title={t('code_rule')} value={code} onInput={(event) => setCode(event.currentTarget.value)} /></Field>
    </Ask>
  )
}
