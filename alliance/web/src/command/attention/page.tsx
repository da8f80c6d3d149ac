/** What asks for attention: what, where, since when, who sees to it; and the thresholds for those who set them. */
import { useState } from 'preact/hooks'
import { get, problemOf } from '../../api.ts'
import { holds } from '../../session.ts'
import { useLoad } from '../../ui/load.ts'
import { Choice, Empty, Failed, Said } from '../../ui/parts.tsx'
import { common } from '../../words.ts'
import { KINDS, grouped, type AttentionItem, type Group } from './groups.ts'
import { Row, inParts } from './row.tsx'
import { kindName, t } from './texts.ts'
import { Thresholds } from './thresholds.tsx'
import { groups, open, read, refused, unanswered } from './watch.ts'

const SHOWN_AT_ONCE = 200
const PAST = 200

export default function AttentionPage() {
  const [past, setPast] = useState<'open' | 'past'>('open')
  const [kind, setKind] = useState('')
  return (
    <div class="sheet">
      <h1>{t('title')} <span class="muted">{open.value === null ? '' : t('waiting', { n: unanswered.value })}</span></h1>
      <Kinds chosen={kind} onChoose={setKind} />
      <section class="box" aria-label={t('title')}>
        <header>
          <Choice<'open' | 'past'> label={t('shown')} value={past} onChange={setPast} options={[['open', t('open_ones')], ['past', t('past_ones')]]} />
        </header>
        {past === 'open' ? <Open kind={kind} /> : <Past kind={kind} />}
      </section>
      {holds('administrator', 'commander', 'chief', 'officer', 'manager') && <Thresholds />}
    </div>
  )
}

/** How many of each kind; pressed, the list shows that kind alone. */
function Kinds({ chosen, onChoose }: { chosen: string; onChoose(kind: string): void }) {
  const count = (kind: string): number => groups.value.filter((group) => group.kind === kind).length
  return (
    <div class="attention-kinds" role="group" aria-label={t('kind')}>
      <button type="button" aria-pressed={chosen === ''} onClick={() => onChoose('')}>{t('all_kinds')} <b>{groups.value.length}</b></button>
      {KINDS.map((kind) => (
        <button type="button" key={kind} aria-pressed={chosen === kind} class={count(kind) > 0 ? `has ${kind}` : 'faint'}
          onClick={() => onChoose(chosen === kind ? '' : kind)}>{kindName(kind)} <b>{count(kind)}</b></button>
      ))}
    </div>
  )
}

function Open({ kind }: { kind: string }) {
  if (refused.value !== null) return <Failed text={refused.value} retry={() => void read()} />
  if (open.value === null) return <Empty>{common('loading')}</Empty>
  const shown = groups.value.filter((group) => kind === '' || group.kind === kind)
  if (shown.length === 0) return <Empty>{t(kind === '' ? 'nothing' : 'nothing_of_it')}</Empty>
  return (
    <>
      <AcknowledgeAll groups={shown} />
      <List groups={shown} />
    </>
  )
}

/** After a shift's start dozens come at once; one look at the list, one press. */
function AcknowledgeAll({ groups: shown }: { groups: readonly Group[] }) {
  const [busy, setBusy] = useState(false)
  const [failed, setFailed] = useState<string | null>(null)
  const waiting = shown.filter(({ state, items }) => state === 'open' && items.every(({ mine }) => mine))
  if (waiting.length < 2) return null
  const acknowledge = async (): Promise<void> => {
    setBusy(true)
    setFailed(null)
    await inParts(waiting.flatMap(({ items }) => items.map(({ id }) => id))).then(read, (error: unknown) => setFailed(problemOf(error)))
    setBusy(false)
  }
  return (
    <p class="attention-all">
      {failed !== null && <span role="alert" class="bad"><Said text={failed} /></span>}
      <button type="button" disabled={busy} onClick={() => void acknowledge()}>{t('acknowledge_shown', { n: waiting.length })}</button>
    </p>
  )
}

function Past({ kind }: { kind: string }) {
  const { value, refused: failed, again } = useLoad(
    (signal) => get<{ items: AttentionItem[] }>('/attention', { kind, limit: PAST }, signal), [kind, open.value],
  )
  if (failed !== null) return <Failed text={failed} retry={again} />
  if (value === null) return <Empty>{common('loading')}</Empty>
  const ended = value.items.filter(({ state }) => state === 'resolved' || state === 'closed')
  if (ended.length === 0) return <Empty>{t('nothing_past')}</Empty>
  return <List groups={grouped(ended).sort((a, b) => last(b) - last(a))} />
}

const last = ({ items }: Group): number => Math.max(...items.map(({ closed_at, gone_at }) => closed_at ?? gone_at ?? 0))

function List({ groups: shown }: { groups: readonly Group[] }) {
  const [most, setMost] = useState(SHOWN_AT_ONCE)
  return (
    <>
      <ul class="attention">{shown.slice(0, most).map((group) => <Row key={group.key} group={group} />)}</ul>
      {shown.length > most && <p class="empty"><button type="button" onClick={() => setMost(most + SHOWN_AT_ONCE)}>{t('show_more')}</button></p>}
    </>
  )
}
