/** The week of one beat: posts by shifts, people against need, shortfalls marked; a cell opens who and why. */
import { useState } from 'preact/hooks'
import { get, type Page } from '../../api.ts'
import { dayText, language, named, number } from '../../i18n.ts'
import { useLoad } from '../../ui/load.ts'
import { Empty, Failed } from '../../ui/parts.tsx'
import { common } from '../../words.ts'
import { ground } from '../desk.ts'
import type { RosterItem, ShiftItem } from '../items.ts'
import { t } from '../texts.ts'
import { Bar } from './bar.tsx'
import { Cell, type Mover } from './cell.tsx'
import type { Editor } from './editor.ts'
import { cellKey, fillOf, fillOfDay, gridOf, weeksOf, type BeatWeek, type Grid, type GridCell } from './grid.ts'
import type { BeatDay, BoardItem } from './items.ts'
import { move } from './pending.ts'
import { r } from './texts.ts'

export function Board({ roster, editor }: { roster: RosterItem; editor: Editor }) {
  const { value, refused, again } = useLoad((signal) => get<Page<BeatDay>>(`/rosters/${roster.id}/beats`, undefined, signal), [roster.id, roster.version])
  const [picked, setPicked] = useState<string | null>(null)
  const [text, setText] = useState('')
  if (value === null) return refused === null ? <Empty>{common('loading')}</Empty> : <Failed text={refused} retry={again} />
  const weeks = weeksOf(value.items)
  const chosen = weeks.find(({ beat }) => beat === picked) ?? weeks[0]
  if (chosen === undefined) return <Empty>{t('no_assignments')}</Empty>
  const shown = weeks.filter(({ beat }) => text.trim() === '' || beatName(beat).includes(text.trim()) || beat.includes(text.trim()))
  return (
    <>
      <section class="box">
        <header><h2>{r('all_beats')}</h2><span class="muted">{r('beats_short')}</span><span class="grow" />
          <input class="narrow" type="search" aria-label={t('beat')} placeholder={t('beat')} value={text} onInput={(event) => setText(event.currentTarget.value)} /></header>
        {shown.length === 0 ? <Empty>{t('nothing_found', { text })}</Empty> : <Beats weeks={shown} chosen={chosen.beat} onPick={setPicked} />}
      </section>
      <section class="box">
        <header><h2>{beatName(chosen.beat)}</h2>
          <span class="muted">{r('has_of', { people: number(chosen.people), minimum: number(chosen.minimum), desired: number(chosen.desired) })}</span>
          {chosen.missing > 0 && <b class="bad">{t('missing', { n: chosen.missing })}</b>}</header>
        <BeatBoard key={chosen.beat} roster={roster} editor={editor} beat={chosen.beat} />
      </section>
    </>
  )
}

