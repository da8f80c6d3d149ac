/** Who could take a hole, the best first, with what it would change in each term. */
import { useState } from 'preact/hooks'
import { get, problemOf, type Page } from '../../api.ts'
import { dateTime } from '../../i18n.ts'
import { rulesText, type Violation } from '../../rules.ts'
import { Empty, Failed, Notice, Tag } from '../../ui/parts.tsx'
import { useLoad } from '../../ui/load.ts'
import { common } from '../../words.ts'
import { termName } from '../codes.ts'
import type { PersonItem } from '../items.ts'
import { organisationName } from '../organisations.ts'
import { href } from '../router.ts'
import type { CandidateItem, HoleDetail } from './items.ts'
import { h } from './texts.ts'

const FITS = 5
const ROLES = ['guard', 'volunteer'] as const

export const signed = (value: number): string => `${value >= 0 ? '+' : '−'}${Math.abs(value).toFixed(2)}`

export const termsText = (change: Record<string, number>): string =>
  Object.entries(change).filter(([, by]) => Math.abs(by) >= 0.005).map(([name, by]) => `${termName(name)} ${signed(by)}`).join(' · ')

interface FitItem {
  person: number
  name: string
  value: number
  change: Record<string, number>
  violations: Violation[]
}

/** Of anyone: whether they could take it, and exactly why not. */
function Fit({ hole }: { hole: HoleDetail }) {
  const [text, setText] = useState('')
  const [fits, setFits] = useState<readonly FitItem[] | null>(null)
  const [problem, setProblem] = useState<string | null>(null)
  const look = async (event: Event): Promise<void> => {
    event.preventDefault()
    setProblem(null)
    try {
      const found = await Promise.all(ROLES.map((role) => get<Page<PersonItem>>('/people', { q: text, role, active: true, limit: FITS })))
      const people = found.flatMap(({ items }) => items).slice(0, FITS)
      setFits(await Promise.all(people.map((one) => get<FitItem>(`/holes/${hole.id}/fit`, { person: one.id }))))
    } catch (error) {
      setProblem(problemOf(error))
    }
  }
  return (
    <>
      <form class="pad row" onSubmit={look} aria-label={h('why_not')}>
        <input class="narrow" type="search" required aria-label={h('name')} placeholder={h('name')} value={text} onInput={(event) => setText(event.currentTarget.value)} />
        <button type="submit">{h('why_not')}</button>
      </form>
      {problem !== null && <Notice tone="bad">{problem}</Notice>}
      {fits?.length === 0 && <Empty>{h('nobody_named')}</Empty>}
      {fits !== null && fits.length > 0 && (
        <ul class="pad fits" aria-live="polite">
          {fits.map((one) => (
            <li key={one.person}><b>{one.name}</b>{' '}
              {one.violations.length === 0 ? <><Tag tone="good">{h('could')}</Tag> {signed(one.value)} <span class="muted">{termsText(one.change)}</span></>
                : <span class="bad">{rulesText(one.violations)}</span>}</li>
          ))}
        </ul>
      )}
    </>
  )
}

export function Candidates({ hole }: { hole: HoleDetail }) {
  const { value, refused, again } = useLoad(
    (signal) => get<Page<CandidateItem>>(`/holes/${hole.id}/candidates`, undefined, signal), [hole.id, hole.version, hole.offers.length],
  )
  return (
    <section class="box">
      <header><h2>{h('candidates')}</h2><span class="muted">{value?.items.length}</span></header>
      <Fit key={hole.id} hole={hole} />
      {refused !== null && <Failed text={refused} retry={again} />}
      {value === null && refused === null && <Empty>{common('loading')}</Empty>}
      {value?.items.length === 0 && <Empty>{h('no_candidates')}</Empty>}
      {value !== null && value.items.length > 0 && (
        <div class="scroll">
          <table>
            <thead><tr><th>{h('person')}</th><th class="num">{h('gain')}</th><th>{h('terms')}</th><th>{h('last_asked')}</th></tr></thead>
            <tbody>{value.items.map((one) => <Row key={one.person} one={one} />)}</tbody>
          </table>
        </div>
      )}
    </section>
  )
}

function Row({ one }: { one: CandidateItem }) {
  return (
    <tr>
      <td>
        <a href={href('people', one.person)}>{one.name}</a> {one.standby && <Tag tone="info">{h('standby')}</Tag>}
        <div class="muted">{h(one.guard ? 'guard' : 'volunteer')}{one.certified && ` · ${h('has_certificate')}`} · {organisationName(one.organisation)}
          {one.km !== null && ` · ${h('km', { km: one.km.toFixed(1) })}`}</div>
      </td>
      <td class="num">{signed(one.value)}</td>
      <td class="muted">{termsText(one.change)}</td>
      <td>{one.last_asked === null ? h('never') : dateTime(one.last_asked)}</td>
    </tr>
  )
}
