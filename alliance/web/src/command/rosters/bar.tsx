/** What the change under way is worth, what it breaks, and the buttons that make it so. */
import { useState } from 'preact/hooks'
import { problemOf } from '../../api.ts'
import { Ask } from '../../ui/dialog.tsx'
import { Notice } from '../../ui/parts.tsx'
import { ruleText } from '../../rules.ts'
import { language } from '../../i18n.ts'
import { termName } from '../codes.ts'
import type { RosterItem } from '../items.ts'
import type { Editor } from './editor.ts'
import type { BoardItem, EditedItem } from './items.ts'
import { isEmpty, sizeOf, telling } from './pending.ts'
import { shiftText } from './shortfalls.tsx'
import { r } from './texts.ts'

export const signed = (value: number): string => `${value >= 0 ? '+' : '−'}${Math.abs(value).toFixed(2)}`

export function Bar({ roster, editor, board }: { roster: RosterItem; editor: Editor; board: BoardItem | null }) {
  const [asking, setAsking] = useState<'apply' | 'undo' | null>(null)
  const [failed, setFailed] = useState<string | null>(null)
  const published = roster.state === 'published'
  const run = async (step: 'apply' | 'undo', reason = ''): Promise<void> => {
    setFailed(null)
    await editor[step](reason)
  }
  const take = (step: 'apply' | 'undo'): void => {
    if (published) setAsking(step)
    else run(step).catch((error: unknown) => setFailed(problemOf(error)))
  }
  const { scored, refused, change } = editor
  const empty = isEmpty(change)
  return (
    <section class="edit-bar" aria-label={r('editing')}>
      <div class="row wrap">
        <b>{empty ? r('editing') : r('changes', { n: sizeOf(change) })}</b>
        <div class="grow" role="status" aria-live="polite">
          {editor.done !== null && empty && <span class="good">{r('applied', { value: signed(editor.done.value) })}</span>}
          {!empty && scored === null && refused === null && <span class="muted">{r('scoring')}</span>}
          {scored !== null && <Score scored={scored} took={editor.took} />}
        </div>
        {editor.canUndo && empty && <button type="button" disabled={editor.busy} onClick={() => take('undo')}>{r('undo')}</button>}
        {!empty && <button type="button" onClick={editor.drop}>{r('drop')}</button>}
        {!empty && <button type="button" class="primary" disabled={editor.busy || scored === null || scored.violations.length > 0} onClick={() => take('apply')}>{r('apply')}</button>}
        <button type="button" onClick={editor.stop}>{r('done_editing')}</button>
      </div>
      {refused !== null && <Notice tone="bad">{refused}</Notice>}
      {failed !== null && editor.late === null && <Notice tone="bad">{failed}</Notice>}
      {editor.late !== null && <Notice tone="warn">{r('meanwhile', { n: editor.late.length })}</Notice>}
      {scored !== null && <Broken scored={scored} board={board} />}
      {asking !== null && (
        <Ask title={r('reason_title')} confirm={r(asking)} reason={r('reason')} reasonNeeded onClose={() => setAsking(null)}
          onConfirm={(reason) => run(asking, reason)} />
      )}
    </section>
  )
}

function Score({ scored, took }: { scored: EditedItem; took: number | null }) {
  const terms = telling(scored.terms)
  return (
    <span>
      <b class={scored.value < 0 ? 'warn' : 'good'}>{r('score', { value: signed(scored.value) })}</b>{' '}
      <span class="muted">{terms.length === 0 ? r('no_difference') : terms.map(([name, by]) => `${termName(name)} ${signed(by)}`).join(' · ')}
        {took !== null && ` · ${r('scored_in', { n: Math.round(took) })}`}</span>
    </span>
  )
}

function Broken({ scored, board }: { scored: EditedItem; board: BoardItem | null }) {
  const shifts = new Map(board?.shifts.map((shift) => [shift.id, shift]))
  const posts = new Map(board?.posts.map((post) => [post.id, post.name]))
  const comma = language.value === 'zh' ? '、' : ', '
  return (
    <>
      {scored.violations.length > 0 && (
        <div class="notice bad" role="alert">
          <b>{r('refused')}</b>
          <ul>{scored.violations.map((found, n) => <li key={n}>{r('who_breaks', { names: found.names.join(comma), text: ruleText(found) })}</li>)}</ul>
        </div>
      )}
      {scored.shortfalls.length > 0 && (
        <ul class="muted">
          {scored.shortfalls.map((lack) => (
            <li key={`${lack.post} ${lack.shift} ${lack.kind}`}>
              {r('makes_short', { post: posts.get(lack.post) ?? `#${lack.post}`, shift: shiftText(shifts.get(lack.shift), lack.shift), before: lack.before, after: lack.after })}
            </li>
          ))}
        </ul>
      )}
    </>
  )
}
