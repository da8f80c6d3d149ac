/** One roster: overview, board by beat and by person, comparison; changed by hand, published, begun again. */
import { useEffect, useState } from 'preact/hooks'
import { get, newKey, post, problemOf } from '../../api.ts'
import { Ask } from '../../ui/dialog.tsx'
import { Choice, Empty, Failed, Notice, Tag } from '../../ui/parts.tsx'
import { useEvery, useLoad } from '../../ui/load.ts'
import { common } from '../../words.ts'
import { holds, isCommand } from '../../session.ts'
import { onEvent } from '../desk.ts'
import type { RosterItem } from '../items.ts'
import { rosterState } from '../codes.ts'
import { go } from '../router.ts'
import { t } from '../texts.ts'
import { rosterTone } from '../tones.ts'
import { Board } from './board.tsx'
import { Compare } from './compare.tsx'
import { useEditor, type Editor } from './editor.ts'
import { Overview } from './overview.tsx'
import { period } from './page.tsx'
import { Publish } from './publish.tsx'
import { Solving } from './solving.tsx'
import { r } from './texts.ts'
import { ByPerson } from './week.tsx'

const POLL_MS = 1000
type View = 'overview' | 'by_beat' | 'by_person' | 'compare'

export function Detail({ id, rosters, onChanged }: { id: number; rosters: readonly RosterItem[]; onChanged(): void }) {
  const { value, refused, again } = useLoad((signal) => get<RosterItem>(`/rosters/${id}`, undefined, signal), [id])
  useEvery(POLL_MS, () => {
    if (value?.state === 'solving') again()
  })
  useEffect(() => onEvent(({ data }) => {
    if (data['roster'] === id) again()
  }), [id, again])
  useEffect(() => {
    if (value !== null && value.state !== 'solving') onChanged()
  }, [value?.state])
  if (value === null) return refused === null ? <Empty>{common('loading')}</Empty> : <Failed text={refused} retry={again} />
  const changed = (): void => {
    again()
    onChanged()
  }
  return (
    <>
      {refused !== null && <Notice tone="bad">{refused.text}</Notice>}
      {value.state === 'solving' || value.state === 'failed'
        ? <Unmade roster={value} onChanged={changed} />
        : <Made roster={value} rosters={rosters} onChanged={changed} />}
    </>
  )
}

function Title({ roster }: { roster: RosterItem }) {
  return <>{t('roster')} {period(roster)} <Tag tone={rosterTone(roster.state)}>{rosterState(roster.state)}</Tag> <span class="faint">#{roster.id}</span></>
}

/** Still being made, or broken off. */
function Unmade({ roster, onChanged }: { roster: RosterItem; onChanged(): void }) {
  const [asking, setAsking] = useState(false)
  const [refused, setRefused] = useState<string | null>(null)
  const again = (): void => {
    setRefused(null)
    post(`/rosters/${roster.id}/again`).then(onChanged, (error: unknown) => setRefused(problemOf(error)))
  }
  return (
    <>
      <h1><Title roster={roster} /><span class="grow" />
        {isCommand() && roster.state === 'failed' && <button type="button" class="primary" onClick={again}>{r('again')}</button>}
        {isCommand() && <button type="button" onClick={() => setAsking(true)}>{t(roster.state === 'solving' ? 'cancel_solving' : 'discard')}…</button>}
      </h1>
      {refused !== null && <Notice tone="bad">{refused}</Notice>}
      {roster.state === 'solving' ? <Solving roster={roster} onAsked={onChanged} /> : <Notice tone="bad">{t('failed_why', { why: roster.progress.problem ?? '–' })}</Notice>}
      {asking && (
        <Ask title={t(roster.state === 'solving' ? 'cancel_solving_title' : 'discard_title')} confirm={t(roster.state === 'solving' ? 'cancel_solving' : 'discard')} danger
          onClose={() => setAsking(false)} onConfirm={async () => {
            await post(`/rosters/${roster.id}/discard`, undefined, { version: roster.version })
            onChanged()
          }} />
      )}
    </>
  )
}

function Made({ roster, rosters, onChanged }: { roster: RosterItem; rosters: readonly RosterItem[]; onChanged(): void }) {
  const [view, setView] = useState<View>('overview')
  const [asking, setAsking] = useState<'publish' | 'discard' | null>(null)
  const editor = useEditor(roster, onChanged)
  const take = async (step: 'publish' | 'discard'): Promise<void> => {
    await post(`/rosters/${roster.id}/${step}`, undefined, { version: roster.version })
    onChanged()
  }
  const draft = isCommand() && roster.state === 'draft'
  const views: [View, string][] = [['overview', r('overview')], ['by_beat', r('by_beat')]]
  if (isCommand()) views.push(['by_person', r('by_person')], ['compare', r('compare')])
  return (
    <>
      <h1><Title roster={roster} /><span class="grow" />
        <EditButton roster={roster} editor={editor} onStart={() => setView('by_beat')} />
        {draft && <Remake roster={roster} onMade={onChanged} />}
        {draft && <button type="button" class="primary" onClick={() => setAsking('publish')}>{t('publish')}…</button>}
        {draft && <button type="button" onClick={() => setAsking('discard')}>{t('discard')}…</button>}
      </h1>
      <Choice<View> label={r('view')} value={view} onChange={setView} options={views} />
      {view === 'overview' && <Overview roster={roster} />}
      {view === 'by_beat' && <Board roster={roster} editor={editor} />}
      {view === 'by_person' && <ByPerson roster={roster} />}
      {view === 'compare' && <Compare roster={roster} rosters={rosters} />}
      {asking === 'publish' && <Publish roster={roster} rosters={rosters} onConfirm={() => take('publish')} onClose={() => setAsking(null)} />}
      {asking === 'discard' && <Ask title={t('discard_title')} confirm={t('discard')} danger onConfirm={() => take('discard')} onClose={() => setAsking(null)} />}
    </>
  )
}

function EditButton({ roster, editor, onStart }: { roster: RosterItem; editor: Editor; onStart(): void }) {
  const may = isCommand() || (roster.state === 'published' && holds('officer', 'chief'))
  if (!may || editor.on || !['draft', 'published'].includes(roster.state)) return null
  return <button type="button" onClick={() => { editor.start(); onStart() }}>{r('edit')}</button>
}

/** The same days once more, around what is pinned and close to what is there. */
function Remake({ roster, onMade }: { roster: RosterItem; onMade(): void }) {
  const [busy, setBusy] = useState(false)
  const remake = async (): Promise<void> => {
    setBusy(true)
    const { first_day, last_day, seed, weights, progress } = roster
    const standby_percent = progress.asked?.standby_percent ?? null
    const body = { first_day, last_day, seed, weights, standby_percent, pins_from: roster.id, stable_to: roster.id }
    const made = await post<RosterItem>('/rosters', body, { key: newKey() }).finally(() => setBusy(false))
    onMade()
    go('rosters', made.id)
  }
  return <button type="button" disabled={busy} onClick={() => void remake()}>{r('remake')}</button>
}