function Beats({ weeks, chosen, onPick }: { weeks: readonly BeatWeek[]; chosen: string; onPick(beat: string): void }) {
  const days = [...new Set(weeks.flatMap(({ days: own }) => own.map(({ day }) => day)))].sort()
  return (
    <div class="board-scroll beats-scroll">
      <table class="board" aria-label={r('all_beats')}>
        <thead><tr><th class="board-post">{t('beat')}</th>{days.map((day) => <th key={day} scope="col">{dayText(Date.parse(`${day}T12:00:00Z`))}</th>)}</tr></thead>
        <tbody>
          {weeks.map((week) => (
            <tr key={week.beat} aria-current={week.beat === chosen}>
              <th scope="row" class="board-post"><button type="button" class="linklike" aria-pressed={week.beat === chosen} onClick={() => onPick(week.beat)}>{beatName(week.beat)}</button></th>
              {days.map((day) => <BeatCell key={day} day={week.days.find((one) => one.day === day)} onPick={() => onPick(week.beat)} />)}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

function BeatCell({ day, onPick }: { day: BeatDay | undefined; onPick(): void }) {
  if (day === undefined) return <td class="none" />
  return (
    <td class={fillOfDay(day)} onClick={onPick}>
      {day.people}<small class="muted">/{day.desired}</small>{day.missing > 0 && <b class="bad"> {r('short_by', { n: day.missing })}</b>}
    </td>
  )
}

export function beatName(code: string): string {
  const area = ground.value?.areas.get(code)
  return area ? named(area) : code
}

function BeatBoard({ roster, editor, beat }: { roster: RosterItem; editor: Editor; beat: string }) {
  const { value, refused, again } = useLoad(
    (signal) => get<BoardItem>(`/rosters/${roster.id}/board`, { beat }, signal), [roster.id, roster.version, beat],
  )
  const [chosen, setChosen] = useState<string | null>(null)
  const [mover, setMover] = useState<Mover | null>(null)
  if (value === null) return refused === null ? <Empty>{common('loading')}</Empty> : <Failed text={refused} retry={again} />
  if (value.posts.length === 0) return <Empty>{t('no_assignments')}</Empty>
  const grid = gridOf(value, editor.change)
  const open = grid.rows.flatMap(({ cells }) => cells).find((cell) => cellKey(cell.post, cell.shift.id) === chosen)
  const pick = (cell: GridCell): void => {
    if (mover !== null) {
      editor.set((change) => move(change, mover, { post: cell.post, shift: cell.shift.id }))
      setMover(null)
    }
    setChosen(cellKey(cell.post, cell.shift.id))
  }
  return (
    <>
      {editor.on && <Bar roster={roster} editor={editor} board={value} />}
      {mover !== null && <p class="notice info" role="status">{r('moving', { name: mover.name })} <button type="button" class="linklike" onClick={() => setMover(null)}>{common('cancel')}</button></p>}
      <Table grid={grid} beat={beat} chosen={chosen} onPick={pick} />
      {open === undefined ? <Empty>{r('pick_cell')}</Empty> : <Cell key={chosen} cell={open} board={value} roster={roster} editor={editor} onMove={setMover} />}
    </>
  )
}

function Table({ grid, beat, chosen, onPick }: { grid: Grid; beat: string; chosen: string | null; onPick(cell: GridCell): void }) {
  return (
    <div class="board-scroll">
      <table class="board" aria-label={r('board_label', { beat: beatName(beat) })} onKeyDown={walk}>
        <thead>
          <tr><th rowSpan={2} class="board-post">{t('post')}</th>{grid.days.map(({ day, shifts }) => <th key={day} colSpan={shifts.length} scope="colgroup">{dayText(Date.parse(`${day}T12:00:00Z`))}</th>)}</tr>
          <tr>{grid.days.flatMap(({ shifts }) => shifts.map((shift, n) => <th key={shift.id} scope="col" class={n === 0 ? 'first' : ''} title={patternName(shift)}>{patternName(shift).slice(0, language.value === 'zh' ? 1 : 2)}</th>))}</tr>
        </thead>
        <tbody>
          {grid.rows.map(({ post, cells }) => (
            <tr key={post.id}>
              <th scope="row" class="board-post">{named(post)}</th>
              {cells.map((cell, n) => (
                <td key={cell.shift.id} class={`${fillOf(cell)} ${n > 0 && cells[n - 1]?.shift.duty_day !== cell.shift.duty_day ? 'first' : ''}`}>
                  {cell.staffed && (
                    <button type="button" aria-pressed={cellKey(cell.post, cell.shift.id) === chosen} aria-label={spoken(named(post), cell)} onClick={() => onPick(cell)}>
                      {cell.after}<small>/{cell.desired}</small>{cell.lacks.length > 0 && <i aria-hidden="true">!</i>}
                      {cell.after !== cell.standing.length && <em aria-hidden="true">●</em>}
                    </button>
                  )}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

/** The arrow keys go from cell to cell. */
function walk(event: KeyboardEvent): void {
  const steps: Record<string, [number, number]> = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }
  const step = steps[event.key]
  const from = (event.target as HTMLElement).closest('td')
  if (step === undefined || from === null) return
  const rows = [...((event.currentTarget as HTMLElement).querySelectorAll('tbody tr'))]
  let [x, y] = [from.cellIndex + step[0], rows.indexOf(from.parentElement as HTMLElement) + step[1]]
  for (; rows[y]?.children[x]; x += step[0], y += step[1]) {
    const next = rows[y]?.children[x]?.querySelector('button')
    if (next) {
      event.preventDefault()
      next.focus()
      return
    }
  }
}

export function patternName(shift: ShiftItem): string {
  const pattern = ground.value?.district.patterns.find(({ code }) => code === shift.pattern)
  return pattern ? named(pattern) : shift.pattern
}

function spoken(post: string, cell: GridCell): string {
  const lack = cell.lacks.reduce((sum, { missing }) => sum + missing, 0)
  const short = lack > 0 ? `${t('comma')}${t('missing', { n: lack })}` : ''
  return `${post} ${cell.shift.duty_day} ${patternName(cell.shift)} ${cell.after}/${cell.desired}${short}`
}
