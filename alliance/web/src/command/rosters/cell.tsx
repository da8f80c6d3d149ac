/** One post in one shift: who stands there and why, what it lacks and why; in a change, who goes and comes. */
import { useState } from 'preact/hooks'
import { get, type Page } from '../../api.ts'
import { hourMinute, named } from '../../i18n.ts'
import { useLoad } from '../../ui/load.ts'
import { Empty, Failed, Tag } from '../../ui/parts.tsx'
import type { AssignmentItem, PersonItem, RosterItem } from '../items.ts'
import { remember, useName } from '../names.ts'
import { href } from '../router.ts'
import { signed } from './bar.tsx'
import { Because } from './because.tsx'
import { patternName } from './board.tsx'
import type { Editor } from './editor.ts'
import type { GridCell } from './grid.ts'
import type { BoardItem, Put } from './items.ts'
import { LackLine } from './lack.tsx'
import { call, pin, put, take, type Standing } from './pending.ts'
import { postName } from './posts.ts'
import { r } from './texts.ts'

export type Mover = Standing & { name: string }

const FOUND = 12

export function Cell({ cell, board, roster, editor, onMove }: {
  cell: GridCell
  board: BoardItem
  roster: RosterItem
  editor: Editor
  onMove(who: Mover): void
}) {
  const post = board.posts.find(({ id }) => id === cell.post)
  const coming = editor.change.add.filter((one) => one.post === cell.post && one.shift === cell.shift.id)
  return (
    <div class="cell-detail" aria-live="polite">
      <h3>{post ? named(post) : cell.post} · {cell.shift.duty_day} {patternName(cell.shift)} {hourMinute(cell.shift.start)}–{hourMinute(cell.shift.end)}</h3>
      <p class="muted">{r('needs_line', { minimum: cell.minimum, desired: cell.desired, certified: cell.certified })}</p>
      {cell.lacks.map((lack) => <LackLine key={lack.kind} lack={lack} />)}
      {cell.standing.length === 0 && coming.length === 0 && <Empty>{r('nobody')}</Empty>}
      <ul class="rows">
        {cell.standing.map((one) => <Who key={one.id} one={one} roster={roster.id} editor={editor} onMove={onMove} />)}
        {coming.map((one) => <Coming key={one.person} one={one} editor={editor} />)}
      </ul>
      {editor.on && <AddPerson cell={cell} roster={roster} editor={editor} />}
    </div>
  )
}

function Who({ one, roster, editor, onMove }: { one: AssignmentItem; roster: number; editor: Editor; onMove(who: Mover): void }) {
  const { change } = editor
  const [asking, setAsking] = useState(false)
  const goes = change.remove.includes(one.id)
  const turns = change.pin.includes(one.id) ? 'will_pin' : change.unpin.includes(one.id) && !goes ? 'will_loosen' : null
  return (
    <li class={`wrap ${goes ? 'goes' : ''}`}>
      <a href={href('people', one.person)}>{one.name}</a>
      {one.pinned && <Tag tone="info">{r('pin')}</Tag>}
      {goes && <Tag tone="warn">{r('going')}</Tag>}
      {turns !== null && <Tag tone="info">{r(turns)}</Tag>}
      <span class="grow muted why">{whyText(one.why)}</span>
      <button type="button" aria-expanded={asking} aria-label={`${r('why')} ${one.name}`} onClick={() => setAsking(!asking)}>{r('why')}</button>
      {editor.on && (
        <span class="row">
          <button type="button" aria-label={`${r(goes ? 'leave_on' : 'take_off')} ${one.name}`} onClick={() => editor.set((now) => take(now, one))}>{r(goes ? 'leave_on' : 'take_off')}</button>
          <button type="button" aria-label={`${r('move_to')} ${one.name}`} onClick={() => onMove(one)}>{r('move_to')}</button>
          <button type="button" disabled={goes} aria-label={`${r(one.pinned ? 'unpin' : 'pin')} ${one.name}`} aria-pressed={turns !== null} onClick={() => editor.set((now) => pin(now, one))}>{r(one.pinned ? 'unpin' : 'pin')}</button>
        </span>
      )}
      {asking && <Because roster={roster} assignment={one.id} />}
    </li>
  )
}

function Coming({ one, editor }: { one: Put; editor: Editor }) {
  const name = useName(one.person)
  return (
    <li class="wrap comes"><a href={href('people', one.person)}>{name}</a><Tag tone="good">{r('coming')}</Tag><span class="grow" />
      <button type="button" aria-label={`${r('drop')} ${name}`} onClick={() => editor.set((now) => call(now, one))}>{r('drop')}</button></li>
  )
}

function AddPerson({ cell, roster, editor }: { cell: GridCell; roster: RosterItem; editor: Editor }) {
  const [text, setText] = useState('')
  const { value, refused } = useLoad(
    async (signal) => (text.trim() === '' ? { items: [], next: null } : get<Page<PersonItem>>('/people', { q: text.trim(), limit: FOUND }, signal)), [text, roster.id],
  )
  const choose = (person: PersonItem): void => {
    remember(person.id, person.name)
    editor.set((now) => put(now, { person: person.id, post: cell.post, shift: cell.shift.id }))
    setText('')
  }
  return (
    <div class="add-person">
      <label class="field"><span>{r('add_person')}</span>
        <input type="search" placeholder={r('find_person')} value={text} onInput={(event) => setText(event.currentTarget.value)} /></label>
      {refused !== null && <Failed text={refused} />}
      <ul>{value?.items.map((person) => (
        <li key={person.id}><button type="button" class="linklike" onClick={() => choose(person)}>{person.name}</button> <span class="muted">{person.organisation_name}</span></li>
      ))}</ul>
    </div>
  )
}

/** Sentences from the figures the solver kept of its choice. */
function whyText(why: Record<string, unknown>): string {
  const figure = (name: string): number => Number(why[name] ?? 0)
  if (why['by_hand'] === true) return r('why_hand', { n: signed(figure('value')) })
  if (!('worth' in why)) return ''
  const better = figure('other_better')
  const parts = [
    r('why_worth', { n: figure('worth').toFixed(2) }),
    r('why_km', { n: figure('km').toFixed(1) }),
    why['team'] === true && r('why_team'),
    why['kept'] === true && r('why_kept'),
    figure('wish') !== 0 && r('why_wish', { n: signed(figure('wish')) }),
    why['other'] != null && r(better > 0 ? 'why_other_better' : 'why_other', { post: postName(Number(why['other'])), n: Math.abs(better).toFixed(2) }),
  ]
  return parts.filter((part) => part !== false).join(' · ')
}
