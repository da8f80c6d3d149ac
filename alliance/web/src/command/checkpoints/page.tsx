/** Checkpoints: the list, the map, the one chosen; made, renamed, revoked, printed. */
import { useEffect, useState } from 'preact/hooks'
import { all, post, problemOf } from '../../api.ts'
import { holds } from '../../session.ts'
import { useLoad } from '../../ui/load.ts'
import { Empty, Failed, Notice } from '../../ui/parts.tsx'
import { common } from '../../words.ts'
import { ground, onEvent } from '../desk.ts'
import { useReached } from '../narrow.ts'
import { go, route } from '../router.ts'
import { Chart } from './chart.tsx'
import './checkpoints.css'
import { Detail } from './detail.tsx'
import { NewCheckpoint } from './form.tsx'
import { MAKING, selected, spot, type CheckpointItem } from './items.ts'
import { List } from './list.tsx'
import { Sheet } from './sheet.tsx'
import { t } from './texts.ts'

const PRINT = 'print'

export default function CheckpointsPage() {
  const [revoked, setRevoked] = useState(false)
  const [adding, setAdding] = useState(false)
  const [gone, setGone] = useState<CheckpointItem | null>(null)
  const { value, refused, again } = useLoad(() => all<CheckpointItem>('/checkpoints', { revoked }), [revoked])
  useEffect(() => onEvent(({ kind }) => {
    if (kind.startsWith('checkpoint_')) again()
  }), [again])
  useEffect(() => () => {
    spot.value = null
    selected.value = new Set()
  }, [])
  const held = ground.value
  const { key } = route.value
  const panel = useReached(adding || key)
  if (key === PRINT) return <Sheet ids={[...selected.value]} />
  if (refused !== null) return <Failed text={refused} retry={again} />
  if (value === null || held === null) return <p class="empty" role="status">{common('loading')}</p>
  const may = holds(...MAKING)
  const chosen = value.find(({ id }) => String(id) === key) ?? null
  const add = adding || (chosen === null && spot.value !== null)
  const close = (): void => {
    setAdding(false)
    spot.value = null
  }
  return (
    <div class="checkpoints">
      <section class="list" aria-label={t('list')}>
        <h1>{t('title')} <span class="muted">{value.length}</span></h1>
        {gone !== null && <Gone item={gone} again={again} onClose={() => setGone(null)} />}
        <div class="filters">
          {may && <button type="button" class="primary" onClick={() => { go('checkpoints'); setAdding(true) }}>{t('add')}</button>}
          {may && <button type="button" disabled={selected.value.size === 0} onClick={() => go('checkpoints', PRINT)}>
            {selected.value.size === 0 ? t('print') : t('print_n', { n: selected.value.size })}</button>}
          <label class="check"><input type="checkbox" checked={revoked} onChange={(event) => setRevoked(event.currentTarget.checked)} />{t('show_revoked')}</label>
        </div>
        {value.length === 0 ? <Empty>{t('empty')}</Empty> : <List items={value} chosen={chosen?.id ?? null} may={may} />}
      </section>
      <Chart ground={held} items={value} chosen={chosen} onSpot={(at) => {
        if (!may) return
        spot.value = at
        if (chosen !== null) go('checkpoints')
      }} />
      <section class="panel" ref={panel} tabIndex={-1} aria-label={t('checkpoint')}>
        {add && may ? <NewCheckpoint onClose={close} onMade={({ id }) => { close(); again(); go('checkpoints', id) }} />
          : chosen === null ? <Empty>{t(may ? 'choose' : 'list')}</Empty>
          : <Detail key={chosen.id} item={chosen} again={again} onRevoked={setGone} />}
      </section>
    </div>
  )
}

/** A revocation just made, and the way back. */
function Gone({ item, again, onClose }: { item: CheckpointItem; again(): void; onClose(): void }) {
  const [failed, setFailed] = useState<string | null>(null)
  const undo = async (): Promise<void> => {
    try {
      await post(`/checkpoints/${item.id}/restore`)
      onClose()
      again()
    } catch (error) {
      setFailed(problemOf(error))
    }
  }
  return (
    <Notice>
      <div class="row"><span class="grow">{failed ?? t('revoked_told', { name: item.name })}</span>
        <button type="button" onClick={() => void undo()}>{t('undo')}</button>
        <button type="button" class="plain" onClick={onClose}>{common('close')}</button></div>
    </Notice>
  )
}
