/** Two rosters beside each other: figures, terms, fairness, and who stands elsewhere, beat by beat. */
import { useState } from 'preact/hooks'
import { get, type Page } from '../../api.ts'
import { dateTime, dayText, hourMinute, number, percent } from '../../i18n.ts'
import { useLoad } from '../../ui/load.ts'
import { Empty, Failed } from '../../ui/parts.tsx'
import { common, roleName } from '../../words.ts'
import { rosterState, termName } from '../codes.ts'
import type { RosterItem } from '../items.ts'
import { href } from '../router.ts'
import { t } from '../texts.ts'
import { beatName } from './board.tsx'
import type { ComparedItem, DifferenceItem, FairnessItem, SpreadItem } from './items.ts'
import { figure, inOrder } from './overview.tsx'
import { postName } from './posts.ts'
import { r } from './texts.ts'

export const overlaps = (one: RosterItem, other: RosterItem): boolean =>
  one.id !== other.id && one.first_day <= other.last_day && other.first_day <= one.last_day && ['draft', 'published'].includes(other.state)

export function Compare({ roster, rosters }: { roster: RosterItem; rosters: readonly RosterItem[] }) {
  const whole = rosters.filter(({ id, state }) => id !== roster.id && (state === 'draft' || state === 'published'))
  const others = [...whole.filter((one) => overlaps(roster, one)), ...whole.filter((one) => !overlaps(roster, one))]
  const [picked, setPicked] = useState<number | null>(null)
  const other = others.find(({ id }) => id === picked) ?? others[0]
  if (other === undefined) return <section class="box"><Empty>{r('no_other')}</Empty></section>
  return (
    <section class="box">
      <header>
        <label class="row"><span class="muted">{r('compare_with')}</span>
          <select value={other.id} onChange={(event) => setPicked(Number(event.currentTarget.value))}>
            {others.map((one) => <option key={one.id} value={one.id}>#{one.id} {rosterState(one.state)} {one.first_day} · {dateTime(one.made_at)}</option>)}
          </select></label>
      </header>
      <Beside key={other.id} before={other} after={roster} />
    </section>
  )
}

function Beside({ before, after }: { before: RosterItem; after: RosterItem }) {
  const { value, refused, again } = useLoad(
    (signal) => get<ComparedItem>(`/rosters/${before.id}/compare`, { with: after.id }, signal), [before.id, after.id, before.version, after.version],
  )
  if (value === null) return refused === null ? <Empty>{common('loading')}</Empty> : <Failed text={refused} retry={again} />
  return (
    <>
      <Sides before={before} after={after} compared={value} />
      {overlaps(before, after) && <h2 class="pad">{r('differences')}</h2>}
      {overlaps(before, after) && (value.beats.length === 0 ? <Empty>{r('same')}</Empty> : <Beats before={before} after={after} beats={value.beats} />)}
    </>
  )
}

function Sides({ before, after, compared }: { before: RosterItem; after: RosterItem; compared: ComparedItem }) {
  const names = [...new Set([...Object.keys(before.terms), ...Object.keys(after.terms)])]
  const terms = inOrder(Object.fromEntries(names.map((name) => [name, 0]))).map(([name]) => name)
  return (
    <table class="bars">
      <thead><tr><td /><th class="num">{r('other_one')} #{before.id}</th><th class="num">{r('this_one')} #{after.id}</th><th class="num">{r('difference')}</th></tr></thead>
      <tbody>
        <Line name={t('assignments')} one={before.assignments} other={after.assignments} />
        <Line name={t('missing_people')} one={before.unmet} other={after.unmet} less />
        <tr><th scope="row">{t('gap')}</th>{[before, after].map(({ id, gap }) => <td key={id} class="num">{gap === null ? '–' : percent(gap, 2)}</td>)}<td /></tr>
        {terms.map((name) => <Line key={name} name={termName(name)} one={before.terms[name] ?? 0} other={after.terms[name] ?? 0} />)}
        <Line name={t('objective')} one={before.objective ?? 0} other={after.objective ?? 0} />
        {compared.after.spreads.map((one) => <Even key={one.role + one.load} one={one} before={compared.before} />)}
      </tbody>
    </table>
  )
}

/** `less`: it is better when there is less of it. */
function Line({ name, one, other, less = false }: { name: string; one: number; other: number; less?: boolean }) {
  const by = other - one
  const tone = Math.abs(by) < 0.005 ? 'faint' : by > 0 !== less ? 'good' : 'warn'
  return <tr><th scope="row">{name}</th><td class="num">{figure(one)}</td><td class="num">{figure(other)}</td><td class={`num ${tone}`}>{Math.abs(by) < 0.005 ? '0' : `${by > 0 ? '+' : '−'}${figure(Math.abs(by))}`}</td></tr>
}

function Even({ one, before }: { one: SpreadItem; before: FairnessItem }) {
  const was = before.spreads.find(({ role, load }) => role === one.role && load === one.load)
  const said = ({ mean, deviation, most }: SpreadItem): string => r('spread', { mean: figure(mean), deviation: figure(deviation), most: figure(most) })
  return <tr><th scope="row">{r('fairness')} · {roleName(one.role)} · {r(one.load)}</th><td class="num">{was ? said(was) : '–'}</td><td class="num">{said(one)}</td><td /></tr>
}

function Beats({ before, after, beats }: { before: RosterItem; after: RosterItem; beats: ComparedItem['beats'] }) {
  const [open, setOpen] = useState<string | null>(null)
  const ordered = [...beats].sort((a, b) => b.added + b.removed + b.moved - (a.added + a.removed + a.moved))
  return (
    <div class="scroll">
      <table>
        <thead><tr><th>{t('beat')}</th><th class="num">{r('added')}</th><th class="num">{r('removed')}</th><th class="num">{r('moved')}</th><td /></tr></thead>
        <tbody>
          {ordered.map((one) => (
            <>
              <tr key={one.beat}><td>{beatName(one.beat)}</td><td class="num">{number(one.added)}</td><td class="num">{number(one.removed)}</td><td class="num">{number(one.moved)}</td>
                <td><button type="button" aria-expanded={open === one.beat} onClick={() => setOpen(open === one.beat ? null : one.beat)}>{r('show_list')}</button></td></tr>
              {open === one.beat && <tr key={`${one.beat} list`}><td colSpan={5}><Differences before={before} after={after} beat={one.beat} /></td></tr>}
            </>
          ))}
        </tbody>
      </table>
    </div>
  )
}

function Differences({ before, after, beat }: { before: RosterItem; after: RosterItem; beat: string }) {
  const { value, refused, again } = useLoad(
    (signal) => get<Page<DifferenceItem>>(`/rosters/${before.id}/differences`, { with: after.id, beat }, signal), [before.id, after.id, beat],
  )
  if (value === null) return refused === null ? <Empty>{common('loading')}</Empty> : <Failed text={refused} retry={again} />
  const post = (id: number | null): string => (id === null ? '–' : postName(id))
  return (
    <table>
      <thead><tr><th>{t('person')}</th><th>{t('time')}</th><th>{r('before')}</th><th>{r('after')}</th></tr></thead>
      <tbody>{value.items.map((one) => (
        <tr key={`${one.person} ${one.shift}`}><td><a href={href('people', one.person)}>{one.name}</a></td><td>{dayText(one.start)} {hourMinute(one.start)}–{hourMinute(one.end)}</td><td>{post(one.before)}</td><td>{post(one.after)}</td></tr>
      ))}</tbody>
    </table>
  )
}
