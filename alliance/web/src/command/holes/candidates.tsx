/** Who could take a hole, the best first, with what it would change in each term. */
import { get, type Page } from '../../api.ts'
import { dateTime } from '../../i18n.ts'
import { Empty, Failed, Tag } from '../../ui/parts.tsx'
import { useLoad } from '../../ui/load.ts'
import { common } from '../../words.ts'
import { termName } from '../codes.ts'
import { organisationName } from '../organisations.ts'
import { href } from '../router.ts'
import type { CandidateItem, HoleDetail } from './items.ts'
import { h } from './texts.ts'

export const signed = (value: number): string => `${value >= 0 ? '+' : '−'}${Math.abs(value).toFixed(2)}`

export const termsText = (change: Record<string, number>): string =>
  Object.entries(change).filter(([, by]) => Math.abs(by) >= 0.005).map(([name, by]) => `${termName(name)} ${signed(by)}`).join(' · ')

export function Candidates({ hole }: { hole: HoleDetail }) {
  const { value, refused, again } = useLoad(
    (signal) => get<Page<CandidateItem>>(`/holes/${hole.id}/candidates`, undefined, signal), [hole.id, hole.version, hole.offers.length],
  )
  return (
    <section class="box">
      <header><h2>{h('candidates')}</h2><span class="muted">{value?.items.length}</span></header>
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
